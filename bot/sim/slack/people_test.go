package slack

import (
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func TestClickReachesTheAppAndIsAcknowledged(t *testing.T) {
	run(t, Options{}, func(w *world) {
		var got []slack.InteractionCallback
		defer w.app(func(c *socketmode.Client, e socketmode.Event) {
			if e.Type == socketmode.EventTypeInteractive {
				got = append(got, e.Data.(slack.InteractionCallback))
			}
			acking(c, e)
		})()
		ts := w.card(ops)
		r, err := w.Click(w.Context(), Click{User: alice, Channel: ops, MessageTS: ts, ActionID: "go", Value: "v-go"})
		w.ok(err)
		if !r.Acked || r.After > time.Second {
			w.Errorf("result %+v", r)
		}
		if len(got) != 1 {
			w.Fatalf("%d callbacks", len(got))
		}
		c := got[0]
		a := c.ActionCallback.BlockActions
		if c.Type != slack.InteractionTypeBlockActions || c.User.ID != alice || c.Channel.ID != ops ||
			c.Container.Type != "message" || c.Container.MessageTs != ts || c.Message.Timestamp != ts ||
			c.TriggerID != r.TriggerID || c.ResponseURL != r.ResponseURL || len(a) != 1 ||
			a[0].ActionID != "go" || a[0].BlockID != "b1" || a[0].Value != "v-go" {
			w.Errorf("callback %+v", c)
		}
		_, _, _, err = w.api.UpdateMessage(ops, ts, slack.MsgOptionText("done", false), slack.MsgOptionBlocks())
		w.ok(err)
		if m := w.Messages(ops); len(m) != 1 || m[0].Text != "done" || isList(m[0].Blocks) || m[0].Version != 2 {
			w.Errorf("messages %+v", m)
		}
	})
}
