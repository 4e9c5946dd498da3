package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// maxPath is the longest path of a socket that works everywhere: the field for
// it in the system's address has 104 to 108 bytes, a NUL among them.
const maxPath = 100

// spot is a place where the socket may be.
type spot struct {
	path    string
	private string // the directory that has to be ours alone; "" beside the database
}

// spots are the places for the socket of this database, the best first. More
// than one only where the path beside it is too long: the bot and whoever asks
// it may have been started with different environments.
func spots(db string) ([]spot, error) {
	path, err := canonical(db)
	if err != nil {
		return nil, err
	}
	if beside := path + ".sock"; len(beside) <= maxPath {
		return []spot{{path: beside}}, nil
	}
	sum := sha256.Sum256([]byte(path))
	name := hex.EncodeToString(sum[:12]) + ".sock"
	own := "amsbot-" + strconv.Itoa(os.Getuid())
	var all []spot
	for _, base := range []string{os.Getenv("XDG_RUNTIME_DIR"), os.TempDir(), "/tmp"} {
		dir := filepath.Join(base, own)
		s := spot{path: filepath.Join(dir, name), private: dir}
		if filepath.IsAbs(base) && len(s.path) <= maxPath && (len(all) == 0 || all[len(all)-1] != s) {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no place for a socket with a path of at most %d bytes", maxPath)
	}
	return all, nil
}

// canonical is the one absolute path of the database, however it was spelled.
// The file itself need not exist.
func canonical(db string) (string, error) {
	path, err := filepath.Abs(db)
	if err != nil {
		return "", err
	}
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		return whole, nil
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	return filepath.Join(dir, filepath.Base(path)), err
}

// claim makes sure that the private directory is there and ours alone.
func (s spot) claim() error {
	if s.private == "" {
		return nil
	}
	if err := os.Mkdir(s.private, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return s.safe()
}

// safe answers ErrUnsafe where somebody else could have put a socket into the
// private directory, and fs.ErrNotExist where there is none.
func (s spot) safe() error {
	if s.private == "" {
		return nil
	}
	info, err := os.Lstat(s.private)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is no directory: %w", s.private, ErrUnsafe)
	case !ok || int(owner.Uid) != os.Getuid():
		return fmt.Errorf("%s belongs to somebody else: %w", s.private, ErrUnsafe)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%s has the mode %04o, not 0700: %w", s.private, info.Mode().Perm(), ErrUnsafe)
	}
	return nil
}
