package app

import (
	"os"
	"runtime/debug"
	"sync"
	"time"

	"amsbot/bot/admin"
	"amsbot/store"
)

// health is how the parts are, for `amsbot healthcheck`.
type health struct {
	mu    sync.Mutex
	since time.Time
	wrong map[string]error
}

func newHealth() *health { return &health{since: time.Now(), wrong: map[string]error{}} }

func (h *health) set(part string, err error) {
	h.mu.Lock()
	h.wrong[part] = err
	h.mu.Unlock()
}

// report says how everything is. Only the database decides whether amsbot is
// well: neighbours that are away come back, and scenarios that are refused are
// no reason to start anew with them.
func (h *health) report(db *store.DB) admin.Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := db.Ready()
	out := admin.Health{OK: err == nil, Version: Version(), PID: os.Getpid(), Since: h.since, Parts: []admin.Part{part("database", err)}}
	for _, name := range []string{"slack", "pagerduty", "webhook", "scenarios", "history"} {
		out.Parts = append(out.Parts, part(name, h.wrong[name]))
	}
	return out
}

func part(name string, err error) admin.Part {
	p := admin.Part{Name: name, OK: err == nil}
	if err != nil {
		p.Why = err.Error()
	}
	return p
}

// Version is what this binary was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
