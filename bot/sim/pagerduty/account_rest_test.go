package pagerduty

import (
	"context"
	"fmt"
	"testing"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

func TestReadingTheAccount(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		users, err := w.api.ListUsersWithContext(ctx, pd.ListUsersOptions{Query: "SHOP.example"})
		ok(t, err)
		if len(users.Users) != 4 || users.Users[1].Email != annMail {
			t.Errorf("users: %+v", users.Users)
		}
		u, err := w.api.GetUserWithContext(ctx, bot, pd.GetUserOptions{})
		ok(t, err)
		if u.Name != "amsbot" || len(u.NotificationRules) != 0 {
			t.Errorf("the bot's user: %+v", u)
		}
		v, err := w.api.GetServiceWithContext(ctx, "PWEB001", nil)
		ok(t, err)
		if v.Name != "shop-web" || *v.AcknowledgementTimeout != 600 || v.EscalationPolicy.ID != "PPOL001" {
			t.Errorf("service: %+v", v)
		}
		services, err := w.api.ListServicesPaginated(ctx, pd.ListServiceOptions{})
		ok(t, err)
		if len(services) != 6 {
			t.Errorf("%d services", len(services))
		}
		p, err := w.api.GetEscalationPolicyWithContext(ctx, "PPOL002", nil)
		ok(t, err)
		if len(p.EscalationRules) != 3 || len(p.EscalationRules[1].Targets) != 0 || p.EscalationRules[2].Targets[0].ID != bob || p.NumLoops != 1 {
			t.Errorf("policy: %+v", p)
		}
		priorities, err := w.api.ListPrioritiesWithContext(ctx, pd.ListPrioritiesOptions{})
		ok(t, err)
		if len(priorities.Priorities) != 2 {
			t.Errorf("priorities: %+v", priorities)
		}
	})
}

func TestOnCalls(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		got := func(o pd.ListOnCallOptions) string {
			r, err := w.api.ListOnCallsWithContext(context.Background(), o)
			ok(t, err)
			var all []string
			for _, c := range r.OnCalls {
				all = append(all, fmt.Sprint(c.EscalationPolicy.ID, c.EscalationLevel, c.User.ID))
			}
			return fmt.Sprint(all)
		}
		if want := "[PPOL0011PBOT001 PPOL0012PANN001 PPOL0013PBOB001]"; got(pd.ListOnCallOptions{EscalationPolicyIDs: []string{"PPOL001"}}) != want {
			t.Error(got(pd.ListOnCallOptions{EscalationPolicyIDs: []string{"PPOL001"}}))
		}
		if want := "[PPOL0012PANN001 PPOL0021PANN001]"; got(pd.ListOnCallOptions{UserIDs: []string{ann}}) != want {
			t.Error(got(pd.ListOnCallOptions{UserIDs: []string{ann}}))
		}
	})
}

func TestMaintenance(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		in := pd.MaintenanceWindow{
			StartTime: time.Now().Add(time.Hour).Format(time.RFC3339), EndTime: time.Now().Add(2 * time.Hour).Format(time.RFC3339),
			Services: []pd.APIObject{{ID: "PWEB001", Type: "service_reference"}},
		}
		_, err := w.api.CreateMaintenanceWindowWithContext(ctx, annMail, in)
		ok(t, err)
		if w.raise("shop-web", "before") == "" {
			t.Error("no incident before the window")
		}
		time.Sleep(time.Hour)
		r, err := w.api.ListMaintenanceWindowsWithContext(ctx, pd.ListMaintenanceWindowsOptions{Filter: "ongoing"})
		ok(t, err)
		if len(r.MaintenanceWindows) != 1 || w.raise("shop-web", "during") != "" || w.raise("shop-low", "x") == "" {
			t.Errorf("during: %+v", r.MaintenanceWindows)
		}
		time.Sleep(time.Hour)
		if w.raise("shop-web", "after") == "" {
			t.Error("no incident after the window")
		}
		in.StartTime, in.EndTime = time.Now().Add(time.Hour).Format(time.RFC3339), time.Now().Add(3*time.Hour).Format(time.RFC3339)
		ahead, err := w.api.CreateMaintenanceWindowWithContext(ctx, annMail, in)
		ok(t, err)
		if ahead.SequenceNumber != 2 {
			t.Errorf("number %d", ahead.SequenceNumber)
		}
		ok(t, w.api.DeleteMaintenanceWindowWithContext(ctx, ahead.ID))
		_, err = w.api.GetMaintenanceWindowWithContext(ctx, ahead.ID, pd.GetMaintenanceWindowOptions{})
		refused(t, err, 404, 2100)
		ok(t, w.Maintain(ann, "shop-web", time.Hour, "by hand"))
		r, err = w.api.ListMaintenanceWindowsWithContext(ctx, pd.ListMaintenanceWindowsOptions{Filter: "ongoing", ServiceIDs: []string{"PWEB001"}})
		ok(t, err)
		if len(r.MaintenanceWindows) != 1 || r.MaintenanceWindows[0].SequenceNumber != 3 || w.raise("shop-web", "maintained") != "" {
			t.Fatalf("by hand: %+v", r.MaintenanceWindows)
		}
		ok(t, w.api.DeleteMaintenanceWindowWithContext(ctx, r.MaintenanceWindows[0].ID))
		if w.raise("shop-web", "ended early") == "" {
			t.Error("no incident after the window was ended early")
		}
		refused(t, w.api.DeleteMaintenanceWindowWithContext(ctx, r.MaintenanceWindows[0].ID), 405, 2001)
		ok(t, w.Maintain(ann, "shop-web", time.Hour, "by hand"))
		ok(t, w.EndMaintenance(ann, "shop-web"))
		if w.EndMaintenance(ann, "shop-web") == nil || w.raise("shop-web", "ended by hand") == "" {
			t.Error("ended by hand, and still under maintenance")
		}
		in.Services = nil
		_, err = w.api.CreateMaintenanceWindowWithContext(ctx, annMail, in)
		refused(t, err, 400, 2001)
	})
}

