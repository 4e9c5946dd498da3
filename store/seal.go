package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// sealer is what a history key can do. A nil sealer is a file without a key.
//
// A record says where its stream ends (Seq and Head), and each event has the
// hash of the one before it. So a seal on the record, an HMAC of all of it,
// covers the whole history of the incident: whoever has no key can change, add,
// cut off or reorder nothing in it that is not found when it is read.
//
// He could still delete an incident whole, or put one back as it was once, with
// the seal that it had then. Therefore the file has a sum over all its records:
// one HMAC of each, combined by exclusive or and hidden under a pad of its own for
// every transaction (MSet-XOR-Hash of Clarke et al., 2003), so that a commit
// updates it without reading the others. Check compares it.
//
// What no key inside the file can find: that the whole file is an older copy of
// itself, or a new one. Its last position, which a log elsewhere has, tells. And
// what is not history, because it is worked off or forgotten (guards, dedupe
// keys, due times, pending acts, views), has checksums against damage alone.
type sealer struct {
	id                 string // names the key, and does not give it away
	record, term, hide []byte // keys derived from it, one for each use
}

// newSealer is nil for no key.
func newSealer(key []byte) *sealer {
	if len(key) == 0 {
		return nil
	}
	derive := func(use string) []byte { return mac(key, []byte("amsbot history: "+use)) }
	return &sealer{
		id:     hex.EncodeToString(derive("name")[:8]),
		record: derive("record"), term: derive("sum"), hide: derive("pad"),
	}
}

func mac(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

const sealField = `,"seal":"`

// seal adds its seal to a record, a JSON object, as its last field.
func (s *sealer) seal(record []byte) []byte {
	if s == nil {
		return record
	}
	b := bytes.Clone(record[:len(record)-1])
	b = append(b, sealField...)
	b = hex.AppendEncode(b, mac(s.record, record))
	return append(b, `"}`...)
}

// sealOf takes a record as stored apart. Without a seal, bare is all of it.
func sealOf(stored []byte) (bare, seal []byte) {
	at := len(stored) - len(sealField) - 2*sha256.Size - len(`"}`)
	if at < 0 || !bytes.HasPrefix(stored[at:], []byte(sealField)) {
		return stored, nil
	}
	seal, err := hex.DecodeString(string(stored[at+len(sealField) : len(stored)-2]))
	if err != nil {
		return stored, nil
	}
	return append(bytes.Clone(stored[:at]), '}'), seal
}

// sealed is an error unless the key's owner wrote this record.
func (s *sealer) sealed(incident string, stored []byte) error {
	if s == nil {
		return nil
	}
	bare, seal := sealOf(stored)
	if seal == nil {
		return forged("record of %s has no seal", incident)
	}
	if !hmac.Equal(seal, mac(s.record, bare)) {
		return forged("record of %s is not as it was sealed", incident)
	}
	return nil
}

// sum is the file's seal as stored.
type sum struct {
	Key   string `json:"key"` // which one
	Nonce []byte `json:"nonce"`
	Sum   []byte `json:"sum"` // of all records, under the pad
}

// pad hides a sum; n is how many records it is of.
func (s *sealer) pad(nonce []byte, n uint64) []byte { return mac(s.hide, nonce, number(n)) }

// fold puts a record, as stored, into an open sum, or takes it out again.
func (s *sealer) fold(open, stored []byte) {
	for i, b := range mac(s.term, stored) {
		open[i] ^= b
	}
}

// sum is the file's seal; nil when it has none.
func (t *tables) sum() (*sum, error) {
	value, ok, err := t.get(metaTable, keySum)
	if err != nil || !ok {
		return nil, err
	}
	var s sum
	if err := decode(metaTable, keySum, value, &s); err != nil {
		return nil, err
	}
	if len(s.Sum) != sha256.Size {
		return nil, damaged("%s %q: no sum", metaTable, keySum)
	}
	return &s, nil
}

// openSum is the sum of all records as the last transaction left it.
func (t *tables) openSum() ([]byte, error) {
	s, err := t.sum()
	if err != nil {
		return nil, err
	}
	if s == nil || s.Key != t.keys.id {
		return nil, forged("the file's seal is gone")
	}
	n, err := t.size(recordTable)
	if err != nil {
		return nil, err
	}
	open := t.keys.pad(s.Nonce, n)
	for i, b := range s.Sum {
		open[i] ^= b
	}
	return open, nil
}

// putSum stores the sum of this transaction under a new pad.
func (t *tables) putSum() error {
	if t.keys == nil || t.open == nil {
		return nil
	}
	n, err := t.size(recordTable)
	if err != nil {
		return err
	}
	s := sum{Key: t.keys.id, Nonce: make([]byte, 16)}
	_, _ = rand.Read(s.Nonce) // it never fails
	s.Sum = t.keys.pad(s.Nonce, n)
	for i, b := range t.open {
		s.Sum[i] ^= b
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return t.put(metaTable, keySum, value)
}

// putRecord stores a record, sealed, in the place of the one before it.
func (t *tables) putRecord(incident string, bare []byte) error {
	stored := t.keys.seal(bare)
	if t.keys != nil {
		if err := t.foldRecord(incident, stored); err != nil {
			return err
		}
	}
	return t.put(recordTable, []byte(incident), stored)
}

func (t *tables) foldRecord(incident string, stored []byte) (err error) {
	if t.open == nil {
		if t.open, err = t.openSum(); err != nil {
			return err
		}
	}
	old, ok, err := t.get(recordTable, []byte(incident))
	if err != nil {
		return err
	}
	if ok {
		t.keys.fold(t.open, old)
	}
	t.keys.fold(t.open, stored)
	return nil
}

// checkSum compares all records with the file's seal.
func (t *tables) checkSum(ctx context.Context) error {
	if t.keys == nil {
		return nil
	}
	open, err := t.openSum()
	if err != nil {
		return err
	}
	err = t.all(ctx, recordTable, func(_, stored []byte) error {
		t.keys.fold(open, stored)
		return nil
	})
	if err == nil && !bytes.Equal(open, make([]byte, len(open))) {
		err = forged("the records are not those that were sealed together: an incident was removed, or put back as it was once")
	}
	return err
}

// settleKey compares the key that the file was opened with and the one that it
// is sealed with.
func (db *DB) settleKey(t *tables) (fresh bool, err error) {
	s, err := t.sum()
	if err != nil {
		return false, err
	}
	db.sealed = s != nil
	switch {
	case s == nil && db.keys == nil:
		return false, nil
	case s == nil:
		pos, err := t.number(keyPos)
		if err != nil {
			return false, err
		}
		if pos == 0 && !db.readOnly {
			return true, nil
		}
		return false, ErrUnsealed
	case db.keys == nil && db.readOnly:
		return false, nil
	case db.keys == nil:
		return false, ErrSealed
	case s.Key != db.keys.id:
		return false, ErrOtherKey
	}
	return false, nil
}

// Sealed says whether the file is sealed with a key, given or not.
func (db *DB) Sealed() bool { return db.sealed }

// Keyed says whether the file was opened with the key that it is sealed with, so
// that what somebody else changed is found.
func (db *DB) Keyed() bool { return db.sealed && db.keys != nil }
