package store

import "time"

func (t *tables) put(table table, key, value []byte) error {
	if err := t.resize(table, key, true); err != nil {
		return err
	}
	t.dirty = true
	key = table.key(key)
	return t.tree.Put(key, seal(key, value))
}

func (t *tables) del(table table, key []byte) error {
	if err := t.resize(table, key, false); err != nil {
		return err
	}
	t.dirty = true
	return t.tree.Delete(table.key(key))
}

// resize counts an entry that is about to come or go.
func (t *tables) resize(table table, key []byte, stays bool) error {
	if table == metaTable {
		return nil
	}
	_, found, err := t.get(table, key)
	if err != nil || found == stays {
		return err
	}
	size, err := t.size(table)
	if err != nil {
		return err
	}
	if t.sizes == nil {
		t.sizes = tableSizes{}
	}
	switch {
	case stays:
		t.sizes[table] = size + 1
	case size == 0:
		return damaged("table %s has entries and counts none", table)
	default:
		t.sizes[table] = size - 1
	}
	return nil
}

// size is how many entries a table has.
func (t *tables) size(table table) (uint64, error) {
	if size, ok := t.sizes[table]; ok {
		return size, nil
	}
	value, ok, err := t.get(metaTable, sizeKey(table))
	if err != nil || !ok {
		return 0, err
	}
	size, fits := parseNumber(value)
	if !fits {
		return 0, damaged("%s %q: no number", metaTable, sizeKey(table))
	}
	return size, nil
}

func (t *tables) putSizes() error {
	for table, size := range t.sizes {
		if err := t.put(metaTable, sizeKey(table), number(size)); err != nil {
			return err
		}
	}
	return nil
}

func sizeKey(table table) []byte { return []byte("size " + string(table)) }

// latest is the latest time of any event; zero when there is none.
func (t *tables) latest() (time.Time, error) {
	value, ok, err := t.get(metaTable, keyAt)
	if err != nil || !ok {
		return time.Time{}, err
	}
	at, fits := parseTime(value)
	if !fits {
		return time.Time{}, damaged("%s %q: no time", metaTable, keyAt)
	}
	return at, nil
}

func (t *tables) putAt() error {
	old, err := t.latest()
	if err != nil || !t.at.After(old) {
		return err
	}
	return t.put(metaTable, keyAt, appendTime(nil, t.at))
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
