package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// Bytes of any kind are read as what was sealed or not at all.
func FuzzUnseal(f *testing.F) {
	key := eventTable.key(streamKey("pd:acme:P1", 1))
	f.Add(key, seal(key, []byte(`{"v":1}`)), 7)
	f.Add([]byte{}, []byte{}, 0)
	f.Add([]byte("k"), []byte{0, 0, 0}, 1)
	f.Fuzz(func(t *testing.T, key, stored []byte, bit int) {
		value, err := unseal(key, stored)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v", err)
			}
			value = stored
		}
		sealed := seal(key, value)
		back, err := unseal(key, sealed)
		if err != nil || !bytes.Equal(back, value) {
			t.Errorf("%q came back as %q, %v", value, back, err)
		}
		at := uint(bit) % uint(8*len(sealed))
		sealed[at/8] ^= 1 << (at % 8)
		if _, err := unseal(key, sealed); !errors.Is(err, ErrDamaged) {
			t.Errorf("bit %d flipped: %v", at, err)
		}
	})
}

// Stored JSON of any kind is decoded or refused, and times in keys come back.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"incident":"pd:acme:P1","seq":1,"pos":1,"kind":"a","at":"2026-01-01T00:00:00Z","by":"b","epoch":1,"prev":"","data":{}}`), int64(0), int64(0))
	f.Add([]byte(`{"key":"a","due":"x"}`), int64(-1), int64(999999999))
	f.Add([]byte(`{"seq":-1}`), int64(1)<<40, int64(5))
	f.Fuzz(func(t *testing.T, b []byte, sec, nsec int64) {
		for _, into := range []any{new(Event), new(Record), new(act), new(ViewState)} {
			if err := decode(eventTable, nil, b, into); err != nil {
				if !errors.Is(err, ErrDamaged) {
					t.Errorf("error %v", err)
				}
				continue
			}
			again, err := json.Marshal(into)
			if err != nil {
				t.Errorf("%T from %q: %v", into, b, err)
			} else if err := decode(eventTable, nil, again, into); err != nil {
				t.Errorf("%T from %q, then %q: %v", into, b, again, err)
			}
		}
		at := time.Unix(sec%(1<<40), nsec%1e9)
		key := timeKey(at, "k")
		if back, ok := parseTime(key); !ok || !back.Equal(at) {
			t.Errorf("time %v came back as %v, %v", at, back, ok)
		}
		later := timeKey(at.Add(1), "")
		if bytes.Compare(key[:timeSize], later) >= 0 {
			t.Errorf("time %v does not sort before the next", at)
		}
		_, _ = parseTime(b)
		_, _ = parseNumber(b)
	})
}
