package slack

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/store"
)

// mentioned is somebody whom a text calls.
var mentioned = regexp.MustCompile(`<(?:@|!subteam|!here|!channel)[^>]*>`)

// calledBy are those whom a history calls in Slack, message by message; "nobody" is
// a message in the channel about the act of whom it would have called. It fails on a
// message that calls people without showing in the channel.
func calledBy(t *testing.T, events []store.Event) (all []string) {
	t.Helper()
	for _, e := range events {
		var w struct {
			Kind string
			Args bot.MessageArgs
		}
		if e.Kind != "wanted" || json.Unmarshal(e.Data, &w) != nil || w.Kind != bot.ActReply && w.Kind != bot.ActPost {
			continue
		}
		var names []string
		for _, p := range w.Args.Mention {
			names = append(names, p.Name)
		}
		names = append(names, mentioned.FindAllString(w.Args.Text, -1)...)
		if w.Args.Loud {
			names = append(names, "here")
		}
		switch {
		case w.Args.Broadcast:
			all = append(all, cmpOr(strings.Join(names, ", "), "nobody"))
		case len(names) > 0:
			t.Errorf("%q are called out of sight: %s", names, w.Args.Text)
		}
	}
	return all
}

// Who is needed is called once, in the channel, and nobody else: not about their own
// act, and not of what needs nobody.
func TestWhoIsNeededIsCalledOnce(t *testing.T) {
	for _, s := range append(states(), pressed()...) {
		t.Run(s.name, func(t *testing.T) {
			if got := calledBy(t, s.history(t, "en")); !slices.Equal(got, s.calls) {
				t.Errorf("it calls %q, not %q", got, s.calls)
			}
		})
	}
}

// pressed are the acts of people.
func pressed() []state {
	at := func(who bot.Person, act string) []bot.Turn { return []bot.Turn{presses(who, act, 18*time.Second)} }
	waits := "Aiko Tanaka" // Run Recovery waits
	return []state{
		{name: "takes over", health: "NG", until: time.Minute, turns: at(aiko, bot.DoTake), calls: []string{waits}},
		{name: "resolves", health: "NG", turns: at(aiko, bot.DoResolve), calls: []string{waits}},
		{name: "escalates", health: "NG", until: time.Minute, turns: at(aiko, bot.DoEscalate), calls: []string{waits, "Chie Mori"}},
		{name: "checks again", health: "NG", until: time.Minute, turns: at(aiko, bot.DoCheck), calls: []string{waits}},
		{name: "recovers in vain", health: "NG", turns: at(aiko, bot.DoRecover), calls: []string{waits, "Chie Mori"}},
		{name: "recovers in vain, being the second line", health: "NG", turns: at(chie, bot.DoRecover), calls: []string{waits, "nobody"}},
		{name: "presses, and nobody knows", health: "NG UNKNOWN", turns: at(aiko, bot.DoRecover), calls: []string{waits}},
		{name: "checks again what is only observed", autonomy: "observe", health: "NG", turns: at(aiko, bot.DoCheck), calls: []string{waits}},
	}
}
