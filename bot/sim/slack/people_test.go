package slack

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

// callbacks collects what the app gets, and acknowledges it.

func (w *world) callbacks(got *[]slack.InteractionCallback) (stop func()) {
	return w.app(func(c *socketmode.Client, e socketmode.Event) {
		if e.Type == socketmode.EventTypeInteractive {
			*got = append(*got, e.Data.(slack.InteractionCallback))
		}
		acking(c, e)
	})
}

func TestClickReachesTheAppAndIsAcknowledged(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var got []slack.InteractionCallback
		defer w.callbacks(&got)()
		ts := w.card(ops)
		r, err := w.Click(w.Context(), Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go", Value: "v-go"})
		w.ok(err)
		if !r.Acked || r.After > time.Second || len(got) != 1 {
			w.Fatalf("result %+v, %d callbacks", r, len(got))
		}
		c := got[0]
		a := c.ActionCallback.BlockActions
		if c.Type != slack.InteractionTypeBlockActions || c.User.ID != alice || c.Channel.ID != ops ||
			c.Container.Type != "message" || c.Container.MessageTs != ts || c.Message.Timestamp != ts ||
			c.TriggerID != r.TriggerID || c.ResponseURL != r.ResponseURL || len(a) != 1 ||
			a[0].ActionID != "go" || a[0].BlockID != "b1" || a[0].Value != "v-go" {
			w.Errorf("callback %+v", c)
		}
		if st := w.State(alice); len(st.Pending) != 0 || len(st.Failures) != 0 {
			w.Errorf("state %+v", st)
		}
	})
}

func TestClicksOnWhatIsNotThere(t *testing.T) {
	run(t, Options{}, func(w *world) {
		defer w.app(acking)()
		ts := w.card(ops)
		w.card(other)
		good := Click{User: alice, Channel: ops, MessageTS: ts, BlockID: "b1", ActionID: "go"}
		for name, c := range map[string]struct {
			change func(*Click)
			want   error
		}{
			"right":            {func(*Click) {}, nil},
			"wrong action":     {func(c *Click) { c.ActionID = "stop" }, ErrNotThere},
			"wrong block":      {func(c *Click) { c.BlockID = "b2" }, ErrNotThere},
			"wrong value":      {func(c *Click) { c.Value = "v-stop" }, ErrNotThere},
			"wrong message":    {func(c *Click) { c.MessageTS = "1.000001" }, ErrNotThere},
			"wrong channel":    {func(c *Click) { c.Channel = "C0NOWHERE1" }, ErrNotThere},
			"wrong version":    {func(c *Click) { c.Version = 7 }, ErrNotThere},
			"no older version": {func(c *Click) { c.Stale = true }, ErrNotThere},
			"nobody":           {func(c *Click) { c.User = "U0NOBODY01" }, ErrRefused},
			"a bot":            {func(c *Click) { c.User = bot }, ErrRefused},
			"no view":          {func(c *Click) { c.ViewID = "V1" }, ErrNotThere},
		} {
			click := good
			c.change(&click)
			if _, err := w.Click(w.Context(), click); !errors.Is(err, c.want) {
				w.Errorf("%s: %v", name, err)
			}
		}
		private, err := w.api.PostEphemeral(ops, bob, slack.MsgOptionText("x", false), slack.MsgOptionBlocks(buttons("b1", "go")))
		w.ok(err)
		good.MessageTS = private
		if _, err := w.Click(w.Context(), good); !errors.Is(err, ErrNotThere) {
			w.Errorf("another's ephemeral message: %v", err)
		}
		good.User = bob
		_, err = w.Click(w.Context(), good)
		w.ok(err)
		w.Reload(bob)
		if _, err := w.Click(w.Context(), good); !errors.Is(err, ErrNotThere) {
			w.Errorf("an ephemeral message after a reload: %v", err)
		}
	})
}

