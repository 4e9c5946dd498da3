package outbox

import (
	"encoding/json"
	"time"

	"amsbot/store"
)

// actID is the name of an act, the same after every restart.
type actID struct {
	incident string
	seq      uint64
}

// actState is what is known of a pending act. The engine's goroutine owns it;
// while busy, attempt has a copy of what it needs.
type actState struct {
	act   Act
	rank  int
	lane  string // "" unless its receiver is Paced
	gates []*gate
	bad   string // why it can never be delivered
	calls bool   // people are called by it

	busy    bool
	settled bool // recorded; the store will not list it again
	odd     bool // it did, and that was said
	look    bool // it may have happened: find it before doing it
	blind   bool // the last try knew no card to go by
	tries   int  // so far
	after   time.Time
	answer  *Result // Done or Refused, and not yet recorded
}

// queueID is a line in which acts keep their order.
type queueID struct{ incident, to string }

func (s *actState) queue() queueID { return queueID{s.act.Incident, s.act.To} }

// listActs takes over what is pending. What the store no longer lists is
// settled; a call that is still under way for it keeps its place in the line.
func (e *engine) listActs(pending []store.Pending) {
	listed := make(map[actID]*actState, len(pending))
	var order []*actState
	for _, p := range pending {
		id := actID{p.Event.Incident, p.Event.Seq}
		s := e.acts[id]
		if s == nil {
			s = e.newAct(p)
		}
		if s.settled && !s.odd {
			s.odd = true
			e.Log.Error("outbox: the conductor recorded an act and did not settle it", "act", s.act.Marker())
		}
		listed[id] = s
		order = append(order, s)
	}
	for _, s := range e.order {
		id := actID{s.act.Incident, s.act.Seq}
		if s.busy && listed[id] == nil {
			listed[id] = s
			order = append(order, s)
		}
	}
	e.acts, e.order = listed, order
}

func (e *engine) newAct(p store.Pending) *actState {
	s := &actState{
		act: Act{
			Incident: p.Event.Incident, Seq: p.Event.Seq, To: p.To,
			By: p.Event.By, At: p.Event.At,
		},
		// An earlier process may have done it and died before it could say so.
		look:  p.Unknown || p.Event.Epoch < e.epoch,
		tries: p.Tries,
		after: p.NotBefore,
	}
	if latest := time.Now().Add(restCap); s.after.After(latest) {
		s.after = latest // the clock was set back since
	}
	var data struct {
		Kind  string          `json:"kind"`
		Args  json.RawMessage `json:"args"`
		Calls bool            `json:"calls"`
	}
	err := p.Event.Into(&data)
	s.act.Kind, s.act.Args, s.rank = data.Kind, data.Args, rankOf(data.Kind)
	s.calls = data.Calls
	receiver := e.Receivers[p.To]
	switch {
	case err != nil || data.Kind == "":
		s.bad = "The act cannot be read."
	case receiver == nil:
		s.bad = "Nothing here delivers to " + p.To + "."
	default:
		s.lane, s.gates = e.wayOf(receiver, s.act)
	}
	return s
}

// wayOf is the lane of an act and the gates on its way.
func (e *engine) wayOf(receiver Receiver, act Act) (lane string, way []*gate) {
	paced, ok := receiver.(Paced)
	if !ok {
		return "", e.gates.acting(act.To)
	}
	if lane = e.laneOfAct(paced, act); lane == "" {
		return "", nil
	}
	return lane, e.gates.posting(lane)
}

// actCandidates are the acts that may leave now, at most one per line, and when
// the next one may.
func (e *engine) actCandidates(now time.Time) (waiting []candidate, wake time.Time) {
	const none, quiet, all = 0, 1, 2
	held := map[queueID]int{}
	for _, s := range e.order {
		if s.busy {
			held[s.queue()] = all
		}
	}
	for _, s := range e.order {
		q := s.queue()
		if s.settled || held[q] == all || held[q] == quiet && !pressing(s.rank) {
			continue
		}
		if now.Before(s.after) {
			wake = earlier(wake, s.after)
			held[q] = quiet
			if pressing(s.rank) {
				held[q] = all
			}
			continue
		}
		held[q] = all
		waiting = append(waiting, candidate{
			place: "act " + s.act.To, lane: s.lane, rank: e.turnOf(s), all: pressing(s.rank),
			gates: s.way(), begin: func() call { return e.attempt(s) },
		})
	}
	return waiting, wake
}

// turnOf is the rank that an act has now: what calls people goes before cards that
// nobody has seen yet, as soon as the card that it belongs to stands.
func (e *engine) turnOf(s *actState) int {
	card := e.views["card:"+s.act.Incident]
	if s.calls && (card == nil || card.ref != "") {
		return min(s.rank, rankPost)
	}
	return s.rank
}

// way is empty for what does not leave any more: an answer that only has to be
// recorded, and what can never be delivered.
func (s *actState) way() []*gate {
	if s.answer != nil || s.bad != "" {
		return nil
	}
	return s.gates
}
