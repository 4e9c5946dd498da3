package slack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios/secret"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
)

// callTimeout bounds one call to the Web API. The library's own client has no
// bound, and a call that hangs would hold its caller for hours.
const callTimeout = 10 * time.Second

// Options say which workspace it is and how it is reached.
type Options struct {
	// BotToken (xoxb-…) is for the Web API, AppToken (xapp-…) for Socket Mode.
	BotToken, AppToken secret.Text
	// APIURL is the base of the Web API; "" for Slack's own.
	APIURL string
	// HTTP makes the calls; nil for a client of our own. One without a timeout
	// is used with one.
	HTTP *http.Client
	// Dialer opens the Socket Mode connections; nil for the default.
	Dialer *websocket.Dialer
	// Words are the texts in the workspace's language; the zero value is English.
	Words words.Catalogue
	// WordsIn are the texts in the language of a channel, by its ID or #name and
	// by its name where that is known; nil is Words everywhere. It is called from
	// any goroutine and must not block.
	WordsIn func(channel, room string) words.Catalogue
	// Blob reads a stored output by its hash, for messages with a file. It is
	// called from any goroutine.
	Blob func(ctx context.Context, hash string) ([]byte, error)
	// Health is told when Slack will not let us in until a person changes
	// something, once for each reason, and with nil when a connection stands, at
	// first and after each such trouble. It is called from any goroutine and must
	// not block. May be nil.
	Health func(error)
}

// Workspace is one Slack workspace with our app in it. It is safe for use by
// several goroutines and starts nothing by itself.
type Workspace struct {
	opt   Options
	words words.Catalogue
	api   *slack.Client
	ahead outbox.Ahead // of Slack's clock

	channels *cache[channel] // by name
	rooms    *cache[string]  // names by ID
	listing  sync.Mutex      // one reading of the channel list at a time
	people   *cache[member]
	emails   *cache[string]
	groups   *cache[[]string]

	mu sync.Mutex
	me Identity
}

// Identity is who we are in Slack.
type Identity struct {
	Team   string // the workspace's name
	TeamID string // T…
	User   string // our bot user's ID, U…
	BotID  string // B…
	URL    string // the workspace's address, "https://name.slack.com/"
}

// New returns the workspace that options describe. It calls nobody: Check says
// whether the tokens are good.
func New(options Options) *Workspace {
	w := &Workspace{
		opt: options, words: options.Words,
		channels: newCache[channel](2000, time.Hour),
		rooms:    newCache[string](2000, time.Hour),
		people:   newCache[member](2000, 5*time.Minute),
		emails:   newCache[string](2000, 5*time.Minute),
		groups:   newCache[[]string](200, 5*time.Minute),
	}
	if said := "slack.failed"; w.words.Say(said) == said {
		w.words = words.In("en") // the zero catalogue knows no text
	}
	base := options.APIURL
	if base == "" {
		base = slack.APIURL
	}
	if !strings.HasSuffix(base, "/") {
		base += "/" // the library joins base and method without looking
	}
	w.api = slack.New(options.BotToken.Reveal(), slack.OptionHTTPClient(w.httpClient()),
		slack.OptionAPIURL(base), slack.OptionAppLevelToken(options.AppToken.Reveal()))
	return w
}

// httpClient is the given client, with a timeout in any case.
func (w *Workspace) httpClient() *http.Client {
	c := http.Client{}
	if w.opt.HTTP != nil {
		c = *w.opt.HTTP
	}
	if c.Timeout == 0 {
		c.Timeout = callTimeout
	}
	paced := newPace(c.Transport)
	paced.heard = w.ahead.Heard
	c.Transport = paced
	return &c
}

// Check says whether both tokens are good and who we are: it looks at their
// prefixes, then asks auth.test with the bot token and apps.connections.open
// with the app token. A wrong token is a *Problem with a hint; any other error
// is wrapped. It is for the start, and for a person who asks.
func (w *Workspace) Check(ctx context.Context) (Identity, error) {
	if err := checkTokens(w.opt.BotToken.Reveal(), w.opt.AppToken.Reveal()); err != nil {
		return Identity{}, err
	}
	me, err := w.askIdentity(ctx)
	if err != nil {
		return Identity{}, err
	}
	if _, _, err := w.api.StartSocketModeContext(ctx); err != nil {
		return Identity{}, troubled("open a Socket Mode connection", err)
	}
	return me, nil
}

// checkTokens looks at what can be seen without asking Slack.
func checkTokens(bot, app string) error {
	const (
		botHint = "SLACK_BOT_TOKEN is the Bot User OAuth Token (xoxb-…) from the app's page “OAuth & Permissions”"
		appHint = "SLACK_APP_TOKEN is the App-Level Token (xapp-…, scope connections:write) from the app's page “Basic Information”"
	)
	isBot := func(t string) bool { return strings.HasPrefix(t, "xoxb-") }
	isApp := func(t string) bool { return strings.HasPrefix(t, "xapp-") }
	switch {
	case isApp(bot) && isBot(app):
		return &Problem{Text: "slack: the bot token and the app token are swapped", hint: botHint + "; " + appHint}
	case bot == "":
		return &Problem{Text: "slack: there is no bot token", hint: botHint}
	case isApp(bot):
		return &Problem{Text: "slack: the bot token is an app token (it begins with xapp-)", hint: botHint}
	case !isBot(bot):
		return &Problem{Text: "slack: the bot token does not begin with xoxb-", hint: botHint}
	case app == "":
		return &Problem{Text: "slack: there is no app token", hint: appHint}
	case isBot(app):
		return &Problem{Text: "slack: the app token is a bot token (it begins with xoxb-)", hint: appHint}
	case !isApp(app):
		return &Problem{Text: "slack: the app token does not begin with xapp-", hint: appHint}
	}
	return nil
}

// identity says who we are; it asks Slack once.
func (w *Workspace) identity(ctx context.Context) (Identity, error) {
	w.mu.Lock()
	me := w.me
	w.mu.Unlock()
	if me.TeamID != "" {
		return me, nil
	}
	return w.askIdentity(ctx)
}

func (w *Workspace) askIdentity(ctx context.Context) (Identity, error) {
	a, err := w.api.AuthTestContext(ctx)
	if err != nil {
		return Identity{}, troubled("ask who we are", err)
	}
	if a.TeamID == "" {
		return Identity{}, errors.New("slack: ask who we are: the answer names no workspace")
	}
	me := Identity{Team: a.Team, TeamID: a.TeamID, User: a.UserID, BotID: a.BotID, URL: a.URL}
	w.mu.Lock()
	w.me = me
	w.mu.Unlock()
	return me, nil
}

// archive is the address under which Slack shows messages, "" where Slack does
// not say: then Home is drawn without links to its cards.
func (w *Workspace) archive(ctx context.Context) string {
	me, err := w.identity(ctx)
	if err != nil || !address(me.URL) {
		return ""
	}
	return strings.TrimSuffix(me.URL, "/") + "/archives/"
}
