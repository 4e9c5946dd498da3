package patient

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// watched runs a patient with its monitor in a bubble.
func watched(t *testing.T, f func(t *testing.T, p *Patient, d *diary)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &wire{at: map[string]*port{}}
		d := &diary{}
		p := New(Options{
			Listen: w.listen("web-1:80"), ListenControl: w.listen("web-1:9"), Dir: dir, Pager: d,
			Lose:   func(lost bool) { w.mu.Lock(); w.lost = lost; w.mu.Unlock() },
			Client: &http.Client{Transport: &http.Transport{DialContext: w.dial}},
		})
		if err := p.Open(); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx) }()
		synctest.Wait()
		f(t, p, d)
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		time.Sleep(2 * time.Second) // the last dials give up
	})
}

func want(t *testing.T, d *diary, lines ...string) {
	t.Helper()
	if got := d.String(); got != strings.Join(lines, "\n") {
		t.Fatalf("the pager was told:\n%s\nwant:\n%s", got, strings.Join(lines, "\n"))
	}
}

func TestEachAilmentRaisesItsAlertAndClearsIt(t *testing.T) {
	for _, a := range Ailments()[1:] {
		t.Run(a.Name, func(t *testing.T) {
			watched(t, func(t *testing.T, p *Patient, d *diary) {
				ail(t, p, a.Name)
				time.Sleep(4 * time.Second)
				synctest.Wait()
				if len(d.raised) != 1 {
					t.Fatalf("raised %d alerts: %s", len(d.raised), d)
				}
				got := d.raised[0]
				if got.Service != a.Service || !strings.HasPrefix(got.Title, strings.SplitAfter(a.Title, ":")[0][:12]) {
					t.Errorf("raised %q on %s, want like %q on %s", got.Title, got.Service, a.Title, a.Service)
				}
				for _, k := range []string{"host", "url", "address", "control", "environment", "check", "value"} {
					if got.Details[k] == nil {
						t.Errorf("details lack %s", k)
					}
				}
				ail(t, p, Healthy)
				time.Sleep(10 * time.Second)
				synctest.Wait()
				want(t, d, "raise "+got.Service+" "+got.Key, "clear "+got.Service+" "+got.Key)
			})
		})
	}
}

func TestAHealthyPatientRaisesNothing(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		time.Sleep(5 * time.Minute)
		want(t, d)
	})
}

func TestItGetsWellByItself(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		ail(t, p, "heals")
		time.Sleep(20*time.Second - time.Millisecond)
		synctest.Wait()
		if got := p.State().Ailment; got != "heals" {
			t.Fatalf("well too early: %s", got)
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if got := p.State().Ailment; got != Healthy {
			t.Fatalf("not well: %s", got)
		}
		if len(p.Recoveries()) != 0 {
			t.Error("that was no recovery")
		}
	})
}

func TestAutoClearOff(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		p.Monitor.AutoClear(false)
		for range 2 {
			ail(t, p, "errors")
			time.Sleep(10 * time.Second)
			ail(t, p, Healthy)
			time.Sleep(10 * time.Second)
		}
		want(t, d, "raise shop-web web-1.shop.example/health", "raise shop-web web-1.shop.example/health")
	})
}

func TestABlindMonitorRaisesNothing(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		p.Monitor.Watch(false)
		ail(t, p, "errors")
		time.Sleep(time.Minute)
		want(t, d)
		p.Monitor.Watch(true)
		synctest.Wait()
		want(t, d, "raise shop-web web-1.shop.example/health")
	})
}

func TestAPagerThatIsDownIsToldLater(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		d.mu.Lock()
		d.broken = true
		d.mu.Unlock()
		ail(t, p, "errors")
		time.Sleep(time.Minute)
		d.mu.Lock()
		d.broken = false
		d.mu.Unlock()
		time.Sleep(4 * time.Second)
		want(t, d, "raise shop-web web-1.shop.example/health")
	})
}

func TestMeasuresAreNeitherRaisedNorClearedWhileNothingAnswers(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		ail(t, p, "queue")
		time.Sleep(4 * time.Second)
		ail(t, p, "refuses")
		time.Sleep(20 * time.Second)
		want(t, d, "raise shop-queue queue-1.shop.example/queue", "raise shop-web web-1.shop.example/health")
	})
}

func TestAlertsByHand(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		m := p.Monitor
		for _, send := range []func() error{m.Stray, m.Another, m.Hostile, func() error { return m.Storm(3) }} {
			if err := send(); err != nil {
				t.Fatal(err)
			}
		}
		want(t, d, "raise shop-web stray-1", "raise shop-web another-2", "raise shop-web hostile-3",
			"raise shop-web storm-4", "raise shop-web storm-5", "raise shop-web storm-6")
		hosts := map[any]bool{}
		for _, a := range d.raised[3:] {
			hosts[a.Details["host"]] = true
		}
		if len(hosts) != 3 {
			t.Errorf("the storm is of %d hosts", len(hosts))
		}
		if err := m.Drop("stray-1"); err != nil {
			t.Fatal(err)
		}
		if err := m.Drop("stray-1"); err != nil {
			t.Fatal(err)
		}
		if got := len(m.state().Open); got != 5 {
			t.Errorf("%d are open", got)
		}
	})
}

func TestAgainRepeatsTheSameKeys(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		ail(t, p, "errors")
		time.Sleep(4 * time.Second)
		if err := p.Monitor.Again(); err != nil {
			t.Fatal(err)
		}
		want(t, d, "raise shop-web web-1.shop.example/health", "raise shop-web web-1.shop.example/health")
		if got := len(p.Monitor.state().Open); got != 1 {
			t.Errorf("%d are open", got)
		}
	})
}

func TestHostileTextIsHostile(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		if err := p.Monitor.Hostile(); err != nil {
			t.Fatal(err)
		}
		title := d.raised[0].Title
		for _, s := range []string{"<!channel>", "*bold*", "`", "\x00", "\u202e", "$(reboot)", "<script>", "\r\n"} {
			if !strings.Contains(title, s) {
				t.Errorf("the title lacks %q", s)
			}
		}
		if utf8.ValidString(title) || len(title) < 5000 {
			t.Error("the title is UTF-8, or short")
		}
	})
}

// A monitoring tool waits before it believes that something is well again.
func TestMonitorClearsAfterSomeFineRounds(t *testing.T) {
	watched(t, func(t *testing.T, p *Patient, d *diary) {
		p.Monitor.clearAfter = 3
		ail(t, p, "errors")
		time.Sleep(4 * time.Second)
		ail(t, p, Healthy)
		time.Sleep(time.Second)
		synctest.Wait()
		if strings.Contains(d.String(), "clear") {
			t.Errorf("cleared too early: %s", d)
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		if !strings.Contains(d.String(), "clear") {
			t.Errorf("not cleared after three rounds: %s", d)
		}
	})
}
