package store

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Change is what a decide wants to be true. All of it is written or nothing.
// The zero Change writes nothing.
type Change struct {
	Events  []NewEvent
	Seen    []string         // dedupe keys to remember for 30 days
	Guards  map[string]any   // by key, as JSON; nil deletes
	Due     *time.Time       // nil: unchanged; zero: none; else when the stream must be looked at
	Open    *bool            // nil: unchanged; a new incident is open
	Summary any              // nil: unchanged; JSON that lists show without reading events
	Names   []string         // by which Named finds the stream, beside those that it has
	Views   []string         // views to be drawn again: up to this change's last event, or the file's last
	Shown   []Shown          // views that were delivered
	Settled []uint64         // Seq of acts of this stream that are no longer pending
	Later   map[uint64]Later // by Seq: when and how pending acts of this stream are to be tried again
	Blobs   [][]byte         // kept under Hash
}

// Shown says that a view was delivered.
type Shown struct {
	Key     string
	Version uint64 // drawn from the events up to this Pos
	Ref     string // where it stands at the receiver; "" leaves what is known
	// Gone: it no longer stands anywhere. Ref is forgotten, and the view counts
	// as delivered up to Version only: 0 asks for a new one if it was ever
	// wanted. What is then neither wanted nor delivered is forgotten.
	Gone bool
}

// plan is a Change that has been checked and encoded: carrying it out can fail
// only because the file does.
type plan struct {
	record  Record
	touched bool   // record is to be written
	stored  []byte // record
	before  Record
	existed bool
	events  []plannedEvent
	names   []string                   // new ones
	guards  map[string]json.RawMessage // nil value: delete
	settled []Pending
	later   []plannedAct
	change  Change
}

type plannedEvent struct {
	event  Event
	stored []byte
	act    *plannedAct // nil: it wants none
}

type plannedAct struct {
	incident string
	seq, pos uint64
	stored   []byte
}

func planAct(e Event, to string, l Later) (plannedAct, error) {
	l.NotBefore = l.NotBefore.Round(0).UTC()
	stored, err := json.Marshal(act{Incident: e.Incident, Seq: e.Seq, To: to, Later: l})
	if err != nil {
		return plannedAct{}, refused("act of event %d: %v", e.Seq, err)
	}
	return plannedAct{incident: e.Incident, seq: e.Seq, pos: e.Pos, stored: stored}, nil
}

// plan checks c against the rules and against v, and writes nothing. pos is
// the file's last position.
func (v *View) plan(c Change, pos uint64) (*plan, error) {
	p := &plan{record: v.record, before: v.record, existed: v.exists, change: c}
	p.record.Key = v.incident
	if !v.exists {
		p.record.Open = v.incident != BotStream
	}
	for _, check := range []func(*View, Change) error{
		func(v *View, c Change) error { return p.planEvents(v, c, pos) },
		p.planRecord, p.planGuards, p.planActs,
	} {
		if err := check(v, c); err != nil {
			return nil, err
		}
	}
	return p, p.checkRest(c, max(pos, p.record.Pos))
}

func (p *plan) planEvents(v *View, c Change, pos uint64) error {
	if len(c.Events) > maxEvents {
		return refused("%d events, at most %d", len(c.Events), maxEvents)
	}
	for i, n := range c.Events {
		if err := checkKey("kind of an event", n.Kind); err != nil {
			return err
		}
		e := Event{
			V: eventVersion, Incident: v.incident, Seq: p.record.Seq + 1, Pos: pos + uint64(i) + 1,
			Kind: n.Kind, At: v.now, By: strings.ToValidUTF8(n.By, "\uFFFD"), Epoch: v.epoch, Prev: p.record.Head,
		}
		if len(e.By) > MaxValue {
			return refused("%s event: by has %d bytes, at most %d", n.Kind, len(e.By), MaxValue)
		}
		var err error
		if e.Data, err = encode(n.Kind+" event", n.Data, MaxData); err != nil {
			return err
		}
		stored, err := e.stored()
		if err != nil {
			return refused("%s event: %v", n.Kind, err)
		}
		next := plannedEvent{event: e, stored: stored}
		if n.To != "" {
			if err := checkKey("receiver of an act", n.To); err != nil {
				return err
			}
			act, err := planAct(e, n.To, Later{})
			if err != nil {
				return err
			}
			next.act = &act
		}
		p.events = append(p.events, next)
		if e.Seq == 1 {
			p.record.First = e.At
		}
		p.record.Seq, p.record.Pos, p.record.Head, p.record.Last = e.Seq, e.Pos, Hash(stored), e.At
		p.touched = true
	}
	return nil
}

