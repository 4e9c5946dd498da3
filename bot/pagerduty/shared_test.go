package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
)

// busy spends the budget of the next moment: what is wanted then is wanted
// together.
func (w *world) busy() {
	w.t.Helper()
	for w.c.spend.all.until(time.Now()) == 0 {
		must(w.t, w.c.spend.wait(w.t.Context(), firstRead, ""))
	}
}

// readAll reads all of them at the same time, and says how long it took.
func (w *world) readAll(ids []string) ([]bot.Snapshot, time.Duration) {
	w.t.Helper()
	start, all := time.Now(), make([]bot.Snapshot, len(ids))
	var reads sync.WaitGroup
	for n, id := range ids {
		reads.Go(func() {
			s, err := w.c.Read(w.t.Context(), bot.Reading{ID: id})
			if err != nil || s.Incident.ID != id || len(s.Incident.Alerts) == 0 {
				w.t.Errorf("%s: %+v, %v", id, s, err)
				return
			}
			all[n] = *s
		})
	}
	reads.Wait()
	return all, time.Since(start)
}

// count is how many calls there were: list pages, incidents alone, alerts.
func (w *world) count() (pages, alone, alerts int) {
	for _, c := range w.Calls() {
		switch {
		case c.Status != 200:
			w.t.Errorf("%s %s: %d", c.Method, c.Path, c.Status)
		case c.Path == "/incidents":
			pages++
		case strings.HasSuffix(c.Path, "/alerts"):
			alerts++
		case strings.HasPrefix(c.Path, "/incidents/"):
			alone++
		}
	}
	return pages, alone, alerts
}

// A thousand incidents at once: their alerts are a call each, they themselves
// hardly any, and nothing is refused.
func TestAStormIsReadByThePage(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		var ids []string
		for range 1000 {
			ids = append(ids, w.raise(web))
		}
		_, took := w.readAll(ids)
		pages, alone, alerts := w.count()
		if alerts != 1000 || pages > 30 || alone > 130 { // those that the burst lets through
			t.Errorf("%d pages, %d alone, %d of alerts", pages, alone, alerts)
		}
		if took > 75*time.Second {
			t.Errorf("it took %s: more than the budget asks for", took)
		}
	})
}

// A person presses while five hundred incidents wait to be read: what their act
// needs is read at once.
func TestAPressIsReadBeforeAStorm(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		pressed := w.raise(web)
		if _, err := w.c.Read(t.Context(), bot.Reading{ID: pressed}); err != nil { // the people are known by now
			t.Fatal(err)
		}
		var ids []string
		for range 500 {
			ids = append(ids, w.raise(web))
		}
		var storm sync.WaitGroup
		storm.Go(func() { w.readAll(ids) })
		time.Sleep(time.Second) // of the bubble
		start := time.Now()
		_, err := w.c.Read(t.Context(), bot.Reading{ID: pressed, Pressed: true})
		if took := time.Since(start); err != nil || took > 2*time.Second {
			t.Errorf("read after %s: %v", took, err)
		}
		storm.Wait()
	})
}

// A thousand incidents in a minute are read about as fast as they come.
func TestAStormIsReadAsItComes(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		var worst time.Duration
		var mu sync.Mutex
		var reads sync.WaitGroup
		for range 1000 {
			id := w.raise(web)
			reads.Go(func() {
				start := time.Now()
				if _, err := w.c.Read(t.Context(), bot.Reading{ID: id}); err != nil {
					t.Errorf("%s: %v", id, err)
				}
				mu.Lock()
				worst = max(worst, time.Since(start))
				mu.Unlock()
			})
			time.Sleep(60 * time.Millisecond)
		}
		reads.Wait()
		if pages, alone, alerts := w.count(); pages+alone+alerts > 1400 || worst > 40*time.Second {
			t.Errorf("%d pages, %d alone, %d of alerts; the slowest took %s", pages, alone, alerts, worst)
		}
	})
}

func TestWhatIsReadTogetherIsAsReadAlone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var ids []string
		for range 40 {
			ids = append(ids, w.raise(web))
		}
		must(t, w.Acknowledge(ann, ids[3]))
		must(t, w.Resolve(bob, ids[5]))
		must(t, w.Merge(ann, ids[7], ids[9]))
		alone := map[string]bot.Snapshot{}
		for _, id := range ids[:12] {
			s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
			must(t, err)
			alone[id] = *s
		}
		w.busy()
		for _, s := range first(w.readAll(append(ids[:9:9], ids[10:]...))) {
			if one, have := alone[s.Incident.ID]; have && !same(one, s) {
				t.Errorf("alone\n%+v, together\n%+v", one, s)
			}
		}
		if pages, _, _ := w.count(); pages == 0 {
			t.Error("nothing was read together")
		}
	})
}

