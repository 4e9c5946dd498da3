package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
)

// logged empties the door of what the log told, as "type by agent".
func (p *watch) logged() (all []string) {
	for _, h := range p.took() {
		if h.Event != "" {
			all = append(all, strings.TrimSuffix(h.Type+" by "+h.Agent.Name, " by "))
		}
	}
	return all
}

// A machine whose clock is fast asks for the log since a moment that has still to
// come, and hears of nothing, unless it asks by PagerDuty's.
func TestFeedByPagerDutysClock(t *testing.T) {
	fast := func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			const ahead = 2 * time.Minute // and so what PagerDuty says is by then
			query := r.URL.Query()
			if since, err := time.Parse(time.RFC3339, query.Get("since")); err == nil {
				query.Set("since", since.Add(ahead).Format(time.RFC3339))
				r.URL.RawQuery = query.Encode()
			}
			w.Header().Set("Date", time.Now().Add(-ahead).UTC().Format(http.TimeFormat))
			account.ServeHTTP(w, r)
		})
	}
	inTwistedBubble(t, account(), fast, func(t *testing.T, w *world) {
		p := w.poll(t, nil)
		time.Sleep(time.Minute)
		p.took()
		must(t, w.Resolve(ann, w.raise(web)))
		time.Sleep(time.Minute)
		if got := strings.Join(p.logged(), ", "); got != "incident.triggered" {
			t.Errorf("told %q", got)
		}
	})
}

// What is over again before the next poll, and who reassigned it, only the log
// says.
func TestFeed(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, id string) error
		want string
	}{
		{"nothing", func(*world, string) error { return nil }, ""},
		{"acknowledged", func(w *world, id string) error { return w.Acknowledge(ann, id) }, ""},
		{"resolved", func(w *world, id string) error { return w.Resolve(ann, id) }, ""},
		{"reassigned", func(w *world, id string) error { return w.Reassign(ann, id, bob) }, "incident.reassigned by Ann"},
		{"escalated", func(w *world, id string) error { return w.Escalate(ann, id, 2) }, ""},
		{"noted", func(w *world, id string) error { return w.Note(ann, id, "hello") }, ""},
		{"invited", func(w *world, id string) error { return w.Invite(ann, id, "help", bob) }, ""},
		{"resolved and reopened", func(w *world, id string) error {
			if err := w.Resolve(ann, id); err != nil {
				return err
			}
			return w.Reopen(ann, id)
		}, "incident.reopened by Ann"},
		{"merged", func(w *world, id string) error { return w.Merge(ann, id, w.raise(web)) }, "incident.triggered"},
		{"another came and went", func(w *world, _ string) error { return w.Resolve(ann, w.raise(web)) }, "incident.triggered"},
		{"another came and stayed", func(w *world, _ string) error { w.raise(web); return nil }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(web)
				time.Sleep(time.Minute)
				p := w.poll(t, nil)
				time.Sleep(10 * time.Second)
				p.took()
				must(t, c.do(w, id))
				time.Sleep(100 * time.Second) // some polls
				if got := strings.Join(p.logged(), ", "); got != c.want {
					t.Errorf("told %q, want %q", got, c.want)
				}
			})
		})
	}
}

// An acknowledgement that lapses is told once.
func TestFeedTellsOfALapse(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		p := w.poll(t, nil)
		must(t, w.Acknowledge(ann, w.raise(web)))
		time.Sleep(ackTimeout + 3*time.Minute)
		if got := strings.Join(p.logged(), ", "); got != "incident.unacknowledged" {
			t.Errorf("told %q", got)
		}
	})
}

// However much stands in the log after it, what came and went is told; and where
// that is more than PagerDuty lists, the poll says so, once.
func TestFeedOfABusyMoment(t *testing.T) {
	for _, c := range []struct {
		name         string
		notes, reach int
		want, wrong  string
	}{
		{"much", 2100, mostOpen, "incident.triggered", ""},
		{"more than is listed", 150, 100, "", "the log has more than 100 entries since 2000-01-01T00:00:01Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				w.c.reach = c.reach
				busy := []string{w.raise(web), w.raise(web)}
				time.Sleep(time.Second)
				p := w.poll(t, nil)
				time.Sleep(5 * time.Second)
				p.took()
				must(t, w.Resolve(ann, w.raise(low)))
				for n := range c.notes {
					must(t, w.Note(ann, busy[n%2], "x"))
				}
				time.Sleep(2 * time.Minute)
				if got := strings.Join(p.logged(), ", "); got != c.want {
					t.Errorf("told %q, want %q", got, c.want)
				}
				h := p.health()
				if last := h[len(h)-1]; last != nil {
					t.Errorf("in the end %v", last)
				}
				if wrong := errors.Join(h...); (wrong != nil) != (c.wrong != "") || wrong != nil && (strings.Count(wrong.Error(), "pagerduty: poll") != 1 || !strings.Contains(wrong.Error(), c.wrong)) {
					t.Errorf("health %v", h)
				}
			})
		})
	}
}

