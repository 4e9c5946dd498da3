package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// The people of the shop as PagerDuty knows them.
const (
	aikoPD = "PAIKO01"
	benPD  = "PBEN001"
	chiePD = "PCHIE01"
	botPD  = "PAMSBOT"
)

var section = regexp.MustCompile(`^\w+`)

// web is the scenario web-down, on its own while nothing is said. A section
// that is given takes the place of the one of that name; "recover: none" takes
// it out.
func web(sections ...string) string {
	all := []string{
		"name: web-down",
		"autonomy: ask",
		"when: {service: shop-web, title: '/^Health check/'}",
		"target: ${{ alert.details.host }}",
		checkHealth, restart,
		"recheck: {settle: 1s, every: 1s, stable: 2, within: 10s}",
	}
	for _, s := range sections {
		name := section.FindString(s)
		all = slices.DeleteFunc(all, func(old string) bool { return section.FindString(old) == name })
		if !strings.HasSuffix(s, ": none") {
			all = append(all, s)
		}
	}
	return strings.Join(all, "\n") + "\n"
}

// Sections of scenarios.
const (
	checkHealth = `check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
    timeout: 2s`
	restart = `recover:
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 20s
    idempotent: true`
	restartOnce = `recover:
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 20s`
	gatherMetrics = `gather:
  - name: numbers
    http: {url: "http://${{ alert.details.control }}/disk"}
    timeout: 2s`
	unsafe = "guards: {cooldown: 0s, runs: 100 per 1h, lock: target}"
)

// slow makes what restarts the patient take its time.
func slow(d time.Duration) option {
	return func(o *sim.Options, _ *app.Config) { o.Patient.RestartTakes = d }
}

// beside has the policy page Aiko at once, beside amsbot.
func beside(o *sim.Options, _ *app.Config) {
	o.PagerDuty.EscalationPolicies[0].Levels[0].Users = []string{botPD, aikoPD}
}

// patient leaves PagerDuty's own timers out: nobody is paged meanwhile.
func unhurried(o *sim.Options, _ *app.Config) {
	for i := range o.PagerDuty.EscalationPolicies[0].Levels {
		o.PagerDuty.EscalationPolicies[0].Levels[i].Timeout = 0
	}
}

// service changes shop-web in PagerDuty.
func service(change func(*pagerduty.Service)) option {
	return func(o *sim.Options, _ *app.Config) {
		for i := range o.PagerDuty.Services {
			if o.PagerDuty.Services[i].Name == "shop-web" {
				change(&o.PagerDuty.Services[i])
			}
		}
	}
}

// configured changes amsbot.yaml.
func configured(change func(*app.Config)) option {
	return func(_ *sim.Options, c *app.Config) { change(c) }
}

// pass lets time go by.
func (s *stage) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// must fails the story where the world itself does not work.
func (s *stage) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// said waits until somebody said something in the channel.
func (s *stage) said(text string) {
	s.Helper()
	s.until("somebody says "+text, func() bool { return strings.Contains(s.slackLines(), text) })
}

// wrote waits until amsbot did something in PagerDuty.
func (s *stage) wrote(text string) {
	s.Helper()
	s.until("PagerDuty has "+text, func() bool { return strings.Contains(s.pagerLines(), text) })
}

// recovering waits until a step of a recovery is under way.
func (s *stage) recovering() { s.Helper(); s.says("Recovering") }

// status is what PagerDuty says of the story's incident.
func (s *stage) status() (status string, assigned []string) {
	s.Helper()
	for _, i := range s.sim.PagerDuty.State().Incidents {
		if i.ID == s.incident {
			for _, a := range i.Assignees {
				assigned = append(assigned, a.ID)
			}
			return i.Status, assigned
		}
	}
	s.Fatalf("no incident %s", s.incident)
	return "", nil
}

// is says how the story's incident stands in PagerDuty, and who has it.
func (s *stage) is(status string, assigned ...string) {
	s.Helper()
	got, who := s.status()
	if got != status || !slices.Equal(who, assigned) {
		s.Errorf("in PagerDuty it is %s with %v, not %s with %v", got, who, status, assigned)
	}
}

// cable is how one process of amsbot reaches the world; pulled, everything that
// it has open ends at once.
type cable struct {
	mu     sync.Mutex
	pulled bool
	open   map[net.Conn]bool
	doors  []net.Listener
}

func (c *cable) dial(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c.mu.Lock()
		pulled := c.pulled
		c.mu.Unlock()
		if pulled {
			return nil, io.ErrClosedPipe
		}
		conn, err := dial(ctx, network, address)
		if err == nil && !c.hold(conn) {
			conn.Close()
		}
		return conn, err
	}
}

// hold ends a connection with the others; false: they have ended.
func (c *cable) hold(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[conn] = true
	return !c.pulled
}

// holdListener is hold for where others connect.
func (c *cable) holdListener(l net.Listener) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doors = append(c.doors, l)
	return !c.pulled
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulled = true
	for conn := range c.open {
		conn.Close()
	}
	for _, l := range c.doors {
		l.Close()
	}
}

// crash ends amsbot as a power cut does: what was on disk at this moment is all
// that is left, and nothing that it had under way reaches anybody any more.
func (s *stage) crash() {
	s.Helper()
	synctest.Wait()
	data, err := os.ReadFile(s.config.Database)
	s.must(err)
	s.cable.pull()
	s.stop()
	s.must(os.WriteFile(s.config.Database, data, 0o600))
}

// scenarios puts other files in the place of the shop's, for the next start.
func (s *stage) rewrite(files map[string]string) {
	s.Helper()
	s.must(os.RemoveAll(s.config.Scenarios))
	if files["project.yaml"] == "" {
		files["project.yaml"] = project
	}
	for name, text := range files {
		path := s.config.Scenarios + "/shop/" + name
		s.must(os.MkdirAll(s.config.Scenarios+"/shop", 0o755))
		s.must(os.WriteFile(path, []byte(text), 0o644))
	}
}

// history is a stream as the store that amsbot left behind has it.
func (s *stage) history(key string) []store.Event {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	events, err := db.Events(s.ctx, key)
	if !errors.Is(err, store.ErrNoIncident) {
		s.must(err)
	}
	return events
}

// create is Aiko opening an incident in PagerDuty by hand: it has no alert.
func (s *stage) create(title string) {
	s.Helper()
	body := `{"incident":{"type":"incident","title":"` + title + `","service":{"id":"PSHOPWEB","type":"service_reference"}}}`
	r := httptest.NewRequest("POST", "/pagerduty/incidents", strings.NewReader(body))
	r.Header.Set("Authorization", "Token token="+s.sim.Access("").Token)
	r.Header.Set("From", "aiko@shop.example")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.sim.ServeHTTP(w, r)
	var answer struct {
		Incident struct{ ID string }
	}
	s.must(json.Unmarshal(w.Body.Bytes(), &answer))
	if w.Code != 201 || answer.Incident.ID == "" {
		s.Fatalf("create: %d %s", w.Code, w.Body)
	}
	s.incident = answer.Incident.ID
}

// late holds webhooks back.
func (s *stage) late(d time.Duration) {
	s.sim.PagerDuty.Fault(pagerduty.Fault{Method: "webhook", Kind: pagerduty.FaultLate, Delay: d})
}
