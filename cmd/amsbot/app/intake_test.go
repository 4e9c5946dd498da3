package app

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/bot/words"
	"amsbot/store"
)

// Damage of one incident's record is seen in the health, whoever meets it: news at the
// door, beside which an incident cannot be taken in, or whoever reads its history. The
// others are taken in and read as ever.
func TestDamageIsTold(t *testing.T) {
	path := killed(t, 3)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	take := func(db *store.DB, key string) error {
		_, err := db.Commit(t.Context(), key, func(*store.View) (store.Change, error) {
			return store.Change{Events: []store.NewEvent{{Kind: "received", By: "test"}}}, nil
		})
		return err
	}
	for name, meets := range map[string]struct{ sound, damaged func(*store.DB) error }{
		"door": {func(db *store.DB) error { return take(db, "pd:shop:Z1") }, func(db *store.DB) error { return take(db, "pd:shop:Q001a") }},
		"history": {func(db *store.DB) error { _, err := db.Events(t.Context(), "pd:shop:Q000"); return err },
			func(db *store.DB) error { _, err := db.Events(t.Context(), "pd:shop:Q001"); return err }},
		"read": {func(db *store.DB) error { return db.Read(t.Context(), "pd:shop:Q000", readRecord) },
			func(db *store.DB) error { return db.Read(t.Context(), "pd:shop:Q001", readRecord) }},
	} {
		t.Run(name, func(t *testing.T) {
			bad := filepath.Join(t.TempDir(), "amsbot.db")
			if err := os.WriteFile(bad, bytes.ReplaceAll(data, []byte(`{"key":"pd:shop:Q001"`), []byte(`{"kex":"pd:shop:Q001"`)), 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(bad, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			h := newHealth()
			history := func() string {
				parts := h.report(t.Context(), db, words.In("")).Parts
				return parts[len(parts)-1].Why
			}
			if err := meets.sound(db); err != nil || history() != "" {
				t.Errorf("far from it: %v, %q", err, history())
			}
			if err := meets.damaged(db); !errors.Is(err, store.ErrDamaged) || !strings.Contains(history(), "damaged") {
				t.Errorf("there: %v, %q", err, history())
			}
		})
	}
}

func readRecord(v *store.View) error { v.Record(); return nil }
