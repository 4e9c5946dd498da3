package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
)

// watch is a poll that runs, and what it says.
type watch struct {
	*door
	known []string
	said  []error // under the door's lock
	stop  func()
}

func (w *world) poll(t *testing.T, change func(*watch, *PollOptions)) *watch {
	t.Helper()
	p := &watch{door: &door{}}
	o := PollOptions{
		Door: p.door, Open: func(context.Context) ([]string, error) { return p.known, nil },
		Health: p.hear,
	}
	if change != nil {
		change(p, &o)
	}
	poll, err := w.c.NewPoll(o)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := poll.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	p.stop = func() { cancel(); running.Wait() }
	t.Cleanup(p.stop)
	return p
}

func (p *watch) hear(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, err)
}

func (p *watch) health() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.said)
}

// listed empties the door of what the list of what is open told.
func (p *watch) listed() []bot.Hint {
	return slices.DeleteFunc(p.took(), func(h bot.Hint) bool { return h.Event != "" })
}

func (p *watch) lines() (all []string) {
	for _, h := range p.listed() {
		all = append(all, fmt.Sprintf("%s %s %s", h.Type, h.ID, h.Status))
	}
	return all
}

func TestPollTellsWhatIsOpenAndWhatIsGone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		a, b, over := w.raise(web), w.raise(web), w.raise(web)
		must(t, w.Acknowledge(ann, b))
		must(t, w.Resolve(ann, over))
		p := w.poll(t, func(p *watch, _ *PollOptions) { p.known = []string{a, over, "QGONE1", "no id"} })
		synctest.Wait()
		hints := p.listed()
		if len(hints) != 4 {
			t.Fatalf("hints %+v", hints)
		}
		want := bot.Hint{
			Source: "poll", Type: IncidentOpen, ID: b, At: hints[1].At, Number: 2, Title: "Web health check failed", Status: "acknowledged",
			Urgency: "high", URL: "https://shop.pagerduty.com/incidents/" + b, Service: hints[1].Service,
			Agent: bot.Person{ID: ann, Name: "Ann"}, Assigned: []string{ann}, Acked: []string{ann},
		}
		if got := fmt.Sprint(hints[1]); got != fmt.Sprint(want) || hints[1].Service.Name != "shop-web" || hints[1].At.IsZero() {
			t.Errorf("%s, want %s", got, fmt.Sprint(want))
		}
		if hints[0].ID != a || hints[0].Acked != nil || hints[0].Agent != (bot.Person{}) {
			t.Errorf("first %+v", hints[0])
		}
		for n, id := range []string{over, "QGONE1"} {
			if h := hints[2+n]; h.Type != IncidentGone || h.ID != id || h.At.IsZero() {
				t.Errorf("gone %+v", h)
			}
		}
		if len(p.health()) != 1 || p.health()[0] != nil {
			t.Errorf("health %v", p.health())
		}
		w.raise(web)
		time.Sleep(29 * time.Second)
		if got := p.lines(); len(got) != 0 {
			t.Errorf("too early: %v", got)
		}
		time.Sleep(2 * time.Second)
		if got := p.lines(); len(got) != 5 {
			t.Errorf("second poll: %v", got)
		}
	})
}

func TestPollPagesAndKeepsToATenth(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		for range 120 {
			w.raise(web)
		}
		p := w.poll(t, func(_ *watch, o *PollOptions) { o.Every = time.Second })
		time.Sleep(time.Second / 2)
		if got := p.listed(); len(got) != 120 || got[119].Number != 120 {
			t.Errorf("%d hints", len(got))
		}
		time.Sleep(75 * time.Second)
		p.stop()
		var times []time.Time
		for _, c := range w.Calls() {
			if c.Status != 200 || c.Path != "/log_entries" && !strings.Contains(c.Query, "date_range=all") {
				t.Fatalf("%d of %s?%s", c.Status, c.Path, c.Query)
			}
			times = append(times, c.At)
		}
		if got := worst(times); got > 96 || got < 60 {
			t.Errorf("%d calls in a minute", got)
		}
	})
}

func TestPollDoesNotTakeTheNewForGone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		// What is known is asked for before the list is read.
		p := w.poll(t, func(p *watch, o *PollOptions) {
			o.Open = func(context.Context) ([]string, error) {
				id := w.raise(web)
				must(t, w.Resolve(ann, id))
				return nil, nil
			}
		})
		synctest.Wait()
		if got := p.lines(); len(got) != 0 {
			t.Errorf("hints %v", got)
		}
	})
}

func TestPollBacksOff(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simpd.Fault
		tries []time.Duration // of the polls that follow, within ten minutes
	}{
		{"limit", simpd.Fault{Kind: simpd.FaultLimit, Delay: 50 * time.Second, Times: 1}, []time.Duration{0, 50 * time.Second, 80 * time.Second}},
		{"bare limit", simpd.Fault{Kind: simpd.FaultBareLimit, Times: 1}, []time.Duration{0, 30 * time.Second}},
		{"500", simpd.Fault{Kind: simpd.FaultStatus, Status: 500, Times: 3},
			[]time.Duration{0, 30 * time.Second, 90 * time.Second, 210 * time.Second, 240 * time.Second}},
		{"hang", simpd.Fault{Kind: simpd.FaultHang, Times: 1}, []time.Duration{0, 40 * time.Second, 70 * time.Second}},
		{"cut", simpd.Fault{Kind: simpd.FaultCutAfter, Times: 1}, []time.Duration{0, 30 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(web)
				w.Fault(c.fault)
				start := time.Now()
				p := w.poll(t, func(p *watch, _ *PollOptions) { p.known = []string{id} })
				time.Sleep(10 * time.Minute)
				p.stop()
				var at []time.Duration
				for _, call := range w.Calls() {
					if call.Path == "/incidents" && len(at) < len(c.tries) {
						at = append(at, call.At.Sub(start))
					}
				}
				// Over the connections' first millisecond nothing is promised.
				if !slices.EqualFunc(at, c.tries, func(a, b time.Duration) bool { return (a - b).Abs() < 50*time.Millisecond }) {
					t.Errorf("polls at %v, want %v", at, c.tries)
				}
				if p.health()[0] == nil || errors.Is(p.health()[0], bot.ErrPartly) || p.health()[len(p.health())-1] != nil {
					t.Errorf("health %v", p.health())
				}
				for _, line := range p.lines() {
					if strings.HasPrefix(line, IncidentGone) {
						t.Fatalf("a failed poll took %s for gone", line)
					}
				}
			})
		})
	}
}

func TestPollSaysWhenTheDoorIsShut(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		w.raise(web)
		p := w.poll(t, func(p *watch, _ *PollOptions) { p.fail = errors.New("disk full") })
		synctest.Wait()
		if len(p.health()) != 1 || p.health()[0] == nil || !strings.Contains(p.health()[0].Error(), "disk full") {
			t.Errorf("health %v", p.health())
		}
		p.heal()
		time.Sleep(31 * time.Second)
		if len(p.listed()) != 1 || p.health()[1] != nil {
			t.Errorf("health %v", p.health())
		}
	})
}

func TestPollNeedsADoor(t *testing.T) {
	c := newClient(t, nil, nil)
	if _, err := c.NewPoll(PollOptions{Door: &door{}}); err == nil {
		t.Error("nobody knows what is open: no error")
	}
	if _, err := c.NewPoll(PollOptions{Open: func(context.Context) ([]string, error) { return nil, nil }}); err == nil {
		t.Error("no door: no error")
	}
}