func TestAlertsAndGrouping(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		a, same := w.raise("shop-web", "a"), w.raise("shop-web", "a")
		if a != same || w.incident(a).Alerts[0].Events != 2 || len(w.incident(a).Alerts) != 1 {
			t.Error("a repeated key is not the same alert")
		}
		if w.raise("shop-web", "b") == a {
			t.Error("another key is grouped on a service that does not group")
		}
		g, grouped := w.raise("shop-grouped", "a"), w.raise("shop-grouped", "b")
		if g != grouped {
			t.Error("not grouped")
		}
		ok(t, w.Clear("shop-grouped", "a"))
		if got := w.incident(g).Status; got != triggered {
			t.Errorf("one of two alerts cleared: %s", got)
		}
		ok(t, w.Clear("shop-grouped", "b"))
		if i := w.incident(g); i.Status != resolved || i.ResolvedBy != "monitoring (shop-grouped)" {
			t.Errorf("all cleared: %s by %s", i.Status, i.ResolvedBy)
		}
		late := w.raise("shop-grouped", "c")
		time.Sleep(time.Hour + time.Second)
		if w.raise("shop-grouped", "d") == late {
			t.Error("grouped outside the window")
		}
		r, err := w.api.ListIncidentAlertsWithContext(ctx, a, pd.ListIncidentAlertsOptions{})
		ok(t, err)
		if d := r.Alerts[0].Body["details"].(map[string]any); d["host"] != "web-1" || r.Alerts[0].Incident.ID != a {
			t.Errorf("%+v", r.Alerts[0])
		}
		one, err := w.api.GetIncidentAlertWithContext(ctx, a, r.Alerts[0].ID)
		ok(t, err)
		if one.IncidentAlert.AlertKey != "a" {
			t.Errorf("%+v", one.IncidentAlert)
		}
		r.Alerts[0].Status = "resolved"
		_, err = w.api.ManageIncidentAlerts(ctx, a, botMail, &pd.IncidentAlertList{Alerts: r.Alerts})
		ok(t, err)
		if got := w.incident(a).Status; got != resolved {
			t.Errorf("all alerts resolved by the API: %s", got)
		}
	})
}

func TestGroupingByADetail(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		raise := func(host any) string {
			id, err := w.Raise(Alert{Service: "PHST001", Title: "x", Details: map[string]any{"host": host}})
			ok(t, err)
			return id
		}
		a := raise("web-1")
		if raise("web-1") != a || raise("web-2") == a {
			t.Error("not grouped by host")
		}
		text, err := w.Raise(Alert{Service: "shop-hosts", Title: "x", Details: "a string"})
		ok(t, err)
		if text == a || w.incident(text).Alerts[0].Text != "a string" {
			t.Error("details that are a string are grouped, or lost")
		}
	})
}

