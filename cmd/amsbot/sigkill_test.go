package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// killEnv makes this test binary an amsbot that kills itself at a commit:
// "before intent", "after received", "during started 2".
const killEnv = "AMSBOT_TEST_KILL"

// runApart is `amsbot run`, but for its network and what stands around its commits.
func runApart(config string, network app.Network) int {
	c, err := app.LoadConfig(config)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s, err := app.ReadSecrets(os.Getenv, c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a, err := app.New(c, s, network, logger(os.Stderr, c.Log))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := a.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		fmt.Fprintln(os.Stderr, "hint:", app.Hint(err))
		return 1
	}
	return 0
}

// killer ends this process at the commit that where names, on the side that it
// names; "during" is a moment after it, while what it began goes on.
func killer(where string) func(string, func() error) error {
	side, what, _ := strings.Cut(where, " ")
	what, nth, _ := strings.Cut(what, " ")
	left, _ := strconv.Atoi(nth)
	left = max(left, 1)
	die := func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return func(name string, commit func() error) error {
		hit := false
		for kind := range strings.FieldsFuncSeq(name, func(c rune) bool { return strings.ContainsRune("+& ", c) }) {
			if kind == what {
				left--
				hit = hit || left == 0
			}
		}
		if hit && side == "before" {
			die()
		}
		err := commit()
		switch {
		case hit && side == "after":
			die()
		case hit && side == "during":
			time.AfterFunc(150*time.Millisecond, die)
		}
		return err
	}
}

// killScenario is the scenario of these processes.
func killScenario(autonomy string) string {
	return `name: web-down
autonomy: ` + autonomy + `
when: {service: shop-web}
target: ${{ alert.details.host }}
check:
  - name: health
    http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}
    timeout: 2s
recover:
  - name: restart
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 5s
recheck: {settle: 100ms, every: 100ms, stable: 2, within: 5s}
`
}

// TestSIGKILL kills a real process with SIGKILL at each kind of point once, starts
// it anew on the same file, and holds what it comes to against the invariants.
func TestSIGKILL(t *testing.T) {
	const pd = "/pagerduty/incidents"
	var all, worlds sync.WaitGroup
	turn := make(chan struct{}, 12) // they mostly wait
	for _, c := range []struct{ autonomy, where string }{
		{"auto", "commit before received"}, {"auto", "commit after received"}, // the 202 is not sent
		{"auto", "before webhook"}, {"auto", "after webhook"},
		{"auto", "commit after read"}, {"auto", "commit after matched"},
		{"auto", "commit before intent"}, {"auto", "commit after intent"},
		{"auto", "commit during started 2"}, {"auto", "commit before ended 2"}, {"auto", "commit after ended 2"},
		{"auto", "before POST /slack/api/chat.postMessage"}, {"auto", "after POST /slack/api/chat.postMessage"},
		{"auto", "commit before shown"}, // posted, and its reference not stored
		{"auto", "before PUT " + pd}, {"auto", "after PUT " + pd}, {"auto", "commit before done"},
		{"auto", "before POST " + pd + "/.*/notes"}, {"auto", "after POST " + pd + "/.*/notes"},
		{"ask", "before PUT " + pd}, {"ask", "after PUT " + pd},
		{"ask", "commit before clicked"}, {"ask", "commit after clicked"}, // the ack is not sent
		{"ask", "commit after offered 2"},
	} {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			g := newTarget(t, c.autonomy+" "+c.where, killScenario(c.autonomy))
			defer g.end(&worlds)
			commit, byItself := strings.CutPrefix(c.where, "commit ")
			if !byItself {
				commit = ""
				side, at, _ := strings.Cut(c.where, " ")
				g.at, g.after = at, side == "after"
			}
			g.start(commit)
			g.play()
			g.judge(c.autonomy)
		})
	}
	all.Wait()
	worlds.Wait()
}

