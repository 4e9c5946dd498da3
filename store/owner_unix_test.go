//go:build unix

package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Whoever owns the folder may put another file under the name meanwhile: its owner
// and mode stay as they are.
func TestAdoptChangesNoOtherFile(t *testing.T) {
	for name, swap := range map[string]func(victim, temp string) error{
		"a symbolic link": os.Symlink,
		"a hard link":     os.Link,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path, victim, temp := filepath.Join(dir, "amsbot.db"), filepath.Join(dir, "victim"), filepath.Join(dir, "amsbot.db.new-1")
			err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o644), os.WriteFile(victim, nil, 0o600), swap(victim, temp))
			if os.Geteuid() == 0 {
				err = errors.Join(err, os.Chown(path, 65532, 65533))
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := adopt(temp, path); err == nil {
				t.Error("it was taken for the file that was made")
			}
			for _, other := range []string{victim, temp} {
				info, err := os.Stat(other)
				if err != nil {
					t.Fatal(err)
				}
				if s := info.Sys().(*syscall.Stat_t); int(s.Uid) != os.Geteuid() || info.Mode().Perm() != 0o600 {
					t.Errorf("%s: owner %d, mode %v", other, s.Uid, info.Mode())
				}
			}
		})
	}
}

// A file that is not the one that was made does not take the database's place.
func TestSealTakesNoOtherFile(t *testing.T) {
	db := newDB(t)
	db.commit("pd:acme:P1", change("received"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	was, err := os.Stat(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer func(before func(string)) { passes = before }(passes)
	passes = func(point string) {
		if point != "signed" {
			return
		}
		made, err := filepath.Glob(db.Path() + newMark + "*")
		if err != nil || len(made) != 1 || os.Link(made[0], db.Path()+".other") != nil {
			t.Errorf("%v: %v", made, err)
		}
	}
	if err := Seal(context.Background(), db.Path(), historyKey, nil); err == nil {
		t.Error("it was taken for the file that was made")
	}
	now, err := os.Stat(db.Path())
	if err != nil || !os.SameFile(was, now) {
		t.Errorf("the database was replaced: %v", err)
	}
	mustBeSound(t, db.Path())
}
