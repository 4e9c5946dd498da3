package outbox

import (
	"encoding/json"
	"time"

	"amsbot/store"
)

// actState is what is known of a pending act. The engine's goroutine owns it;
// while busy, attempt has a copy of what it needs.
type actState struct {
	act  Act
	pos  uint64
	line *line
	rank int
	lane string // "" unless its receiver is Paced
	way  way

	breaker *breaker // nil: there is no receiver
	bad     string   // why it can never be delivered

	busy    bool
	thread  string  // where its next try is said together with others; "" by itself
	over    bool    // it called nobody any more when it was to be said together with others
	settled bool    // recorded; the store will not list it again
	odd     bool    // it did, and that was said
	gone    bool    // the store does not list it any more
	look    bool    // it may have happened: find it before doing it
	blind   bool    // the last try knew no card to go by
	left    *Result // it is left unsaid, if the try under way comes to nothing and knew no card
	stands  bool    // since the try under way began its card stands
	tries   int     // so far
	halved  int     // so often a call that it shared took too long
	after   time.Time
	answer  *Result // Done or Refused, and not yet recorded
}

func (e *engine) newAct(p store.Pending) *actState {
	s := &actState{
		act: Act{
			Incident: p.Event.Incident, Seq: p.Event.Seq, To: p.To,
			By: p.Event.By, At: p.Event.At,
		},
		pos: p.Event.Pos,
		// An earlier process may have done it and died before it could say so.
		look:  p.Unknown || p.Event.Epoch < e.epoch,
		tries: p.Tries,
		after: p.NotBefore,
	}
	now := time.Now()
	if latest := now.Add(restCap); s.after.After(latest) {
		s.after = latest // the clock was set back since
	}
	if s.act.At.After(now) { // the same, and the incident's own time is ahead of it
		s.act.At = now.UTC()
	}
	var data struct {
		Kind  string          `json:"kind"`
		Args  json.RawMessage `json:"args"`
		Calls bool            `json:"calls"`
		Name  string          `json:"name"`
		Lang  string          `json:"language"`
	}
	err := p.Event.Into(&data)
	s.act.Kind, s.act.Args, s.rank = data.Kind, data.Args, rankOf(data.Kind)
	s.act.Calls, s.act.Name, s.act.Language = data.Calls, data.Name, data.Lang
	receiver := e.Receivers[p.To]
	switch {
	case err != nil || data.Kind == "":
		s.bad = "outbox.unread"
	case receiver == nil:
		s.bad = "outbox.nowhere"
	default:
		s.lane, s.way = e.wayOf(receiver, s.act)
		s.breaker = e.breakerOf(p.To, receiver)
	}
	return s
}

// wayOf is the lane of an act and the gates on its way.
func (e *engine) wayOf(receiver Receiver, act Act) (lane string, gates way) {
	paced, ok := receiver.(Paced)
	if !ok {
		return "", e.gates.acting(act.To)
	}
	if lane = e.laneOfAct(paced, act); lane == "" {
		return "", way{}
	}
	return lane, e.gates.posting(lane)
}

// rankNow is the rank that an act has now: what calls people goes before cards that
// nobody has seen yet, as soon as the card that it belongs to stands.
func (e *engine) rankNow(s *actState) int {
	card := e.views["card:"+s.act.Incident]
	if s.act.Calls && !s.over && (card == nil || card.ref != "") {
		return min(s.rank, rankPost)
	}
	return s.rank
}

// wayNow is empty for what does not leave any more: an answer that only has to
// be recorded, and what can never be delivered.
func (s *actState) wayNow() way {
	if s.answer != nil || s.bad != "" {
		return way{}
	}
	return s.way
}
