package pagerduty

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/scenarios"
)

func TestRead(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raiseAlert(simpd.Alert{
			Service: web, Title: "Web health check failed", DedupKey: "web-1", Severity: "error",
			Details: map[string]any{"host": "web-1", "env": "production"},
		})
		s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		i := s.Incident
		if i.ID != id || i.Number != 1 || i.Title != "Web health check failed" || i.Status != "triggered" || i.Urgency != "high" ||
			i.Service != (scenarios.Ref{ID: web, Name: "shop-web"}) || i.Policy != (scenarios.Ref{ID: webPolicy, Name: "Web"}) ||
			!i.CreatedAt.Equal(time.Now()) || i.URL != "https://shop.pagerduty.com/incidents/"+id {
			t.Errorf("incident %+v", i)
		}
		if len(i.Alerts) != 1 || i.Alerts[0].Key != "web-1" || i.Alerts[0].Severity != "error" || i.Alerts[0].Status != "triggered" ||
			!reflect.DeepEqual(i.Alerts[0].Details, map[string]any{"host": "web-1", "env": "production"}) {
			t.Errorf("alerts %+v", i.Alerts)
		}
		if want := []bot.Person{{ID: self, Name: "amsbot", Email: selfMail}}; !reflect.DeepEqual(s.Assignees, want) {
			t.Errorf("assignees %v", s.Assignees)
		}
		if s.ChangedBy != (bot.Person{ID: web, Name: "shop-web"}) || s.MergedInto != "" || len(s.Acknowledged) != 0 || s.AckTimeout != ackTimeout {
			t.Errorf("snapshot %+v", s)
		}
		want := []bot.Level{
			{Level: 1, Timeout: 2 * time.Minute, OnCall: []bot.Person{{ID: self, Name: "amsbot", Email: selfMail}}},
			{Level: 2, Timeout: 5 * time.Minute, OnCall: []bot.Person{{ID: ann, Name: "Ann", Email: annMail}}},
			{Level: 3, Timeout: 5 * time.Minute, OnCall: []bot.Person{{ID: bob, Name: "Bob", Email: bobMail}}},
		}
		if !reflect.DeepEqual(s.Levels, want) {
			t.Errorf("levels %+v", s.Levels)
		}
	})
}

func TestReadIsCheapTheSecondTime(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		first, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		before := len(w.Calls())
		second, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if got := len(w.Calls()) - before; got != 2 {
			t.Errorf("%d calls, want the incident and its alerts", got)
		}
		if !reflect.DeepEqual(first, second) {
			t.Error("two reads of the same differ")
		}
		time.Sleep(61 * time.Second)
		_, err = w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if got := len(w.Calls()) - before; got < 5 {
			t.Errorf("%d calls: who is on call is older than a minute", got)
		}
	})
}

func TestReadSaysWhoHasIt(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id, parent := w.raise(web), w.raise(web)
		must(t, w.Acknowledge(ann, id))
		s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		want := []bot.Person{{ID: ann, Name: "Ann", Email: annMail}}
		if !reflect.DeepEqual(s.Assignees, want) || !reflect.DeepEqual(s.Acknowledged, want) || s.ChangedBy != want[0] {
			t.Errorf("after Ann: %+v", s)
		}
		must(t, w.Merge(ann, parent, id))
		if s, err = w.c.Read(t.Context(), bot.Reading{ID: id}); err != nil || s.MergedInto != parent || s.Incident.Status != "resolved" {
			t.Errorf("after the merge: %+v, %v", s, err)
		}
	})
}

func TestReadPagesAlerts(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var id string
		for range 260 {
			id = w.raise(grouped)
		}
		s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if len(s.Incident.Alerts) != mostAlerts {
			t.Errorf("%d alerts", len(s.Incident.Alerts))
		}
	})
}

func TestReadRefusals(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		for _, id := range []string{"QNOTHERE", "../users/me?x=1", "q1", "", "Q 1", strings.Repeat("Q", 100)} {
			if _, err := w.c.Read(t.Context(), bot.Reading{ID: id}); !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("%q: %v", id, err)
			}
		}
		if got := len(w.Calls()); got != 1 {
			t.Errorf("%d calls: what is no ID was sent", got)
		}
		id := w.raise(web)
		w.Fault(simpd.Fault{Kind: simpd.FaultStatus, Status: 403, Times: 1})
		if _, err := w.c.Read(t.Context(), bot.Reading{ID: id}); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("403: %v", err)
		}
	})
}

func TestReadNeedsTheIncidentAndItsAlertsAlone(t *testing.T) {
	for path, needed := range map[string]bool{
		"/incidents/*": true, "/incidents/*/alerts": true,
		"/oncalls": false, "/escalation_policies/*": false, "/services/*": false, "/users/*": false,
	} {
		for _, kind := range []simpd.Kind{simpd.FaultStatus, simpd.FaultHang, simpd.FaultCutAfter, simpd.FaultBareLimit} {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(gaps)
				w.Fault(simpd.Fault{Method: "GET", Path: path, Kind: kind, Status: 500})
				s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
				if needed != (err != nil) {
					t.Errorf("%s, %s: %v", path, kind, err)
				}
				if err == nil && (s.Incident.ID != id || len(s.Incident.Alerts) != 1 || len(s.Assignees) != 1 || s.Assignees[0].Name != "Ann") {
					t.Errorf("%s, %s: %+v", path, kind, s)
				}
			})
		}
	}
}

