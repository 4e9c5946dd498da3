package store

import (
	"bytes"

	bolt "go.etcd.io/bbolt"
)

// tables is the file as one transaction sees it.
type tables struct {
	tx *bolt.Tx

	// Of a transaction that writes:
	first uint64 // the file's last pos when it began
	pos   uint64 // the file's last pos, its own events included
	dirty bool   // something was written
	done  bool   // committed or given up
}

// cursor is at the named table.
func (t *tables) cursor(table string) (*bolt.Cursor, error) {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return nil, damaged("table %s is missing", table)
	}
	return b.Cursor(), nil
}

// get is the value of key; it shares bolt's memory. That there is none is only
// believed when the keys on both sides are sound and in order: otherwise one
// flipped bit in a key would make an incident disappear in silence.
func (t *tables) get(table string, key []byte) (value []byte, ok bool, err error) {
	c, err := t.cursor(table)
	if err != nil {
		return nil, false, err
	}
	k, v := c.Seek(key)
	if k != nil && bytes.Equal(k, key) {
		value, err = unseal(table, k, v)
		return value, err == nil, err
	}
	if k != nil {
		if err := t.sound(table, k, v, bytes.Compare(key, k) < 0); err != nil {
			return nil, false, err
		}
		k, v = c.Prev()
	} else {
		k, v = c.Last()
	}
	if k != nil {
		if err := t.sound(table, k, v, bytes.Compare(k, key) < 0); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

func (t *tables) sound(table string, k, v []byte, ordered bool) error {
	if !ordered {
		return damaged("%s %q: keys out of order", table, k)
	}
	_, err := unseal(table, k, v)
	return err
}

// scan calls fn with every key that starts with prefix, in order, until fn
// answers false. Keys and values share bolt's memory. The keys just outside
// the range are checked too, as get does.
func (t *tables) scan(table string, prefix []byte, fn func(key, value []byte) (bool, error)) error {
	c, err := t.cursor(table)
	if err != nil {
		return err
	}
	if k, v := c.Seek(prefix); k != nil {
		if k, v = c.Prev(); k != nil {
			if err := t.sound(table, k, v, bytes.Compare(k, prefix) < 0); err != nil {
				return err
			}
		}
	} else if k, v = c.Last(); k != nil {
		return t.sound(table, k, v, bytes.Compare(k, prefix) < 0)
	}
	var last []byte
	for k, v := c.Seek(prefix); k != nil; k, v = c.Next() {
		value, err := unseal(table, k, v)
		if err != nil {
			return err
		}
		if bytes.Compare(k, prefix) < 0 || last != nil && bytes.Compare(k, last) <= 0 {
			return damaged("%s %q: keys out of order", table, k)
		}
		if !bytes.HasPrefix(k, prefix) {
			return nil
		}
		if more, err := fn(k, value); err != nil || !more {
			return err
		}
		last = k
	}
	return nil
}

// scanBack calls fn with every key from the last to the first, until fn
// answers false.
func (t *tables) scanBack(table string, fn func(key, value []byte) (bool, error)) error {
	c, err := t.cursor(table)
	if err != nil {
		return err
	}
	var last []byte
	for k, v := c.Last(); k != nil; k, v = c.Prev() {
		value, err := unseal(table, k, v)
		if err != nil {
			return err
		}
		if last != nil && bytes.Compare(k, last) >= 0 {
			return damaged("%s %q: keys out of order", table, k)
		}
		if more, err := fn(k, value); err != nil || !more {
			return err
		}
		last = k
	}
	return nil
}

func (t *tables) put(table string, key, value []byte) error {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return damaged("table %s is missing", table)
	}
	t.dirty = true
	return b.Put(key, seal(table, key, value))
}

func (t *tables) del(table string, key []byte) error {
	b := t.tx.Bucket([]byte(table))
	if b == nil {
		return damaged("table %s is missing", table)
	}
	t.dirty = true
	return b.Delete(key)
}

// number is a counter of the meta table.
func (t *tables) number(key []byte) (uint64, error) {
	value, ok, err := t.get(metaTable, key)
	if err != nil {
		return 0, err
	}
	n, fits := parseNumber(value)
	if !ok || !fits {
		return 0, damaged("%s %q: no number", metaTable, key)
	}
	return n, nil
}
