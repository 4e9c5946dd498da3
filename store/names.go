package store

import (
	"bytes"
	"context"
	"slices"
)

// Named is the key of the stream that has this name, or had it last where
// several were given it; false when none was.
func (db *DB) Named(ctx context.Context, name string) (incident string, ok bool, err error) {
	err = db.about(ctx, "name "+name, func(t *tables) error {
		key, found, err := t.get(nameTable, []byte(name))
		incident, ok = string(key), found
		return err
	})
	return incident, ok && err == nil, err
}

// planNames adds the names that the stream does not have yet to its record.
func (p *plan) planNames(c Change) error {
	for _, name := range c.Names {
		if err := checkKey("name of a stream", name); err != nil {
			return err
		}
		if slices.Contains(p.record.Names, name) {
			continue
		}
		p.record.Names = append(slices.Clip(p.record.Names), name)
		p.names = append(p.names, name)
		p.touched = true
	}
	return nil
}

func (t *tables) applyNames(_ *View, p *plan) error {
	for _, name := range p.names {
		if err := t.put(nameTable, []byte(name), []byte(p.record.Key)); err != nil {
			return err
		}
	}
	return nil
}

// checkNamed checks that the names of a record are known: they may be those of
// another stream by now.
func (t *tables) checkNamed(r Record) error {
	for _, name := range r.Names {
		if err := t.has(nameTable, []byte(name)); err != nil {
			return err
		}
	}
	return nil
}

// checkNames finds names that no record has.
func (t *tables) checkNames(ctx context.Context) error {
	return t.all(ctx, nameTable, func(name, incident []byte) error {
		r, err := t.listed(nameTable, string(incident))
		if err == nil && !slices.ContainsFunc(r.Names, func(n string) bool { return bytes.Equal([]byte(n), name) }) {
			err = damaged("%s %q: the record of %s says otherwise", nameTable, name, incident)
		}
		return err
	})
}