func TestReadKeepsItsDeadline(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		w.Fault(simpd.Fault{Kind: simpd.FaultHang})
		start := time.Now()
		_, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		if got := time.Since(start); err == nil || got != readDeadline {
			t.Errorf("after %s: %v", got, err)
		}
		if !strings.Contains(err.Error(), "no answer within 10s") {
			t.Errorf("error %q does not say what happened", err)
		}
	})
}

// rewrite changes what the account answers on a path.
func rewrite(path, from, to string) twist {
	return func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			account.ServeHTTP(answer, r)
			body := answer.Body.Bytes()
			if strings.HasSuffix(r.URL.Path, path) {
				body = bytes.ReplaceAll(body, []byte(from), []byte(to))
			}
			for k, v := range answer.Header() {
				w.Header()[k] = v
			}
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body)
		})
	}
}

func TestHostileAlertsAreData(t *testing.T) {
	// The library would refuse these incidents as a whole.
	hostile := rewrite("", `"is_mergeable":true`,
		`"is_mergeable":true,"body":{"type":"incident_body","details":{"a":[1,{"b":null}]}},"conference_bridge":{"conference_number":42}`)
	inTwistedBubble(t, account(), hostile, func(t *testing.T, w *world) {
		title := "<!channel> *bold* `code` \x00 ]]> " + strings.Repeat("x", 100_000)
		id := w.raiseAlert(simpd.Alert{Service: web, Title: title, Details: "rm -rf / # $(reboot)"})
		s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if s.Incident.Title != title[:mostTitle] {
			t.Errorf("title %.80q", s.Incident.Title)
		}
		if got := s.Incident.Alerts[0].Details; !reflect.DeepEqual(got, map[string]any{"text": "rm -rf / # $(reboot)"}) {
			t.Errorf("details %v", got)
		}
		want(t, w.do(bot.ActResolve, bot.ResolveArgs{ID: id, From: annMail}), "done", "")
	})
}

func TestAlertsTooLargeForAPageAreReadFewerAtATime(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var id string
		for range 50 {
			id = w.raiseAlert(simpd.Alert{Service: grouped, Title: "big", Details: map[string]any{"log": strings.Repeat("x", 4_000)}})
		}
		w.c.wire.most = 100_000 // as much less as these are smaller than what PagerDuty allows
		s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if len(s.Incident.Alerts) != 50 {
			t.Errorf("%d alerts", len(s.Incident.Alerts))
		}
	})
}

func TestLevels(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		for _, policy := range []string{dba, "Database people", " Database people "} {
			levels, err := w.c.Levels(t.Context(), policy)
			if err != nil || len(levels) != 2 || len(levels[1].OnCall) != 2 || levels[0].OnCall[0].Email != bobMail {
				t.Errorf("%q: %+v, %v", policy, levels, err)
			}
		}
		if levels, err := w.c.Levels(t.Context(), anybodysName); err != nil || len(levels) != 1 {
			t.Errorf("a name that looks like an ID: %+v, %v", levels, err)
		}
		for _, policy := range []string{"Database", "database people", "", "PNONE", "../x"} {
			if levels, err := w.c.Levels(t.Context(), policy); !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("%q: %+v, %v", policy, levels, err)
			}
		}
	})
}

func TestLevelsAreNobodyElses(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		first, err := w.c.Levels(t.Context(), dba)
		must(t, err)
		first[0].OnCall[0].Name = "changed by the caller"
		second, err := w.c.Levels(t.Context(), dba)
		if err != nil || second[0].OnCall[0].Name != "Bob" {
			t.Errorf("%+v, %v", second, err)
		}
	})
}

func TestByEmail(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		for _, email := range []string{annMail, "ANN@Shop.Example", " " + annMail + " "} {
			if p, err := w.c.ByEmail(t.Context(), email); err != nil || p != (bot.Person{ID: ann, Name: "Ann", Email: annMail}) {
				t.Errorf("%q: %v, %v", email, p, err)
			}
		}
		if got := len(w.Calls()); got != 1 {
			t.Errorf("%d calls, want one and the cache", got)
		}
		for _, email := range []string{"nn@shop.example", "carl@shop.example", "", "Ann", "a b@shop.example", "x@y\r\nFrom: z"} {
			if p, err := w.c.ByEmail(t.Context(), email); !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("%q: %v, %v", email, p, err)
			}
		}
	})
}

func TestByEmailFailsWhenItCannotAsk(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		w.Fault(simpd.Fault{Path: "/users", Kind: simpd.FaultStatus, Status: 500})
		if _, err := w.c.ByEmail(t.Context(), annMail); err == nil || errors.Is(err, bot.ErrNotFound) {
			t.Errorf("error %v: a fault is not an absence", err)
		}
		w.Heal(0)
		time.Sleep(errorsKept)
		if p, err := w.c.ByEmail(t.Context(), annMail); err != nil || p.ID != ann {
			t.Errorf("%v, %v", p, err)
		}
	})
}
