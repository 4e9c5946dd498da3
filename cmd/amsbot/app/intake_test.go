package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/bot"
	"amsbot/bot/words"
	"amsbot/store"
)

// door takes in incidents as the bot does, and nothing more.
type door struct{ db *store.DB }

func (d door) Receive(ctx context.Context, h bot.Hint) error {
	_, err := d.db.Commit(ctx, "pd:shop:"+h.ID, func(*store.View) (store.Change, error) {
		return store.Change{Events: []store.NewEvent{{Kind: "received", By: "test"}}}, nil
	})
	return err
}

// An incident that a damaged record beside it keeps out is seen in the health, while
// the others are taken in.
func TestDamageAtTheDoorIsTold(t *testing.T) {
	path := killed(t, 3)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
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
	at := told{door{db}, h}
	history := func() string {
		for _, p := range h.report(t.Context(), db, words.In("")).Parts {
			if p.Name == "history" {
				return p.Why
			}
		}
		return ""
	}
	if err := at.Receive(t.Context(), bot.Hint{ID: "Z1"}); err != nil || history() != "" {
		t.Errorf("far from it: %v, %q", err, history())
	}
	if err := at.Receive(t.Context(), bot.Hint{ID: "Q001a"}); !errors.Is(err, store.ErrDamaged) || !strings.Contains(history(), "damaged") {
		t.Errorf("beside it: %v, %q", err, history())
	}
}
