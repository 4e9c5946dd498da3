package pagerduty

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	simpd "amsbot/bot/sim/pagerduty"
)

// The windows that are open on the incident's service, and no others, a minute
// old at most.
func TestReadMaintenance(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		must(t, w.Maintain(ann, "shop-web", 2*time.Hour, " Kernel\n upgrade "))
		must(t, w.Maintain(ann, "shop-low", time.Hour, "another service"))
		began := time.Now()
		read := func() []bot.Window {
			t.Helper()
			s, err := w.c.Read(t.Context(), bot.Reading{ID: id})
			must(t, err)
			return s.Maintenance
		}
		got := read()
		if len(got) != 1 || !validID(got[0].ID) {
			t.Fatalf("%+v", got)
		}
		want := bot.Window{ID: got[0].ID, What: "Kernel upgrade", By: "Ann", From: began.UTC(), Until: began.Add(2 * time.Hour).UTC()}
		if got[0].From, got[0].Until = got[0].From.UTC(), got[0].Until.UTC(); !reflect.DeepEqual(got[0], want) {
			t.Errorf("%+v, want %+v", got[0], want)
		}
		must(t, w.EndMaintenance(ann, "shop-web"))
		asked := w.asked("/maintenance_windows")
		if read(); w.asked("/maintenance_windows") != asked {
			t.Error("asked again within a minute")
		}
		time.Sleep(time.Minute)
		if got := read(); len(got) != 0 {
			t.Errorf("after it was ended: %+v", got)
		}
	})
}

// A window is over by what was read some seconds ago: it is read anew, for it may
// have been extended.
func TestReadMaintenanceThatIsExtended(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		must(t, w.Maintain(ann, "shop-web", 30*time.Second, "first"))
		first, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		must(t, w.Maintain(ann, "shop-web", time.Hour, "second"))
		time.Sleep(30 * time.Second)
		second, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if len(first.Maintenance) != 1 || len(second.Maintenance) != 1 || second.Maintenance[0].What != "second" {
			t.Errorf("%v, then %v", first.Maintenance, second.Maintenance)
		}
	})
}

func (w *world) asked(path string) (n int) {
	for _, c := range w.Calls() {
		if strings.HasPrefix(c.Path, path) {
			n++
		}
	}
	return n
}

// PagerDuty fails: what it said some minutes ago counts, and nothing where it
// never said anything. The incident is read all the same.
func TestReadMaintenanceFails(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id, other := w.raise(web), w.raise(low)
		must(t, w.Maintain(ann, "shop-web", time.Hour, "x"))
		must(t, w.Maintain(ann, "shop-low", time.Hour, "x"))
		first, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		w.Fault(simpd.Fault{Method: "GET", Path: "/maintenance_windows", Kind: simpd.FaultStatus, Status: 503, For: time.Hour})
		time.Sleep(2 * time.Minute)
		again, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		never, err := w.c.Read(t.Context(), bot.Reading{ID: other})
		must(t, err)
		time.Sleep(20 * time.Minute)
		late, err := w.c.Read(t.Context(), bot.Reading{ID: id})
		must(t, err)
		if len(first.Maintenance) != 1 || len(again.Maintenance) != 1 || len(never.Maintenance) != 0 || len(late.Maintenance) != 0 {
			t.Errorf("%v, %v, %v, %v", first.Maintenance, again.Maintenance, never.Maintenance, late.Maintenance)
		}
	})
}

// Whatever comes in the place of windows: none of it is one, and the incident is read.
func TestReadMaintenanceMalformed(t *testing.T) {
	good := `{"id":"PW1","start_time":"2000-01-01T00:00:00Z","end_time":"2000-01-02T00:00:00Z","services":[{"id":"PWEB001"}]}`
	for body, want := range map[string]int{
		`{"maintenance_windows":[` + good + `]}`:                                1,
		`{"maintenance_windows":[` + good + `,7,null,"x",{}]}`:                  1,
		`{"maintenance_windows":[` + strings.Repeat(good+",", 99) + good + `]}`: mostWindows,
		`{"maintenance_windows":{}}`:                                            0,
		`{}`:                                                                    0,
		`[]`:                                                                    0,
		`{"maintenance_windows":[` + strings.Replace(good, "PWEB001", "PLOW001", 1) + `]}`:          0,
		`{"maintenance_windows":[` + strings.Replace(good, "2000-01-02", "1999-01-02", 1) + `]}`:    0,
		`{"maintenance_windows":[` + strings.Replace(good, `"2000-01-02T00:00:00Z"`, "7", 1) + `]}`: 0,
	} {
		inTwistedBubble(t, account(), func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/maintenance_windows" {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(body))
					return
				}
				h.ServeHTTP(w, r)
			})
		}, func(t *testing.T, w *world) {
			s, err := w.c.Read(t.Context(), bot.Reading{ID: w.raise(web)})
			must(t, err)
			if len(s.Maintenance) != want {
				t.Errorf("%.80s: %+v", body, s.Maintenance)
			}
		})
	}
}
