package pagerduty

import (
	"context"
	"testing"

	pd "github.com/PagerDuty/go-pagerduty"
)

func TestNotes(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.raise("shop-web", "a")
		n, err := w.api.CreateIncidentNoteWithContext(ctx, id, pd.IncidentNote{Content: "healed", User: pd.APIObject{Summary: botMail}})
		ok(t, err)
		if n.User.ID != bot {
			t.Errorf("by %+v", n.User)
		}
		_, err = w.api.CreateIncidentNoteWithContext(ctx, id, pd.IncidentNote{Content: "x"})
		refused(t, err, 400, 2016)
		_, err = w.api.CreateIncidentNoteWithContext(ctx, id, pd.IncidentNote{User: pd.APIObject{Summary: botMail}})
		refused(t, err, 400, 2001)
		for range 1999 {
			ok(t, w.Note(ann, id, "again"))
		}
		refused(t, w.Note(ann, id, "one too many"), 400, 2001)
		all, err := w.api.ListIncidentNotesWithContext(ctx, id)
		ok(t, err)
		if len(all) != 2000 {
			t.Errorf("%d notes", len(all))
		}
	})
}

func TestSnooze(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		path := "/incidents/" + id + "/snooze"
		for _, tt := range []struct {
			from, body   string
			status, code int
		}{
			{"", `{"duration":60}`, 400, 2016},
			{botMail, `{"duration":60}`, 400, 1012},
			{botMail, `{"duration":0}`, 400, 1013},
			{botMail, `{"duration":604801}`, 400, 1013},
			{botMail, `{"duration":9223372036854775807}`, 400, 1013},
		} {
			status, _, o := w.do("POST", path, tt.body, "From", tt.from)
			if e, _ := o["error"].(map[string]any); status != tt.status || e["code"] != float64(tt.code) {
				t.Errorf("%s from %q: %d %v", tt.body, tt.from, status, o)
			}
		}
		ok(t, w.Acknowledge(ann, id))
		if status, _, _ := w.do("POST", path, `{"duration":604800}`, "From", botMail); status != 201 {
			t.Errorf("status %d", status)
		}
		// The real client sends no From with a snooze.
		_, err := w.api.SnoozeIncidentWithContext(context.Background(), id, 60)
		refused(t, err, 400, 2016)
	})
}

func TestMerge(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		a, b := w.raise("shop-web", "a"), w.raise("shop-web", "b")
		into := func(id string) error {
			_, err := w.api.MergeIncidentsWithContext(ctx, botMail, a, []pd.MergeIncidentsOptions{{ID: id, Type: "incident_reference"}})
			return err
		}
		refused(t, into(a), 400, 2001)
		ok(t, into(b))
		refused(t, into(b), 400, 1019)
		refused(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: b, Status: "triggered"}), 400, 1019)
		i, err := w.api.GetIncidentWithContext(ctx, b)
		ok(t, err)
		if i.Status != "resolved" || i.ResolveReason.Type != "merge_resolve_reason" || i.ResolveReason.Incident.ID != a {
			t.Errorf("%s, %+v", i.Status, i.ResolveReason)
		}
		if got := len(w.incident(a).Alerts); got != 2 {
			t.Errorf("%d alerts in the target", got)
		}
		ok(t, w.Clear("shop-web", "a"))
		if got := w.incident(a).Status; got != triggered {
			t.Errorf("resolved while the merged alert is open: %s", got)
		}
	})
}

func TestRespondersAndStatusUpdates(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.raise("shop-web", "a")
		ask := pd.ResponderRequestOptions{
			RequesterID: bot, Message: "please help",
			Targets: []pd.ResponderRequestTargetWrapper{{Target: pd.ResponderRequestTarget{APIObject: pd.APIObject{ID: bob, Type: "user_reference"}}}},
		}
		r, err := w.api.ResponderRequestWithContext(ctx, id, ask) // needs no From
		ok(t, err)
		if r.ResponderRequest.Targets[0].Target.Responders[0].User.ID != bob || w.ringing() != "Bob" {
			t.Errorf("%+v, ringing %q", r.ResponderRequest, w.ringing())
		}
		ok(t, w.Acknowledge(ann, id))
		if w.ringing() != "Bob" {
			t.Errorf("the request was silenced by somebody else's acknowledgement: %q", w.ringing())
		}
		ok(t, w.Respond(bob, id, true))
		refused(t, w.Respond(bob, id, true), 400, 2001)
		if got := w.incident(id).Responders[0].State; got != "joined" || w.ringing() != "" {
			t.Errorf("%s, ringing %q", got, w.ringing())
		}
		ask.RequesterID = "PNOBODY"
		_, err = w.api.ResponderRequestWithContext(ctx, id, ask)
		refused(t, err, 400, 1008)
		u, err := w.api.CreateIncidentStatusUpdate(ctx, id, botMail, "we are on it")
		ok(t, err)
		if u.Sender.ID != bot || w.incident(id).Updates[0].Content != "we are on it" {
			t.Errorf("%+v", u)
		}
	})
}

func TestRespondersNeedTheAbility(t *testing.T) {
	opt := account()
	opt.Abilities = []string{"urgencies"}
	bubble(t, opt, func(t *testing.T, w *world) {
		_, err := w.api.ResponderRequestWithContext(context.Background(), w.raise("shop-web", "a"), pd.ResponderRequestOptions{RequesterID: bot})
		refused(t, err, 402, 2014)
	})
}