// PagerDuty lists an entry some seconds after the time that it bears: the poll that
// came too early has not missed it.
func TestFeedOfALateEntry(t *testing.T) {
	late := func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if query := r.URL.Query(); r.URL.Path == "/log_entries" {
				query.Set("until", time.Now().Add(-10*time.Second).UTC().Format(time.RFC3339))
				r.URL.RawQuery = query.Encode()
			}
			account.ServeHTTP(w, r)
		})
	}
	inTwistedBubble(t, account(), late, func(t *testing.T, w *world) {
		p := w.poll(t, nil)
		time.Sleep(25 * time.Second)
		must(t, w.Resolve(ann, w.raise(web)))
		time.Sleep(10 * time.Second)
		if got := p.logged(); len(p.health()) != 2 || len(got) != 0 {
			t.Errorf("%d polls, told %q", len(p.health()), got)
		}
		time.Sleep(2 * time.Minute)
		if got := strings.Join(p.logged(), ", "); got != "incident.triggered" {
			t.Errorf("told %q", got)
		}
	})
}

// The log fails: what is open is told all the same, as often as ever, and what
// was missed is told when the log can be read again.
func TestFeedFails(t *testing.T) {
	for _, f := range []simpd.Fault{{Kind: simpd.FaultStatus, Status: 500}, {Kind: simpd.FaultStatus, Status: 403}, {Kind: simpd.FaultHang}, {Kind: simpd.FaultCutBefore}} {
		inBubble(t, account(), func(t *testing.T, w *world) {
			f.Path, f.For = "/log_entries", 3*time.Minute
			w.Fault(f)
			id := w.raise(web)
			p := w.poll(t, nil)
			time.Sleep(time.Minute)
			must(t, w.Reassign(ann, id, bob))
			time.Sleep(90 * time.Second)
			if n := len(p.lines()); n < 4 {
				t.Errorf("%s: %d polls of what is open", f.Kind, n)
			}
			if h := p.health(); h[0] == nil || !strings.Contains(h[0].Error(), "read the log") {
				t.Errorf("%s: health %v", f.Kind, h)
			}
			time.Sleep(3 * time.Minute)
			h := p.health()
			if got := strings.Join(p.logged(), ", "); got != "incident.reassigned by Ann" || h[len(h)-1] != nil {
				t.Errorf("%s: told %q, health %v", f.Kind, got, h[len(h)-1])
			}
		})
	}
}

// Beyond what PagerDuty pages, the poll goes by service; and where one service
// has more than that itself, it says so, sees it from both ends, and takes nothing
// for gone that it has not looked at.
func TestPollBeyondThePages(t *testing.T) {
	const reach = 100
	for _, c := range []struct {
		name      string
		incidents map[string]int
		beyond    string
	}{
		{"as many as there may be", map[string]int{web: reach}, ""},
		{"two services", map[string]int{web: 90, low: 50}, ""},
		{"three", map[string]int{web: 60, low: 50, gaps: 40}, ""},
		{"one has more", map[string]int{web: 120, low: 20}, web},
	} {
		t.Run(c.name, func(t *testing.T) {
			var far atomic.Value
			limited := func(account http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					var limit, offset int
					if _, err := fmt.Sscan(r.URL.Query().Get("limit")+" "+r.URL.Query().Get("offset"), &limit, &offset); err == nil && limit+offset > reach && r.URL.Path == "/incidents" {
						far.Store(r.URL.String())
					}
					account.ServeHTTP(w, r)
				})
			}
			inTwistedBubble(t, account(), limited, func(t *testing.T, w *world) {
				w.c.reach = reach
				want := 0
				for service, n := range c.incidents {
					for range n {
						w.raise(service)
						time.Sleep(time.Millisecond)
					}
					want += n
				}
				time.Sleep(time.Second) // the log has whole seconds
				p := w.poll(t, func(p *watch, _ *PollOptions) { p.known = []string{"QGONE1"} })
				time.Sleep(25 * time.Second)
				seen, gone := map[string]bool{}, 0
				for _, h := range p.listed() {
					seen[h.ID] = true
					if h.Type == IncidentGone {
						gone++
					}
				}
				if len(seen)-gone != want || far.Load() != nil {
					t.Errorf("%d of %d were told; asked for %s", len(seen)-gone, want, far.Load())
				}
				err := p.health()[0]
				if gone != 1 || errors.Is(err, bot.ErrPartly) != (c.beyond != "") || (err == nil) != (c.beyond == "") || err != nil && !strings.Contains(err.Error(), "100 incidents are open on service "+c.beyond) {
					t.Errorf("health %v, %d gone", err, gone)
				}
			})
		})
	}
}

