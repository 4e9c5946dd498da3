package store

import (
	"context"
	"errors"
)

// refer notes which blobs an event is about: those whose hash stands in it.
func (t *tables) refer(e Event) error {
	kept, err := t.referred()
	if err != nil || !kept {
		return err
	}
	for hash := range hashes(e.Data) {
		_, ok, err := t.get(blobTable, []byte(hash))
		if err == nil && ok {
			err = t.put(refTable, refKey(hash, e), nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unrefer takes back what refer noted, and removes the blobs that nobody else is
// about.
func (t *tables) unrefer(e Event) error {
	kept, err := t.referred()
	if err != nil || !kept {
		return err
	}
	for hash := range hashes(e.Data) {
		_, was, err := t.get(refTable, refKey(hash, e))
		if err != nil {
			return err
		}
		if !was {
			continue
		}
		if err := t.del(refTable, refKey(hash, e)); err != nil {
			return err
		}
		others := false
		err = t.scan(refTable, []byte(hash), func(_, _ []byte) (bool, error) {
			others = true
			return false, nil
		})
		if err == nil && !others {
			err = t.del(blobTable, []byte(hash))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// referred says whether the file notes who refers to blobs. A file from before it
// did keeps its blobs.
func (t *tables) referred() (bool, error) {
	_, ok, err := t.get(metaTable, keyRefs)
	return ok, err
}

func refKey(hash string, e Event) []byte {
	return append([]byte(hash), streamKey(e.Incident, e.Seq)...)
}

// hashes are the hashes, as Hash writes them, that stand in a text, as bytes. What
// only looks like one does no harm.
func hashes(text []byte) map[string]bool {
	const size = 64
	var out map[string]bool
	run := 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && (text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'f') {
			run++
			continue
		}
		if run == size {
			if out == nil {
				out = map[string]bool{}
			}
			out[unhex(text[i-size:i])] = true
		}
		run = 0
	}
	return out
}

func unhex(text []byte) string {
	b := make([]byte, 0, len(text)/2)
	digit := func(c byte) byte {
		if c <= '9' {
			return c - '0'
		}
		return c - 'a' + 10
	}
	for i := 0; i < len(text); i += 2 {
		b = append(b, digit(text[i])<<4|digit(text[i+1]))
	}
	return string(b)
}

// checkRefs finds what refers to nothing.
func (t *tables) checkRefs(ctx context.Context) error {
	return t.all(ctx, refTable, func(key, _ []byte) error {
		if len(key) < 32 {
			return damaged("%s %q: no hash", refTable, key)
		}
		return errors.Join(t.has(blobTable, key[:32]), t.has(eventTable, key[32:]))
	})
}
