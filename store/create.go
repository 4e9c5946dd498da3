package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// schemaVersion rises when an older amsbot could no longer read the file.
const schemaVersion = 1

const schemaFormat = "amsbot store"

type schema struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
}

// ensure makes an empty store at path if nothing is there: whole under another
// name first, so that a power failure meanwhile leaves no half-made file.
func ensure(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return cause(err)
	}
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, filepath.Base(path)+newMark+"*") // mode 0600
	if err != nil {
		return cause(err)
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if err := temp.Close(); err != nil {
		return cause(err)
	}
	if err := initialize(temp.Name()); err != nil {
		return err
	}
	// Another process may have been quicker: a rename would take the file from under it.
	if err := link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func initialize(path string) error {
	b, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: 1, FreelistType: bolt.FreelistMapType})
	if err != nil {
		return cause(err)
	}
	err = b.Update(func(tx *bolt.Tx) error {
		tree, err := tx.CreateBucket(treeBucket)
		if err != nil {
			return err
		}
		t := &tables{tx: tx, tree: tree}
		return errors.Join(
			putSchema(tx, schema{Format: schemaFormat, Version: schemaVersion}),
			t.put(metaTable, keyEpoch, number(0)),
			t.put(metaTable, keyPos, number(0)),
			t.put(metaTable, keyClean, nil),
			t.put(metaTable, keyRefs, nil),
			t.stamp())
	})
	if err == nil {
		err = b.Sync()
	}
	return errors.Join(err, b.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return cause(err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func putSchema(tx *bolt.Tx, s schema) error {
	b, err := tx.CreateBucketIfNotExists(schemaBucket)
	if err != nil {
		return err
	}
	value, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return b.Put(keySchema, seal(keySchema, value))
}

// checkSchema tells our files from others, and from those of a newer amsbot.
func checkSchema(tx *bolt.Tx) error {
	b := tx.Bucket(schemaBucket)
	if b == nil {
		if tx.Bucket(treeBucket) != nil {
			return damaged("its schema is missing")
		}
		return ErrNotStore
	}
	var s schema
	value, err := unseal(keySchema, b.Get(keySchema))
	if err == nil {
		err = json.Unmarshal(value, &s)
	}
	switch {
	case err != nil && tx.Bucket(treeBucket) == nil:
		return ErrNotStore
	case err != nil:
		return damaged("schema: %v", err)
	case s.Format != schemaFormat:
		return fmt.Errorf("%w: format %q", ErrNotStore, s.Format)
	case s.Version > schemaVersion:
		return fmt.Errorf("%w: its format is %d, this amsbot knows up to %d", ErrNewer, s.Version, schemaVersion)
	}
	return nil
}

// looksLikeBolt tells a damaged database from a file of another kind by the
// magic number of either meta page.
func looksLikeBolt(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	for _, at := range []int64{0, int64(os.Getpagesize())} {
		var m [4]byte
		if _, err := f.ReadAt(m[:], at+metaAt); err != nil && err != io.EOF {
			return false
		}
		if number32(m[:], 0) == metaMagic {
			return true
		}
	}
	return false
}

// wasOurs tells our files, when bolt no longer finds anything of ours in them,
// by a schema anywhere near their beginning.
func wasOurs(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, growBy))
	return err == nil && bytes.Contains(b, []byte(`{"format":"`+schemaFormat+`"`))
}

func tooSmall(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() < 4*int64(os.Getpagesize())
}
