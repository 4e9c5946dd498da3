package bot

import (
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"amsbot/bot/words"
)

// seenWithin is how far back "Seen N times" looks.
const seenWithin = 30 * 24 * time.Hour

// seenMost is how many of them are kept.
const seenMost = 1000

// sightings is how often a scenario's target was in trouble, oldest first, and
// what came of it the last time.
type sightings struct {
	Times []time.Time `json:"times"`
	Last  *sighting   `json:"last,omitempty"`
}

// sighting is what came of one incident.
type sighting struct {
	Number  int           `json:"number"`
	At      time.Time     `json:"at"`
	Outcome Outcome       `json:"outcome"`
	By      string        `json:"by,omitempty"` // a person, if one recovered it
	Took    time.Duration `json:"took"`
}

// seenBefore is what the card says about earlier incidents of the same scenario
// and target, as it was when this one was matched.
type seenBefore struct {
	N    int       `json:"n"` // in 30 days, this one not counted
	Last *sighting `json:"last,omitempty"`
}

// sight puts this incident on record, and returns what there was before it. A
// further run of the same incident is no new sighting.
func (c *change) sight(m *matched) {
	key := m.seenGuard()
	c.guard(usedGuard(m.Project.Name, m.Scenario), usedLast{Number: c.in.number(), At: c.now})
	var s sightings
	if _, err := c.view.Guard(key, &s); err != nil {
		return // the commit fails by itself
	}
	s.Times = slices.DeleteFunc(s.Times, func(t time.Time) bool { return c.now.Sub(t) > seenWithin })
	if c.in.run.N > 1 {
		return
	}
	if n := len(s.Times); n > 0 {
		m.Seen = &seenBefore{N: n, Last: s.Last}
	}
	s.Times = append(s.Times, c.now)
	if len(s.Times) > seenMost {
		s.Times = s.Times[1:]
	}
	c.guard(key, s)
}

// remember keeps what came of this incident, as last concluded, for the next of
// its target.
func (c *change) remember(out Outcome) {
	m := c.in.match
	if m == nil || c.in.run == nil {
		return
	}
	key := m.seenGuard()
	var s sightings
	if ok, err := c.view.Guard(key, &s); err != nil || !ok {
		return
	}
	s.Last = &sighting{Number: c.in.number(), At: c.now, Outcome: out, Took: c.now.Sub(c.in.run.Since)}
	if p := c.in.pass; p.by != nil && out == RecoveredByWord {
		s.Last.By = p.by.Name
	}
	c.guard(key, s)
}

// words say how often it was seen, and what came of it the last time.
func (s *seenBefore) words(w words.Catalogue) string {
	text := w.Say("seen", s.N)
	if s.N == 1 {
		text = w.Say("seen.once")
	}
	l := s.Last
	if l == nil {
		return text
	}
	out := w.Say("outcome." + outcomeKey(l.Outcome))
	if l.By != "" {
		out = w.Say("seen.by", l.By)
	}
	return text + w.Say("seen.last", l.Number, lowerFirst(out), w.Took(l.Took))
}

// lowerFirst makes a text that stands alone part of a sentence.
func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
