package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
)

// Slack limits each method by itself: a message that waits for another method than
// the one that posts waits alone, and so does a card.
func TestAnotherMethodsLimitIsNotTheChannels(t *testing.T) {
	people := []bot.Person{{ID: "P1", Email: "alice@example.com"}}
	for method, c := range map[string]struct {
		args  bot.MessageArgs
		alone bool
	}{
		"users.lookupByEmail":          {bot.MessageArgs{Channel: ops, Text: "come", Mention: people}, true},
		"conversations.list":           {bot.MessageArgs{Channel: "#ops", Text: "hello"}, true},
		"conversations.join":           {bot.MessageArgs{Channel: ops, Text: "hello"}, true},
		"files.getUploadURLExternal":   {bot.MessageArgs{Channel: ops, Text: "logs", File: "h"}, true},
		"files.completeUploadExternal": {bot.MessageArgs{Channel: ops, Text: "logs", File: "h"}, true},
		"chat.postMessage":             {bot.MessageArgs{Channel: ops, Text: "hello"}, false},
	} {
		t.Run(method, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				w.blobs["h"] = []byte(strings.Repeat("a long line of output\n", 200))
				w.sim.Fault(simslack.Fault{Method: method, Status: http.StatusTooManyRequests, RetryAfter: 8 * time.Minute})
				if method == "conversations.join" {
					w.sim.Fault(simslack.Fault{Method: "chat.postMessage", Error: "not_in_channel"})
				}
				r := w.do(act(bot.ActPost, "", 1, c.args))
				if r.State != outbox.Again || r.After != 8*time.Minute || r.Alone != c.alone {
					t.Errorf("%+v", r)
				}
			})
		})
	}
	for method, alone := range map[string]bool{"conversations.list": true, "chat.postMessage": false} {
		in(t, simslack.Options{}, func(w *world) {
			w.sim.Fault(simslack.Fault{Method: method, Status: http.StatusTooManyRequests, RetryAfter: 8 * time.Minute})
			card := base()
			card.Channel = "#ops"
			r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + key, Body: card})
			if r.State != outbox.Again || r.After != 8*time.Minute || r.Alone != alone {
				t.Errorf("a card, %s: %+v", method, r)
			}
		})
	}
}

// Slack limits the removal of a duplicate: it goes when Slack takes it.
func TestDuplicateGoesWhenSlackTakesIt(t *testing.T) {
	for name, fault := range map[string]simslack.Fault{
		"429":         {Status: http.StatusTooManyRequests, RetryAfter: 30 * time.Second},
		"429, bare":   {Status: http.StatusTooManyRequests, NoHeader: true},
		"ratelimited": {Error: "ratelimited", Times: 8},
		"503":         {Status: http.StatusServiceUnavailable, Times: 8},
	} {
		t.Run(name, func(t *testing.T) {
			boxed(t, simslack.Options{}, func(b *box) {
				b.sim.Fault(simslack.Fault{Method: "chat.postMessage", CutAfter: true})
				fault.Method = "chat.delete"
				b.sim.Fault(fault)
				b.news(key)
				time.Sleep(100 * time.Millisecond) // it stands, and nobody knows
				b.show(bot.Card{Incident: key, Channel: ops, Title: "Web is down", Headline: "again"}, "")
				b.pass(time.Hour)
				if n := len(b.sim.Messages(ops)); n != 1 {
					t.Errorf("%d cards stand:\n%s", n, b.log)
				}
			})
		})
	}
}

// Calls to people are said together, and whom to call is asked for all of them.
func TestAnotherMethodsLimitIsNotTheCrowds(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		w.sim.Fault(simslack.Fault{Method: "users.lookupByEmail", Status: http.StatusTooManyRequests, RetryAfter: 8 * time.Minute})
		card := w.show(base(), "")
		var acts []outbox.Act
		for i, name := range []string{"#1", "#2"} {
			a := act(bot.ActReply, card, uint64(i), bot.MessageArgs{Channel: ops, Text: "come", Mention: []bot.Person{{ID: "P1", Email: "alice@example.com"}}})
			a.Calls, a.Name = true, name
			acts = append(acts, a)
		}
		for _, r := range w.ours.Receiver().Do(w.Context(), acts) {
			if r.State != outbox.Again || r.After != 8*time.Minute || !r.Alone {
				t.Errorf("%+v", r)
			}
		}
	})
}

// While a file waits for its limit, the cards of others come, and their messages.
func TestAFileThatWaitsHoldsUpNothing(t *testing.T) {
	boxed(t, simslack.Options{}, func(b *box) {
		b.news(key)
		b.pass(time.Minute)
		b.sim.Fault(simslack.Fault{Method: "files.getUploadURLExternal", Status: http.StatusTooManyRequests, RetryAfter: 10 * time.Minute})
		b.blobs["h"] = []byte(strings.Repeat("a long line of output\n", 200))
		b.says(key, bot.MessageArgs{Channel: ops, Text: "logs", File: "h"})
		b.pass(5 * time.Second)
		b.news("pd:acme:Q2", "a message")
		b.pass(5 * time.Second)
		if acts, views := b.waits(); acts != 1 || views != 0 {
			t.Errorf("%d acts and %d views wait beside the file", acts-1, views)
		}
		b.pass(10 * time.Minute)
		if acts, _ := b.waits(); acts != 0 || b.calls("files.completeUploadExternal") != 1 || b.calls("chat.postMessage") != 4 {
			t.Errorf("%d acts wait, %d files and %d messages were sent", acts, b.calls("files.completeUploadExternal"), b.calls("chat.postMessage"))
		}
	})
}
