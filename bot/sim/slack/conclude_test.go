package slack

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"
)

func TestSubmissionReachesTheApp(t *testing.T) {
	atDesk(t, func(d *desk) {
		id := d.open()
		r, err := d.submit(id, filled)
		d.ok(err)
		in := d.got[len(d.got)-1]
		if !r.Acked || in.Type != slack.InteractionTypeViewSubmission || in.View.ID != id || in.View.CallbackID != "add" ||
			in.View.PrivateMetadata != "P1" || in.View.State.Values["note"]["text"].Value != "looked at it" ||
			in.View.State.Values["level"]["pick"].SelectedOption.Value != "two" {
			d.Errorf("submission %+v", in.View)
		}
		if n := len(d.State(alice).Modals); n != 0 {
			d.Errorf("%d modals after an empty ack", n)
		}
		if _, err := d.submit(id, filled); !errors.Is(err, ErrNotThere) {
			d.Errorf("a second submission: %v", err)
		}
	})
}

func TestSlackChecksFormsItself(t *testing.T) {
	atDesk(t, func(d *desk) {
		id := d.open()
		before := len(d.got)
		if _, err := d.submit(id, nil); !errors.Is(err, ErrRefused) {
			d.Errorf("an empty form: %v", err)
		}
		if e := d.State(alice).Modals[0].Errors; len(e) != 1 || e["note"] == "" {
			d.Errorf("errors %v", e)
		}
		bad := maps.Clone(filled)
		bad["level"] = map[string]Value{"pick": {Value: "three"}}
		if _, err := d.submit(id, bad); !errors.Is(err, ErrNotThere) {
			d.Errorf("an option that is not there: %v", err)
		}
		if _, err := d.submit(id, Values{"note": filled["note"], "none": filled["note"]}); !errors.Is(err, ErrNotThere) {
			d.Errorf("an input that is not there: %v", err)
		}
		if _, err := d.Submit(d.Context(), Submit{User: bob, ViewID: id, Values: filled}); !errors.Is(err, ErrNotThere) {
			d.Errorf("another's modal: %v", err)
		}
		if len(d.got) != before {
			d.Error("the app heard of it")
		}
	})
}

func TestResponseActions(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer any
		modals int
		title  string
		check  func(View) bool
	}{
		{"errors", slack.NewErrorsViewSubmissionResponse(map[string]string{"note": "too short"}), 2, "Second", func(v View) bool {
			return v.Errors["note"] == "too short" && v.Problem == ""
		}},
		{"errors of no input", slack.NewErrorsViewSubmissionResponse(map[string]string{"more": "x"}), 2, "Second", func(v View) bool {
			return v.Problem == trouble
		}},
		{"update", slack.NewUpdateViewSubmissionResponse(new(form("Third"))), 2, "Third", func(v View) bool { return v.Version == 2 }},
		{"push", slack.NewPushViewSubmissionResponse(new(form("Third"))), 3, "Third", func(v View) bool { return v.Version == 1 }},
		{"update with a bad view", slack.NewUpdateViewSubmissionResponse(new(form(strings.Repeat("x", 25)))), 2, "Second", func(v View) bool {
			return v.Problem == trouble
		}},
		{"clear", slack.NewClearViewSubmissionResponse(), 0, "", nil},
		{"nothing", nil, 1, "First", func(v View) bool { return v.Problem == "" }},
		{"nonsense", map[string]any{"response_action": "dance"}, 2, "Second", func(v View) bool { return v.Problem == trouble }},
	} {
		t.Run(c.name, func(t *testing.T) {
			atDesk(t, func(d *desk) {
				d.open()
				d.ok(d.push("Second"))
				d.answer = c.answer
				_, err := d.submit("", filled)
				d.ok(err)
				modals := d.State(alice).Modals
				if len(modals) != c.modals {
					d.Fatalf("%d modals", len(modals))
				}
				if c.check == nil {
					return
				}
				top := modals[len(modals)-1]
				if !strings.Contains(string(top.View), `"text":"`+c.title+`"`) || !c.check(top) || top.Busy {
					d.Errorf("on top: %+v", top)
				}
			})
		})
	}
}

func TestSubmissionWithoutAnAnswer(t *testing.T) {
	atDesk(t, func(d *desk) {
		id := d.open()
		d.silent = true
		go func() {
			time.Sleep(time.Second)
			if _, err := d.submit(id, filled); !errors.Is(err, ErrRefused) {
				d.Errorf("a submission while another is on its way: %v", err)
			}
		}()
		r, err := d.submit(id, filled)
		d.ok(err)
		synctest.Wait()
		v := d.State(alice).Modals
		if r.Acked || r.After != ackWithin || len(v) != 1 || v[0].Problem != trouble || v[0].Busy {
			d.Errorf("%+v, %+v", r, v)
		}
		d.silent = false
		r, err = d.submit(id, filled)
		d.ok(err)
		if !r.Acked || len(d.State(alice).Modals) != 0 {
			d.Errorf("the second try: %+v", r)
		}
	})
}
