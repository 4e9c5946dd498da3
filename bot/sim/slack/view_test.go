package slack

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func label(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject("plain_text", s, false, false)
}

// form is a modal with a required note, an optional menu, and a button.

func form(title string) slack.ModalViewRequest {
	note := slack.NewInputBlock("note", label("Note"), nil, slack.NewPlainTextInputBlockElement(nil, "text"))
	menu := slack.NewInputBlock("level", label("Level"), nil, slack.NewOptionsSelectBlockElement("static_select", nil, "pick",
		slack.NewOptionBlockObject("one", label("One"), nil), slack.NewOptionBlockObject("two", label("Two"), nil)))
	menu.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: label(title), Submit: label("Add"), Close: label("Cancel"), CallbackID: "add",
		PrivateMetadata: "P1", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{note, menu, buttons("more", "push")}},
	}
}

// desk is an app that opens a form at every click on a message, and answers

// submissions with whatever answer holds.

type desk struct {
	*world
	card   string
	got    []slack.InteractionCallback
	answer any
	silent bool
}

func newDesk(w *world) (*desk, func()) {
	d := &desk{world: w, card: w.card(ops)}
	return d, w.app(func(c *socketmode.Client, e socketmode.Event) {
		if e.Type != socketmode.EventTypeInteractive {
			acking(c, e)
			return
		}
		in := e.Data.(slack.InteractionCallback)
		d.got = append(d.got, in)
		if !d.silent {
			_ = c.Ack(*e.Request, d.answer)
		}
	})
}

// press clicks the card's button and returns the trigger.

func (d *desk) press() string {
	d.Helper()
	r, err := d.Click(d.Context(), Click{User: alice, Channel: ops, MessageTS: d.card, ActionID: "go"})
	d.ok(err)
	return r.TriggerID
}

// open opens the form and returns its ID.

func (d *desk) open() string {
	d.Helper()
	v, err := d.api.OpenView(d.press(), form("First"))
	d.ok(err)
	return v.ID
}

// push clicks the button in the modal on top and pushes another form.

func (d *desk) push(title string) error {
	top := d.State(alice).Modals
	r, err := d.Click(d.Context(), Click{User: alice, ViewID: top[len(top)-1].ID, ActionID: "push"})
	d.ok(err)
	_, err = d.api.PushView(r.TriggerID, form(title))
	return err
}

func (d *desk) submit(id string, values Values) (Result, error) {
	return d.Submit(d.Context(), Submit{User: alice, ViewID: id, Values: values})
}

var filled = Values{"note": {"text": {Value: "looked at it"}}, "level": {"pick": {Value: "two"}}}

func atDesk(t *testing.T, f func(d *desk)) {
	run(t, Options{}, func(w *world) {
		d, stop := newDesk(w)
		defer stop()
		f(d)
	})
}

func TestTriggersAreShortAndSingleUse(t *testing.T) {
	atDesk(t, func(d *desk) {
		trigger := d.press()
		_, err := d.api.OpenView(trigger, form("First"))
		d.ok(err)
		_, err = d.api.OpenView(trigger, form("First"))
		d.want(err, "exchanged_trigger_id")
		_, err = d.api.OpenView("1.2.3", form("First"))
		d.want(err, "invalid_trigger_id")
		trigger = d.press()
		time.Sleep(triggerLife + time.Millisecond)
		_, err = d.api.OpenView(trigger, form("First"))
		d.want(err, "expired_trigger_id")
		_, err = d.api.PushView(d.press(), form("First"))
		d.want(err, "not_found") // nothing to push onto
	})
}

