package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fill puts something into every table, enough for several pages of events.
func fill(db *testDB) (blobs []string) {
	db.t.Helper()
	for i := range 24 {
		incident := fmt.Sprintf("pd:acme:P%03d", i)
		due := time.Date(2030, 1, 1, 0, i, 0, 0, time.UTC)
		blob := fmt.Appendf(nil, "output of step %d\n", i)
		blobs = append(blobs, Hash(blob))
		db.commit(incident, Change{
			Events:  []NewEvent{{Kind: "received", By: "PagerDuty", Data: strings.Repeat("x", 400)}},
			Seen:    []string{fmt.Sprintf("event-%d", i)},
			Names:   []string{fmt.Sprintf("#%d", i)},
			Guards:  map[string]any{fmt.Sprintf("cooldown/%d", i): i},
			Due:     &due,
			Summary: map[string]int{"n": i},
			Views:   []string{"card:" + incident},
			Blobs:   [][]byte{blob},
		})
		events := db.commit(incident, Change{Events: []NewEvent{
			{Kind: "wanted", By: "amsbot", Data: "resolve", To: "pagerduty"},
			{Kind: "wanted", By: "amsbot", Data: "note", To: "slack"},
		}})
		open := i%3 == 0
		db.commit(incident, Change{
			Open:    &open,
			Settled: []uint64{events[0].Seq},
			Later:   map[uint64]Later{events[1].Seq: {NotBefore: due, Tries: i}},
			Shown:   []Shown{{Key: "card:" + incident, Version: events[0].Pos - uint64(i%2)*2, Ref: "C1/1.2"}},
		})
	}
	db.commit(BotStream, change("paused"))
	return blobs
}

// everything is all that can be read, by what was asked.
func everything(db *DB, blobs []string) map[string]string {
	ctx := context.Background()
	said := map[string]string{}
	say := func(what string, v any, err error) {
		if err != nil {
			said[what] = "error: " + err.Error()
			if !errors.Is(err, ErrDamaged) {
				said[what] = "not named: " + err.Error()
			}
			return
		}
		b, err := json.Marshal(v)
		if err != nil {
			said[what] = "not named: " + err.Error()
			return
		}
		said[what] = string(b)
	}
	open := true
	records, err := db.Incidents(ctx, Filter{})
	say("incidents", records, err)
	records, err = db.Incidents(ctx, Filter{Open: &open})
	say("open incidents", records, err)
	keys, next, err := db.Due(ctx, time.Date(2030, 1, 1, 0, 12, 0, 0, time.UTC))
	say("due", []any{keys, next}, err)
	acts, err := db.Acts(ctx)
	say("acts", acts, err)
	views, err := db.Views(ctx)
	say("views", views, err)
	for _, hash := range blobs {
		blob, err := db.Blob(ctx, hash)
		say("blob "+hash, blob, err)
	}
	for i := range 24 {
		name := fmt.Sprintf("#%d", i)
		key, named, err := db.Named(ctx, name)
		say("name "+name, []any{key, named}, err)
	}
	for i := range len(blobs) + 1 {
		incident := fmt.Sprintf("pd:acme:P%03d", i)
		if i == len(blobs) {
			incident = BotStream
		}
		view, known, err := db.View(ctx, "card:"+incident)
		say("view of "+incident, []any{known, view}, err)
		err = db.Read(ctx, incident, func(v *View) error {
			record, _ := v.Record()
			say(incident, []any{record, v.Events()}, nil)
			say("acts of "+incident, v.Pending(), nil)
			say("dedupe key of "+incident, v.Seen(fmt.Sprintf("event-%d", i)), nil)
			var n int
			limited, err := v.Guard(fmt.Sprintf("cooldown/%d", i), &n)
			say("guard of "+incident, []any{limited, n}, nil)
			return err
		})
		if err != nil {
			for _, what := range []string{"", "acts of ", "dedupe key of ", "guard of "} {
				say(what+incident, nil, err)
			}
		}
	}
	return said
}