// One service has more open than can be listed: what begins and what ends there and
// elsewhere is told all the same, and the log is read as often as ever.
func TestPollBesideAFullService(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		w.c.reach = 100
		var known []string
		raise := func(service string) string {
			known = append(known, w.raise(service))
			time.Sleep(time.Second)
			return known[len(known)-1]
		}
		over := raise(low)
		for range 220 {
			raise(web)
		}
		middle, still := known[105], known[115] // where no list reaches
		p := w.poll(t, func(p *watch, _ *PollOptions) { p.known = known })
		time.Sleep(25 * time.Second)
		p.took()
		must(t, w.Resolve(ann, over))
		must(t, w.Resolve(ann, middle))
		must(t, w.Acknowledge(ann, still))
		young, elsewhere := w.raise(web), w.raise(gaps)
		must(t, w.Resolve(ann, w.raise(low)))
		time.Sleep(150 * time.Second)
		told, gone := map[string]string{}, 0
		for _, h := range p.took() {
			if told[h.ID] = strings.TrimSpace(h.Type + " " + h.Status); h.Type == IncidentGone && h.ID != over && h.ID != middle {
				gone++
			}
		}
		for id, want := range map[string]string{
			over: IncidentGone, middle: IncidentGone, still: IncidentOpen + " acknowledged",
			young: IncidentOpen + " triggered", elsewhere: IncidentOpen + " triggered",
		} {
			if told[id] != want {
				t.Errorf("%s: told %q, want %q", id, told[id], want)
			}
		}
		reads := 0
		for _, c := range w.Calls() {
			if c.Path == "/log_entries" {
				reads++
			}
		}
		if h := p.health(); gone != 0 || reads < len(h) || len(h) < 4 || h[len(h)-1] == nil {
			t.Errorf("%d others taken for gone; %d polls and %d reads of the log; health %v", gone, len(h), reads, h[len(h)-1])
		}
	})
}

// An incident that cannot be recorded is told again each time, and keeps nothing
// else out: neither what ends nor what the log tells.
func TestPollBesideAnIncidentThatIsRefused(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		odd, over := w.raise(web), w.raise(web)
		p := w.poll(t, func(p *watch, o *PollOptions) {
			p.known = []string{odd, over}
			o.Door = choosy{p.door, odd}
		})
		time.Sleep(10 * time.Second)
		p.took()
		must(t, w.Resolve(ann, over))
		must(t, w.Resolve(ann, w.raise(low)))
		time.Sleep(2 * time.Minute)
		told := map[string]bool{}
		for _, h := range p.took() {
			told[h.Type] = true
		}
		if h := p.health(); !told[IncidentGone] || !told["incident.triggered"] || len(h) < 4 || !errors.Is(h[3], bot.ErrPartly) {
			t.Errorf("told %v; health %v", told, h)
		}
	})
}

// What the log says of an incident that the door does not take keeps nothing else of
// it out, and is asked again for a while only.
func TestFeedBesideAnIncidentThatIsRefused(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		odd, other := w.raise(web), w.raise(web)
		p := w.poll(t, func(p *watch, o *PollOptions) {
			p.known = []string{odd, other}
			o.Door = choosy{p.door, odd}
		})
		time.Sleep(10 * time.Second)
		p.took()
		must(t, w.Reassign(ann, odd, bob))
		time.Sleep(time.Second)
		must(t, w.Reassign(ann, other, bob))
		time.Sleep(time.Minute)
		reassigned := 0
		for _, h := range p.took() {
			if h.Type == "incident.reassigned" && h.ID == other {
				reassigned++
			}
		}
		if reassigned != 1 {
			t.Errorf("told %d times of the other one; health %v", reassigned, p.health())
		}
		f := &feed{c: w.c, since: time.Now().Add(-time.Hour)}
		if f.move(time.Now(), true); time.Since(f.since) != feedAgain {
			t.Errorf("after an hour the log is read of the last %s", time.Since(f.since))
		}
	})
}