func TestEventsAPI(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		e := &pd.V2Event{
			RoutingKey: "web-routing", Action: "trigger", DedupKey: "k", Client: "Prometheus",
			Payload: &pd.V2Payload{Summary: "down", Source: "web-1", Severity: "critical", Details: map[string]any{"host": "web-1"}},
		}
		r, err := w.api.ManageEventWithContext(ctx, e)
		ok(t, err)
		if r.Status != "success" || r.DedupKey != "k" || len(w.State().Incidents) != 1 {
			t.Fatalf("%+v", r)
		}
		id := w.State().Incidents[0].ID
		e.Action = "acknowledge"
		_, err = w.api.ManageEventWithContext(ctx, e)
		ok(t, err)
		if i := w.incident(id); i.Status != acknowledged || assignees(i) != "amsbot" {
			t.Errorf("acknowledged: %s, %s", i.Status, assignees(i))
		}
		e.Action = "resolve"
		_, err = w.api.ManageEventWithContext(ctx, e)
		ok(t, err)
		if i := w.incident(id); i.Status != resolved || i.Log[0].Channel != "events_api_v2" {
			t.Errorf("resolved: %s, %+v", i.Status, i.Log[0])
		}
		for _, body := range []string{
			`{`, `{"routing_key":"none","event_action":"trigger"}`, `{"routing_key":"web-routing","event_action":"explode"}`,
			`{"routing_key":"web-routing","event_action":"trigger"}`, `{"routing_key":"web-routing","event_action":"resolve"}`,
			`{"routing_key":"web-routing","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"high"}}`,
		} {
			if status, _, o := w.do("POST", "/v2/enqueue", body, "Authorization", ""); status != 400 || o["status"] != "invalid event" {
				t.Errorf("%s: %d %v", body, status, o)
			}
		}
	})
}

func TestEventsLimit(t *testing.T) {
	opt := account()
	opt.Limits = true
	bubble(t, opt, func(t *testing.T, w *world) {
		body := `{"routing_key":"web-routing","event_action":"trigger","dedup_key":"k","payload":{"summary":"x","source":"y","severity":"info"}}`
		for n := range 121 {
			want := 202
			if n == 120 {
				want = 429
			}
			if status, _, _ := w.do("POST", "/v2/enqueue", body); status != want {
				t.Fatalf("event %d: %d, want %d", n, status, want)
			}
		}
	})
}

func TestUrgencyBySeverity(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		for severity, want := range map[string]string{"critical": "high", "error": "high", "warning": "low", "info": "low"} {
			id, err := w.Raise(Alert{Service: "shop-severity", Title: "x", Severity: severity})
			ok(t, err)
			if got := w.incident(id).Urgency; got != want {
				t.Errorf("%s is %s", severity, got)
			}
		}
	})
}

func TestLogEntriesSayWhoAndHow(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.raise("shop-web", "a")
		time.Sleep(time.Minute + time.Second) // escalated
		cut := time.Now().UTC().Format(time.RFC3339)
		time.Sleep(time.Second)
		ok(t, manage(w, annMail, pd.ManageIncidentsOptions{ID: id, Status: "acknowledged"}))
		r, err := w.api.ListIncidentLogEntriesWithContext(ctx, id, pd.ListIncidentLogEntriesOptions{Includes: []string{"channels"}})
		ok(t, err)
		var got []string
		for _, e := range r.LogEntries {
			got = append(got, fmt.Sprint(e.Type, " ", e.Channel.Type, " ", e.Agent.Summary))
		}
		want := []string{
			"acknowledge_log_entry api Ann", "notify_log_entry auto shop-web", "assign_log_entry timeout shop-web",
			"escalate_log_entry timeout shop-web", "assign_log_entry auto shop-web", "trigger_log_entry events_api_v2 shop-web",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
		first := r.LogEntries[len(r.LogEntries)-1]
		if d, _ := first.Channel.Raw["details"].(map[string]any); d["host"] != "web-1" {
			t.Errorf("the original event: %+v", first.Channel)
		}
		all, err := w.api.ListLogEntriesWithContext(ctx, pd.ListLogEntriesOptions{Since: cut})
		ok(t, err)
		if len(all.LogEntries) != 1 || all.LogEntries[0].Incident.ID != id {
			t.Errorf("since then: %+v", all.LogEntries)
		}
		one, err := w.api.GetLogEntryWithContext(ctx, all.LogEntries[0].ID, pd.GetLogEntryOptions{})
		ok(t, err)
		if one.AcknowledgementTimeout != 600 {
			t.Errorf("acknowledgement timeout %d", one.AcknowledgementTimeout)
		}
	})
}