// play raises an incident, lets amsbot be killed, starts it anew and waits until
// the incident has come to its end and nothing moves any more.
func (g *target) play() {
	g.Helper()
	g.until("it is connected", func() bool { return g.sim.Slack.Connections() == 2 || g.dead() })
	g.down()
	g.until("it was killed", func() bool { g.press("Run Recovery"); return g.dead() })
	g.start("")
	moves := func() int { return len(g.sim.Slack.Calls()) + len(g.sim.Patient.Recoveries()) }
	still, last := time.Now(), moves()
	g.until("it comes to rest", func() bool {
		g.press("Run Recovery")
		g.press("Run Again")
		if g.says("Interrupted") { // and it works: a person looks, and resolves it
			g.press("Resolve")
		}
		if n := moves(); n != last || g.sim.PagerDuty.State().Incidents[0].Status != "resolved" {
			still, last = time.Now(), n
		}
		return time.Since(still) > 2500*time.Millisecond
	})
	l := g.current()
	g.must(l.cmd.Process.Signal(syscall.SIGTERM))
	<-l.over
	if code := l.cmd.ProcessState.ExitCode(); code != 0 {
		g.Errorf("it ended with %d:\n%s", code, l.text())
	}
}

// down makes the patient ill, and an incident of it.
func (g *target) down() {
	g.Helper()
	g.must(g.sim.Patient.Ail("errors"))
	_, err := g.sim.PagerDuty.Raise(pagerduty.Alert{Service: "shop-web", Title: "Health check failed", DedupKey: "web",
		Details: map[string]any{"host": "127.0.0.1", "address": g.sim.Patient.Address(), "control": g.sim.Patient.ControlAddress()}})
	g.must(err)
}

// judge holds what is left against the invariants.
func (g *target) judge(autonomy string) {
	g.Helper()
	db, err := store.Open(g.dir+"/amsbot.db", store.Options{})
	g.must(err)
	defer db.Close()
	if err := db.Check(g.Context()); err != nil {
		g.Errorf("the file is not sound: %v", err)
	}
	if acts, err := db.Acts(g.Context()); err != nil || len(acts) > 0 {
		g.Errorf("still to be done: %v, %v", acts, err)
	}
	i := g.sim.PagerDuty.State().Incidents[0]
	events, err := db.Events(g.Context(), "pd:shop:"+i.ID)
	if err != nil {
		g.Fatalf("the incident is not in the history: %v", err)
	}
	auto, clicks := 0, 0
	for _, e := range events {
		var d struct{ Rule, Act string }
		_ = e.Into(&d)
		if e.Kind == "intent" && d.Rule == "auto" {
			auto++
		}
		if e.Kind == "clicked" && (d.Act == "recover" || d.Act == "again") {
			clicks++
		}
	}
	if auto > 1 || autonomy == "ask" && auto > 0 || len(g.sim.Patient.Recoveries()) > auto+clicks {
		g.Errorf("recovered %d times, %d by itself and %d at a person's word", len(g.sim.Patient.Recoveries()), auto, clicks)
	}
	g.once(i)
}

// once holds that there is one card and of each note and message one.
func (g *target) once(i pagerduty.IncidentState) {
	g.Helper()
	count := map[string]int{}
	for _, m := range g.sim.Slack.Messages("C0SHOPOPS1") {
		var mark struct {
			Payload struct{ Incident, Act string } `json:"event_payload"`
		}
		if json.Unmarshal(m.Metadata, &mark) == nil && mark.Payload.Incident+mark.Payload.Act != "" {
			count["card "+mark.Payload.Incident+mark.Payload.Act]++
		}
	}
	if count["card pd:shop:"+i.ID] != 1 {
		g.Errorf("it has %d cards", count["card pd:shop:"+i.ID])
	}
	for _, n := range i.Notes {
		count[n.Content[strings.LastIndexByte(n.Content, '\n')+1:]]++
	}
	for what, n := range count {
		if n > 1 {
			g.Errorf("%s stands %d times", what, n)
		}
	}
}