func (p *plan) planRecord(_ *View, c Change) (err error) {
	if err := p.planNames(c); err != nil {
		return err
	}
	p.touched = p.touched || c.Due != nil || c.Open != nil || c.Summary != nil
	if !p.touched {
		return nil
	}
	if p.record.Seq == 0 {
		return ErrNoIncident
	}
	if c.Due != nil {
		p.record.Due = time.Time{}
		if !c.Due.IsZero() {
			p.record.Due = c.Due.Round(0).UTC()
		}
	}
	if c.Open != nil {
		p.record.Open = *c.Open
	}
	if c.Summary != nil {
		if p.record.Summary, err = encode("summary", c.Summary, MaxValue); err != nil {
			return err
		}
	}
	if p.stored, err = p.record.stored(); err != nil {
		return refused("record: %v", err) // a due time that JSON cannot say
	}
	return nil
}

func (p *plan) planGuards(_ *View, c Change) error {
	p.guards = make(map[string]json.RawMessage, len(c.Guards))
	for key, value := range c.Guards {
		if err := checkKey("key of a guard", key); err != nil {
			return err
		}
		encoded, err := encode("guard "+key, value, MaxValue)
		if err != nil {
			return err
		}
		p.guards[key] = encoded
	}
	return nil
}

// planActs finds the pending acts that are settled or put off.
func (p *plan) planActs(v *View, c Change) error {
	if len(c.Settled) == 0 && len(c.Later) == 0 {
		return nil
	}
	pending := map[uint64]Pending{}
	for _, act := range v.Pending() {
		pending[act.Event.Seq] = act
	}
	if v.err != nil {
		return v.err
	}
	for _, seq := range c.Settled {
		act, ok := pending[seq]
		if !ok {
			return refused("settled: event %d of %s is no pending act", seq, v.incident)
		}
		p.settled = append(p.settled, act)
		delete(pending, seq)
	}
	for _, seq := range slices.Sorted(maps.Keys(c.Later)) {
		old, ok := pending[seq]
		if !ok {
			return refused("later: event %d of %s is no pending act", seq, v.incident)
		}
		act, err := planAct(old.Event, old.To, c.Later[seq])
		if err != nil {
			return err
		}
		p.later = append(p.later, act)
	}
	return nil
}

// checkRest checks what needs no encoding.
func (p *plan) checkRest(c Change, pos uint64) error {
	for _, key := range c.Seen {
		if err := checkKey("dedupe key", key); err != nil {
			return err
		}
	}
	for _, key := range c.Views {
		if err := checkKey("key of a view", key); err != nil {
			return err
		}
	}
	for _, s := range c.Shown {
		if err := checkKey("key of a view", s.Key); err != nil {
			return err
		}
		if s.Ref != "" {
			if err := checkKey("reference of a view", s.Ref); err != nil {
				return err
			}
		}
		if s.Version > pos {
			return refused("view %s shown up to %d, the file ends at %d", s.Key, s.Version, pos)
		}
	}
	for _, b := range c.Blobs {
		if len(b) > MaxBlob {
			return refused("blob of %d bytes, at most %d", len(b), MaxBlob)
		}
	}
	return nil
}

// encode is v as compact JSON; nil for a nil v.
func encode(what string, v any, limit int) (json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	if raw, ok := v.(json.RawMessage); ok && raw == nil {
		return nil, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, refused("%s: %v", what, err)
	}
	if len(b) > limit {
		return nil, refused("%s has %d bytes, at most %d", what, len(b), limit)
	}
	return b, nil
}
