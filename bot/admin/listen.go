package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// listener is a socket that removes its path when it closes, if it is still its own.
type listener struct {
	*net.UnixListener
	path string
	made os.FileInfo
}

func (l *listener) Close() error {
	err := l.UnixListener.Close()
	if now, e := os.Lstat(l.path); e == nil && os.SameFile(now, l.made) {
		err = errors.Join(err, os.Remove(l.path))
	}
	return err
}

// listen binds the socket of a database that the caller holds.
func listen(db string) (*listener, error) {
	all, err := spots(db)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, s := range all {
		l, err := s.listen()
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// listen binds under another name and then takes the right one, so that nobody
// ever sees the socket with a wider mode, and a stale one is replaced in one
// step.
func (s spot) listen() (*listener, error) {
	if err := s.claim(); err != nil {
		return nil, err
	}
	if err := s.vacant(); err != nil {
		return nil, err
	}
	temp := filepath.Join(filepath.Dir(s.path), fmt.Sprintf(".%d.s", os.Getpid()))
	_ = os.Remove(temp) // of a process that had our number and died here
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		// Where the system takes the mode from the unbound socket, it has the
		// right one from the start; elsewhere the chmod below sets it.
		return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
	}}
	raw, err := config.Listen(context.Background(), "unix", temp)
	if err != nil {
		return nil, err
	}
	unix, ok := raw.(*net.UnixListener)
	if !ok {
		return nil, errors.Join(fmt.Errorf("no unix socket but %T", raw), raw.Close())
	}
	unix.SetUnlinkOnClose(false)
	err = os.Chmod(temp, 0o600)
	if err == nil {
		err = os.Rename(temp, s.path)
	}
	if err != nil {
		return nil, errors.Join(err, unix.Close(), os.Remove(temp))
	}
	made, err := os.Lstat(s.path)
	if err != nil {
		return nil, errors.Join(err, unix.Close())
	}
	return &listener{UnixListener: unix, path: s.path, made: made}, nil
}

// vacant is nil when nothing is there but at most a stale socket. A live one
// cannot be, as the caller holds the database; if it is all the same, it is not
// taken away.
func (s spot) vacant() error {
	info, err := os.Lstat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s is in the way: it is no socket", s.path)
	}
	conn, err := net.DialTimeout("unix", s.path, time.Second)
	if err == nil {
		_ = conn.Close()
		return fmt.Errorf("%s: %w", s.path, ErrAnswers)
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return nil
}
