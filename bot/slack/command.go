package slack

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// order is a slash command as it was understood: exactly one of Act and About,
// or neither and a text to say.
type order struct {
	Act      string // of a Click
	About    string // of a Question
	Incident string // the first word that may name one; its name may go on in Text
	Scope    string
	Text     string
	Dialogue bool   // what it needs is not said: ask for it
	Say      string // the key of what is wrong
	Args     []any  // of Say
}

// verbs are the words that a slash command begins with, and what they mean.
var verbs = map[string]order{
	"list": {About: bot.AskList}, "show": {About: bot.AskShow}, "why": {About: bot.AskWhy},
	"history": {About: bot.AskHistory}, "scenarios": {About: bot.AskScenarios}, "stats": {About: bot.AskStats},
	"help": {About: bot.AskHelp},
	"take": {Act: bot.DoTake}, "escalate": {Act: bot.DoEscalate}, "resolve": {Act: bot.DoResolve},
	"check": {Act: bot.DoCheck}, "recover": {Act: bot.DoRecover}, "approve": {Act: bot.DoApprove}, "again": {Act: bot.DoAgain}, "done": {Act: bot.DoMark}, "note": {Act: bot.DoNote},
	"pause": {Act: bot.DoPause}, "resume": {Act: bot.DoResume}, "maintenance": {Act: bot.DoMaintain},
}

// otherwise are words that people say for a subcommand out of habit.
var otherwise = map[string]string{
	"ls": "list", "status": "list", "open": "list", "home": "list", "card": "show", "log": "history",
	"ack": "take", "acknowledge": "take", "close": "resolve", "fix": "recover", "run": "recover", "recheck": "check",
	"unpause": "resume", "scenario": "scenarios", "statistics": "stats", "numbers": "stats", "?": "help", "-h": "help", "--help": "help",
}

// verbOf is the subcommand that a word stands for; "" for none.
func verbOf(word string) string {
	word = strings.ToLower(word)
	if verb := otherwise[word]; verb != "" {
		return verb
	}
	if _, ok := verbs[word]; ok {
		return word
	}
	return ""
}

// parseOrder reads the text after /ams. It never fails: what it does not
// understand becomes something to say.
func parseOrder(text string) order {
	first, rest := firstWord(text)
	if first == "" {
		return order{About: bot.AskHelp}
	}
	verb := verbOf(first)
	if verb == "" {
		return unknown("", first, rest)
	}
	if word, more := firstWord(rest); more == "" && verbOf(word) == "help" && verb != "help" {
		return order{About: bot.AskHelp, Text: verb}
	}
	o := verbs[verb]
	switch {
	case o.About == bot.AskHelp:
		return help(rest)
	case o.About == bot.AskScenarios || o.About == bot.AskStats:
		o.Text = clip(rest, maxNote)
		return o
	case o.About == bot.AskList:
		return o
	case o.Act == bot.DoPause || o.Act == bot.DoResume:
		o.Scope, o.Text = scope(rest)
		o.Dialogue = o.Scope == "" && o.Text == ""
		return o
	case o.Act == bot.DoMaintain:
		return maintenance(rest)
	}
	if several, ok := o.ofSeveral(verb, rest); ok {
		return several
	}
	return o.of(rest)
}

// of is an order about the incident that a text begins with; what follows its
// name is a note, a reason, or the rest of a name of several words.
func (o order) of(text string) order {
	incident, rest := incidentWord(text)
	o.Incident, o.Text = strings.TrimLeft(incident, "#"), clip(rest, maxNote)
	switch {
	case o.Incident != "":
		o.Dialogue = o.Act == bot.DoNote && o.Text == ""
	case o.About == bot.AskShow || o.About == bot.AskWhy:
		o.Incident = "last"
	}
	return o
}

// ofSeveral is an order about several incidents, which are named by nothing but
// their numbers; false where a text is about one. A note on one may begin with a
// number, too; but whoever escalates 12 and 14 with a word behind them may mean both,
// and is asked.
func (o order) ofSeveral(verb, text string) (order, bool) {
	list, rest := bot.Several(text)
	first, _ := firstWord(text)
	one := strings.Trim(first, "#0123456789") == ""
	all := bot.ActOnSeveral(o.Act)
	switch {
	case list == "" || all == "" && one && (rest != "" || o.Act == bot.DoNote):
		return order{}, false
	case all == "":
		return order{Say: "several.single", Args: []any{verb}}, true
	case rest != "":
		return order{Say: "several.text", Args: []any{verb, verb}}, true
	}
	return order{Act: all, Incident: list}, true
}

// incidentWord is the first word of a text, or what it begins with in quotes.
func incidentWord(text string) (word, rest string) {
	word, rest = firstWord(text)
	closing := map[string]string{`"`: `"`, "“": "”", "'": "'", "`": "`"}
	for open, end := range closing {
		if inside, ok := strings.CutPrefix(word+" "+rest, open); ok {
			if name, more, ok := strings.Cut(inside, end); ok && strings.TrimSpace(name) != "" {
				return strings.Join(strings.Fields(name), " "), strings.TrimSpace(more)
			}
		}
	}
	return word, rest
}

// help is about one subcommand, or all of them.
func help(text string) order {
	word, _ := firstWord(text)
	if word == "" {
		return order{About: bot.AskHelp}
	}
	if verb := verbOf(word); verb != "" {
		return order{About: bot.AskHelp, Text: verb}
	}
	return unknown("help ", word, "")
}

