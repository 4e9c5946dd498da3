package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// holder is who has the file open for writing. It stands beside the file,
// because the lock itself does not say.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

func holderPath(path string) string { return path + ".holder" }

// writeHolder is called by whoever has the lock.
func writeHolder(path string) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	b, err := json.Marshal(holder{PID: os.Getpid(), Host: host, Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return os.WriteFile(holderPath(path), append(b, '\n'), 0o600)
}

// removeHolder forgets the holder. One that stays behind does no harm: it is
// read only when somebody has the lock, and its process is looked for.
func removeHolder(path string) { _ = os.Remove(holderPath(path)) }

// held is the error for a file that another process has.
func held(path string) error {
	var h holder
	b, err := os.ReadFile(holderPath(path))
	if err != nil || json.Unmarshal(b, &h) != nil || !h.alive() {
		return fmt.Errorf("%w (one that is reading it, or has just started)", ErrHeld)
	}
	return fmt.Errorf("%w: pid %d on %s, since %s", ErrHeld, h.PID, h.Host, h.Since.Format(time.RFC3339))
}

// alive is false only when the process was of this machine and is gone.
func (h holder) alive() bool {
	if h.PID <= 0 {
		return false
	}
	if host, err := os.Hostname(); err != nil || host != h.Host {
		return true
	}
	p, err := os.FindProcess(h.PID)
	if err != nil {
		return false
	}
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// still is an error when the path names another file by now: it was replaced
// while we waited for the lock of the old one (see Restore and Seal).
func (db *DB) still() error { return names(db.path, db.file) }

// names is an error when a path names another file than the one that was opened
// there, or none.
func names(path string, f *os.File) error {
	named, err := os.Stat(path)
	if err != nil {
		return cause(err)
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(named, opened) {
		err = fmt.Errorf("%w: it was replaced just now", ErrHeld)
	}
	return err
}
