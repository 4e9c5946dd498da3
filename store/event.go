package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Event is one entry of a stream's history. It is never changed once stored.
// The store owns this envelope; package bot owns the kinds and their data.
type Event struct {
	V        int             `json:"v"`        // version of the envelope
	Incident string          `json:"incident"` // the stream: an incident's key, or BotStream
	Seq      uint64          `json:"seq"`      // from 1 in its stream, without gaps
	Pos      uint64          `json:"pos"`      // from 1 in the file, rising
	Kind     string          `json:"kind"`
	At       time.Time       `json:"at"`             // UTC; never earlier than the event before it in its stream
	By       string          `json:"by"`             // who or what caused it
	Epoch    uint64          `json:"epoch"`          // which opening of the file wrote it
	Prev     string          `json:"prev"`           // SHA-256 (hex) of the stream's previous event as stored, "" for the first
	Data     json.RawMessage `json:"data,omitempty"` // nil when there is none
}

// eventVersion is that of the envelope.
const eventVersion = 1

// stored is the event as json.Marshal writes it, byte for byte. Its data is what
// json.Marshal wrote before, and is not read again.
func (e Event) stored() ([]byte, error) {
	data := e.Data
	e.Data = nil
	b, err := json.Marshal(e)
	return withLast(b, "data", data), err
}

// stored is the record as json.Marshal writes it; see Event.stored.
func (r Record) stored() ([]byte, error) {
	summary := r.Summary
	r.Summary = nil
	b, err := json.Marshal(r)
	return withLast(b, "summary", summary), err
}

// withLast adds a last field to an object that has others.
func withLast(object []byte, name string, value json.RawMessage) []byte {
	if len(object) == 0 || len(value) == 0 {
		return object
	}
	b := make([]byte, 0, len(object)+len(name)+len(value)+len(`,"":`))
	b = append(b, object[:len(object)-1]...)
	b = append(b, `,"`+name+`":`...)
	b = append(b, value...)
	return append(b, '}')
}

