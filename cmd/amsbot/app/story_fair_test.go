package app_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
)

// checks are the machines of a story, each of which takes its time to answer, and
// what was seen there: how many were asked at once, and when each was first.
type checks struct {
	takes time.Duration

	mu        sync.Mutex
	now, most int
	on        map[string]int
	mostOn    int
	first     map[string]time.Time
}

func (c *checks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Path
	c.mu.Lock()
	c.now++
	c.on[target]++
	c.most, c.mostOn = max(c.most, c.now), max(c.mostOn, c.on[target])
	if c.first[target].IsZero() {
		c.first[target] = time.Now()
	}
	c.mu.Unlock()
	time.Sleep(c.takes)
	c.mu.Lock()
	c.now--
	c.on[target]--
	c.mu.Unlock()
}

// asked is when a machine was first asked, and how many were.
func (c *checks) asked(target string) (at time.Time, all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first["/"+target], len(c.first)
}

// machines serves checks at port 9000 of the story's only host.
func (s *stage) machines(takes time.Duration) *checks {
	s.Helper()
	c := &checks{takes: takes, on: map[string]int{}, first: map[string]time.Time{}}
	l, err := s.net.Listen(host + ":9000")
	s.must(err)
	server := &http.Server{Handler: c, ReadHeaderTimeout: time.Minute}
	over := make(chan error, 1)
	go func() { over <- server.Serve(l) }()
	s.Cleanup(func() { _ = server.Close(); <-over })
	return c
}

// looks is a scenario that only looks at a machine.
func looks(name, service string) string {
	return `name: ` + name + `
autonomy: observe
when: {service: ` + service + `}
target: ${{ alert.details.machine }}
check:
  - name: health
    http: {url: "http://10.0.0.1:9000/${{ target }}", expect: {status: 200}}
    timeout: 10s
`
}

// Hundreds of incidents of one service, each of whose checks takes its time, and
// in the middle of it one of another: it is read, decided and checked within a few
// seconds; and never more than so many steps run.
func TestNoisyServiceStarvesNobody(t *testing.T) {
	files := map[string]string{"web.yaml": looks("noisy", "shop-web"), "db.yaml": looks("quiet", "shop-db")}
	story(t, files, func(s *stage) {
		c := s.machines(2 * time.Second)
		for n := range noisyOf {
			s.raiseOn("shop-web", fmt.Sprint("noisy ", n), fmt.Sprint("noisy-", n), map[string]any{"machine": fmt.Sprint("noisy-", n)})
		}
		s.pass(8 * time.Second)
		if _, all := c.asked(""); all < 20 || all > noisyOf*3/5 {
			t.Errorf("%d were checked when the quiet one comes", all)
		}
		began := time.Now()
		s.raiseOn("shop-db", "quiet", "quiet", map[string]any{"machine": "quiet"})
		s.until("the quiet one is checked", func() bool { at, _ := c.asked("quiet"); return !at.IsZero() })
		at, before := c.asked("quiet")
		if took := at.Sub(began); took > 5*time.Second {
			t.Errorf("the quiet one was checked after %s", took)
		}
		if before > noisyOf*4/5 {
			t.Errorf("%d others were checked before it", before-1)
		}
		s.pass(2 * time.Second)
		if c.most > 16 || c.most < 16 {
			t.Errorf("%d steps ran at once, not 16", c.most)
		}
	}, unhurried, func(o *sim.Options, a *app.Config) { o.PagerDuty.Limits, a.Limits.Steps = true, 16 })
}

// Many incidents of one target: never more than so many steps ask it at once.
func TestOneTargetIsNotOverrun(t *testing.T) {
	story(t, one(looks("noisy", "shop-web")), func(s *stage) {
		c := s.machines(time.Second)
		for n := range 20 {
			s.raiseOn("shop-web", fmt.Sprint("noisy ", n), fmt.Sprint("noisy-", n), map[string]any{"machine": "db-1"})
		}
		s.raiseOn("shop-web", "another", "another", map[string]any{"machine": "db-2"})
		s.until("both are checked", func() bool { _, all := c.asked(""); return all == 2 })
		s.settle()
		if c.mostOn != 3 {
			t.Errorf("a target was asked by %d at once, not 3", c.mostOn)
		}
	}, unhurried, func(_ *sim.Options, a *app.Config) { a.Limits.PerTarget = 3 })
}

// A start with many unfinished incidents: all are taken up again, no target is asked
// by more steps than may run, and PagerDuty by no more calls than it allows.
func TestStartWithManyUnfinished(t *testing.T) {
	story(t, one(looks("noisy", "shop-web")), func(s *stage) {
		c := s.machines(2 * time.Second)
		for n := range unfinished {
			s.raiseOn("shop-web", fmt.Sprint("noisy ", n), fmt.Sprint("noisy-", n), map[string]any{"machine": fmt.Sprint("noisy-", n)})
		}
		s.pass(5 * time.Second)
		s.crash()
		_, before := c.asked("")
		if before == 0 || before == unfinished {
			t.Fatalf("%d of %d were asked when amsbot was killed", before, unfinished)
		}
		s.start()
		s.until("all are checked", func() bool { _, all := c.asked(""); return all == unfinished })
		if c.most > 16 || c.mostOn > 1 {
			t.Errorf("%d steps ran at once, %d of them on one target", c.most, c.mostOn)
		}
		for _, call := range s.sim.PagerDuty.Calls() {
			if call.Status == http.StatusTooManyRequests {
				t.Errorf("%s %s was too much for PagerDuty", call.Method, call.Path)
			}
		}
	}, unhurried, func(o *sim.Options, a *app.Config) { o.PagerDuty.Limits, a.Limits.Steps = true, 16 })
}
