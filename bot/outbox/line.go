package outbox

import (
	"fmt"
	"slices"
	"time"

	"amsbot/store"
)

// line are the pending acts of one incident for one receiver, in their order.
type line struct {
	spot
	incident, to string
	acts         []*actState
}

// next is the first act that may leave. One that waits for another try holds
// up those behind it, but not what presses.
func (l *line) next(e *engine, now time.Time) (c *candidate, wake time.Time) {
	if slices.ContainsFunc(l.acts, func(s *actState) bool { return s.busy }) {
		return nil, time.Time{}
	}
	quiet := false
	for _, s := range l.acts {
		if s.settled || quiet && !pressing(s.rank) || e.withheld(s) {
			continue
		}
		if !now.Before(s.after) {
			if c := e.speaker(s); c != nil && !s.look {
				if at, wait := c.speaksAt(now); wait {
					return nil, at
				}
			}
			return e.actCandidate(s), time.Time{}
		}
		wake = earlier(wake, s.after)
		if pressing(s.rank) {
			break
		}
		quiet = true
	}
	return nil, wake
}

func (e *engine) actCandidate(s *actState) *candidate {
	c := &candidate{
		rowKey: rowKey{place: "act " + s.act.To, lane: s.lane, rank: e.rankNow(s), all: pressing(s.rank), way: s.wayNow()},
		order:  s.pos, act: s,
	}
	if s.answer == nil && s.bad == "" {
		c.breaker = s.breaker
	}
	if crowd := e.speaker(s); crowd != nil {
		c.lane, c.rank, c.way = crowd.Lane, rankPost, e.gates.posting(crowd.Lane)
		if c.group, c.most = crowd.index, speakMost; s.look {
			c.group, c.way = "", way{}
		}
		return c
	}
	if bulk, ok := e.Receivers[s.act.To].(Bulk); ok && s.answer == nil && s.bad == "" && !s.look {
		var name string
		if name, c.most = e.together(bulk, s.act); name != "" {
			c.most = max(c.most>>(2*s.halved), 1)
			c.group = fmt.Sprint(s.act.Kind, " ", name, " ", c.most)
		}
	}
	return c
}

// addAct puts a new act into its line.
func (e *engine) addAct(p store.Pending) {
	s := e.newAct(p)
	incident, to := s.act.Incident, s.act.To
	n := slices.IndexFunc(e.lines[incident], func(l *line) bool { return l.to == to })
	if n < 0 {
		l := &line{incident: incident, to: to}
		l.unit = l
		n = len(e.lines[incident])
		e.lines[incident] = append(e.lines[incident], l)
	}
	s.line = e.lines[incident][n]
	at, _ := slices.BinarySearchFunc(s.line.acts, s.pos, func(a *actState, pos uint64) int {
		return int(a.pos) - int(pos)
	})
	s.line.acts = slices.Insert(s.line.acts, at, s)
	e.acts[s.pos] = s
	e.stir(s.line)
}

// dropAct forgets an act that is settled.
func (e *engine) dropAct(s *actState) {
	l := s.line
	delete(e.acts, s.pos)
	l.acts = slices.DeleteFunc(l.acts, func(other *actState) bool { return other == s })
	e.stir(l)
	if len(l.acts) > 0 {
		return
	}
	rest := slices.DeleteFunc(e.lines[l.incident], func(other *line) bool { return other == l })
	if e.lines[l.incident] = rest; len(rest) == 0 {
		delete(e.lines, l.incident)
	}
}

// stirLines has an incident's acts looked at again: their turn depends on
// whether its card stands.
func (e *engine) stirLines(incident string) {
	for _, l := range e.lines[incident] {
		e.stir(l)
	}
}

// cardStands lets acts go at once that had no card to go by, now that it stands.
func (e *engine) cardStands(incident string) {
	for _, l := range e.lines[incident] {
		for _, s := range l.acts {
			s.stands = s.busy
			if s.blind && s.answer == nil && !s.look {
				s.after = time.Time{}
			}
		}
	}
	e.stirLines(incident)
}
