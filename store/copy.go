package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