// The list told of an incident, which could not be written down just then, and it was
// over before the next time: the log tells of it.
func TestFeedOfWhatWasRefusedWhileItWasOpen(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var full atomic.Bool
		full.Store(true)
		p := w.poll(t, func(p *watch, o *PollOptions) {
			o.Door = receiving(func(ctx context.Context, h bot.Hint) error {
				if full.Load() {
					return errors.New("no space left on device")
				}
				return p.door.Receive(ctx, h)
			})
		})
		time.Sleep(25 * time.Second)
		id := w.raise(web)
		time.Sleep(10 * time.Second)
		must(t, w.Resolve(ann, id))
		time.Sleep(5 * time.Second)
		full.Store(false)
		time.Sleep(time.Minute)
		var kinds []string
		for _, h := range p.took() {
			if h.ID == id {
				kinds = append(kinds, h.Type)
			}
		}
		if !slices.Contains(kinds, "incident.triggered") {
			t.Errorf("told of it: %v; health %v", kinds, p.health())
		}
	})
}

// receiving is a door that is a function.
type receiving func(context.Context, bot.Hint) error

func (r receiving) Receive(ctx context.Context, h bot.Hint) error { return r(ctx, h) }

// choosy is a door that does not take one incident.
type choosy struct {
	*door
	odd string
}

func (c choosy) Receive(ctx context.Context, h bot.Hint) error {
	if h.ID == c.odd {
		return errors.New("damaged")
	}
	return c.door.Receive(ctx, h)
}

// Pages move while they are read: what slips from one to the next is told the
// next time, and an open incident that slipped is at most read once more.
func TestPagesThatMove(t *testing.T) {
	var w *world
	var mu sync.Mutex
	moved, n := map[string]bool{}, 0
	moving := func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			account.ServeHTTP(rw, r)
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/incidents" && n < 2 { // the oldest ones end behind our back
				n++
				for _, i := range w.State().Incidents {
					if i.Number <= 5*n && i.Status != "resolved" {
						moved[i.ID] = true
						_ = w.Resolve(ann, i.ID)
					}
				}
			}
		})
	}
	inTwistedBubble(t, account(), moving, func(t *testing.T, world *world) {
		w = world
		var all []string
		for range 150 {
			all = append(all, w.raise(web))
		}
		p := w.poll(t, func(p *watch, _ *PollOptions) { p.known = all })
		time.Sleep(45 * time.Second) // two polls
		mu.Lock()
		defer mu.Unlock()
		told := map[string]string{}
		for _, h := range p.listed() {
			told[h.ID] = h.Type // the last word
		}
		for _, id := range all {
			want := IncidentOpen
			if moved[id] {
				want = IncidentGone
			}
			if told[id] != want {
				t.Errorf("%s: %s, want %s", id, told[id], want)
			}
		}
	})
}

// In a storm of a thousand open incidents the poll keeps to a tenth, and
// everything together to what PagerDuty allows.
func TestPollInAStorm(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		var ids []string
		for range 1000 {
			ids = append(ids, w.raise(web))
		}
		p := w.poll(t, nil)
		start, took := time.Now(), time.Duration(0)
		var reads sync.WaitGroup
		go func() {
			for _, id := range ids {
				reads.Go(func() { _, _ = w.c.Read(t.Context(), bot.Reading{ID: id}) })
			}
			reads.Wait()
			took = time.Since(start)
		}()
		time.Sleep(100 * time.Second)
		p.stop()
		var polls, all []time.Time
		for _, c := range w.Calls() {
			if c.Status != 200 {
				t.Fatalf("%d of %s", c.Status, c.Path)
			}
			all = append(all, c.At)
			if c.Path == "/log_entries" || strings.HasPrefix(c.Query, "statuses[]=triggered&") {
				polls = append(polls, c.At)
			}
		}
		if got := worst(polls); got > 96 || got < 10 {
			t.Errorf("%d calls of the poll in a minute; reads took %s; %v", got, took, p.health())
		}
		if got := worst(all); got > 960 {
			t.Errorf("%d calls in a minute", got)
		}
		seen := map[string]bool{}
		for _, h := range p.listed() {
			seen[h.ID] = true
		}
		if len(seen) != 1000 {
			t.Errorf("%d were told", len(seen))
		}
	})
}
