//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// adopt gives a file that is to take the place of another that one's owner and
// mode, or where there is none the owner of its folder: root restores, and the bot
// that has to open it is somebody else. Whoever is not root owns what he makes.
func adopt(temp, path string) error {
	was, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if was, err = os.Stat(filepath.Dir(path)); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := os.Chmod(temp, was.Mode().Perm()); err != nil {
			return err
		}
	}
	owner, known := was.Sys().(*syscall.Stat_t)
	if !known || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(temp, int(owner.Uid), int(owner.Gid))
}
