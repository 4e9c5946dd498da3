package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestGuards(t *testing.T) {
	db := newDB(t)
	db.commit("pd:acme:P1", Change{Guards: map[string]any{
		"cooldown/web/a": map[string]int{"n": 1}, "cooldown/web/b": "x", "cooldown/we": nil, "pause": true,
	}})
	check := func(want string) {
		t.Helper()
		err := db.Read(context.Background(), "pd:acme:P2", func(v *View) error {
			guards, err := v.Guards("cooldown/")
			if got := asJSON(t, guards); err != nil || strings.Join(strings.Fields(got), "") != want {
				t.Errorf("guards %s, %v\nwant %s", got, err, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	check(`{"cooldown/web/a":{"n":1},"cooldown/web/b":"x"}`)
	db.commit("pd:acme:P9", Change{Guards: map[string]any{"cooldown/web/a": nil, "cooldown/web/b": 2}})
	check(`{"cooldown/web/b":2}`)
	err := db.Read(context.Background(), "pd:acme:P2", func(v *View) error {
		var s string
		if ok, err := v.Guard("cooldown/web/b", &s); ok || err == nil || errors.Is(err, ErrDamaged) {
			t.Errorf("guard of another type: %v %v", ok, err)
		}
		if ok, err := v.Guard("missing", &s); ok || err != nil {
			t.Errorf("missing guard: %v %v", ok, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDedupeKeysAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDB(t)
		seen := func(key string) (seen bool) {
			if err := db.Read(t.Context(), "pd:acme:P1", func(v *View) error { seen = v.Seen(key); return nil }); err != nil {
				t.Error(err)
			}
			return seen
		}
		var keys []string
		for i := range 3 * seenPrune {
			keys = append(keys, fmt.Sprint("old ", i))
		}
		db.commit("pd:acme:P1", Change{Seen: keys})
		time.Sleep(seenFor / 2)
		db.commit("pd:acme:P1", Change{Seen: []string{"old 0", "new"}})
		time.Sleep(seenFor/2 - time.Second)
		db.commit("pd:acme:P1", change("a"))
		for _, key := range append(keys, "new") {
			if !seen(key) {
				t.Fatalf("%s was forgotten early", key)
			}
		}
		time.Sleep(2 * time.Second)
		for range 3 {
			db.commit("pd:acme:P1", change("a"))
		}
		for _, key := range keys {
			if seen(key) {
				t.Errorf("%s is still known", key)
			}
		}
		if !seen("new") {
			t.Error("a new key was forgotten")
		}
	})
}

func TestBlobs(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	large := bytes.Repeat([]byte("0123456789abcdef"), MaxBlob/16)
	db.commit("pd:acme:P1", Change{Blobs: [][]byte{large, {}, large}})
	db.again()
	for _, want := range [][]byte{large, {}} {
		if got, err := db.Blob(ctx, Hash(want)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	for _, hash := range []string{"", "x", Hash([]byte("other")), strings.Repeat("zz", 32)} {
		if _, err := db.Blob(ctx, hash); !errors.Is(err, ErrNoBlob) {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// What came out of the store is the caller's: changing it changes nothing.
func TestNothingIsShared(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	c := change("a")
	c.Summary = "summary"
	c.Guards = map[string]any{"g": "guard"}
	c.Blobs = [][]byte{[]byte("blob")}
	events := db.commit("pd:acme:P1", c)
	clear(events[0].Data)
	read := func() string {
		var said []any
		err := db.Read(ctx, "pd:acme:P1", func(v *View) error {
			record, _ := v.Record()
			guards, err := v.Guards("")
			events := v.Events()
			said = append(said, asJSON(t, record), asJSON(t, guards), asJSON(t, events))
			clear(record.Summary)
			clear(guards["g"])
			clear(events)
			said = append(said, asJSON(t, v.Events()))
			return err
		})
		blob, blobErr := db.Blob(ctx, Hash([]byte("blob")))
		said = append(said, string(blob))
		clear(blob)
		if err != nil || blobErr != nil {
			t.Fatal(err, blobErr)
		}
		return fmt.Sprint(said...)
	}
	first := read()
	if second := read(); second != first {
		t.Errorf("first\n%s\nthen\n%s", first, second)
	}
}

func TestViewMustNotBeKept(t *testing.T) {
	db := newDB(t)
	var kept *View
	if err := db.Read(context.Background(), "pd:acme:P1", func(v *View) error { kept = v; return nil }); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a View answers after its function has returned")
		}
	}()
	kept.Seen("x")
}
