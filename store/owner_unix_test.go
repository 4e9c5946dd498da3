//go:build unix

package store

import (
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