func TestStackOfThree(t *testing.T) {
	atDesk(t, func(d *desk) {
		first := d.open()
		d.ok(d.push("Second"))
		d.ok(d.push("Third"))
		d.want(d.push("Fourth"), "push_limit_reached")
		if _, err := d.submit(first, filled); !errors.Is(err, ErrNotThere) {
			d.Errorf("a modal that is covered: %v", err)
		}
		if err := d.CloseView(d.Context(), alice, "", false); err != nil {
			d.Error(err)
		}
		in := d.got[len(d.got)-1]
		if in.Type != slack.InteractionTypeViewClosed || in.IsCleared || in.View.RootViewID != first || len(d.State(alice).Modals) != 2 {
			d.Errorf("closed %+v", in)
		}
		before := len(d.got)
		if err := d.CloseView(d.Context(), alice, "", true); err != nil {
			d.Error(err)
		}
		if len(d.got) != before+2 || !d.got[before].IsCleared || len(d.State(alice).Modals) != 0 {
			d.Errorf("%d closed, %d open", len(d.got)-before, len(d.State(alice).Modals))
		}
	})
}

func TestUpdatesAndHashes(t *testing.T) {
	atDesk(t, func(d *desk) {
		v, err := d.api.OpenView(d.press(), form("First"))
		d.ok(err)
		u, err := d.api.UpdateView(form("Second"), "", v.Hash, v.ID)
		d.ok(err)
		_, err = d.api.UpdateView(form("Third"), "", v.Hash, v.ID)
		d.want(err, "hash_conflict")
		_, err = d.api.UpdateView(form("Third"), "", u.Hash, v.ID)
		d.ok(err)
		_, err = d.api.UpdateView(form("Third"), "", "", "V0NONE")
		d.want(err, "not_found")
		bad := form("No submit")
		bad.Submit = nil
		_, err = d.api.UpdateView(bad, "", "", v.ID)
		d.want(err, "invalid_arguments")
		named := form("Named")
		named.ExternalID = "x"
		_, err = d.api.UpdateView(named, "", "", v.ID)
		d.ok(err)
		r, err := d.Click(d.Context(), Click{User: alice, ViewID: v.ID, ActionID: "push"})
		d.ok(err)
		_, err = d.api.PushView(r.TriggerID, named)
		d.want(err, "duplicate_external_id")
		_, err = d.api.UpdateView(named, "x", "", "")
		d.ok(err)
		d.Reload(alice)
		_, err = d.api.UpdateView(named, "", "", v.ID)
		d.want(err, "not_found")
	})
}

func TestInputsInModalsAreSilent(t *testing.T) {
	atDesk(t, func(d *desk) {
		id := d.open()
		if _, err := d.Click(d.Context(), Click{User: alice, ViewID: id, ActionID: "pick", SelectedOption: "one"}); !errors.Is(err, ErrRefused) {
			d.Errorf("an input without dispatch_action: %v", err)
		}
		_, err := d.Click(d.Context(), Click{User: alice, ViewID: id, ActionID: "push", Inputs: filled})
		d.ok(err)
		in := d.got[len(d.got)-1]
		if in.Container.Type != "view" || in.Container.ViewID != id || in.View.State.Values["note"]["text"].Value != "looked at it" {
			d.Errorf("callback %+v", in)
		}
	})
}

func TestHome(t *testing.T) {
	atDesk(t, func(d *desk) {
		home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{buttons("b", "refresh")}}}
		if d.State(alice).Home != nil {
			d.Error("a Home before it was published")
		}
		v, err := d.api.PublishView(alice, home, "")
		d.ok(err)
		_, err = d.api.PublishView(alice, home, "0.0")
		d.want(err, "hash_conflict")
		again, err := d.api.PublishView(alice, home, v.Hash)
		d.ok(err)
		_, err = d.api.PublishView("U0NOBODY01", home, "")
		d.want(err, "invalid_arguments")
		if again.ID != v.ID || d.State(alice).Home.Version != 2 || d.State(bob).Home != nil {
			d.Errorf("homes %+v", again)
		}
		r, err := d.Click(d.Context(), Click{User: alice, ViewID: v.ID, ActionID: "refresh"})
		d.ok(err)
		in := d.got[len(d.got)-1]
		if r.ResponseURL != "" || in.Container.Type != "view" || in.View.Type != slack.VTHomeTab {
			d.Errorf("callback %+v", in)
		}
		_, err = d.api.OpenView(r.TriggerID, form("From Home"))
		d.ok(err)
		synctest.Wait()
		if len(d.State(alice).Modals) != 1 {
			d.Error("no modal over Home")
		}
	})
}