// lasting opens a file for reading and says everything; the error is Open's.
func lasting(path string, blobs []string) (map[string]string, error) {
	db, err := Open(path, Options{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	said := everything(db, blobs)
	return said, db.Close()
}

// filled is the bytes of a sound file, and what it says.
func filled(t *testing.T) (sound []byte, truth map[string]string, blobs []string) {
	t.Helper()
	db := newDB(t)
	blobs = fill(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	truth, err := lasting(db.Path(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	for what, said := range truth {
		if strings.HasPrefix(said, "error") || strings.HasPrefix(said, "not named") {
			t.Fatalf("%s: %s", what, said)
		}
	}
	sound, err = os.ReadFile(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	return sound, truth, blobs
}

// compare fails the test for every answer that is neither right nor an error.
//
// One thing cannot be seen by who asks for a single key: that the page which
// had it has lost its end, or is an older copy of itself. Then there is no such
// key; that is forgiven here. Streams, and tables read as a whole, are known to
// be complete.
func compare(t *testing.T, what string, said, truth map[string]string) (wrong int) {
	t.Helper()
	for asked, want := range maps.All(truth) {
		got := said[asked]
		lost := strings.Contains(got, ErrNoBlob.Error()) || asked == "due" ||
			strings.Contains(asked, " of ") && (got == "null" || got == "false" || strings.HasPrefix(got, "[false,"))
		if got != want && !lost && !strings.HasPrefix(got, "error: ") {
			t.Errorf("%s: %s says\n%.300s\nand not\n%.300s", what, asked, got, want)
			wrong++
		}
	}
	return wrong
}

// A flipped bit is found, or changes nothing: never is other data taken for
// the truth.
func TestFlippedBits(t *testing.T) {
	sound, truth, blobs := filled(t)
	path, f := spoilable(t, sound)
	random := rand.New(rand.NewPCG(1, 2))
	refused, found := 0, 0
	for at := 0; at < len(sound); at += 1 + random.IntN(2*flipEvery) {
		if sound[at] == 0 && at%16 != 0 {
			continue // mostly unused room
		}
		flip(t, f, sound, at, 1<<random.IntN(8))
		said, err := lasting(path, blobs)
		switch {
		case errors.Is(err, ErrDamaged):
			refused++
		case err != nil:
			t.Errorf("byte %d: open: %v", at, err)
		default:
			if !maps.Equal(said, truth) {
				found++
			}
			if compare(t, fmt.Sprintf("byte %d", at), said, truth) > 0 {
				return
			}
		}
		flip(t, f, sound, at, 0)
	}
	if found < 50 {
		t.Errorf("found damage in %d files: the test flips the wrong bits", found)
	}
	t.Logf("refused %d files, found damage in %d", refused, found)
}

// flipEvery is half of how far two flipped bits are apart at most. It was 1
// once, for 29,725 bits.
const flipEvery = 301

// spoilable is a file to be damaged, and open for that.
func spoilable(t *testing.T, sound []byte) (path string, f *os.File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "damaged.db")
	if err := os.WriteFile(path, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return path, f
}

func flip(t *testing.T, f *os.File, sound []byte, at int, bit byte) {
	t.Helper()
	if _, err := f.WriteAt([]byte{sound[at] ^ bit}, int64(at)); err != nil {
		t.Fatal(err)
	}
}

// A page full of rubbish or of nothing, and a file that is cut off, are errors
// and no crash, for reading and for writing.
func TestLostPages(t *testing.T) {
	sound, truth, blobs := filled(t)
	dir := t.TempDir()
	size := os.Getpagesize()
	random := rand.New(rand.NewPCG(3, 4))
	rubbish := make([]byte, size)
	for i := range rubbish {
		rubbish[i] = byte(random.Uint32())
	}
	damage := map[string]func(b []byte, page int) []byte{
		"rubbish": func(b []byte, page int) []byte { copy(b[page*size:], rubbish); return b },
		"zeros":   func(b []byte, page int) []byte { clear(b[page*size : (page+1)*size]); return b },
		"cut off": func(b []byte, page int) []byte { return b[:page*size+size/2] },
	}
	for name, harm := range damage {
		for page := range used(t, sound) {
			what := fmt.Sprintf("page %d %s", page, name)
			path := filepath.Join(dir, "damaged.db")
			if err := os.WriteFile(path, harm(bytes.Clone(sound), page), 0o600); err != nil {
				t.Fatal(err)
			}
			said, err := lasting(path, blobs)
			switch {
			case err == nil:
				if compare(t, what, said, truth) > 0 {
					return
				}
			case page == 0 && name == "cut off" && errors.Is(err, ErrNotStore):
			case !errors.Is(err, ErrDamaged):
				t.Errorf("%s: open: %v", what, err)
			}
			writeOn(t, what, path)
		}
	}
}

// used is how many pages of the file are in use; the rest is room to grow.
func used(t *testing.T, sound []byte) int {
	t.Helper()
	pages := bytes.TrimRight(sound, "\x00")
	if len(pages) == len(sound) {
		t.Error("the file has no room to grow")
	}
	return (len(pages) + os.Getpagesize() - 1) / os.Getpagesize()
}

// writeOn opens a damaged file for writing and uses it. Whatever goes wrong has
// to be an error.
func writeOn(t *testing.T, what, path string) {
	t.Helper()
	db, err := Open(path, Options{})
	if err != nil {
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrNotStore) {
			t.Errorf("%s: open to write: %v", what, err)
		}
		return
	}
	ctx := context.Background()
	for i := 0; i < 30; i += 5 {
		_, err := db.Commit(ctx, fmt.Sprintf("pd:acme:P%03d", i), func(v *View) (Change, error) {
			return Change{
				Events: []NewEvent{{Kind: "read", By: "test", Data: len(v.Events()), To: "slack"}},
				Seen:   []string{fmt.Sprint("more-", i)},
				Views:  []string{"card:" + v.Incident()},
			}, nil
		})
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: commit: %v", what, err)
		}
	}
	if err := db.Close(); err != nil && !errors.Is(err, ErrDamaged) {
		t.Errorf("%s: close: %v", what, err)
	}
	// The lock must be free again, however badly it went.
	if again, err := Open(path, Options{ReadOnly: true}); err == nil {
		_ = again.Close()
	} else if errors.Is(err, ErrHeld) {
		t.Errorf("%s: open again: %v", what, err)
	}
}
