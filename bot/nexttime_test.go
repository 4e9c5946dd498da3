package bot

import (
	"testing"
	"time"
	_ "time/tzdata" // machines that know no zones

	"amsbot/scenarios"
)

// waits are the ways in which an incident waits for a time: the history from a
// moment on, what it waits for, how long, and what it does then.
var waits = []struct {
	name string
	have func(*testing.T, time.Duration) *past
	wait time.Duration
	then string
}{
	{"to be read again", func(t *testing.T, from time.Duration) *past {
		p := history(t, "auto").later(from).received("incident.triggered")
		p.add(kindUnread, unread{Again: p.at.Add(5 * time.Minute)})
		return p
	}, 5 * time.Minute, "read"},
	{"for alerts", func(t *testing.T, from time.Duration) *past {
		p := history(t, "auto").later(from).received("incident.triggered").read(func(s *Snapshot) { s.Incident.Alerts = nil })
		p.add(kindRun, runBegan{N: 1, Since: p.at})
		return p
	}, 5 * time.Second, "read"},
	{"for a person", func(t *testing.T, from time.Duration) *past {
		p := history(t, "ask").later(from).checkedSince(scenarios.NG).gathered()
		p.add(kindOffered, offered{Acts: []string{DoRecover, DoCheck}, Expires: p.at.Add(30 * time.Minute)})
		return p
	}, 30 * time.Minute, "end expired"},
	{"in a step", func(t *testing.T, from time.Duration) *past {
		p := history(t, "auto").later(from).checkedSince(scenarios.NG).gathered().read(nil).intended()
		p.started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, scenarios.OK)
		p.add(kindStarted, stepStarted{place: place{Pass: 3, Phase: scenarios.Recover, Step: 1}, Until: p.at.Add(10 * time.Second)})
		return p
	}, 10 * time.Second, "waited recover [1]"},
	{"to settle", func(t *testing.T, from time.Duration) *past {
		p := history(t, "auto").later(from).checkedSince(scenarios.NG).gathered().read(nil).intended()
		return p.started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, scenarios.OK).judged(scenarios.Recover, 0, scenarios.OK)
	}, 5 * time.Second, "run recheck [0]"},
	{"for the next round", func(t *testing.T, from time.Duration) *past {
		p := history(t, "auto").later(from).checkedSince(scenarios.NG).gathered().read(nil).intended()
		p.started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, scenarios.OK).judged(scenarios.Recover, 0, scenarios.OK)
		return p.later(5*time.Second).started(scenarios.Recheck, 1, 0).ended(scenarios.Recheck, 1, 0, scenarios.OK).judged(scenarios.Recheck, 1, scenarios.OK)
	}, 2 * time.Second, "run recheck [0]"},
}

// checkedSince is checked for an incident that begins now and not with the year.
func (p *past) checkedSince(v scenarios.Verdict) *past {
	from := len(p.events)
	p.checked(v)
	for i := range p.events[from:] {
		if p.events[from+i].Kind == kindRun {
			rest := p.events[from+i+1:]
			p.events = p.events[:from+i]
			p.add(kindRun, runBegan{N: 1, Since: p.at, Self: Person{ID: "PBOT"}})
			p.events = append(p.events, rest...)
		}
	}
	return p
}

// what is the todo without when it looks again.
func (t todo) what() string {
	t.due = time.Time{}
	return t.String()
}

// Waiting takes as long as it says while clocks go forward or back by an hour, in
// whatever zone the moments are written.
func TestNextWhileClocksChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []time.Time{time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 1, 0, 0, 0, time.UTC)} {
		_, before := change.Add(-time.Second).In(berlin).Zone()
		if _, after := change.In(berlin).Zone(); before == after {
			t.Fatalf("no clock changes at %s", change)
		}
		for _, w := range waits {
			p := w.have(t, change.Sub(begin)-w.wait/2-5*time.Second) // it waits across the change
			from := p.at
			for i := range p.events {
				p.events[i].At = p.events[i].At.In(berlin)
			}
			in := fold("pd:a:Q1", p.epoch, p.events)
			for _, at := range []time.Duration{0, w.wait / 2, w.wait - time.Nanosecond} {
				got := next(in, p.sc, from.Add(at).In(berlin))
				if got.what() != "" || !got.due.Equal(from.Add(w.wait)) {
					t.Errorf("%s, %s after %s: %s, due after %s", w.name, at, from, got.what(), got.due.Sub(from))
				}
			}
			if got := next(in, p.sc, from.Add(w.wait).In(berlin)); got.what() != w.then {
				t.Errorf("%s, when the time has come: %s", w.name, got.what())
			}
		}
	}
}

// The clock was set back, by a second or a year: nothing is done early or twice,
// nothing waits longer than until the moment that was said, and what comes of it
// then is what would have come of it.
func TestNextUnderAnEarlierClock(t *testing.T) {
	for _, w := range waits {
		p := w.have(t, 0)
		due := p.at.Add(w.wait)
		in := fold("pd:a:Q1", p.epoch, p.events)
		for _, back := range []time.Duration{time.Second, time.Hour, 365 * 24 * time.Hour} {
			got := next(in, p.sc, p.at.Add(-back))
			if got.what() != "" || got.due.IsZero() || got.due.After(due) {
				t.Errorf("%s, set back by %s: %s, due after %s", w.name, back, got.what(), got.due.Sub(p.at))
			}
		}
		if got := next(in, p.sc, due); got.what() != w.then {
			t.Errorf("%s, when the time has come: %s", w.name, got.what())
		}
		if got := next(in, p.sc, due.Add(365*24*time.Hour)); got.what() == "" {
			t.Errorf("%s, set forward by a year: it waits on, until %s", w.name, got.due)
		}
	}
}

// What has no time to wait for is done whatever the clock says.
func TestNextActsUnderAnyClock(t *testing.T) {
	for name, c := range map[string]struct {
		have *past
		want string
	}{
		"read":         {history(t, "auto").received("incident.triggered").read(nil), "begin"},
		"matched":      {history(t, "auto").matched(), "run check [0]"},
		"a step runs":  {history(t, "auto").matched().started(scenarios.Check, 0, 0), ""},
		"a step ended": {history(t, "auto").matched().started(scenarios.Check, 0, 0).ended(scenarios.Check, 0, 0, scenarios.NG), "judge check NG true"},
		"gathered":     {history(t, "ask").checked(scenarios.NG).gathered(), "ask"},
	} {
		in := fold("pd:a:Q1", c.have.epoch, c.have.events)
		for _, back := range []time.Duration{0, time.Second, time.Hour, 365 * 24 * time.Hour} {
			if got := next(in, c.have.sc, c.have.at.Add(-back)); got.what() != c.want {
				t.Errorf("%s, set back by %s: %s, want %s", name, back, got.what(), c.want)
			}
		}
	}
}
