package patient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// slowness is how long the ailment "slow" holds an answer back.
const slowness = 1500 * time.Millisecond

// Handler is the service itself: /, /healthz, /status, /metrics, and what can
// be measured: /disk, /queue, /replica, /certificate. It also takes the healing
// calls, as long as it answers at all. Its ailment is in the way of everything.
func (p *Patient) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ok := false
		defer func() { p.count(ok) }()
		ok = p.suffer(w, r)
	})
}

// suffer answers as the ailment lets it and says whether it answered well.
func (p *Patient) suffer(w http.ResponseWriter, r *http.Request) bool {
	p.mu.Lock()
	name, turned := p.ail.Name, p.turned
	p.mu.Unlock()
	switch name {
	case "hangs", "unreachable", "refuses": // the latter two: requests that were under way
		select {
		case <-turned:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case "errors", "heals", "stubborn":
		if slices.Contains([]string{"/", "/healthz", "/status"}, r.URL.Path) {
			answer(w, http.StatusInternalServerError, map[string]any{"status": "error", "error": "database pool exhausted"})
			return false
		}
	case "slow":
		t := time.NewTimer(slowness)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return false
		}
	}
	p.route(w, r)
	return true
}

// Control is what restarts the service and answers whatever the service does:
// the healing calls, and the same measures.
func (p *Patient) Control() http.Handler { return http.HandlerFunc(p.route) }

func (p *Patient) route(w http.ResponseWriter, r *http.Request) {
	if slices.Contains(recoveries, r.URL.Path) {
		p.heal(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		answer(w, http.StatusMethodNotAllowed, map[string]any{"error": "only GET"})
		return
	}
	m := p.measure()
	switch r.URL.Path {
	case "/":
		fmt.Fprintln(w, "shop.example: welcome")
	case "/healthz":
		fmt.Fprintln(w, "ok")
	case "/status":
		answer(w, http.StatusOK, map[string]any{"status": "ok", "host": "web-1.shop.example", "since": m.since, "restarts": m.restarts})
	case "/metrics":
		fmt.Fprintf(w, "shop_disk_used_percent %d\nshop_queue_depth %d\nshop_replica_lag_seconds %d\nshop_certificate_days %d\nshop_restarts_total %d\n",
			m.disk, m.queue, m.lag, m.days, m.restarts)
	case "/disk":
		answer(w, http.StatusOK, map[string]any{"used_percent": m.disk, "used_bytes": m.bytes, "quota_bytes": p.opt.Quota})
	case "/queue":
		answer(w, http.StatusOK, map[string]any{"name": "orders", "depth": m.queue, "consumers": m.consumers})
	case "/replica":
		answer(w, http.StatusOK, map[string]any{"host": "db-2.shop.example", "lag_seconds": m.lag, "running": m.lag == 0})
	case "/certificate":
		answer(w, http.StatusOK, map[string]any{"subject": "www.shop.example", "days_left": m.days, "not_after": now().AddDate(0, 0, m.days)})
	default:
		answer(w, http.StatusNotFound, map[string]any{"error": "nothing here"})
	}
}

func answer(w http.ResponseWriter, status int, v map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // the caller may be gone: nobody to tell
}

// heal is a healing call. It is counted whether it helps or not.
func (p *Patient) heal(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		answer(w, http.StatusMethodNotAllowed, map[string]any{"error": "only POST"})
		return
	}
	if d := p.opt.RestartTakes; d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	var healed bool
	var err error
	p.update(func() {
		healed = slices.Contains(p.ail.heals, r.URL.Path)
		p.note(r.URL.Path + map[bool]string{true: " healed it", false: " changed nothing"}[healed])
		p.recoveries = append(p.recoveries, Recovery{now(), r.URL.Path, healed})
		if healed {
			err = p.turn(ailments[0])
		}
	})
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]any{"error": err.Error()})
		return
	}
	answer(w, http.StatusOK, map[string]any{"done": r.URL.Path[1:]})
}

// count notes that a request is over.
func (p *Patient) count(ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total++
	p.requests = append(p.requests, answered{now(), ok})
	p.forget()
}

// forget drops requests older than a minute.
func (p *Patient) forget() {
	old := now().Add(-time.Minute)
	n := slices.IndexFunc(p.requests, func(a answered) bool { return a.at.After(old) })
	if n < 0 {
		n = len(p.requests)
	}
	p.requests = slices.Delete(p.requests, 0, n)
}
