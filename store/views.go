package store

import (
	"encoding/json"
)

func (t *tables) readView(key string) (v ViewState, ok bool, err error) {
	value, ok, err := t.get(viewTable, []byte(key))
	if err != nil || !ok {
		return ViewState{}, false, err
	}
	if err := decode(viewTable, []byte(key), value, &v); err != nil {
		return ViewState{}, false, err
	}
	if v.Key != key {
		return ViewState{}, false, damaged("%s %q: it is view %q", viewTable, key, v.Key)
	}
	return v, true, nil
}

// wantView asks for a view to be drawn up to pos. One that waits already keeps
// its place in the order: a card that changes all the time is not put off.
func (t *tables) wantView(key string, pos, epoch uint64) error {
	old, _, err := t.readView(key)
	if err != nil {
		return err
	}
	v := old
	v.Key, v.WantedEpoch = key, epoch
	v.Wanted = max(v.Wanted, pos)
	if !old.Due() {
		v.Since = v.Wanted
	}
	return t.putView(old, v)
}

// showView notes a delivery.
func (t *tables) showView(s Shown) error {
	old, found, err := t.readView(s.Key)
	if err != nil {
		return err
	}
	v := old
	v.Key = s.Key
	switch {
	case s.Gone:
		v.Ref, v.Delivered = "", s.Version
	case s.Ref != "":
		v.Ref, v.Delivered = s.Ref, max(v.Delivered, s.Version)
	default:
		v.Delivered = max(v.Delivered, s.Version)
	}
	if v.Since = max(v.Since, v.Delivered+1); s.Gone {
		v.Since = v.Delivered + 1
	}
	if s.Gone && !v.Due() {
		if !found {
			return nil
		}
		return t.delView(old)
	}
	return t.putView(old, v)
}

// putView stores v in the place of old, and its place among those to be drawn.
func (t *tables) putView(old, v ViewState) error {
	t.touched.view(v.Key)
	if !v.Due() {
		v.Since = 0
	}
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if old.Since != v.Since {
		if old.Since != 0 {
			if err := t.del(viewDueTable, numberKey(old.Since, old.Key)); err != nil {
				return err
			}
		}
		if v.Since != 0 {
			if err := t.put(viewDueTable, numberKey(v.Since, v.Key), nil); err != nil {
				return err
			}
		}
	}
	return t.put(viewTable, []byte(v.Key), value)
}

func (t *tables) delView(old ViewState) error {
	t.touched.view(old.Key)
	if old.Since != 0 {
		if err := t.del(viewDueTable, numberKey(old.Since, old.Key)); err != nil {
			return err
		}
	}
	return t.del(viewTable, []byte(old.Key))
}