func first[A, B any](a A, _ B) A { return a }

// What no page names (gone, or far down) is read alone, and a read of one
// incident says of it what it is.
func TestWhatNoPageHasIsReadAlone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		old := w.raise(web)
		for range 300 {
			w.raise(web)
		}
		w.busy()
		var all sync.WaitGroup
		for n := range 30 {
			id := old
			if n%2 == 0 {
				id = "QNOWHERE" + string(rune('A'+n))
			}
			all.Go(func() {
				s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
				if id == old && (err != nil || s.Incident.ID != old) || id != old && !errors.Is(err, bot.ErrNotFound) {
					t.Errorf("%s: %+v, %v", id, s, err)
				}
			})
		}
		all.Wait()
	})
}

// gate holds list pages back until it is opened.
type gate struct{ asked, open chan struct{} }

func (g *gate) twist(account http.Handler) http.Handler {
	g.asked, g.open = make(chan struct{}), make(chan struct{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/incidents" || r.Method != http.MethodGet {
			account.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder() // as it is now, delivered later
		account.ServeHTTP(answer, r)
		g.asked <- struct{}{}
		<-g.open
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
}

// A read that begins after a page was asked for is not answered by that page:
// it may tell of what was before an act.
func TestAPageAnswersNoReadThatBeganLater(t *testing.T) {
	g := &gate{}
	inTwistedBubble(t, account(), g.twist, func(t *testing.T, w *world) {
		var ids []string
		for range 20 {
			ids = append(ids, w.raise(web))
		}
		w.busy()
		var early sync.WaitGroup
		early.Go(func() { w.readAll(ids) })
		<-g.asked // the page is on its way, and says that nobody has it
		must(t, w.Acknowledge(ann, ids[19]))
		var late sync.WaitGroup
		for range 10 {
			late.Go(func() {
				if s, err := w.c.Read(t.Context(), bot.Reading{ID: ids[19]}); err != nil || s.Incident.Status != "acknowledged" {
					t.Errorf("%+v, %v: older than the act", s, err)
				}
			})
		}
		synctest.Wait()
		go func() {
			for {
				select {
				case <-g.asked:
				case g.open <- struct{}{}:
				case <-t.Context().Done():
					return
				}
			}
		}()
		early.Wait()
		late.Wait()
	})
}

// The list fails, and each is read alone; a limit is one for all.
func TestWhenTheListFails(t *testing.T) {
	for _, f := range []simpd.Fault{
		{Kind: simpd.FaultStatus, Status: 500}, {Kind: simpd.FaultStatus, Status: 403}, {Kind: simpd.FaultHang},
		{Kind: simpd.FaultCutAfter}, {Kind: simpd.FaultBareLimit, Times: 1}, {Kind: simpd.FaultLimit, Delay: 20 * time.Second, Times: 1},
	} {
		t.Run(string(f.Kind), func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				var ids []string
				for range 60 {
					ids = append(ids, w.raise(web))
				}
				f.Method, f.Path = "GET", "/incidents"
				w.Fault(f)
				w.busy()
				var all sync.WaitGroup
				for _, id := range ids {
					all.Go(func() {
						_, err := w.c.Read(t.Context(), bot.Reading{ID: id})
						for again := time.Second; err != nil && f.Times == 1; again *= 2 {
							time.Sleep(again)
							_, err = w.c.Read(t.Context(), bot.Reading{ID: id})
						}
						if err != nil {
							t.Errorf("%s: %v", id, err)
						}
					})
				}
				all.Wait()
				pages := 0
				for _, c := range w.Calls() {
					if c.Path == "/incidents" {
						pages++
					}
				}
				if f.Times == 0 && (pages < 1 || pages > 2) { // the transport itself tries a cut one again
					t.Errorf("the list that fails was asked for %d times", pages)
				}
			})
		})
	}
}

// Who leads gives up, and the others are read all the same.
func TestTheLeaderGivesUp(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var ids []string
		for range 40 {
			ids = append(ids, w.raise(web))
		}
		w.Fault(simpd.Fault{Method: "GET", Path: "/incidents", Kind: simpd.FaultSlow, Delay: 5 * time.Second})
		w.busy()
		var all sync.WaitGroup
		var gave atomic.Int64
		for n, id := range ids {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if n < 10 { // the leader among them
				ctx, cancel = context.WithTimeout(ctx, time.Second)
				defer cancel()
			}
			all.Go(func() {
				if _, err := w.c.Read(ctx, bot.Reading{ID: id}); err != nil {
					gave.Add(1)
					if n >= 10 || !errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%d: %v", n, err)
					}
				}
			})
			synctest.Wait()
		}
		all.Wait()
		if gave.Load() == 0 {
			t.Error("nobody gave up")
		}
	})
}

func same(a, b bot.Snapshot) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }
