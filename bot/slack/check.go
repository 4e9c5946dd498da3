package slack

import (
	"context"
	"strings"
	"time"
)

// Check says whether both tokens are good and who we are: it looks at their
// prefixes, then asks auth.test with the bot token and apps.connections.open
// with the app token. A wrong token is a *Problem with a hint; any other error
// is wrapped. It is for the start; CheckBot and CheckApp are for a person who asks.
func (w *Workspace) Check(ctx context.Context) (Identity, error) {
	bot, app := w.opt.BotToken.Reveal(), w.opt.AppToken.Reveal()
	if isApp(bot) && isBot(app) {
		return Identity{}, &Problem{Text: "slack: the bot token and the app token are swapped", hint: botHint + "; " + appHint}
	}
	if err := checkBotToken(bot); err != nil {
		return Identity{}, err
	}
	if err := checkAppToken(app); err != nil { // before anybody is called
		return Identity{}, err
	}
	me, err := w.askIdentity(ctx)
	if err != nil {
		return Identity{}, err
	}
	return me, w.CheckApp(ctx)
}

// CheckBot says whether the bot token is good, who we are with it, and the scopes
// that it has, as Slack says them. Errors are those of Check.
func (w *Workspace) CheckBot(ctx context.Context) (me Identity, granted []string, err error) {
	if err := checkBotToken(w.opt.BotToken.Reveal()); err != nil {
		return Identity{}, nil, err
	}
	return w.askGranted(ctx)
}

// CheckApp says whether the app token is good and Slack opens a Socket Mode
// connection for it. None is opened. Errors are those of Check.
func (w *Workspace) CheckApp(ctx context.Context) error {
	if err := checkAppToken(w.opt.AppToken.Reveal()); err != nil {
		return err
	}
	if _, _, err := w.api.StartSocketModeContext(ctx); err != nil {
		return troubled("open a Socket Mode connection", err)
	}
	return nil
}

// Ahead is how far our clock is ahead of Slack's; ok is false while Slack has not
// said its time.
func (w *Workspace) Ahead() (by time.Duration, ok bool) { return w.ahead.By() }

const (
	botHint = "SLACK_BOT_TOKEN is the Bot User OAuth Token (xoxb-…) from the app's page “OAuth & Permissions”"
	appHint = "SLACK_APP_TOKEN is the App-Level Token (xapp-…, scope " + appScope + ") from the app's page “Basic Information”"
)

func isBot(token string) bool { return strings.HasPrefix(token, "xoxb-") }
func isApp(token string) bool { return strings.HasPrefix(token, "xapp-") }

// checkBotToken looks at what can be seen without asking Slack.
func checkBotToken(token string) error {
	switch {
	case token == "":
		return &Problem{Text: "slack: there is no bot token", hint: botHint}
	case isApp(token):
		return &Problem{Text: "slack: the bot token is an app token (it begins with xapp-)", hint: botHint}
	case !isBot(token):
		return &Problem{Text: "slack: the bot token does not begin with xoxb-", hint: botHint}
	}
	return nil
}

// checkAppToken is checkBotToken for the other one.
func checkAppToken(token string) error {
	switch {
	case token == "":
		return &Problem{Text: "slack: there is no app token", hint: appHint}
	case isBot(token):
		return &Problem{Text: "slack: the app token is a bot token (it begins with xoxb-)", hint: appHint}
	case !isApp(token):
		return &Problem{Text: "slack: the app token does not begin with xapp-", hint: appHint}
	}
	return nil
}
