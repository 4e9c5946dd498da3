package pagerduty

import (
	"context"
	"fmt"
	"strings"
	"testing"

	pd "github.com/PagerDuty/go-pagerduty"
)

func manage(w *world, from string, o ...pd.ManageIncidentsOptions) error {
	_, err := w.api.ManageIncidentsWithContext(context.Background(), from, o)
	return err
}

func TestTokens(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		_, err := w.client("wrong").ListAbilitiesWithContext(ctx)
		refused(t, err, 401, 2006)
		if _, err = w.client("oauth-key", pd.WithOAuth()).ListAbilitiesWithContext(ctx); err != nil {
			t.Errorf("OAuth token: %v", err)
		}
		_, err = w.client("oauth-key").ListAbilitiesWithContext(ctx)
		refused(t, err, 401, 2006)
		_, err = w.api.GetCurrentUserWithContext(ctx, pd.GetCurrentUserOptions{})
		refused(t, err, 400, 2001)
		u, err := w.client("ann-key").GetCurrentUserWithContext(ctx, pd.GetCurrentUserOptions{})
		ok(t, err)
		if u.ID != ann {
			t.Errorf("user of Ann's token is %s", u.ID)
		}
		id := w.raise("shop-web", "a")
		_, err = w.client("read-key").CreateIncidentNoteWithContext(ctx, id, pd.IncidentNote{Content: "x", User: pd.APIObject{Summary: annMail}})
		refused(t, err, 403, 2010)
	})
}

func TestFromNamesWhoActs(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ack := pd.ManageIncidentsOptions{ID: id, Status: "acknowledged"}
		refused(t, manage(w, "", ack), 400, 2016)
		refused(t, manage(w, "nobody@shop.example", ack), 400, 1008)
		refused(t, manage(w, "eve@shop.example", ack), 403, 1018)
		ok(t, manage(w, "ANN@shop.example", ack))
		i, err := w.api.GetIncidentWithContext(context.Background(), id)
		ok(t, err)
		if i.Assignments[0].Assignee.ID != ann || i.LastStatusChangeBy.ID != ann || i.Acknowledgements[0].Acknowledger.ID != ann {
			t.Errorf("assigned to %+v, changed by %+v", i.Assignments, i.LastStatusChangeBy)
		}
		if e := w.incident(id).Log[0]; e.Type != "acknowledge_log_entry" || e.By != "Ann" || e.Channel != "api" {
			t.Errorf("log: %+v", e)
		}
	})
}

func TestAUserTokenActsAsItsUser(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		_, err := w.client("ann-key").ManageIncidentsWithContext(context.Background(), botMail, []pd.ManageIncidentsOptions{{ID: id, Status: "resolved"}})
		ok(t, err)
		if got := w.incident(id).ResolvedBy; got != "Ann" {
			t.Errorf("resolved by %s", got)
		}
	})
}

func TestIllegalChangesAreRefused(t *testing.T) {
	user := func(id string) []pd.Assignee {
		return []pd.Assignee{{Assignee: pd.APIObject{ID: id, Type: "user_reference"}}}
	}
	policy := func(id string) *pd.APIReference { return &pd.APIReference{ID: id, Type: "escalation_policy_reference"} }
	tests := []struct {
		name   string
		before func(w *world, id string) error
		change pd.ManageIncidentsOptions
		code   int
	}{
		{"resolve twice", func(w *world, id string) error { return w.Resolve(ann, id) }, pd.ManageIncidentsOptions{Status: "resolved"}, 1001},
		{"acknowledge twice", func(w *world, id string) error { return w.Acknowledge(bot, id) }, pd.ManageIncidentsOptions{Status: "acknowledged"}, 1002},
		{"unknown status", nil, pd.ManageIncidentsOptions{Status: "snoozed"}, 1003},
		{"past the last level", nil, pd.ManageIncidentsOptions{EscalationLevel: 4}, 1006},
		{"unknown assignee", nil, pd.ManageIncidentsOptions{Assignments: user("PNOBODY")}, 1007},
		{"unknown policy", nil, pd.ManageIncidentsOptions{EscalationPolicy: policy("PNONE")}, 1014},
		{"policy with nobody on call", nil, pd.ManageIncidentsOptions{EscalationPolicy: policy("PPOL003")}, 1015},
		{"empty level of another policy", nil, pd.ManageIncidentsOptions{EscalationPolicy: policy("PPOL002"), EscalationLevel: 2}, 1015},
		{"unknown priority", nil, pd.ManageIncidentsOptions{Priority: &pd.APIReference{ID: "PNONE"}}, 1020},
		{"reassign what is resolved", func(w *world, id string) error { return w.Resolve(ann, id) }, pd.ManageIncidentsOptions{Assignments: user(ann)}, 1001},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise("shop-web", "a")
				if tt.before != nil {
					ok(t, tt.before(w, id))
				}
				before := w.incident(id)
				tt.change.ID = id
				refused(t, manage(w, botMail, tt.change), 400, tt.code)
				if after := w.incident(id); len(after.Log) != len(before.Log) || after.Status != before.Status {
					t.Errorf("it was changed all the same: %+v", after.Log[0])
				}
			})
		})
	}
}

func TestOneRefusalRefusesTheWholeCall(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		a, b := w.raise("shop-web", "a"), w.raise("shop-web", "b")
		ok(t, w.Resolve(ann, b))
		refused(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: a, Status: "resolved"}, pd.ManageIncidentsOptions{ID: b, Status: "resolved"}), 400, 1001)
		if got := w.incident(a).Status; got != triggered {
			t.Errorf("the first is %s", got)
		}
		refused(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: "QNONE", Status: "resolved"}), 400, 1004)
	})
}

