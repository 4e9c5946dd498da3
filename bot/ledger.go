package bot

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/store"
)

// memory is a ledger that lies in no file: a rehearsal decides with it what amsbot
// would decide with its store. It holds the stream of one incident.
type memory struct {
	key     string
	now     time.Time
	events  []store.Event
	guards  map[string]json.RawMessage
	seen    map[string]bool
	pending []store.Pending
	blobs   map[string][]byte
	opened  uint64 // how often it was opened again
}

var _ ledger = (*memory)(nil)

func newMemory(key string, now time.Time, guards map[string]any) (*memory, error) {
	m := &memory{key: key, now: now, guards: map[string]json.RawMessage{}, seen: map[string]bool{}, blobs: map[string][]byte{}}
	return m, m.setGuards(guards)
}

func (m *memory) Now() time.Time { return m.now }

func (m *memory) Epoch() uint64 { return 1 + m.opened }

func (m *memory) Record() (store.Record, bool) {
	if len(m.events) == 0 {
		return store.Record{}, false
	}
	first, last := m.events[0], m.events[len(m.events)-1]
	return store.Record{Key: m.key, Seq: last.Seq, Pos: last.Pos, Open: true, First: first.At, Last: last.At}, true
}

func (m *memory) Events() []store.Event { return slices.Clone(m.events) }

func (m *memory) Seen(key string) bool { return m.seen[key] }

func (m *memory) Guard(key string, into any) (bool, error) {
	raw, ok := m.guards[key]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("bot: read guard %s: %w", key, err)
	}
	return true, nil
}

func (m *memory) Guards(prefix string) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	for key, raw := range m.guards {
		if strings.HasPrefix(key, prefix) {
			out[key] = raw
		}
	}
	return out, nil
}

func (m *memory) Pending() []store.Pending { return slices.Clone(m.pending) }

// setGuards sets guards by key; nil deletes one.
func (m *memory) setGuards(guards map[string]any) error {
	for key, value := range guards {
		if value == nil {
			delete(m.guards, key)
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("bot: set guard %s: %w", key, err)
		}
		m.guards[key] = raw
	}
	return nil
}

// take makes a change true, as a commit does.
func (m *memory) take(c store.Change) error {
	for _, n := range c.Events {
		raw, err := json.Marshal(n.Data)
		if err != nil {
			return fmt.Errorf("bot: keep the event %s: %w", n.Kind, err)
		}
		seq := uint64(len(m.events) + 1)
		e := store.Event{V: 1, Incident: m.key, Seq: seq, Pos: seq, Kind: n.Kind, At: m.now, By: n.By, Epoch: m.Epoch(), Data: raw}
		m.events = append(m.events, e)
		if n.To != "" {
			m.pending = append(m.pending, store.Pending{Event: e, To: n.To})
		}
	}
	for _, key := range c.Seen {
		m.seen[key] = true
	}
	for _, data := range c.Blobs {
		m.blobs[store.Hash(data)] = data
	}
	m.pending = slices.DeleteFunc(m.pending, func(p store.Pending) bool { return slices.Contains(c.Settled, p.Event.Seq) })
	return m.setGuards(c.Guards)
}
