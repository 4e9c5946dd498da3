package pagerduty

import (
	"context"
	"fmt"
	"testing"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"
)

func TestPages(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		for n := range 120 {
			w.raise("shop-web", fmt.Sprint(n))
		}
		sizes := func(o pd.ListIncidentsOptions) (int, bool) {
			r, err := w.api.ListIncidentsWithContext(ctx, o)
			ok(t, err)
			return len(r.Incidents), r.More
		}
		for _, tt := range []struct {
			o    pd.ListIncidentsOptions
			n    int
			more bool
		}{
			{pd.ListIncidentsOptions{}, 25, true},
			{pd.ListIncidentsOptions{Limit: 500}, 100, true},
			{pd.ListIncidentsOptions{Limit: 100, Offset: 100}, 20, false},
			{pd.ListIncidentsOptions{Limit: 20, Offset: 100}, 20, false},
			{pd.ListIncidentsOptions{Limit: 20, Offset: 9980}, 0, false},
		} {
			if n, more := sizes(tt.o); n != tt.n || more != tt.more {
				t.Errorf("%+v: %d incidents, more %t", tt.o, n, more)
			}
		}
		_, err := w.api.ListIncidentsWithContext(ctx, pd.ListIncidentsOptions{Limit: 100, Offset: 9901})
		refused(t, err, 400, 2001)
		for query, want := range map[string]any{"": nil, "?total=true": 120.0} {
			if _, _, o := w.do("GET", "/incidents"+query, ""); o["total"] != want {
				t.Errorf("total with %q: %v", query, o["total"])
			}
		}
	})
}

func TestListingIncidents(t *testing.T) {
	bubble(t, account(), func(t *testing.T, w *world) {
		ctx := context.Background()
		old := w.raise("shop-low", "old")
		time.Sleep(40 * 24 * time.Hour)
		a, b := w.raise("shop-web", "a"), w.raise("shop-web", "b")
		ok(t, w.Resolve(ann, b))
		for _, tt := range []struct {
			name string
			o    pd.ListIncidentsOptions
			want []string
		}{
			{"the last month", pd.ListIncidentsOptions{}, []string{a, b}},
			{"all", pd.ListIncidentsOptions{DateRange: "all"}, []string{old, a, b}},
			{"open", pd.ListIncidentsOptions{DateRange: "all", Statuses: []string{"triggered", "acknowledged"}}, []string{old, a}},
			{"of a service", pd.ListIncidentsOptions{DateRange: "all", ServiceIDs: []string{"PLOW001"}}, []string{old}},
			{"of low urgency", pd.ListIncidentsOptions{DateRange: "all", Urgencies: []string{"low"}}, []string{old}},
			{"of a user, never resolved ones", pd.ListIncidentsOptions{DateRange: "all", UserIDs: []string{bot, ann}}, []string{old, a}},
			{"by key", pd.ListIncidentsOptions{IncidentKey: "b"}, []string{b}},
			{"newest first", pd.ListIncidentsOptions{DateRange: "all", SortBy: "incident_number:desc"}, []string{b, a, old}},
			{"two keys", pd.ListIncidentsOptions{DateRange: "all", SortBy: "urgency:asc,incident_number:desc"}, []string{b, a, old}},
			{"since", pd.ListIncidentsOptions{Since: time.Now().Add(-60 * 24 * time.Hour).Format(time.RFC3339)}, []string{old, a, b}},
		} {
			r, err := w.api.ListIncidentsWithContext(ctx, tt.o)
			ok(t, err)
			var got []string
			for _, i := range r.Incidents {
				got = append(got, i.ID)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
		for _, o := range []pd.ListIncidentsOptions{
			{SortBy: "updated_at"}, {SortBy: "urgency,created_at,resolved_at"}, {Since: "yesterday"},
			{Since: time.Now().AddDate(0, -7, 0).Format(time.RFC3339)}, {TimeZone: "Mars", Since: "2000-01-01T00:00:00"},
		} {
			_, err := w.api.ListIncidentsWithContext(ctx, o)
			refused(t, err, 400, 2001)
		}
		_, err := w.api.ListIncidentsWithContext(ctx, pd.ListIncidentsOptions{Statuses: []string{"open"}})
		refused(t, err, 400, 1003)
	})
}

func TestATimeWithoutAnOffsetIsInTheAccountsZone(t *testing.T) {
	opt := account()
	opt.TimeZone = time.FixedZone("Account", 2*60*60)
	bubble(t, opt, func(t *testing.T, w *world) { // it is 2000-01-01 00:00 UTC, 02:00 there
		w.raise("shop-web", "a")
		time.Sleep(3 * time.Hour)
		for since, want := range map[string]int{"2000-01-01T01:30:00": 1, "2000-01-01T02:30:00": 0, "2000-01-01T00:30:00Z": 0} {
			r, err := w.api.ListIncidentsWithContext(context.Background(), pd.ListIncidentsOptions{Since: since})
			ok(t, err)
			if len(r.Incidents) != want {
				t.Errorf("since %s: %d incidents", since, len(r.Incidents))
			}
		}
	})
}

func TestRateLimit(t *testing.T) {
	opt := account()
	opt.Limits = true
	bubble(t, opt, func(t *testing.T, w *world) {
		for n := range 960 {
			status, h, _ := w.do("GET", "/abilities", "")
			if status != 200 || h.Get("ratelimit-remaining") != fmt.Sprint(959-n) || h.Get("ratelimit-limit") != "960" {
				t.Fatalf("call %d: %d, %v", n, status, h)
			}
		}
		time.Sleep(20 * time.Second)
		status, h, o := w.do("GET", "/abilities", "")
		if e, _ := o["error"].(map[string]any); status != 429 || e["code"] != 2020.0 || h.Get("ratelimit-reset") != "40" {
			t.Fatalf("%d, %v, %v", status, o, h)
		}
		if status, _, _ = w.do("GET", "/abilities", "", "Authorization", "Token token=ann-key"); status != 200 {
			t.Error("another token is limited too")
		}
		time.Sleep(40 * time.Second)
		if status, _, _ = w.do("GET", "/abilities", ""); status != 200 {
			t.Errorf("a minute later: %d", status)
		}
	})
}
