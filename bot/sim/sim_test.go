package sim

import (
	"context"
	"errors"
	"net"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

func TestShopIsWhole(t *testing.T) {
	o := Options{}.fill()
	id := regexp.MustCompile(`^[A-Z0-9]+$`)
	for _, p := range o.people() {
		if !id.MatchString(p.Slack) || !id.MatchString(p.PagerDuty) || p.Role == "" {
			t.Errorf("person %+v: an ID or the role is missing", p)
		}
	}
	keys := map[string]bool{}
	for _, v := range o.PagerDuty.Services {
		if !id.MatchString(v.ID) || len(v.RoutingKey) != 32 || keys[v.RoutingKey] || v.AckTimeout == 0 {
			t.Errorf("service %+v", v)
		}
		keys[v.RoutingKey] = true
	}
	levels := o.PagerDuty.EscalationPolicies[0].Levels
	if len(levels) != 3 || !o.PagerDuty.Users[0].Silent || levels[0].Users[0] != o.PagerDuty.Users[0].ID {
		t.Error("the policy does not begin with a bot that has no phone")
	}
	bot := o.Slack.Bot.ID
	for _, c := range o.Slack.Channels {
		member := strings.Contains(strings.Join(c.Members, " "), bot)
		if member != (c.Name == "shop-ops") {
			t.Errorf("the bot in %s: %v", c.Name, member)
		}
	}
}

func TestShopIsANewWorldEachTime(t *testing.T) {
	a := Shop()
	a.Slack.Channels[0].Members[0] = "changed"
	a.PagerDuty.EscalationPolicies[0].Levels[0].Timeout = 0
	if b := Shop(); b.Slack.Channels[0].Members[0] == "changed" || b.PagerDuty.EscalationPolicies[0].Levels[0].Timeout == 0 {
		t.Error("a change of one world is in the next")
	}
}

func TestOptionsFillServices(t *testing.T) {
	o := Options{BotTimeout: 7 * time.Second, PagerDuty: pagerduty.Options{Services: []pagerduty.Service{{Name: "Billing (EU)"}, {Name: "課金"}}}}.fill()
	first, second := o.PagerDuty.Services[0], o.PagerDuty.Services[1]
	if first.ID != "P01BILLINGEU" || second.ID != "P02" || first.Policy == "" || first.RoutingKey == second.RoutingKey {
		t.Errorf("services %+v and %+v", first, second)
	}
	if got := o.PagerDuty.EscalationPolicies[0].Levels[0].Timeout; got != 7*time.Second {
		t.Errorf("level 1 has %v, want the bot's 7s", got)
	}
	New(o) // panics at a service that refers to nothing
}

func TestOptionsKeepPeople(t *testing.T) {
	o := Options{Slack: slack.Options{Users: []slack.User{
		{ID: "U1", Name: "eve", RealName: "Eve", Email: "EVE@example.com"}, {ID: "U2", Name: "zed", RealName: "Zed"},
	}}, PagerDuty: pagerduty.Options{
		Users:              []pagerduty.User{{ID: "P1", Name: "Eve", Email: "eve@example.com"}, {ID: "P2", Name: "nobody"}},
		EscalationPolicies: []pagerduty.EscalationPolicy{{ID: "PE", Name: "E", Levels: []pagerduty.Level{{Users: []string{"P1"}}}}},
	}}.fill()
	people := o.people()
	if len(people) != 2 || people[0].PagerDuty != "P1" || people[1].PagerDuty != "" {
		t.Errorf("people %+v", people)
	}
}

func TestServeEndsWithEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory()
		s := New(Options{Network: m})
		l, err := m.Listen("sim.example:80")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- s.Serve(ctx, l) }()
		c := client(t, m)
		stream, err := c.Get("http://sim.example/control/changes")
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		resp, err := c.Get("http://" + PatientAddress + "/healthz")
		if err != nil {
			t.Fatalf("the patient: %v", err)
		}
		resp.Body.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		for _, at := range []string{"sim.example:80", PatientAddress, PatientControl} {
			if conn, err := m.DialContext(t.Context(), "tcp", at); err == nil {
				conn.Close()
				t.Errorf("%s still listens", at)
			}
		}
	})
}

func TestServeTellsOfAPatientThatCannotStart(t *testing.T) {
	m := NewMemory()
	if _, err := m.Listen(PatientControl); err != nil {
		t.Fatal(err)
	}
	l, _ := m.Listen("sim.example:80")
	err := New(Options{Network: m}).Serve(t.Context(), l)
	if err == nil || !strings.HasPrefix(err.Error(), "sim: patient: open") {
		t.Errorf("Serve: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener was left open: %v", err)
	}
}

func TestServeTellsOfABrokenListener(t *testing.T) {
	m := NewMemory()
	l, _ := m.Listen("sim.example:80")
	l.Close()
	if err := New(Options{Network: m}).Serve(t.Context(), l); err == nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve: %v, want ErrClosed", err)
	}
}

// TestAccessIsTrue uses every address and token that Access hands out.
func TestAccessIsTrue(t *testing.T) {
	inWorld(t, nil, func(w *world) {
		a := w.Access(worldAt)
		path := func(url string) string { return strings.TrimPrefix(url, worldAt) }
		for _, tt := range []struct {
			name, method, path, body string
			header                   []string
			want                     int
		}{
			{"page", "GET", path(a.Page), "", nil, 200},
			{"control", "GET", path(a.Control), "", nil, 200},
			{"Slack", "POST", path(a.SlackAPI) + "auth.test", "{}", []string{"Authorization", "Bearer " + a.BotToken}, 200},
			{"Socket Mode", "POST", path(a.SlackAPI) + "apps.connections.open", "", []string{"Authorization", "Bearer " + a.AppToken}, 200},
			{"PagerDuty", "GET", path(a.PagerDutyAPI) + "/services", "", []string{"Authorization", "Token token=" + a.Token}, 200},
			{"events", "POST", path(a.EventsAPI) + "/v2/enqueue", `{"routing_key":"` + a.RoutingKeys["shop-db"] + `","event_action":"trigger",
				"payload":{"summary":"s","source":"s","severity":"error"}}`, nil, 202},
			{"PagerDuty without a token", "GET", path(a.PagerDutyAPI) + "/services", "", nil, 401},
		} {
			if status, text := w.call(tt.method, tt.path, tt.body, tt.header...); status != tt.want || strings.Contains(text, `"ok":false`) {
				t.Errorf("%s: %d %s, want %d", tt.name, status, text, tt.want)
			}
		}
		if i := w.see("").PagerDuty.Incidents; len(i) != 1 || i[0].Service.Name != "shop-db" {
			t.Errorf("the event opened %+v", i)
		}
	})
}

func TestChangedIsTold(t *testing.T) {
	told := make(chan struct{}, 100)
	s := New(Options{NoPatient: true, Changed: func() { told <- struct{}{} }})
	if _, err := s.PagerDuty.Raise(pagerduty.Alert{Service: "shop-web", Title: "x"}); err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 {
		t.Error("Changed was not called")
	}
}
