package bot

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"amsbot/store"
)

// Whatever an alert says, its keys are taken by the store and differ where it does.
func TestKeysFit(t *testing.T) {
	db, err := store.Open(filepath.Join(t.TempDir(), "amsbot.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	long := strings.Repeat("機", 300)
	seen := map[string]string{}
	for _, odd := range []string{"lock:shop/web-1", long, long + "x", "a\nb", "ab", "a\x00b", "a\xffb", "a\u0085b", strings.Repeat("x", 512), strings.Repeat("x", 513)} {
		key := fitKey(odd)
		if was, ok := seen[key]; ok {
			t.Errorf("%q and %q have the same key %q", odd, was, key)
		}
		seen[key] = odd
		_, err := db.Commit(context.Background(), botStream, func(*store.View) (store.Change, error) {
			return store.Change{Guards: map[string]any{key: 1}, Seen: []string{key}}, nil
		})
		if err != nil {
			t.Errorf("%q: %v", odd, err)
		}
	}
	if key := fitKey("lock:shop/web-1"); key != "lock:shop/web-1" {
		t.Errorf("a key that fits became %q", key)
	}
	if key := fitKey(pauseGuards + long); !strings.HasPrefix(key, pauseGuards) {
		t.Errorf("%q does not begin with %q: it would not be listed", key, pauseGuards)
	}
}
