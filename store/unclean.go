package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"time"
)

// Unclean says whether the file was left without Close: its process was killed,
// or the machine was. What had been committed is there, but whether the disk kept
// its word nobody has looked; see VerifyOpen. A file that is not there is clean.
// Errors are those of Open.
func Unclean(path string, wait time.Duration) (unclean bool, err error) {
	db := unopened(path, Options{})
	o := Options{ReadOnly: true, LockWait: wait}
	err = db.openBolt(o)
	if err == nil {
		err = shield(func() error { return db.bolt.View(db.inspect) })
	}
	if err == nil {
		err = db.look(func(t *tables) error {
			_, clean, err := t.get(metaTable, keyClean)
			unclean = !clean
			return err
		})
	}
	if errors.Is(err, ErrDamaged) {
		db.breakDown(err) // bolt may have panicked with its locks held
	}
	err = errors.Join(err, db.closeBolt())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("store: open %s: %w", path, err)
	}
	return unclean, nil
}

// Where things lie in bolt's meta pages, behind the page's header.
const (
	metaAt       = 16
	metaMagic    = 0xED0CDAED
	metaPageSize = 8
	metaPages    = 40
	metaTx       = 48
	metaSum      = 56
	metaEnd      = 64
)

// cutOff is an error for a file that ends before the last of its pages. Bolt
// would find out by reading beyond its end, and that can end the process.
func cutOff(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return cause(err)
	}
	defer func() { _ = f.Close() }()
	var newest, need uint64
	for _, at := range []int64{0, int64(os.Getpagesize())} {
		var m [metaEnd]byte
		if _, err := f.ReadAt(m[:], at+metaAt); err != nil && err != io.EOF {
			return cause(err)
		}
		sum := fnv.New64a()
		_, _ = sum.Write(m[:metaSum])
		if binary.NativeEndian.Uint32(m[:]) != metaMagic || binary.NativeEndian.Uint64(m[metaSum:]) != sum.Sum64() {
			continue
		}
		if tx := binary.NativeEndian.Uint64(m[metaTx:]); tx >= newest {
			newest = tx
			need = binary.NativeEndian.Uint64(m[metaPages:]) * uint64(binary.NativeEndian.Uint32(m[metaPageSize:]))
		}
	}
	info, err := f.Stat()
	if err == nil && uint64(info.Size()) < need {
		err = damaged("cut off at %d of %d bytes", info.Size(), need)
	}
	return err
}
