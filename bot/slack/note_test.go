package slack

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// modal is the dialogue that a person has open.
func (w *world) modal(user string) *simslack.View {
	if open := w.sim.State(user).Modals; len(open) > 0 {
		return &open[len(open)-1]
	}
	return nil
}

func (w *world) submit(user, note string) simslack.Result {
	w.Helper()
	r, err := w.sim.Submit(w.Context(), simslack.Submit{User: user, Values: noteValues(note)})
	if err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
	return r
}

func TestNote(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		answer := bot.Answer{Text: "You may not &amp; Bob may."}
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return answer, nil }}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		open := w.modal(alice)
		if open == nil || len(d.seen()) != 0 {
			t.Fatalf("no dialogue, or a click: %+v", d.seen())
		}
		w.submit(alice, " \n ")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != english.Say("slack.note.empty") || len(d.seen()) != 0 {
			t.Errorf("%+v", v)
		}
		w.submit(alice, "the plug was out")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != "You may not & Bob may." {
			t.Errorf("%+v", v)
		}
		answer = bot.Answer{Done: true, Text: "Noted."}
		w.submit(alice, " the plug was out\n")
		if w.modal(alice) != nil {
			t.Error("the dialogue is still open")
		}
		want := bot.Click{User: alice, Name: "alice", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Act: bot.DoNote, Text: "the plug was out", Once: open.ID}
		if got := d.seen(); len(got) != 2 || got[1] != want {
			t.Errorf("%+v", got)
		}
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "Noted." {
			t.Errorf("%q", got)
		}
		w.command(bob, "note 1234")
		if w.modal(bob) == nil {
			t.Fatal("no dialogue for the command")
		}
		w.submit(bob, "by command")
		if got := d.seen(); len(got) != 3 || got[2].Incident != "1234" || got[2].Text != "by command" || got[2].User != bob {
			t.Errorf("%+v", got)
		}
		stop()
		w.wellAcked()
	})
}

func TestNoteThatCouldNotBeKept(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		var slow time.Duration
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) {
			time.Sleep(slow)
			return bot.Answer{}, errors.New("disk full")
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		w.submit(alice, "x")
		if v := w.modal(alice); v == nil || v.Errors[noteBlock] != english.Say("slack.failed") {
			t.Errorf("%+v", v)
		}
		slow = 5 * time.Second
		w.submit(alice, "x")
		time.Sleep(slow)
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != english.Say("slack.failed") {
			t.Errorf("%q", got)
		}
		w.sim.Fault(simslack.Fault{Method: "views.open", Slow: 4 * time.Second})
		if r := w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token()); !r.Acked {
			t.Errorf("%+v", r)
		}
		time.Sleep(5 * time.Second)
		if got := w.ephemerals(alice); len(got) != 2 || !strings.Contains(got[1], "did not open") {
			t.Errorf("%q", got)
		}
		stop()
	})
}

// noteValues is what a person writes into Add Note.
func noteValues(text string) simslack.Values {
	return simslack.Values{noteBlock: {noteInput: {Value: text}}}
}
