package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var historyKey = []byte("a key that nobody else has")

// sealedFile is a file with a history of its own, sealed and closed.
func sealedFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amsbot.db")
	db := &testDB{t: t, DB: mustOpenWith(t, path, Options{Key: historyKey})}
	for i := range 5 {
		incident := fmt.Sprintf("pd:acme:P%d", i)
		db.commit(incident, change("received"))
		db.commit(incident, change("read"))
		c := change("closed")
		open := false
		c.Open, c.Summary = &open, map[string]int{"n": i}
		db.commit(incident, c)
	}
	if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustOpenWith(t testing.TB, path string, o Options) *DB {
	t.Helper()
	db, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// forge changes a file as somebody does who knows this package and not the key:
// checksums, numbers and stamps are right afterwards.
func forge(t *testing.T, path string, work func(*tables) error) {
	t.Helper()
	db := unopened(path, Options{})
	err := db.openBolt(Options{})
	if err == nil {
		err = errors.Join(db.alone(work), db.closeBolt())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite changes what is stored for a record; the seal stays if it has one.
func rewrite(t *tables, incident string, edit func(*Record)) error {
	stored, _, err := t.get(recordTable, []byte(incident))
	if err != nil {
		return err
	}
	bare, seal := sealOf(stored)
	var r Record
	if err := json.Unmarshal(bare, &r); err != nil {
		return err
	}
	edit(&r)
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	b = append(b[:len(b)-1], fmt.Sprintf(`%s%x"}`, sealField, seal)...)
	return t.put(recordTable, []byte(incident), b)
}

// rewind puts an incident back as it was once, with the seal that it had then.
func rewind(path string, back int) func(*tables) error {
	return func(t *tables) error {
		r, _, err := t.readRecord("pd:acme:P1")
		if err != nil {
			return err
		}
		old, _, err := t.readEvent("pd:acme:P1", r.Seq-uint64(back))
		if err != nil {
			return err
		}
		stored, err := os.ReadFile(path + ".then") // the record, as a backup still has it
		if err != nil {
			return err
		}
		for seq := old.Seq + 1; seq <= r.Seq; seq++ {
			if err := t.del(eventTable, streamKey(r.Key, seq)); err != nil {
				return err
			}
		}
		return errors.Join(t.put(recordTable, []byte(r.Key), stored), t.put(openTable, timeKey(r.First, r.Key), nil))
	}
}

func TestForgeryIsFound(t *testing.T) {
	const incident = "pd:acme:P1"
	lie := func(t *tables, seq uint64) (head string, err error) {
		for i := seq; i <= 3; i++ {
			e, _, err := t.readEvent(incident, i)
			if err != nil {
				return "", err
			}
			if i == seq {
				e.By = "somebody else"
			} else {
				e.Prev = head
			}
			b, err := json.Marshal(e)
			if err != nil {
				return "", err
			}
			if err := t.put(eventTable, streamKey(incident, i), b); err != nil {
				return "", err
			}
			head = Hash(b)
		}
		return head, nil
	}
	for name, attack := range map[string]struct {
		work   func(*tables) error
		stream bool // reading the incident alone finds it
	}{
		"an event in the middle, the chain mended": {func(t *tables) error {
			head, err := lie(t, 2)
			return errors.Join(err, rewrite(t, incident, func(r *Record) { r.Head = head }))
		}, true},
		"the last event": {func(t *tables) error {
			head, err := lie(t, 3)
			return errors.Join(err, rewrite(t, incident, func(r *Record) { r.Head = head }))
		}, true},
		"the end cut off": {func(t *tables) error {
			_, stored, err := t.readEvent(incident, 2)
			head := Hash(stored)
			return errors.Join(err, t.del(eventTable, streamKey(incident, 3)),
				rewrite(t, incident, func(r *Record) { r.Seq, r.Head = 2, head }))
		}, true},
		"a summary": {func(t *tables) error {
			return rewrite(t, incident, func(r *Record) { r.Summary = []byte(`{"n":7}`) })
		}, true},
		"a seal taken away": {func(t *tables) error {
			stored, _, err := t.get(recordTable, []byte(incident))
			bare, _ := sealOf(stored)
			return errors.Join(err, t.put(recordTable, []byte(incident), bare))
		}, true},
		"another incident's record": {func(t *tables) error {
			stored, _, err := t.get(recordTable, []byte("pd:acme:P2"))
			return errors.Join(err, t.put(recordTable, []byte(incident), stored))
		}, false}, // that is damage, whoever did it
		"an incident deleted whole": {func(t *tables) error {
			r, _, err := t.readRecord(incident)
			for seq := range uint64(3) {
				err = errors.Join(err, t.del(eventTable, streamKey(incident, seq+1)))
			}
			return errors.Join(err, t.del(recordTable, []byte(incident)), t.del(firstTable, timeKey(r.First, r.Key)))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := sealedFile(t)
			forge(t, path, attack.work)
			mustFind(t, path, attack.stream)
		})
	}
}

// mustFind opens a forged file with its key.
func mustFind(t *testing.T, path string, stream bool) {
	t.Helper()
	ctx := context.Background()
	db := mustOpenWith(t, path, Options{ReadOnly: true, Key: historyKey})
	defer func() { _ = db.Close() }()
	if err := db.Check(ctx); !errors.Is(err, ErrForged) || !errors.Is(err, ErrDamaged) {
		t.Errorf("check: %v", err)
	}
	if err := db.Verify(ctx, "pd:acme:P1"); stream && !errors.Is(err, ErrForged) {
		t.Errorf("verify: %v", err)
	}
	if err := db.Verify(ctx, "pd:acme:P2"); err != nil {
		t.Errorf("another incident: %v", err)
	}
	if _, err := db.Incidents(ctx, Filter{}); stream && !errors.Is(err, ErrForged) {
		t.Errorf("list: %v", err)
	}
}

// An incident that is put back as it was once is sound by itself: the seal of
// the whole finds it, also where that is the one of back then.
func TestRewoundIncidentIsFound(t *testing.T) {
	for _, withSum := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "amsbot.db")
		db := &testDB{t: t, DB: mustOpenWith(t, path, Options{Key: historyKey})}
		db.commit("pd:acme:P1", change("received"))
		var record, whole []byte
		err := db.look(func(t *tables) error {
			r, _, err := t.get(recordTable, []byte("pd:acme:P1"))
			s, _, sumErr := t.get(metaTable, keySum)
			record, whole = bytes.Clone(r), bytes.Clone(s)
			return errors.Join(err, sumErr)
		})
		if err != nil {
			t.Fatal(err)
		}
		db.commit("pd:acme:P1", change("resolved by hand"))
		db.commit("pd:acme:P2", change("received"))
		if err := errors.Join(db.Close(), os.WriteFile(path+".then", record, 0o600)); err != nil {
			t.Fatal(err)
		}
		forge(t, path, rewind(path, 1))
		if withSum {
			forge(t, path, func(t *tables) error { return t.put(metaTable, keySum, whole) })
		}
		mustFind(t, path, false)
	}
}

func TestKeyIsAskedFor(t *testing.T) {
	path := sealedFile(t)
	plain := filepath.Join(t.TempDir(), "plain.db")
	db := &testDB{t: t, DB: mustOpen(t, plain)}
	db.commit("pd:acme:P1", change("received"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	stripped := sealedFile(t)
	forge(t, stripped, func(t *tables) error { return t.del(metaTable, keySum) })
	for _, test := range []struct {
		path string
		o    Options
		want error
	}{
		{path, Options{}, ErrSealed},
		{path, Options{ReadOnly: true}, nil},
		{path, Options{Key: []byte("another")}, ErrOtherKey},
		{path, Options{Key: []byte("another"), ReadOnly: true}, ErrOtherKey},
		{path, Options{Key: historyKey}, nil},
		{plain, Options{Key: historyKey}, ErrUnsealed},
		{plain, Options{Key: historyKey, ReadOnly: true}, ErrUnsealed},
		{stripped, Options{Key: historyKey}, ErrUnsealed},
	} {
		db, err := Open(test.path, test.o)
		if err == nil {
			if !db.sealed {
				t.Error("it is not sealed")
			}
			err = db.Close()
		}
		if !errors.Is(err, test.want) {
			t.Errorf("%s %+v: %v", filepath.Base(test.path), test.o, err)
		}
		if err != nil && strings.Contains(err.Error(), string(historyKey)) {
			t.Errorf("the key is told: %v", err)
		}
	}
}

// A first key, and another one after it.
func TestSeal(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "amsbot.db")
	db := &testDB{t: t, DB: mustOpen(t, path)}
	var writers sync.WaitGroup
	for w := range 64 {
		writers.Go(func() {
			for i := w; i < 2*sealAtOnce+7; i += 64 {
				db.commit(fmt.Sprintf("pd:acme:P%05d", i), change("received"))
			}
		})
	}
	writers.Wait()
	if err := Seal(ctx, path, historyKey, nil); !errors.Is(err, ErrHeld) {
		t.Errorf("while a bot has it: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	second := []byte("a second key")
	for _, step := range []struct {
		key, from []byte
		want      error
	}{
		{historyKey, second, ErrUnsealed}, {historyKey, nil, nil}, {second, nil, ErrSealed},
		{second, historyKey, nil}, {historyKey, historyKey, ErrOtherKey},
	} {
		if err := Seal(ctx, path, step.key, step.from); !errors.Is(err, step.want) {
			t.Fatalf("seal: %v, want %v", err, step.want)
		}
	}
	db.DB = mustOpenWith(t, path, Options{Key: second})
	db.commit("pd:acme:P00003", change("read"))
	if err := errors.Join(db.Check(ctx), db.Close()); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(path + ".new-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	forge(t, path, func(t *tables) error {
		return rewrite(t, "pd:acme:P00005", func(r *Record) { r.Open = false })
	})
	if err := Seal(ctx, path, historyKey, second); !errors.Is(err, ErrForged) {
		t.Errorf("seal what was forged: %v", err)
	}
}
