package outbox

import (
	"reflect"
	"strings"
	"time"
)

// An index is drawn again at most once a second, and edited less often than that:
// at once when somebody came who is not named yet, else at leisure. So it leaves
// room for the edits of cards, which share its limit.
const (
	redrawEvery = time.Second
	nameEvery   = 1500 * time.Millisecond
	editEvery   = 5 * time.Second
	drawShare   = 10 // drawing takes a tenth of the time at most: what comes in has the rest
)

// indexName begins the keys of indexes.
const indexName = "index"

// indexNext is next for an index.
func (e *engine) indexNext(s *viewState, now time.Time) (*candidate, time.Time) {
	c := e.crowdOf(s.key)
	drawn := s.draft != nil && s.drawn >= s.wanted
	switch {
	case s.shown != nil:
		return e.viewCandidate(s), time.Time{}
	case !drawn && !now.Before(c.redraw):
		return &candidate{order: s.order, rowKey: rowKey{place: "draw", rank: rankEscalate, all: true}, begin: func() call { return e.beginDraw(s) }}, time.Time{}
	case s.draft == nil || s.drawn <= s.done:
		return nil, c.redraw
	}
	if at := c.showsAt(s); now.Before(at) {
		if !drawn {
			at = earlier(at, c.redraw)
		}
		return nil, at
	}
	k := e.viewCandidate(s)
	k.rank, k.all = rankPost, true
	k.begin, k.way, k.place = func() call { return e.beginShow(s) }, e.wayOfView(s, s.ref == ""), "view "+s.name
	k.lane, k.urgency = s.lane, -1
	return k, time.Time{}
}

// showsAt is when the draft of an index may be shown.
func (c *crowd) showsAt(s *viewState) time.Time {
	switch {
	case s.ref == "", s.draft.Call.Last:
		return time.Time{}
	case c.fresh.After(c.drawn):
		return c.posted.Add(nameEvery)
	}
	return c.posted.Add(editEvery)
}

// indexDrawn takes over a draft of an index: who was asked for is shown, and a
// draft that says what stands already is as good as shown.
func (e *engine) indexDrawn(s *viewState, began time.Time) {
	c := e.crowdOf(s.key)
	now := time.Now()
	c.redraw = now.Add(min(max(redrawEvery, drawShare*now.Sub(began)), editEvery))
	s.began = began
	e.indexAsks(c, s.draft.Call)
	if s.ref != "" && !s.draft.Call.Last && !s.draft.Skip && reflect.DeepEqual(s.draft.Body, c.body) {
		s.done = s.drawn
		c.drawn = began
	}
}

// indexAsks takes over what an index asks for.
func (e *engine) indexAsks(c *crowd, call CrowdView) {
	for _, key := range call.Cards {
		if card := e.views[key]; card != nil && !card.asked {
			card.asked = true
			e.stirView(card)
		}
	}
	if c.beside = call.Beside; len(c.beside) > 0 {
		e.stir(c)
	}
}

// indexShown takes over where an index stands.
func (e *engine) indexShown(s *viewState) {
	c := e.crowdOf(s.key)
	if stood := c.ref != ""; stood != (s.ref != "") {
		for incident := range e.lines { // what is said for many together is said in its thread
			e.stirLines(incident)
		}
	}
	if calm := time.Now().Add(calmAfter); c.on && c.ref == "" && s.ref != "" && c.calm.Before(calm) {
		c.calm = calm // it stands for a while, however long that took
	}
	c.ref = s.ref
	if s.draft != nil && s.done >= s.drawn && s.ref != "" {
		c.body, c.drawn, c.posted = s.draft.Body, s.began, time.Now()
	}
	e.stir(c)
}

// needless says that nobody has to see a view, as long as it does not stand.
func (e *engine) needless(s *viewState, v View) bool {
	switch {
	case !v.Quiet || s.ref != "":
		return false
	case v.Index == "": // it is of a crowd itself
		return v.Call.Last
	}
	c := e.crowdOf(v.Index)
	return c.passed(s) || !c.on && s.done > 0
}

// passOver takes a needless view for shown, and will not say what was to be said
// there. One that was tried to be posted, or may have been by an earlier process, is
// looked for first: see showing.
func (e *engine) passOver(s *viewState, v View) bool {
	if s.lost || (s.look || v.Look) && !s.sure || !e.needless(s, v) {
		return false
	}
	e.leaveUnsaid(s, v.Version, v.Unsaid)
	return true
}

// leaveUnsaid settles what was to be said, up to a version, where a view does not stand:
// the incident may have begun anew since. What calls people is not among it, unless
// nobody had to see the view when it was drawn with that in it.
func (e *engine) leaveUnsaid(s *viewState, version uint64, why string) {
	incident, _ := strings.CutPrefix(s.key, "card:")
	for _, l := range e.lines[incident] {
		for _, a := range l.acts {
			if a.lane == "" || a.pos > version || a.act.Calls && !(s.draft.Quiet && a.pos <= s.draft.Version) || a.settled || a.answer != nil {
				continue
			}
			if unsaid := (&Result{State: Refused, Why: why}); a.busy {
				a.left = unsaid
			} else {
				a.answer, a.after = unsaid, time.Time{}
			}
		}
		e.stir(l)
	}
}
