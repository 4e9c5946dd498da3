package bot

import (
	"cmp"
	"slices"
	"time"
)

// stormTells is how long a storm waits before it says in the channel what is
// going on: so long its first incidents come in, and people are told once.
const stormTells = time.Second

// stormLook is how often a storm looks at its incidents when none of them has
// said anything.
const stormLook = 15 * time.Second

// stormWaitsFor is how long a decision is waited for where the scenario does not say.
const stormWaitsFor = 30 * time.Minute

// ran is what a storm sees of one of its incidents now.
type ran struct {
	state  string // as the storm has it: nothing new
	words  string
	proved bool
	at     uint64 // the storm's last event when it looked: what joined since is not what it saw
}

// stormStep is what is to be done about a storm now: a pure consequence of its
// events, of how its incidents are, and of the time.
type stormStep struct {
	tell   bool // say in the channel what is going on
	came   []came
	batch  []string
	canary bool
	stop   string // the incident that did not come well
	done   bool   // the decision is carried out
	offer  bool
	calm   bool // the brake lets go
	close  bool
	ends   bool // nobody approves what somebody asked for any more: its time is over, or what it was about
	due    time.Time
}

// nextStorm says what is to be done about a storm. seen are its incidents as
// they are now, by key.
func nextStorm(s *storm, seen map[string]ran, now time.Time) (t stormStep) {
	if s.closed {
		return t
	}
	t.due = now.Add(stormLook)
	if t.came = s.news(seen); len(t.came) > 0 {
		return t // what follows from it is decided when it is written
	}
	if r := s.request; r != nil {
		if t.ends = !now.Before(r.Expires) || len(s.named(r.Offer)) == 0; t.ends {
			return t
		}
		defer func() {
			if r.Expires.Before(t.due) {
				t.due = r.Expires
			}
		}()
	}
	waits := s.in(stormWaits)
	switch {
	case s.any(stormRuns):
	case s.click != nil:
		s.nextBatch(&t)
	case len(waits) > 0 && !s.called:
		if tells := s.first.Add(stormTells); now.Before(tells) {
			t.due = tells
		} else {
			t.tell = true
		}
	case len(waits) > 0 && (s.standing() == nil || s.standing().seq < newest(waits)):
		t.offer = true
	case len(waits) > 0:
		t.calm = !s.calm && !now.Before(s.joinAt.Add(max(s.began.Per, cmp.Or(s.began.Approval, stormWaitsFor))))
	case !now.Before(s.joinAt.Add(s.began.Per)):
		t.close = true
	default:
		t.due = s.joinAt.Add(s.began.Per)
	}
	return t
}

// news is what came of incidents since it was written. What nobody has told to
// run does not run, and what was held once more waits, whatever it looked like before.
func (s *storm) news(seen map[string]ran) []came {
	var out []came
	for _, m := range s.members {
		r, ok := seen[m.Incident]
		switch {
		case !ok || m.state != stormWaits && m.state != stormRuns, m.joined > r.at, r.state == m.state, r.state == stormRuns:
		case len(out) < cameMost:
			out = append(out, came{Incident: m.Incident, Number: m.Number, State: r.state, Words: r.words, Proved: r.proved})
		}
	}
	return out
}

// cameMost bounds the events of one commit.
const cameMost = 200

// nextBatch goes on with a decision: first one alone, and when it has come well
// as many at once as the scenario lets; it stops at the first that did not.
func (s *storm) nextBatch(t *stormStep) {
	for _, m := range s.members {
		if m.sent <= s.clickAt {
			continue
		}
		if m.state == stormBad || m.state == stormWaits { // the latter was held for what holds the others, too
			t.stop = m.Incident
			return
		}
	}
	left := s.named(s.click.Offer)
	if len(left) == 0 {
		t.done = true
		return
	}
	n := 1
	if t.canary = !s.proved(); !t.canary {
		n = min(max(1, s.began.Parallel), len(left))
	}
	for _, m := range left[:n] {
		t.batch = append(t.batch, m.Incident)
	}
}

// proved says whether the recovery has helped any of this decision: what had
// left by itself, or was well before it began, shows nothing about it.
func (s *storm) proved() bool {
	return slices.ContainsFunc(s.members, func(m *stormMember) bool { return m.sent > s.clickAt && m.proved })
}

func newest(members []*stormMember) uint64 {
	var seq uint64
	for _, m := range members {
		seq = max(seq, m.joined)
	}
	return seq
}
