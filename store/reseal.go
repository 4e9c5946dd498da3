package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// sealAtOnce is how many records one transaction of Seal signs.
const sealAtOnce = 1000

// Seal seals the history of a file that nobody has open with a key, as it is
// now. From is the key that it was sealed with until now, nil for none. The file
// is checked whole before, with that key; what was changed before its first seal
// cannot be told. The work is done on a copy, which then takes the file's place:
// cut short, the file is as it was. Errors: those of Open, ErrDamaged and ErrLink.
func Seal(ctx context.Context, path string, key, from []byte) error {
	if err := reseal(ctx, path, newSealer(key), from); err != nil {
		return fmt.Errorf("store: seal %s: %w", path, err)
	}
	return nil
}

func reseal(ctx context.Context, path string, to *sealer, from []byte) error {
	if to == nil {
		return errors.New("no key")
	}
	old, err := open(path, Options{ReadOnly: true, Key: from})
	if err != nil {
		return err
	}
	defer func() { _ = old.Close() }() // and with it the lock
	if old.sealed && old.keys == nil {
		return ErrSealed
	}
	if err := noLink(path); err != nil {
		return err
	}
	if err := old.Check(ctx); err != nil {
		return err
	}
	temp, err := old.copyBeside(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp) }()
	if err := signAll(ctx, temp, to); err != nil {
		return err
	}
	passes("signed")
	if err := adopt(temp, path); err != nil {
		return cause(err)
	}
	if err := os.Rename(temp, path); err != nil {
		return cause(err)
	}
	passes("exchanged")
	return syncDir(filepath.Dir(path))
}

// signAll signs every record of a file that is nobody else's.
func signAll(ctx context.Context, path string, to *sealer) (err error) {
	db := unopened(path, Options{})
	defer func() { err = errors.Join(err, db.closeBolt()) }()
	if err := db.openBolt(Options{}); err != nil {
		return err
	}
	open, last := make([]byte, len(to.record)), []byte(nil)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := db.alone(func(t *tables) (err error) {
			last, more, err = t.sign(to, open, last)
			if err == nil && !more {
				t.keys, t.open = to, open // keep stores the sum
			}
			return err
		})
		if err != nil {
			return err
		}
		passes("signing")
	}
	return db.bolt.Sync()
}

// sign signs some records behind a key and puts them into the sum.
func (t *tables) sign(to *sealer, open, behind []byte) (last []byte, more bool, err error) {
	type record struct{ key, stored []byte }
	var found []record
	err = t.scanFrom(recordTable, nil, behind, func(key, stored []byte) (bool, error) {
		if string(key) == string(behind) {
			return true, nil
		}
		bare, _ := sealOf(stored)
		found = append(found, record{append([]byte{}, key...), to.seal(bare)})
		return len(found) < sealAtOnce, nil
	})
	for _, r := range found {
		if err != nil {
			return nil, false, err
		}
		to.fold(open, r.stored)
		last = r.key
		err = t.put(recordTable, r.key, r.stored)
	}
	return last, len(found) == sealAtOnce, err
}