// Into decodes the event's data into v, which stays as it is when there is none.
func (e Event) Into(v any) error {
	if len(e.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(e.Data, v); err != nil {
		return fmt.Errorf("store: read data of %s event %d of %s: %w", e.Kind, e.Seq, e.Incident, err)
	}
	return nil
}

// NewEvent is an event to be recorded; the store adds the rest.
type NewEvent struct {
	Kind string
	By   string
	Data any    // anything that becomes JSON; nil for none
	To   string // not "": an act wanted from that receiver, pending until a Change settles it
}

// Record is what is known of an incident without reading its events.
type Record struct {
	Key     string          `json:"key"`
	Seq     uint64          `json:"seq"`            // of its last event
	Pos     uint64          `json:"pos"`            // of its last event
	Head    string          `json:"head"`           // SHA-256 (hex) of its last event as stored
	Gone    uint64          `json:"gone,omitempty"` // its events up to this one were removed, see Forget
	Open    bool            `json:"open"`
	Due     time.Time       `json:"due,omitzero"`    // when it must be looked at; zero: no need
	First   time.Time       `json:"first"`           // time of its first event
	Last    time.Time       `json:"last"`            // time of its last event
	Names   []string        `json:"names,omitempty"` // by which Named finds it
	Summary json.RawMessage `json:"summary,omitempty"`
	Version uint64          `json:"-"` // as Filter.Known was asked; 0 where nobody was
}

// Later says when and how a pending act is to be tried again.
type Later struct {
	NotBefore time.Time `json:"not_before,omitzero"`
	Tries     int       `json:"tries,omitempty"`
	Unknown   bool      `json:"unknown,omitempty"` // it may have happened: look before trying again
}

// Pending is a wanted act that no Change has settled yet.
type Pending struct {
	Event     Event
	To        string
	NotBefore time.Time
	Tries     int
	Unknown   bool
}

// act is a Pending as stored; the event is stored once, in its stream.
type act struct {
	Incident string `json:"incident"`
	Seq      uint64 `json:"seq"`
	To       string `json:"to"`
	Later
}

// ViewState is how far a view has been delivered. It is to be drawn again
// while Wanted > Delivered.
type ViewState struct {
	Key         string `json:"key"`
	Ref         string `json:"ref,omitempty"`       // where it stands at the receiver; "" when it does not
	Wanted      uint64 `json:"wanted"`              // a Pos
	Delivered   uint64 `json:"delivered,omitempty"` // a Pos
	WantedEpoch uint64 `json:"wanted_epoch"`        // the opening that wanted it last
	Since       uint64 `json:"since,omitempty"`     // its place in the order of those to be drawn; 0 while it is not
}

// Due says whether it is to be drawn again.
func (v ViewState) Due() bool { return v.Wanted > v.Delivered }

// readEvents reads a stream and checks all of it: no gap, the chain unbroken
// up to the head that the record names, nothing after it.
func (t *tables) readEvents(r Record) ([]Event, error) {
	events := make([]Event, 0, min(r.Seq, 1024))
	head := ""
	if r.Gone == r.Seq {
		head = r.Head
	}
	err := t.scan(eventTable, streamPrefix(r.Key), func(key, value []byte) (bool, error) {
		var e Event
		if err := decode(eventTable, key, value, &e); err != nil {
			return false, err
		}
		if e.Incident != r.Key || e.Seq != r.Gone+uint64(len(events))+1 || !bytes.Equal(key, streamKey(e.Incident, e.Seq)) {
			return false, damaged("events of %s: event %d is missing", r.Key, r.Gone+uint64(len(events))+1)
		}
		if len(events) == 0 && r.Gone > 0 {
			head = e.Prev // of an event that was removed
		}
		if e.Prev != head {
			return false, damaged("events of %s: the chain breaks before event %d", r.Key, e.Seq)
		}
		head = Hash(value)
		events = append(events, e)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if r.Gone+uint64(len(events)) != r.Seq || head != r.Head {
		return nil, damaged("events of %s: %d, and the record says %d ending in %.12s", r.Key, len(events), r.Seq, r.Head)
	}
	return events, nil
}

// readEventsAfter is readEvents for those after one, whose own bytes are where the
// chain goes on from.
func (t *tables) readEventsAfter(r Record, seq uint64) ([]Event, error) {
	if seq <= r.Gone {
		return t.readEvents(r) // the event to begin behind was removed, as were all before it
	}
	_, stored, err := t.readEvent(r.Key, seq)
	if err != nil {
		return nil, err
	}
	var events []Event
	head := Hash(stored)
	for seq < r.Seq {
		e, stored, err := t.readEvent(r.Key, seq+1)
		if err != nil {
			return nil, err
		}
		if e.Prev != head {
			return nil, damaged("events of %s: the chain breaks before event %d", r.Key, e.Seq)
		}
		head, seq = Hash(stored), e.Seq
		events = append(events, e)
	}
	if head != r.Head {
		return nil, damaged("events of %s: they end otherwise than in %.12s, which the record says", r.Key, r.Head)
	}
	return events, nil
}

// readEvent reads one event and checks it against its place.
func (t *tables) readEvent(incident string, seq uint64) (e Event, stored []byte, err error) {
	key := streamKey(incident, seq)
	value, ok, err := t.get(eventTable, key)
	if err != nil {
		return Event{}, nil, err
	}
	if !ok {
		return Event{}, nil, damaged("events of %s: event %d is missing", incident, seq)
	}
	if err := decode(eventTable, key, value, &e); err != nil {
		return Event{}, nil, err
	}
	if e.Incident != incident || e.Seq != seq {
		return Event{}, nil, damaged("events of %s: event %d is another one", incident, seq)
	}
	return e, value, nil
}

// readRecord reads an incident's record and checks it against the end of its
// stream, so that an outdated copy of it is not taken for the truth.
func (t *tables) readRecord(incident string) (r Record, ok bool, err error) {
	value, ok, err := t.get(recordTable, []byte(incident))
	if err != nil {
		return Record{}, false, err
	}
	if ok {
		if err := t.recordFrom(incident, value, &r); err != nil {
			return Record{}, false, err
		}
		if err := t.fitsEnd(incident, r); err != nil {
			return Record{}, false, err
		}
	}
	if _, more, err := t.get(eventTable, streamKey(incident, r.Seq+1)); err != nil {
		return Record{}, false, err
	} else if more {
		return Record{}, false, damaged("record of %s ends at %d, its events do not", incident, r.Seq)
	}
	return r, ok, nil
}

// fitsEnd compares a record with the last event of its stream, if that is kept. The
// event need not be decoded: no other has its hash.
func (t *tables) fitsEnd(incident string, r Record) error {
	head := r.Head
	if r.Gone < r.Seq {
		stored, ok, err := t.get(eventTable, streamKey(incident, r.Seq))
		if err != nil {
			return err
		}
		if !ok {
			return damaged("events of %s: event %d is missing", incident, r.Seq)
		}
		head = Hash(stored)
	}
	if r.Key != incident || head != r.Head || r.Gone > r.Seq {
		return damaged("record of %s does not fit its last event", incident)
	}
	return nil
}
