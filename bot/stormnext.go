package bot

import "time"

// stormTells is how long a storm waits before it says in the channel what is
// going on: so long its first incidents come in, and people are told once.
const stormTells = time.Second

// stormLook is how often a storm looks at its incidents when none of them has
// said anything.
const stormLook = 15 * time.Second

// ran is what a storm sees of one of its incidents now.
type ran struct {
	state string // stormRuns and stormWaits: nothing new
	words string
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
	close  bool
	due    time.Time
}

// nextStorm says what is to be done about a storm. seen are its incidents as
// they are now, by key.
func nextStorm(s *storm, seen map[string]ran, now time.Time) stormStep {
	var t stormStep
	if s.closed {
		return t
	}
	if !s.called {
		if t.due = s.first.Add(stormTells); now.Before(t.due) {
			return t
		}
		t.tell = true
		return t
	}
	t.due = now.Add(stormLook)
	for _, m := range s.members {
		r, ok := seen[m.Incident]
		if ok && r.state != m.state && (m.state == stormWaits || m.state == stormRuns) {
			t.came = append(t.came, came{Incident: m.Incident, Number: m.Number, State: r.state, Words: r.words})
		}
	}
	if len(t.came) > 0 {
		return t // what follows from it is decided when it is written
	}
	switch waits := s.in(stormWaits); {
	case len(s.in(stormRuns)) > 0:
	case s.click != nil:
		s.nextBatch(&t)
	case len(waits) > 0:
		t.offer = s.standing() == nil || s.standing().seq < newest(waits)
	case !now.Before(s.joinAt.Add(s.began.Per)):
		t.close = true
	default:
		t.due = s.joinAt.Add(s.began.Per)
	}
	return t
}

// nextBatch goes on with a decision: first one alone, and when it has come well
// as many at once as the scenario lets; it stops at the first that did not.
func (s *storm) nextBatch(t *stormStep) {
	var before bool
	for _, m := range s.members {
		if m.sent <= s.clickAt {
			continue
		}
		before = true
		if m.state == stormBad {
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
	t.canary = !before || !s.anyGood()
	if !t.canary {
		n = min(max(1, s.began.Parallel), len(left))
	}
	for _, m := range left[:n] {
		t.batch = append(t.batch, m.Incident)
	}
}

// anyGood says whether anything of this decision has come well: what had left
// by itself shows nothing about the recovery.
func (s *storm) anyGood() bool {
	for _, m := range s.members {
		if m.sent > s.clickAt && m.state == stormGood {
			return true
		}
	}
	return false
}

func newest(members []*stormMember) uint64 {
	var seq uint64
	for _, m := range members {
		seq = max(seq, m.joined)
	}
	return seq
}
