package bot

import (
	"slices"
	"time"

	"amsbot/store"
)

// storm is a storm as its events tell it.
type storm struct {
	key     string
	epoch   uint64
	seq     uint64
	first   time.Time
	last    time.Time
	changed time.Time // when the newest event was written that says more than that somebody was refused
	joinAt  time.Time // when the newest incident joined
	began   stormBegan
	members []*stormMember
	offers  []*offer
	request *plea    // what somebody asked for and another has to approve; nil where nobody can any more
	click   *clicked // the decision that is being carried out
	clickAt uint64
	stopped string
	closed  bool
	calm    bool           // the brake has let go
	called  bool           // people know of those who wait
	refused map[string]int // how often a person was
}

type stormMember struct {
	member
	joined uint64 // the event that said so
	state  string
	words  string
	proved bool
	sent   uint64 // the batch
}

func foldStorm(key string, epoch uint64, events []store.Event) *storm {
	s := &storm{key: key, epoch: epoch}
	for _, e := range events {
		s.add(e)
	}
	return s
}

func (s *storm) add(e store.Event) {
	s.seq, s.last = e.Seq, e.At
	if e.Kind != kindRefused {
		s.changed = e.At
	}
	if s.first.IsZero() {
		s.first = e.At
	}
	switch e.Kind {
	case kindStorm:
		s.began, _ = into[stormBegan](e)
	case kindJoined:
		s.addMembers(e)
	case kindSent:
		s.addBatch(e)
	case kindCame:
		if c, ok := into[came](e); ok {
			if m := s.member(c.Incident); m != nil {
				m.state, m.words, m.proved = c.State, c.Words, c.Proved
			}
		}
		if !s.any(stormWaits) { // who joins later, nobody has heard of
			s.called = false
		}
	case kindOffered:
		s.offers = append(s.offers, &offer{seq: e.Seq, pos: e.Pos, act: DoAll, at: e.At})
	case kindRequested:
		if r, ok := into[requested](e); ok {
			s.request = &plea{requested: r, seq: e.Seq}
			s.offers = append(s.offers, &offer{seq: e.Seq, pos: e.Pos, act: DoApprove, at: e.At})
		}
	case kindWithdrawn, kindExpired:
		s.request = nil
	case kindClicked:
		if c, ok := into[clicked](e); ok {
			s.addClick(e, c)
		}
	case kindStopped:
		if x, ok := into[stopped](e); ok {
			s.click, s.stopped, s.called = nil, x.Why, x.Why != "" && s.any(stormWaits)
		}
	case kindRefused:
		if r, ok := into[refused](e); ok {
			if s.refused == nil {
				s.refused = map[string]int{}
			}
			s.refused[r.User]++
		}
	case kindTold:
		s.called = true
	case kindCalm:
		s.calm = true
	case kindClosed:
		s.closed = true
	}
}

// addClick takes in a decision: that of whoever asked, where another has approved it.
func (s *storm) addClick(e store.Event, c clicked) {
	by := &c
	if c.Act == DoApprove && s.request != nil && s.request.seq == c.Offer {
		asked := s.request.clicked
		asked.Approved = &approver{User: c.User, Name: c.Name, As: c.As}
		by = &asked
	}
	s.request = nil
	s.click, s.clickAt, s.stopped, s.called = by, e.Seq, "", false
	for _, o := range s.offers {
		switch {
		case o.spent != nil:
		case o.act == DoApprove:
			o.spent, o.spentAt = &c, e.At
		default:
			o.spent, o.spentAt = by, e.At
		}
	}
}

func (s *storm) addMembers(e store.Event) {
	j, ok := into[joining](e)
	if !ok {
		return
	}
	s.joinAt = e.At
	for _, m := range j.Members {
		if old := s.member(m.Incident); old != nil { // it was held once more
			*old = stormMember{member: m, joined: e.Seq, state: stormWaits}
			continue
		}
		s.members = append(s.members, &stormMember{member: m, joined: e.Seq, state: stormWaits})
	}
}

func (s *storm) addBatch(e store.Event) {
	b, ok := into[sent](e)
	if !ok {
		return
	}
	for _, key := range b.Incidents {
		if m := s.member(key); m != nil {
			m.state, m.sent = stormRuns, e.Seq
		}
	}
}

func (s *storm) member(incident string) *stormMember {
	i := slices.IndexFunc(s.members, func(m *stormMember) bool { return m.Incident == incident })
	if i < 0 {
		return nil
	}
	return s.members[i]
}

// any says whether a member is in a state.
func (s *storm) any(state string) bool {
	return slices.ContainsFunc(s.members, func(m *stormMember) bool { return m.state == state })
}

// in are the members in a state, by number.
func (s *storm) in(state string) []*stormMember {
	var out []*stormMember
	for _, m := range s.members {
		if m.state == state {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b *stormMember) int { return a.Number - b.Number })
	return out
}

// named are those who still wait and stood on the card that a click was made on:
// it is for them that a person decided.
func (s *storm) named(offer uint64) []*stormMember {
	return slices.DeleteFunc(s.in(stormWaits), func(m *stormMember) bool { return m.joined > offer })
}

// standing is the newest offer that was not taken; nil while a decision is being
// carried out, or where nobody waits of those whom it named.
func (s *storm) standing() *offer {
	for _, o := range slices.Backward(s.offers) {
		if o.act != DoAll {
			continue
		}
		if s.closed || s.click != nil || o.spent != nil || len(s.named(o.seq)) == 0 {
			return nil
		}
		return o
	}
	return nil
}
