package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
)

// act is an act of a message; its Card stands where card says.
func act(kind, card string, seq uint64, args bot.MessageArgs) outbox.Act {
	raw, err := json.Marshal(args)
	if err != nil {
		panic(err)
	}
	return outbox.Act{Incident: key, Seq: seq, To: bot.ToSlack, Kind: kind, By: "amsbot", At: time.Now(), Args: raw, Card: card}
}

// do does one act.
func (w *world) do(a outbox.Act) outbox.Result {
	w.Helper()
	results := w.ours.Receiver().Do(w.Context(), []outbox.Act{a})
	if len(results) != 1 {
		w.Fatalf("%d results", len(results))
	}
	return results[0]
}

func (w *world) done(a outbox.Act) string {
	w.Helper()
	r := w.do(a)
	if r.State != outbox.Done || r.Why != "" {
		w.Fatalf("%+v", r)
	}
	return r.Ref
}

// message is a message of #ops by its reference.
func (w *world) message(ref string) simslack.Message {
	w.Helper()
	for _, m := range w.sim.Messages(ops) {
		if reference(m.Channel, m.TS) == ref {
			return m
		}
	}
	w.Fatalf("no message %s", ref)
	return simslack.Message{}
}

func TestPostCallsPeople(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		nobody := bot.Person{ID: "P9", Name: "Dora <Day>", Email: "dora@example.com"}
		a := bot.Person{ID: "P1", Name: "Alice", Email: "ALICE@example.com"}
		for i, c := range []struct {
			args bot.MessageArgs
			want string
		}{
			{bot.MessageArgs{Text: "plain"}, "plain"},
			{bot.MessageArgs{Text: "come", Mention: []bot.Person{a, nobody}}, "<@" + alice + "> Dora &lt;Day&gt; come"},
			{bot.MessageArgs{Text: "come", Mention: []bot.Person{a}, Loud: true}, "<@" + alice + "> come"},
			{bot.MessageArgs{Text: "come", Mention: []bot.Person{nobody}, Loud: true}, "<!here> Dora &lt;Day&gt; come"},
			{bot.MessageArgs{Text: "come", Loud: true}, "<!here> come"},
			{bot.MessageArgs{Text: "come", Mention: []bot.Person{{Name: "<!channel>"}}}, "&lt;!channel&gt; come"},
		} {
			c.args.Channel = "#ops"
			m := w.message(w.done(act(bot.ActPost, "", uint64(i), c.args)))
			if m.Text != c.want || m.Unfurl {
				t.Errorf("%q, want %q", m.Text, c.want)
			}
		}
		if n := w.calls("users.lookupByEmail"); n != 2 {
			t.Errorf("asked for an address %d times", n)
		}
		why := map[string]int{}
		for _, n := range w.sim.State(alice).Notifications {
			why[n.Why]++
		}
		if why["mention"] != 2 || why["here"] != 2 {
			t.Errorf("alice was notified by %v", why)
		}
	})
}

func TestReplyGoesUnderTheCard(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		args := bot.MessageArgs{Channel: "#ops", Text: "The check is *NG*."}
		if r := w.do(act(bot.ActReply, "", 3, args)); r.State != outbox.Again {
			t.Errorf("without a card: %+v", r)
		}
		card := w.show(base(), "")
		_, ts, _ := parseReference(card)
		m := w.message(w.done(act(bot.ActReply, card, 3, args)))
		if m.ThreadTS != ts || m.ReplyBroadcast {
			t.Errorf("%+v", m)
		}
		args.Broadcast = true
		if m = w.message(w.done(act(bot.ActReply, card, 4, args))); m.ThreadTS != ts || !m.ReplyBroadcast {
			t.Errorf("%+v", m)
		}
		if err := w.ours.Screen().Remove(w.Context(), outbox.View{}, card); err != nil {
			t.Fatal(err)
		}
		if r := w.do(act(bot.ActReply, card, 5, args)); r.State != outbox.Refused || !strings.Contains(r.Why, "thread") {
			t.Errorf("%+v", r)
		}
	})
}

func TestMessageIsFoundByItsMarker(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		card := w.show(base(), "")
		recv := w.ours.Receiver()
		for i, kind := range []string{bot.ActPost, bot.ActReply} {
			a := act(kind, card, uint64(20+i), bot.MessageArgs{Channel: "#ops", Text: kind})
			if _, found, err := recv.Find(w.Context(), a); found || err != nil {
				t.Errorf("%s: found before it was said: %v", kind, err)
			}
			w.sim.Fault(simslack.Fault{Method: "chat.postMessage", CutAfter: true})
			if r := w.do(a); r.State != outbox.Unknown {
				t.Errorf("%s: %+v", kind, r)
			}
			r, found, err := recv.Find(w.Context(), a)
			if err != nil || !found || r.State != outbox.Done || w.message(r.Ref).Text != kind {
				t.Errorf("%s: %+v, %v, %v", kind, r, found, err)
			}
			a.Seq += 100
			if _, found, err := recv.Find(w.Context(), a); found || err != nil {
				t.Errorf("%s: another act was taken for it: %v", kind, err)
			}
		}
		a := act(bot.ActReply, "", 1, bot.MessageArgs{Text: "x"})
		if _, found, err := recv.Find(w.Context(), a); found || err != nil {
			t.Errorf("without a card: %v, %v", found, err)
		}
		w.sim.Fault(simslack.Fault{Method: "conversations.history", Status: 500})
		if _, _, err := recv.Find(w.Context(), act(bot.ActPost, "", 1, bot.MessageArgs{Channel: ops, Text: "x"})); err == nil {
			t.Error("a search that failed found nothing instead")
		}
	})
}

func TestActsThatCannotBeDone(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		broken := act(bot.ActPost, "", 1, bot.MessageArgs{})
		broken.Args = []byte("{")
		for name, a := range map[string]outbox.Act{
			"malformed": broken, "unknown": act("sing", "", 1, bot.MessageArgs{Channel: ops, Text: "x"}),
			"empty":      act(bot.ActPost, "", 1, bot.MessageArgs{Channel: ops}),
			"no channel": act(bot.ActPost, "", 1, bot.MessageArgs{Channel: "#nowhere", Text: "x"}),
		} {
			if r := w.do(a); r.State != outbox.Refused || r.Why == "" {
				t.Errorf("%s: %+v", name, r)
			}
		}
		// Who cannot be looked up just now is worth a few tries, and then named.
		a := act(bot.ActPost, "", 2, bot.MessageArgs{Channel: ops, Text: "come", Mention: []bot.Person{{Name: "Alice", Email: "alice@example.com"}}})
		w.sim.Fault(simslack.Fault{Method: "users.lookupByEmail", Status: 500, Times: -1})
		if r := w.do(a); r.State != outbox.Again {
			t.Errorf("%+v", r)
		}
		a.Tries = 3
		if m := w.message(w.done(a)); m.Text != "Alice come" {
			t.Errorf("%q", m.Text)
		}
		long := act(bot.ActPost, "", 3, bot.MessageArgs{Channel: ops, Text: strings.Repeat("<@U0ALICE001> ", 1000)})
		if m := w.message(w.done(long)); len([]rune(m.Text)) > maxText || strings.HasSuffix(m.Text, "<…") {
			t.Errorf("%d characters", len([]rune(m.Text)))
		}
	})
}