func TestStaleClicks(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var got []slack.InteractionCallback
		defer w.callbacks(&got)()
		ts := w.card(ops)
		_, _, _, err := w.api.UpdateMessage(ops, ts, slack.MsgOptionText("over", false), slack.MsgOptionBlocks())
		w.ok(err)
		click := Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go"}
		if _, err := w.Click(w.Context(), click); !errors.Is(err, ErrNotThere) {
			w.Errorf("the button is gone: %v", err)
		}
		stale, old := click, click
		stale.Stale, old.Version = true, 1
		for _, c := range []Click{stale, old} {
			r, err := w.Click(w.Context(), c)
			w.ok(err)
			if !r.Acked {
				w.Errorf("result %+v", r)
			}
		}
		if len(got) != 2 || got[0].ActionCallback.BlockActions[0].Value != "v-go" {
			w.Errorf("callbacks %+v", got)
		}
	})
}

func TestClicksInAttachmentsAndMenus(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var got []slack.InteractionCallback
		defer w.callbacks(&got)()
		label := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
		options := []*slack.OptionBlockObject{slack.NewOptionBlockObject("note", label("Note"), nil), slack.NewOptionBlockObject("why", label("Why"), nil)}
		menu := slack.NewActionBlock("menu", slack.NewOverflowBlockElement("more", options...),
			slack.NewOptionsSelectBlockElement("static_select", label("Pick"), "pick", options...))
		_, ts, err := w.api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionAttachments(
			slack.Attachment{Color: "#f00", Fallback: "x", Blocks: slack.Blocks{BlockSet: []slack.Block{menu}}}))
		w.ok(err)
		click := Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "more", SelectedOption: "why"}
		_, err = w.Click(w.Context(), click)
		w.ok(err)
		click.SelectedOption = "nothing"
		if _, err := w.Click(w.Context(), click); !errors.Is(err, ErrNotThere) {
			w.Errorf("an option that is not there: %v", err)
		}
		click.ActionID, click.SelectedOption = "pick", "note"
		_, err = w.Click(w.Context(), click)
		w.ok(err)
		if len(got) != 2 {
			w.Fatalf("%d callbacks", len(got))
		}
		if c := got[0]; c.Container.Type != "message_attachment" || c.Container.AttachmentID != "1" ||
			c.ActionCallback.BlockActions[0].SelectedOption.Value != "why" {
			w.Errorf("overflow %+v", c)
		}
		if c := got[1]; c.BlockActionState.Values["menu"]["pick"].SelectedOption.Value != "note" {
			w.Errorf("state %+v", c.BlockActionState)
		}
	})
}

func TestShortcuts(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var got []slack.InteractionCallback
		defer w.callbacks(&got)()
		in := Shortcut{User: alice, Channel: ops, MessageTS: w.card(ops), CallbackID: "ams_act"}
		r, err := w.Shortcut(w.Context(), in)
		w.ok(err)
		if !r.Acked || len(got) != 1 || got[0].Type != slack.InteractionTypeMessageAction || got[0].CallbackID != in.CallbackID ||
			got[0].Message.Timestamp != in.MessageTS {
			w.Errorf("%+v, %+v", r, got)
		}
		in.CallbackID = "none"
		if _, err := w.Shortcut(w.Context(), in); !errors.Is(err, ErrNotThere) {
			w.Errorf("an unknown shortcut: %v", err)
		}
	})
}

func TestEphemeralMessagesVanish(t *testing.T) {
	run(t, Options{}, func(w *world) {
		_, err := w.api.PostEphemeral(ops, alice, slack.MsgOptionText("only you", false))
		w.ok(err)
		seen := func(user string) int { return len(w.State(user).Channels[1].Messages) }
		if seen(alice) != 1 || seen(bob) != 0 {
			w.Errorf("seen by Alice %d, by Bob %d", seen(alice), seen(bob))
		}
		w.Reload(bob)
		if seen(alice) != 1 {
			w.Error("Bob's reload took Alice's message")
		}
		w.Reload(alice)
		if seen(alice) != 0 {
			w.Error("it survived a reload")
		}
	})
}

func TestChangedIsCalled(t *testing.T) {
	o := Defaults()
	changes := 0
	var s *Server
	o.Changed = func() {
		changes++
		s.State(alice) // no lock is held
	}
	synctest.Test(t, func(t *testing.T) {
		s = New(o)
		if _, err := s.Say(alice, ops, "x", ""); err != nil {
			t.Fatal(err)
		}
		if changes == 0 {
			t.Error("nobody was told")
		}
	})
}
