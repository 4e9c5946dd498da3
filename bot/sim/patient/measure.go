package patient

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// measures is what can be measured now.
type measures struct {
	disk, queue, lag, days, restarts, consumers int
	bytes                                       int64
	since                                       time.Time
}

func (p *Patient) measure() measures {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.measured()
}

func (p *Patient) measured() measures {
	m := measures{queue: 3, days: 80, consumers: 2, since: p.since}
	ill := int(time.Since(p.since) / time.Second)
	switch p.ail.Name {
	case "queue":
		m.queue, m.consumers = 1200+10*ill, 0
	case "replica":
		m.lag = 300 + ill
	case "certificate":
		m.days = 3
	}
	if info, err := os.Stat(p.disk); err == nil {
		m.bytes = info.Size()
		m.disk = int((m.bytes*100 + p.opt.Quota/2) / p.opt.Quota)
	}
	for _, r := range p.recoveries {
		if r.Path == "/restart" {
			m.restarts++
		}
	}
	return m
}

// diskUsed is how full the disk is, in per cent.
func diskUsed(ailment string) int64 {
	if ailment == "disk" {
		return 96
	}
	return 40
}

// fill grows or cuts the disk file, really.
func (p *Patient) fill(percent int64) error {
	if p.opt.Dir == "" {
		return nil // not open yet
	}
	p.disk = filepath.Join(p.opt.Dir, "shop.log")
	want := p.opt.Quota * percent / 100
	if info, err := os.Stat(p.disk); err == nil && info.Size() == want {
		return nil
	}
	line := []byte("2026-01-01T00:00:00Z shop: order accepted, nothing to see here\n")
	text := make([]byte, 0, want)
	for int64(len(text))+int64(len(line)) <= want {
		text = append(text, line...)
	}
	text = append(text, make([]byte, want-int64(len(text)))...)
	if err := os.WriteFile(p.disk, text, 0o600); err != nil {
		return fmt.Errorf("patient: write disk: %w", err)
	}
	return nil
}

// State is what the patient and its monitor look like now.
func (p *Patient) State() State {
	monitor := p.Monitor.state()
	p.mu.Lock()
	defer p.mu.Unlock()
	m := p.measured()
	p.forget()
	st := State{
		Ailment: p.ail.Name, Description: p.ail.Description, Since: p.since,
		Address: p.address, Listening: p.door.stance == open, Total: p.total,
		Restarts: m.restarts, Recoveries: newest(p.recoveries, 50), Disk: m.disk, Queue: m.queue, Lag: m.lag,
		Certificate: m.days, Monitor: monitor, Log: newest(p.log, 100), Ailments: Ailments(),
	}
	if p.ail.Name == "slow" {
		st.Latency = slowness
	}
	for _, r := range p.requests {
		if r.ok {
			st.Served++
		} else {
			st.Failed++
		}
	}
	return st
}

// Recoveries is every healing call so far, oldest first.
func (p *Patient) Recoveries() []Recovery {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.recoveries)
}

func newest[T any](all []T, most int) []T {
	list := []T{}
	for n := len(all) - 1; n >= 0 && len(list) < most; n-- {
		list = append(list, all[n])
	}
	return list
}
