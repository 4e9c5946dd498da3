package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Restoring says what Restore does.
type Restoring struct {
	Backup string // the file to take
	Key    []byte // the history key, as in Options
	// Stream and Mark are committed in the copy before it takes the file's place:
	// what of it is no longer so, whoever opens it has to know.
	Stream string
	Mark   func(*View) (Change, error)
}

// Restored says what Restore came to.
type Restored struct {
	Kept string    // where the file is that was there before; "" if there was none
	End  uint64    // of the backup, see DB.End
	At   time.Time // the same
}

// Restore puts a copy of a backup in the place of the file at path, and keeps
// what was there under the name that it answers. The backup
// is checked whole before anything is touched: ErrDamaged, ErrNotStore, ErrNewer,
// and those of a history key. ErrHeld while somebody has the file open, ErrLink
// where path is a symbolic link. Whenever it is cut short, path names the old file
// or the new one, each whole.
func Restore(ctx context.Context, path string, r Restoring) (out Restored, err error) {
	wrap := func(err error) error { return fmt.Errorf("store: restore %s from %s: %w", path, r.Backup, err) }
	old, err := hold(path)
	if err != nil {
		return out, wrap(err)
	}
	defer letGo(old)
	if err := noLink(path); err != nil {
		return out, wrap(err)
	}
	if sameFile(path, r.Backup) {
		return out, wrap(fmt.Errorf("the backup: %w", ErrOwnFile))
	}
	temp, err := r.prepare(ctx, path, &out)
	if err != nil {
		return out, wrap(err)
	}
	defer func() { _ = os.Remove(temp) }()
	if out.Kept, err = exchange(temp, path, old); err != nil {
		return out, wrap(cause(err))
	}
	return out, nil
}

// prepare makes the file that is to take the place of path.
func (r Restoring) prepare(ctx context.Context, path string, out *Restored) (temp string, err error) {
	backup, err := open(r.Backup, Options{ReadOnly: true, Key: r.Key})
	if err != nil {
		return "", fmt.Errorf("the backup: %w", err)
	}
	out.End, out.At = backup.End()
	if err = backup.Check(ctx); err == nil {
		temp, err = backup.copyBeside(ctx, path)
	}
	if err = errors.Join(err, backup.Close()); err != nil {
		return temp, err
	}
	if r.Mark != nil {
		var db *DB
		if db, err = open(temp, Options{Key: r.Key}); err == nil {
			passes("opened")
			_, err = db.Commit(ctx, r.Stream, r.Mark)
			err = errors.Join(err, db.Close())
		}
	}
	passes("marked")
	if err == nil {
		err = adopt(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return "", err
	}
	return temp, nil
}

// hold locks the file at path, sound or not, as an open store does. Nothing
// there is nothing to lock: nil.
func hold(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, cause(err)
	}
	if err := lock(f); err != nil {
		_ = f.Close()
		return nil, held(path)
	}
	if err := names(path, f); err != nil {
		letGo(f)
		return nil, err
	}
	return f, nil
}

func letGo(f *os.File) {
	if f != nil {
		_ = unlock(f)
		_ = f.Close()
	}
}

// ErrLink is a database that is named by a symbolic link. What takes its place would
// take that of the link, on another disk perhaps; and a link is not followed either,
// as root restores in a folder in which others may put one.
var ErrLink = errors.New("it is a symbolic link")

func noLink(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		return nil // what is wrong otherwise is said by whoever uses it
	}
	return ErrLink
}

// exchange gives the file at path the name of an old one, and temp its own. Old is
// the file that hold has locked, and no other is replaced: one that was not there
// then is a bot's that has started meanwhile.
func exchange(temp, path string, old *os.File) (kept string, err error) {
	if old == nil {
		err := link(temp, path)
		if errors.Is(err, fs.ErrExist) {
			return "", held(path)
		}
		return "", errors.Join(err, syncDir(filepath.Dir(path)))
	}
	if err := names(path, old); err != nil {
		return "", err
	}
	name := path + ".before-" + time.Now().UTC().Format("20060102-150405")
	kept = name
	err = keep(path, kept)
	for n := 2; errors.Is(err, fs.ErrExist); n++ { // another one of the same second
		kept = fmt.Sprintf("%s-%d", name, n)
		err = keep(path, kept)
	}
	if err != nil {
		return "", err
	}
	passes("kept")
	dir := filepath.Dir(path)
	if err := syncDir(dir); err != nil {
		return kept, err
	}
	if err := os.Rename(temp, path); err != nil {
		return kept, err
	}
	passes("exchanged")
	return kept, syncDir(dir)
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, also := os.Stat(b)
	return err == nil && also == nil && os.SameFile(one, other)
}
