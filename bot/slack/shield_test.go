package slack

import (
	"context"
	"slices"
	"testing"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// A click, a dialogue, a dialogue that is sent and a question behind which something
// panics: the person is told that it did not work, and the next one is answered.
func TestPanicBehindADoor(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		opens := false
		d := &doors{
			act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
				if opens && c.Open {
					return bot.Answer{Form: noteForm()}, nil
				}
				panic("an odd click")
			},
			ask: func(context.Context, bot.Question) (bot.Answer, error) { panic("an odd question") },
		}
		_, stop := w.read(d)
		defer stop()
		failed := english.Say("slack.failed")
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.recover", "")
		note := press{Act: bot.DoNote, Incident: key}.token()
		w.click(alice, ref, "ams.more", note)
		if told := w.ephemerals(alice); !slices.Equal(told, []string{escape(failed), escape(failed)}) {
			t.Errorf("alice was told %q", told)
		}
		w.command(bob, "list")
		opens = true
		w.click(alice, ref, "ams.more", note)
		if !w.reads(alice, "Add Note") {
			t.Error("no dialogue is open")
		}
		w.submit(alice, noteValues("it is down"))
		if !w.reads(alice, failed) {
			t.Error("the dialogue does not say that it did not work")
		}
		if clicks, asked := len(d.seen()), len(d.questions()); clicks != 4 || asked != 1 {
			t.Errorf("%d clicks and %d questions came in", clicks, asked)
		}
	})
}
