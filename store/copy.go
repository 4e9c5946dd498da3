package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Backup writes the file as it is at this moment to w: a database by itself,
// with all that had been committed, which Restore takes. Commits go on
// meanwhile; what they free is reused only afterwards, so the file may grow. It
// answers how many bytes it wrote.
func (db *DB) Backup(ctx context.Context, w io.Writer) (size int64, err error) {
	err = db.about(ctx, "a copy", func(t *tables) (err error) {
		size, err = t.tx.WriteTo(&until{ctx, w})
		return err
	})
	return size, err
}

// until is a writer that ends with a context.
type until struct {
	ctx context.Context
	w   io.Writer
}

func (u *until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.w.Write(p)
}

// BackupTo is Backup to a new file with mode 0600. It appears under its name
// when it is whole and on disk, and takes no other file's place: ErrExist.
func (db *DB) BackupTo(ctx context.Context, path string) (size int64, err error) {
	wrap := func(err error) error { return fmt.Errorf("store: back up %s to %s: %w", db.path, path, err) }
	if err := db.free(path); err != nil {
		return 0, wrap(cause(err))
	}
	temp, err := db.copyBeside(ctx, path)
	if err != nil {
		return 0, wrap(err)
	}
	defer func() { _ = os.Remove(temp) }()
	info, err := os.Stat(temp)
	if err == nil {
		err = link(temp, path)
		passes("linked")
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return 0, wrap(cause(err))
	}
	return info.Size(), nil
}

// ErrOwnFile is a name for a copy that is the database's own, or one of those that
// it keeps beside itself.
var ErrOwnFile = errors.New("it is the database itself, or a file of its own")

// free says whether a file may be made under a name: fs.ErrExist, ErrOwnFile.
func (db *DB) free(path string) error {
	beside := filepath.Base(db.path)
	switch name := filepath.Base(path); {
	case sameFile(path, db.path):
		return ErrOwnFile
	case sameFile(filepath.Dir(path), filepath.Dir(db.path)) && (name == beside || name == filepath.Base(holderPath(db.path)) || isNew(name, beside)):
		return ErrOwnFile
	}
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fs.ErrExist
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return err
}

// link gives a file a name that none has.
func link(temp, path string) error {
	err := hardLink(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, there := os.Lstat(path); there == nil {
		return fs.ErrExist
	}
	return os.Rename(temp, path) // this file system has no hard links
}

// keep gives a file another name besides its own. Where there are no hard links it
// is copied: under no name at all it would not be found again, and the next start
// would begin with nothing.
func keep(path, kept string) error {
	err := hardLink(path, kept)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, there := os.Lstat(kept); there == nil {
		return fs.ErrExist
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+newMark+"*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = io.Copy(f, from)
	passes("half-kept")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = adopt(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), kept)
}

// copyBeside is a copy of the file in the folder of path, whole and on disk,
// under a name of its own.
func (db *DB) copyBeside(ctx context.Context, path string) (temp string, err error) {
	sweep(path)
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+newMark+"*") // mode 0600
	if err != nil {
		return "", cause(err)
	}
	passes("made")
	_, err = db.Backup(ctx, f)
	passes("copied")
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

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
// and those of a history key. ErrHeld while somebody has the file open. Whenever
// it is cut short, path names the old file or the new one, each whole.
func Restore(ctx context.Context, path string, r Restoring) (out Restored, err error) {
	wrap := func(err error) error { return fmt.Errorf("store: restore %s from %s: %w", path, r.Backup, err) }
	free, err := hold(path)
	if err != nil {
		return out, wrap(err)
	}
	defer free()
	if sameFile(path, r.Backup) {
		return out, wrap(fmt.Errorf("the backup: %w", ErrOwnFile))
	}
	temp, err := r.prepare(ctx, path, &out)
	if err != nil {
		return out, wrap(err)
	}
	defer func() { _ = os.Remove(temp) }()
	if out.Kept, err = exchange(temp, path); err != nil {
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
// there is nothing to lock.
func hold(path string) (free func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, cause(err)
	}
	if err := lock(f); err != nil {
		_ = f.Close()
		return nil, held(path)
	}
	return func() { _ = unlock(f); _ = f.Close() }, nil
}

// exchange gives the file at path the name of an old one, and temp its own.
func exchange(temp, path string) (kept string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", errors.Join(link(temp, path), syncDir(filepath.Dir(path)))
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
	if err := errors.Join(syncDir(dir), os.Rename(temp, path)); err != nil {
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