// token is how Slack sends what it made of a person's words: a mention, a
// channel, an address.
var token = regexp.MustCompile(`<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>`)

// typed is the text after a slash command as its author typed it: Slack escapes
// it, and names people and channels by their IDs.
func typed(text string) string {
	text = token.ReplaceAllStringFunc(text, func(t string) string {
		p := token.FindStringSubmatch(t)
		name := p[3]
		if name == "" || p[1] == "" {
			name = p[2]
		}
		return strings.TrimPrefix(p[1], "!") + name
	})
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(text)
}

// firstWord is the first word of a text, and what follows it.
func firstWord(text string) (word, rest string) {
	text = strings.TrimSpace(clean(text, 8000))
	if i := strings.IndexAny(text, " \n"); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

// scope reads what is paused or resumed: all, project:NAME, scenario:P/NAME,
// the last two also in two words; what follows is the reason.
func scope(text string) (scope, reason string) {
	first, rest := firstWord(text)
	kind := strings.ToLower(first)
	switch {
	case kind == "all":
		return "all", clip(rest, maxNote)
	case kind == "project" || kind == "scenario":
		if name, reason := firstWord(rest); name != "" {
			return kind + ":" + name, clip(reason, maxNote)
		}
	}
	for _, prefix := range []string{"project:", "scenario:"} {
		if strings.HasPrefix(kind, prefix) && len(kind) > len(prefix) {
			return prefix + first[len(prefix):], clip(rest, maxNote)
		}
	}
	return "", clip(text, maxNote)
}

// maintenance tells what changes windows from what only asks for them; bot reads
// the rest, for it knows the names.
func maintenance(text string) order {
	switch first, rest := firstWord(text); strings.ToLower(first) {
	case "", "list", "show":
		return order{About: bot.AskMaintenance}
	case "new", "open":
		if rest == "" {
			return order{Act: bot.DoMaintain, Dialogue: true}
		}
	case "end", "stop", "cancel", "over", "off":
		return order{Act: bot.DoEndMaintenance, Text: clip(rest, maxNote)}
	}
	return order{Act: bot.DoMaintain, Text: clip(text, maxNote)}
}

// meantMost is how much of what follows a misspelt verb is said again.
const meantMost = 200

// unknown names the verb that was most likely meant, between what stands before it
// and what was typed behind it, so that the whole can be copied. Of a rest that is
// too long to say again the first word is said: a text cut in its middle would be
// sent so.
func unknown(before, verb, rest string) order {
	shown := strings.Trim(code(verb, 40), "`")
	best := bot.Nearest(clip(verb, 20), slices.Collect(maps.Keys(verbs)))
	if best == "" {
		return order{Say: "slack.unknown", Args: []any{shown}}
	}
	again := strings.Trim(code(rest, meantMost), "`")
	if strings.HasSuffix(again, cut) {
		incident, _ := firstWord(rest)
		again = strings.Trim(code(incident, 40), "`") + " " + cut
	}
	return order{Say: "slack.mean", Args: []any{shown, strings.TrimSpace(before + best + " " + again)}}
}

// command takes a slash command; false when there is no room for it.
func (r *Reader) command(env *envelope, cmd slack.SlashCommand) bool {
	o := parseOrder(typed(cmd.Text))
	if o.Dialogue {
		return r.views.offer(func(ctx context.Context) {
			r.opens(ctx, env, typedOpening(cmd, o))
		})
	}
	return r.acts.offer(func(ctx context.Context) { r.order(ctx, env, cmd, o) })
}

// typedOpening is a slash command that asks for a dialogue.
func typedOpening(cmd slack.SlashCommand, o order) opening {
	c := bot.Click{User: cmd.UserID, Name: line(cmpOr(cmd.UserName, cmd.UserID), 80), Channel: cmd.ChannelID, Act: o.Act, Incident: o.Incident, Typed: true}
	return opening{to: whoTyped(cmd), trigger: cmd.TriggerID, team: cmd.TeamID, app: cmd.APIAppID, room: cmd.ChannelName, click: c}
}

func whoTyped(cmd slack.SlashCommand) asker {
	return asker{user: cmd.UserID, channel: cmd.ChannelID, response: cmd.ResponseURL, inAck: true}
}

// order does what a slash command says.
func (r *Reader) order(ctx context.Context, env *envelope, cmd slack.SlashCommand, o order) {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	a, err := r.admit(ctx, env, cmd.TeamID, cmd.APIAppID)
	switch {
	case err != nil || a.Text != "":
	case o.Say != "":
		a.Text = r.w.in(cmd.ChannelID).Say(o.Say, o.Args...)
	case o.About != "":
		a, err = r.doors.Ask(ctx, bot.Question{
			User: cmd.UserID, Channel: cmd.ChannelID, Room: r.w.room(ctx, cmd.ChannelID, cmd.ChannelName),
			About: o.About, Incident: o.Incident, Text: o.Text,
		})
	default:
		a, err = r.doors.Act(ctx, bot.Click{
			User: cmd.UserID, Name: line(cmpOr(cmd.UserName, cmd.UserID), 80), Team: cmd.TeamID, Channel: cmd.ChannelID,
			Room: r.w.room(ctx, cmd.ChannelID, cmd.ChannelName), Incident: o.Incident, Act: o.Act, Text: o.Text, Scope: o.Scope, Once: env.id, Typed: true,
		})
	}
	r.answer(ctx, env, whoTyped(cmd), a, err)
}
