package app

import (
	"context"
	"path/filepath"
	"testing"

	"amsbot/bot/admin"
	"amsbot/store"
)

// A storm is written down as incidents are, and is none: however many are newer
// than the incidents, those that are asked for are told.
func TestStormsTakeNoIncidentsPlace(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	write := func(stream string) {
		_, err := db.Commit(t.Context(), stream, func(*store.View) (store.Change, error) {
			return store.Change{Events: []store.NewEvent{{Kind: "received"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	source := FileSource(db)
	told := func(limit int) (keys []string) {
		list, err := source.Incidents(context.Background(), admin.Which{Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range list {
			keys = append(keys, i.Key)
		}
		return keys
	}
	if got := told(1); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
	for _, stream := range []string{"pd:a:Q1", "pd:a:Q2", "storm:one", "pd:a:Q3", "storm:two", "storm:three", "storm:four", "storm:five", "storm:six"} {
		write(stream)
	}
	for limit, want := range map[int]string{1: "pd:a:Q3", 2: "pd:a:Q2", 3: "pd:a:Q1", 50: "pd:a:Q1"} {
		if got := told(limit); len(got) != min(limit, 3) || got[0] != "pd:a:Q3" || got[len(got)-1] != want {
			t.Errorf("%d of them: %q", limit, got)
		}
	}
	if h, err := source.History(t.Context(), "last"); err != nil || h.Key != "pd:a:Q3" {
		t.Errorf("the last: %q, %v", h.Key, err)
	}
}
