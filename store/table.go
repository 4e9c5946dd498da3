package store

import (
	"bytes"
	"time"

	bolt "go.etcd.io/bbolt"
)

type tableSizes map[table]uint64

// tables is the file as one transaction sees it.
type tables struct {
	tx   *bolt.Tx
	tree *bolt.Bucket
	seek *bolt.Cursor // get's own, which begins at the root each time; nil before the first
	keys *sealer      // nil: there is no history key
	time *clock       // nil: the system's
	// alone: what lies beside what is asked for may be damaged. Then a missing key
	// is not certain to be missing; whoever sets it counts what is there.
	alone bool

	// Of a transaction that writes:
	first   uint64     // the file's last pos when it began
	pos     uint64     // the file's last pos, its own events included
	at      time.Time  // of its latest event; zero: it has none
	dirty   bool       // something was written
	done    bool       // committed or given up
	sizes   tableSizes // entries of the tables that grew or shrank
	touched touched    // acts and views that were changed
	plans   []*plan    // what it carries out
	open    []byte     // the sum of all records; nil: no record has changed yet
}

// begin finds the tree in a transaction that has just begun.
func (t *tables) begin() error {
	t.tree = t.tx.Bucket(treeBucket)
	if t.tree == nil {
		return damaged("its tree is missing")
	}
	last := uint64(t.tx.ID())
	if t.tx.Writable() {
		last--
	}
	stamp, err := t.number(keyTx)
	if err == nil && stamp != last {
		err = damaged("its tree is that of transaction %d, the last one was %d", stamp, last)
	}
	return err
}

// stamp ties the tree to the transaction.
func (t *tables) stamp() error { return t.put(metaTable, keyTx, number(uint64(t.tx.ID()))) }

// get is the value of key; it shares bolt's memory. That there is none is only
// believed when the keys on both sides are sound and in order: otherwise one
// flipped bit in a key would make an incident disappear in silence.
func (t *tables) get(table table, key []byte) (value []byte, ok bool, err error) {
	key = table.key(key)
	if t.seek == nil {
		t.seek = t.tree.Cursor()
	}
	c := t.seek
	k, v := c.Seek(key)
	if k != nil && bytes.Equal(k, key) {
		value, err = unseal(k, v)
		return value, err == nil, err
	}
	if k != nil {
		if err := t.sound(k, v, bytes.Compare(key, k) < 0); err != nil {
			return nil, false, err
		}
		k, v = c.Prev()
	} else {
		k, v = c.Last()
	}
	if k != nil {
		if err := t.sound(k, v, bytes.Compare(k, key) < 0); err != nil {
			return nil, false, err
		}
	}
	return nil, false, nil
}

func (t *tables) sound(k, v []byte, ordered bool) error {
	if t.alone {
		return nil
	}
	if !ordered {
		return damaged("%q: keys out of order", k)
	}
	_, err := unseal(k, v)
	return err
}

// scan calls fn with every key of the table that starts with prefix, in order,
// until fn answers false. Keys and values share bolt's memory. The keys just
// outside the range are checked too, as get does.
func (t *tables) scan(table table, prefix []byte, fn func(key, value []byte) (bool, error)) error {
	return t.scanFrom(table, prefix, nil, fn)
}

// scanFrom is scan from a key on: prefix and what follows it, in the key, at
// least.
func (t *tables) scanFrom(table table, prefix, least []byte, fn func(key, value []byte) (bool, error)) error {
	prefix = table.key(prefix)
	start := append(prefix[:len(prefix):len(prefix)], least...)
	c := t.tree.Cursor()
	var v []byte
	k, _ := c.Seek(start)
	if k != nil {
		k, v = c.Prev()
	} else {
		k, v = c.Last()
	}
	if k != nil {
		if err := t.sound(k, v, bytes.Compare(k, start) < 0); err != nil {
			return err
		}
	}
	var last []byte
	seen := uint64(0)
	for k, v = c.Seek(start); k != nil; k, v = c.Next() {
		value, err := unseal(k, v)
		if err != nil && t.alone && !bytes.HasPrefix(k, prefix) {
			break
		}
		if err != nil {
			return err
		}
		if bytes.Compare(k, start) < 0 || last != nil && bytes.Compare(k, last) <= 0 {
			return damaged("%q: keys out of order", k)
		}
		if !bytes.HasPrefix(k, prefix) {
			break
		}
		if more, err := fn(k[len(table)+1:], value); err != nil || !more {
			return err
		}
		last = k
		seen++
	}
	if len(start) > len(table)+1 {
		return nil
	}
	return t.complete(table, seen)
}

// complete compares how many entries a whole table showed with how many it
// has: a page that lost its end looks like one that never had it.
func (t *tables) complete(table table, seen uint64) error {
	if table == metaTable {
		return nil
	}
	size, err := t.size(table)
	if err == nil && seen != size {
		err = damaged("table %s shows %d of its %d entries", table, seen, size)
	}
	return err
}

// scanBack calls fn with every key of the table from the last to the first,
// until fn answers false.
func (t *tables) scanBack(table table, fn func(key, value []byte) (bool, error)) error {
	prefix, last := table.key(nil), table.end()
	c := t.tree.Cursor()
	k, v := c.Seek(last)
	if k != nil {
		if err := t.sound(k, v, bytes.Compare(last, k) <= 0); err != nil {
			return err
		}
		k, v = c.Prev()
	} else {
		k, v = c.Last()
	}
	seen := uint64(0)
	for ; k != nil; k, v = c.Prev() {
		value, err := unseal(k, v)
		if err != nil {
			return err
		}
		if bytes.Compare(k, last) >= 0 {
			return damaged("%q: keys out of order", k)
		}
		if !bytes.HasPrefix(k, prefix) {
			break
		}
		if more, err := fn(k[len(table)+1:], value); err != nil || !more {
			return err
		}
		last = k
		seen++
	}
	return t.complete(table, seen)
}
