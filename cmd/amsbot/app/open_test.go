package app_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// A database that cannot be opened is told with what to do about it, and is left
// as it is.
func TestOpenStoreSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name       string
		make       func(*testing.T, string)
		err        error
		told, hint string
	}{
		{"held", func(t *testing.T, path string) {
			db, err := store.Open(path, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
		}, store.ErrHeld, "another process holds it", "stop the other amsbot"},
		{"of a newer amsbot", newer, store.ErrNewer, "its format is 2, this amsbot knows up to 1", "start the amsbot that wrote it"},
		{"no database", func(t *testing.T, path string) { write(t, path, "these are notes\n") }, store.ErrNotStore, "not an amsbot database", "amsbot's own database"},
		{"damaged", func(t *testing.T, path string) {
			fresh(t, path)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, string(data[:len(data)/2]))
		}, store.ErrDamaged, "", "restore a backup"},
		{"in no folder", func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, nil, "no such file or directory", "the folder of the database exists"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "amsbot.db")
			c.make(t, path)
			before, _ := os.ReadFile(path)
			db, err := app.OpenStore(path, store.Options{LockWait: 10 * time.Millisecond})
			if err == nil {
				db.Close()
				t.Fatal("it opens")
			}
			if c.err != nil && !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.told) || !strings.Contains(app.Hint(err), c.hint) {
				t.Errorf("told %v (%s)", err, app.Hint(err))
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func fresh(t *testing.T, path string) {
	t.Helper()
	db, err := store.Open(path, store.Options{})
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// newer is a database whose schema says that a later amsbot wrote it.
func newer(t *testing.T, path string) {
	t.Helper()
	fresh(t, path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key, old := []byte("schema"), []byte(`"version":1}`)
	size := binary.BigEndian.AppendUint32(nil, uint32(len(key)))
	copies := 0 // pages that are free by now hold it, too
	for at := 4; at < len(data); at++ {
		n := bytes.Index(data[at:], old)
		if !bytes.HasPrefix(data[at:], []byte(`{"format":"amsbot store"`)) || n < 0 {
			continue
		}
		copy(data[at+n:], `"version":2}`)
		sealed := slices.Concat(size, key, data[at:at+n+len(old)])
		binary.BigEndian.PutUint32(data[at-4:], crc32.Checksum(sealed, crc32.MakeTable(crc32.Castagnoli)))
		copies++
	}
	if copies == 0 {
		t.Fatal("the schema is not where it was")
	}
	write(t, path, string(data))
}
