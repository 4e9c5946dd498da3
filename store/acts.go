package store

import (
	"bytes"
)

// pendingOf are the pending acts of one stream, in order.
func (t *tables) pendingOf(incident string) ([]Pending, error) {
	var pending []Pending
	err := t.scan(actOfTable, streamPrefix(incident), func(key, pos []byte) (bool, error) {
		value, ok, err := t.get(actTable, pos)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, damaged("%s %q: its act is missing", actOfTable, key)
		}
		p, err := t.pending(pos, value)
		if err == nil && !bytes.Equal(key, streamKey(p.Event.Incident, p.Event.Seq)) {
			err = damaged("%s %q: its act is another one", actOfTable, key)
		}
		pending = append(pending, p)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return pending, nil
}

// pending is a stored act with its event.
func (t *tables) pending(key, value []byte) (Pending, error) {
	var a act
	if err := decode(actTable, key, value, &a); err != nil {
		return Pending{}, err
	}
	e, _, err := t.readEvent(a.Incident, a.Seq)
	if err != nil {
		return Pending{}, err
	}
	if !bytes.Equal(key, number(e.Pos)) {
		return Pending{}, damaged("%s %x: event %d of %s lies at %d", actTable, key, e.Seq, e.Incident, e.Pos)
	}
	return Pending{Event: e, To: a.To, NotBefore: a.NotBefore, Tries: a.Tries, Unknown: a.Unknown}, nil
}

func (t *tables) putAct(a plannedAct) error {
	t.touched.act(a.pos)
	if err := t.put(actTable, number(a.pos), a.stored); err != nil {
		return err
	}
	return t.put(actOfTable, streamKey(a.incident, a.seq), number(a.pos))
}

func (t *tables) delAct(p Pending) error {
	t.touched.act(p.Event.Pos)
	if err := t.del(actTable, number(p.Event.Pos)); err != nil {
		return err
	}
	return t.del(actOfTable, streamKey(p.Event.Incident, p.Event.Seq))
}
