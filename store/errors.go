package store

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"

	bolterrors "go.etcd.io/bbolt/errors"
)

// The errors that callers tell apart; all come wrapped with what was being
// done. What the operating system said (a full disk, say) is wrapped as well.
var (
	ErrHeld       = errors.New("another process holds it")
	ErrClosed     = errors.New("store is closed")
	ErrReadOnly   = errors.New("store is open for reading only")
	ErrDamaged    = errors.New("file is damaged")
	ErrNewer      = errors.New("written by a newer amsbot")
	ErrForged     = errors.New("changed by somebody without the history key") // always an ErrDamaged as well
	ErrSealed     = errors.New("its history is sealed with a key, and none was given")
	ErrOtherKey   = errors.New("its history is sealed with another key")
	ErrUnsealed   = errors.New("its history is not sealed with a key, and one was given")
	ErrNotStore   = errors.New("not an amsbot database")
	ErrNoIncident = errors.New("no such incident")
	ErrForgotten  = errors.New("its events were removed, as they are kept for a time only")
	ErrNoBlob     = errors.New("no such blob")
	ErrChange     = errors.New("change refused") // a Change that breaks the rules of this package
	// ErrInDoubt is of a commit that failed and stands all the same, as far as the disk
	// keeps it: nothing can be read until it has taken another one, and then it is there.
	ErrInDoubt = errors.New("in doubt")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

func forged(format string, args ...any) error {
	return fmt.Errorf("%w: %w: %s", ErrDamaged, ErrForged, fmt.Sprintf(format, args...))
}

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrChange, fmt.Sprintf(format, args...))
}

// shield runs work on bolt's memory and turns its panics, and the faults of a
// file that is shorter than its map, into ErrDamaged. A deliberate panic of
// our callers must not pass through it.
func shield(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = damaged("%v", p)
		}
	}()
	return known(work())
}

// known gives bolt's errors our names.
func known(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen), errors.Is(err, bolterrors.ErrTxClosed):
		return ErrClosed
	case errors.Is(err, bolterrors.ErrBucketNotFound):
		return damaged("%v", err)
	}
	return err
}

// cause drops the path from a file system's error, because Open names it.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
