//go:build unix

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// adopt gives a file that is to take the place of another that one's owner and
// mode, or where there is none the owner of its folder: root restores, and the bot
// that has to open it is somebody else. Whoever is not root owns what he makes.
//
// The folder is the bot's, who may put anything under the name meanwhile: what is
// changed is the file that was opened, and only one that has no other name.
func adopt(temp, path string) error {
	was, err := os.Stat(path)
	placed := err == nil
	if errors.Is(err, fs.ErrNotExist) {
		was, err = os.Stat(filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	f, err := os.OpenFile(temp, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := sole(f); err != nil {
		return err
	}
	if placed {
		if err := f.Chmod(was.Mode().Perm()); err != nil {
			return err
		}
	}
	owner, known := was.Sys().(*syscall.Stat_t)
	if !known || os.Geteuid() != 0 {
		return nil
	}
	return f.Chown(int(owner.Uid), int(owner.Gid))
}

// sole says that a file is an ordinary one under one name, as it was made.
func sole(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if s, known := info.Sys().(*syscall.Stat_t); !info.Mode().IsRegular() || known && s.Nlink > 1 {
		return fmt.Errorf("%s: somebody has put another file in its place; see who may write in that folder, and try again", f.Name())
	}
	return nil
}
