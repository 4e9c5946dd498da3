package store

import (
	"encoding/hex"
	"time"
)

// apply writes a plan into the transaction. An error here means that the file
// is damaged or bolt refuses: nothing of the transaction may then be kept.
func (t *tables) apply(v *View, p *plan) error {
	for _, write := range []func(*View, *plan) error{
		t.applyBlobs, t.applyEvents, t.applyRecord, t.applyNames, t.applyActs, t.applyViews, t.applyGuards, t.applySeen,
	} {
		if err := write(v, p); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) applyEvents(_ *View, p *plan) error {
	for _, n := range p.events {
		if err := t.put(eventTable, streamKey(n.event.Incident, n.event.Seq), n.stored); err != nil {
			return err
		}
		if err := t.refer(n.event); err != nil {
			return err
		}
		if n.act != nil {
			if err := t.putAct(*n.act); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyRecord writes the record and what is sorted by it. The stream of the
// bot itself is no incident and stands in no list.
func (t *tables) applyRecord(_ *View, p *plan) error {
	if !p.touched {
		return nil
	}
	old, r := p.before, p.record
	if err := t.putRecord(r.Key, p.stored); err != nil {
		return err
	}
	if err := t.moveDue(old, r); err != nil {
		return err
	}
	if r.Key == BotStream {
		return nil
	}
	key := timeKey(r.First, r.Key)
	if !p.existed {
		if err := t.put(firstTable, key, nil); err != nil {
			return err
		}
	}
	switch wasOpen := p.existed && old.Open; {
	case r.Open && !wasOpen:
		return t.put(openTable, key, nil)
	case !r.Open && wasOpen:
		return t.del(openTable, key)
	}
	return nil
}

func (t *tables) moveDue(old, r Record) error {
	if old.Due.Equal(r.Due) {
		return nil
	}
	if !old.Due.IsZero() {
		if err := t.del(dueTable, timeKey(old.Due, r.Key)); err != nil {
			return err
		}
	}
	if r.Due.IsZero() {
		return nil
	}
	return t.put(dueTable, timeKey(r.Due, r.Key), nil)
}

func (t *tables) applyActs(_ *View, p *plan) error {
	for _, act := range p.settled {
		if err := t.delAct(act); err != nil {
			return err
		}
	}
	for _, act := range p.later {
		if err := t.putAct(act); err != nil {
			return err
		}
	}
	return nil
}

// applyViews notes what was shown before what is wanted, so that a change may
// do both with one view.
func (t *tables) applyViews(v *View, p *plan) error {
	for _, s := range p.change.Shown {
		if err := t.showView(s); err != nil {
			return err
		}
	}
	if len(p.change.Views) == 0 {
		return nil
	}
	wanted := p.record.Pos
	if len(p.events) == 0 {
		wanted = t.pos
	}
	for _, key := range p.change.Views {
		if err := t.wantView(key, wanted, v.epoch); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) applyGuards(_ *View, p *plan) error {
	for key, value := range p.guards {
		var err error
		if value == nil {
			err = t.del(guardTable, []byte(key))
		} else {
			err = t.put(guardTable, []byte(key), value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) applySeen(v *View, p *plan) error {
	for _, key := range p.change.Seen {
		if err := t.remember(key, v.now); err != nil {
			return err
		}
	}
	return nil
}

func (t *tables) applyBlobs(_ *View, p *plan) error {
	for _, b := range p.change.Blobs {
		key, err := hex.DecodeString(Hash(b))
		if err != nil {
			return err
		}
		if _, ok, err := t.get(blobTable, key); err != nil {
			return err
		} else if ok {
			continue // the same bytes
		}
		if err := t.put(blobTable, key, b); err != nil {
			return err
		}
	}
	return nil
}

// Dedupe keys are kept for longer than any neighbour delivers again, and
// forgotten a few at a time.
const (
	seenFor   = 30 * 24 * time.Hour
	seenPrune = 16 // old keys that one transaction forgets at most
)

// remember notes a dedupe key. One that is known keeps its first time.
func (t *tables) remember(key string, now time.Time) error {
	if _, ok, err := t.get(seenTable, []byte(key)); err != nil || ok {
		return err
	}
	if err := t.put(seenTable, []byte(key), appendTime(nil, now)); err != nil {
		return err
	}
	return t.put(seenAtTable, timeKey(now, key), nil)
}

// prune forgets a few dedupe keys that are older than seenFor. It is not worth
// failing a commit for: where the keys cannot be read, they are kept.
func (t *tables) prune(now time.Time) error {
	var old []string
	end := string(appendTime(nil, now.Add(-seenFor)))
	unread := t.scan(seenAtTable, nil, func(key, _ []byte) (bool, error) {
		if len(key) <= timeSize {
			return false, damaged("%s %q: no key", seenAtTable, key)
		}
		if string(key[:timeSize]) >= end {
			return false, nil
		}
		old = append(old, string(key))
		return len(old) < seenPrune, nil
	})
	if unread != nil {
		return nil
	}
	for _, key := range old {
		if err := t.del(seenAtTable, []byte(key)); err != nil {
			return err
		}
		if err := t.del(seenTable, []byte(key[timeSize:])); err != nil {
			return err
		}
	}
	return nil
}
