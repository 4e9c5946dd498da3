package slack

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// Stopping takes nothing more in, finishes what people pressed, and lets the
// last acknowledgements leave.
func TestStoppingLosesNoAnswer(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(ctx context.Context, _ bot.Click) (bot.Answer, error) {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
			return bot.Answer{Done: true}, ctx.Err()
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		_, ts, _ := parseReference(ref)
		var pressed sync.WaitGroup
		for range 20 {
			pressed.Go(func() {
				r, err := w.sim.Click(w.Context(), simslack.Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "ams.take"})
				if err != nil || !r.Acked {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		synctest.Wait()
		began := time.Now()
		go func() {
			time.Sleep(500 * time.Millisecond)
			got, _ := payload(t, w.command(bob, "list").Payload)
			if got != english.Say("slack.stopping") {
				t.Errorf("while stopping: %q", got)
			}
		}()
		stop()
		pressed.Wait()
		if took := time.Since(began); took < 3*time.Second || took > drainWithin {
			t.Errorf("stopping took %s", took)
		}
		if n := len(d.seen()); n != 20 {
			t.Errorf("%d clicks", n)
		}
		w.wellAcked()
	})
}

// A click that never ends does not keep the bot from stopping.
func TestStoppingGivesUpInTime(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(ctx context.Context, _ bot.Click) (bot.Answer, error) {
			<-ctx.Done()
			return bot.Answer{}, ctx.Err()
		}}
		_, stop := w.read(d)
		w.click(alice, w.show(base(), ""), "ams.take", "")
		began := time.Now()
		stop()
		if took := time.Since(began); took > drainWithin+time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

// More clicks than there is room for: those that are not taken show their
// pressers so, and a command says it in words.
func TestMoreThanThereIsRoomFor(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		release := make(chan struct{})
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			if c.Open {
				return bot.Answer{Form: noteForm()}, nil
			}
			<-release
			return bot.Answer{Done: true}, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		_, ts, _ := parseReference(ref)
		var all sync.WaitGroup
		var mu sync.Mutex
		taken, refused := 0, 0
		for range actWorkers + actQueue + 30 {
			all.Go(func() {
				r, err := w.sim.Click(w.Context(), simslack.Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "ams.take"})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if r.Acked {
					taken++
				} else {
					refused++
				}
			})
		}
		synctest.Wait()
		if got, _ := payload(t, w.command(bob, "list").Payload); got != english.Say("slack.busy") {
			t.Errorf("%q", got)
		}
		w.click(bob, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		if w.modal(bob) == nil {
			t.Error("a dialogue waits for other people's clicks")
		}
		all.Wait()
		close(release)
		if taken != actWorkers+actQueue || refused != 30 {
			t.Errorf("%d taken, %d refused", taken, refused)
		}
		synctest.Wait()
		if n := len(d.seen()); n != taken+1 { // one of them opened the dialogue
			t.Errorf("%d clicks", n)
		}
		stop()
	})
}
