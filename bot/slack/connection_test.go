package slack

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// logged is what is logged from now on, until the test ends.
func logged(t *testing.T) *lines {
	t.Helper()
	log, before := &lines{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return log
}

// While nothing is connected the library's queue of acknowledgements is soon
// full, and waits for ever: the reading side does not.
func TestAckWithoutAConnectionWaitsForNothing(t *testing.T) {
	logged(t)
	in(t, simslack.Options{}, func(w *world) {
		r, stop := w.read(&doors{})
		lift := w.sim.Fault(simslack.Fault{Method: "apps.connections.open", Error: "internal_error", Times: -1})
		w.sim.Drop(-1)
		time.Sleep(2 * time.Second)
		began := time.Now()
		for n := range 100 {
			r.receive(r.links[n%2], socketmode.Event{
				Data: slack.SlashCommand{}, Request: &socketmode.Request{EnvelopeID: "lost " + itoa(n)},
			})
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("receiving took %s", took)
		}
		time.Sleep(time.Minute)
		lift()
		time.Sleep(6 * time.Minute)
		if w.sim.Connections() != 2 {
			t.Errorf("%d connections", w.sim.Connections())
		}
		if got, _ := payload(t, w.command(alice, "list").Payload); got != "answer to list" {
			t.Errorf("afterwards: %q", got)
		}
		stop()
	})
}

// A dialogue is opened before anything else is asked of Slack, and acknowledged
// when it stands: Slack gives 3 s from the click.
func TestDialogueOpensBeforeAnythingElse(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		_, stop := w.read(&doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return bot.Answer{Form: noteForm()}, nil }})
		ref := w.show(base(), "")
		w.command(alice, "list") // from here on the workspace is known
		before := len(w.sim.Calls())
		w.sim.Fault(simslack.Fault{Method: "views.open", Slow: time.Second})
		r := w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		synctest.Wait()
		if calls := w.sim.Calls()[before:]; len(calls) == 0 || calls[0].Method != "views.open" {
			t.Errorf("the first calls were %+v", calls)
		}
		if !r.Acked || r.After < time.Second || w.modal(alice) == nil {
			t.Errorf("%+v", r)
		}
		stop()
	})
}