func TestAtMost250InOneCall(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		var all []pd.ManageIncidentsOptions
		for n := range 251 {
			all = append(all, pd.ManageIncidentsOptions{ID: w.raise("shop-web", fmt.Sprint(n)), Status: "resolved"})
		}
		refused(t, manage(w, botMail, all...), 413, 2001)
		ok(t, manage(w, botMail, all[:250]...))
	})
}

func TestEscalateReassignDelegate(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, EscalationLevel: 3}))
		if i := w.incident(id); i.Level != 3 || assignees(i) != "Bob" || w.ringing() != "Bob" {
			t.Fatalf("escalated: level %d, %s, ringing %q", i.Level, assignees(i), w.ringing())
		}
		ok(t, w.Acknowledge(bob, id))
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Assignments: []pd.Assignee{{Assignee: pd.APIObject{ID: ann, Type: "user_reference"}}}}))
		if i := w.incident(id); i.Status != triggered || assignees(i) != "Ann" || i.Level != 0 {
			t.Fatalf("reassigned: %s, %s, level %d", i.Status, assignees(i), i.Level)
		}
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, EscalationPolicy: &pd.APIReference{ID: "PPOL002", Type: "escalation_policy_reference"}}))
		if i := w.incident(id); i.Policy.Name != "Gaps" || i.Level != 1 || i.Escalation == nil || i.Escalation.Level != 3 {
			t.Fatalf("delegated: %s, level %d, next %+v", i.Policy.Name, i.Level, i.Escalation)
		}
	})
}

func TestALateAcknowledgeReopens(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Resolve(ann, id))
		ok(t, manage(w, annMail, pd.ManageIncidentsOptions{ID: id, Status: "acknowledged"}))
		i := w.incident(id)
		if i.Status != acknowledged || i.Log[0].Type != "acknowledge_log_entry" || !strings.Contains(fmt.Sprint(i.Log), "reopen_log_entry") {
			t.Errorf("%s: %+v", i.Status, i.Log[0])
		}
	})
}

func TestResolvingEndsAlertsAssignmentsAndPhones(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		ok(t, w.Escalate(ann, id, 0))
		if w.ringing() != "Ann" {
			t.Fatalf("ringing %q", w.ringing())
		}
		ok(t, manage(w, botMail, pd.ManageIncidentsOptions{ID: id, Status: "resolved", Resolution: "healed"}))
		i, err := w.api.GetIncidentWithContext(context.Background(), id)
		ok(t, err)
		if i.Status != "resolved" || len(i.Assignments) != 0 || i.AlertCounts.Resolved != 1 || w.ringing() != "" {
			t.Errorf("%s, %+v, %+v, ringing %q", i.Status, i.Assignments, i.AlertCounts, w.ringing())
		}
		if again := w.raise("shop-web", "a"); again == id {
			t.Error("the same key does not open a new incident")
		}
	})
}

func TestNotFoundAndBadInput(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		_, err := w.api.GetIncidentWithContext(context.Background(), "QNONE")
		refused(t, err, 404, 2100)
		for _, tt := range []struct {
			method, path, body string
			status             int
		}{
			{"GET", "/nothing", "", 404},
			{"PATCH", "/incidents", "", 404},
			{"PUT", "/incidents", "{", 400},
			{"PUT", "/incidents", `{"incidents":[]}`, 400},
			{"PUT", "/incidents", `{"incidents":"all"}`, 400},
			{"POST", "/incidents", `{"incident":{"type":"incident","title":" ","service":{"id":"PWEB001"}}}`, 400},
			{"POST", "/incidents", `{"incident":{"type":"incident","title":"x","service":{"id":"PNONE"}}}`, 400},
			{"POST", "/incidents", strings.Repeat("x", maxBody+1), 413},
		} {
			if status, _, _ := w.do(tt.method, tt.path, tt.body, "From", botMail); status != tt.status {
				t.Errorf("%s %s: %d, want %d", tt.method, tt.path, status, tt.status)
			}
		}
	})
}

func TestCreateIncident(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		o := &pd.CreateIncidentOptions{
			Title: "by hand", Service: &pd.APIReference{ID: "PWEB001", Type: "service_reference"}, IncidentKey: "k",
			Body: &pd.APIDetails{Type: "incident_body", Details: "the details"}, Priority: &pd.APIReference{ID: "PPRI001", Type: "priority_reference"},
		}
		i, err := w.api.CreateIncidentWithContext(ctx, annMail, o)
		ok(t, err)
		if i.Title != "by hand" || i.Priority.Name != "P1" || i.LastStatusChangeBy.ID != ann || i.IncidentNumber != 1 {
			t.Errorf("%+v", i)
		}
		_, _, got := w.do("GET", "/incidents/"+i.ID+"?include[]=body", "")
		if body := got["incident"].(map[string]any)["body"].(map[string]any); body["details"] != "the details" {
			t.Errorf("%v", body)
		}
		_, err = w.api.CreateIncidentWithContext(ctx, annMail, o)
		refused(t, err, 400, 2001) // the key is open
		o.Priority, o.IncidentKey = nil, ""
		_, err = w.api.CreateIncidentWithContext(ctx, annMail, o) // sends "priority": null
		ok(t, err)
	})
}

func TestSingleIncidentTakesUrgencyAndService(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise("shop-web", "a")
		status, _, _ := w.do("PUT", "/incidents/"+id,
			`{"incident":{"type":"incident_reference","urgency":"low","service":{"id":"PGRP001"},"priority":"P2","title":"new"}}`, "From", botMail)
		i := w.incident(id)
		if status != 200 || i.Urgency != "low" || i.Service.Name != "shop-grouped" || i.Priority != "P2" || i.Title != "new" || i.Escalation != nil {
			t.Errorf("%d, %+v", status, i)
		}
	})
}
