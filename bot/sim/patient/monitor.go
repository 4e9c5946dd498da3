package patient

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Pager is whom the monitor tells. Both calls come from the monitor's own
// goroutine, or from the one that asked for the alert; an error is noted in the
// log and tried again in the next round.
type Pager interface {
	// Raise reports a fault and answers the incident it became part of.
	Raise(Alert) (incident string, err error)
	// Clear reports that a fault is gone.
	Clear(service, key string) error
}

// Alert is what the monitor raises.
type Alert struct {
	Service  string
	Title    string
	Severity string // critical, error, warning
	Key      string
	Details  map[string]any
}

// Monitor polls the patient as a monitoring tool does.
type Monitor struct {
	p       *Patient
	pager   Pager
	client  *http.Client
	every   time.Duration
	timeout time.Duration
	look    chan struct{}

	clearAfter int
	fine       map[string]int // rounds in a row, by check; only rounds touch it

	telling sync.Mutex // one conversation with the pager at a time

	mu        sync.Mutex
	watching  bool
	autoClear bool
	last      map[string]Probe
	open      []Open
	alerts    map[string]Alert // what was raised, by key
	raised    int
	cleared   int
	made      int // alerts made by hand
}

func newMonitor(p *Patient, opt Options) *Monitor {
	m := &Monitor{
		p: p, pager: opt.Pager, client: opt.Client, every: opt.Every, timeout: opt.Timeout,
		look: make(chan struct{}, 1), watching: true, autoClear: true,
		last: map[string]Probe{}, alerts: map[string]Alert{}, fine: map[string]int{}, clearAfter: opt.ClearAfter,
	}
	if m.client == nil {
		m.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	}
	if m.every == 0 {
		m.every = 3 * time.Second
	}
	if m.timeout == 0 {
		m.timeout = 2 * time.Second
	}
	return m
}

func (m *Monitor) run(ctx context.Context) {
	t := time.NewTicker(m.every)
	defer t.Stop()
	for {
		m.mu.Lock()
		watching := m.watching
		m.mu.Unlock()
		if watching {
			m.round(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-m.look:
		}
	}
}

// Look makes the monitor look at once.
func (m *Monitor) Look() {
	select {
	case m.look <- struct{}{}:
	default:
	}
}

// Watch switches the polling on or off.
func (m *Monitor) Watch(on bool) {
	m.update(func() { m.watching = on })
	m.Look()
}

// AutoClear says whether what has become healthy is cleared in the pager.
func (m *Monitor) AutoClear(on bool) {
	m.update(func() { m.autoClear = on })
	m.Look()
}

// round probes everything once and tells the pager what has changed.
func (m *Monitor) round(ctx context.Context) {
	for _, c := range checks {
		f := c.probe(ctx, m)
		if ctx.Err() != nil {
			return
		}
		m.update(func() { m.last[c.name] = Probe{Check: c.name, OK: f.state == fine, At: now(), Text: f.text} })
		switch f.state {
		case ill:
			again := m.fine[c.name] > 0
			m.fine[c.name] = 0
			m.raise(m.alert(c, f), again)
		case fine:
			if m.fine[c.name]++; m.fine[c.name] >= m.clearAfter {
				m.clear(c.host + "/" + c.name)
			}
		}
	}
}

// raise tells the pager, unless it knows: a fault that was gone for a round is
// told again, since the incident may have been resolved meanwhile.
func (m *Monitor) raise(a Alert, again bool) {
	m.telling.Lock()
	defer m.telling.Unlock()
	if again || !m.isOpen(a.Key) {
		m.tell(a)
	}
}

func (m *Monitor) isOpen(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(m.open, func(o Open) bool { return o.Key == key })
}

// tell raises; the caller holds telling.
func (m *Monitor) tell(a Alert) error {
	if m.pager == nil {
		return nil
	}
	incident, err := m.pager.Raise(a)
	if err != nil {
		m.p.update(func() { m.p.note("monitor: " + err.Error()) })
		return err
	}
	m.update(func() {
		m.raised++
		m.alerts[a.Key] = a
		m.open = slices.DeleteFunc(m.open, func(o Open) bool { return o.Key == a.Key })
		m.open = append(m.open, Open{Service: a.Service, Key: a.Key, Title: a.Title, Incident: incident, At: now()})
	})
	m.p.update(func() { m.p.note("monitor raised: " + a.Title) })
	return nil
}

// clear tells the pager that it is over, if it was told of it and that is
// wanted.
func (m *Monitor) clear(key string) {
	m.telling.Lock()
	defer m.telling.Unlock()
	m.mu.Lock()
	n := slices.IndexFunc(m.open, func(o Open) bool { return o.Key == key })
	on := m.autoClear
	var o Open
	if n >= 0 {
		o = m.open[n]
	}
	m.mu.Unlock()
	if n < 0 {
		return
	}
	if !on {
		// Without auto-clear the fault is forgotten here, and open there: the
		// next one is raised again under the same key.
		m.drop(key)
		return
	}
	if err := m.pager.Clear(o.Service, key); err != nil {
		m.p.update(func() { m.p.note("monitor: " + err.Error()) })
		return
	}
	m.drop(key)
	m.update(func() { m.cleared++ })
	m.p.update(func() { m.p.note("monitor cleared: " + o.Title) })
}

func (m *Monitor) drop(key string) {
	m.update(func() { m.open = slices.DeleteFunc(m.open, func(o Open) bool { return o.Key == key }) })
}

func (m *Monitor) update(f func()) {
	m.mu.Lock()
	f()
	m.mu.Unlock()
	if m.p.opt.Changed != nil {
		m.p.opt.Changed()
	}
}

func (m *Monitor) state() MonitorState {
	m.mu.Lock()
	defer m.mu.Unlock()
	st := MonitorState{
		Watching: m.watching, AutoClear: m.autoClear, Every: m.every,
		Last: []Probe{}, Open: append([]Open{}, m.open...), Raised: m.raised, Cleared: m.cleared,
	}
	for _, c := range checks {
		if p, ok := m.last[c.name]; ok {
			st.Last = append(st.Last, p)
		}
	}
	return st
}
