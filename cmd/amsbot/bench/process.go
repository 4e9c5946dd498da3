package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a child that serves at an address: amsbot, or the floor.
type process struct {
	cmd     *exec.Cmd
	address string        // of its webhook
	start   time.Duration // from being started until it had its address
	gone    chan struct{}
	err     error // how it ended; set before gone is closed

	mu   sync.Mutex
	said bytes.Buffer // its last words
}

// sayMost is how much of a child's words are kept for an error.
const sayMost = 8 << 10

// startMost is how long a child may take to begin.
const startMost = 2 * time.Minute

// launch starts a program; ready finds its address in one of the lines that it
// writes.
func launch(ctx context.Context, cmd *exec.Cmd, ready func(line []byte) string) (*process, error) {
	p := &process{cmd: cmd, gone: make(chan struct{})}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we end it in order
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = w, w
	began := time.Now()
	err = cmd.Start()
	w.Close()
	if err != nil {
		r.Close()
		return nil, err
	}
	found := make(chan string, 1)
	go func() {
		p.read(r, ready, found)
		r.Close()
		p.err = cmd.Wait()
		close(p.gone)
	}()
	select {
	case p.address = <-found:
		p.start = time.Since(began)
		return p, nil
	case <-p.gone:
		return nil, fmt.Errorf("it ended at once (%v): %s", cmd.ProcessState, p.words())
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(startMost):
		err = fmt.Errorf("not within %s", startMost)
	}
	p.kill()
	return nil, fmt.Errorf("it did not begin: %w: %s", err, p.words())
}

func (p *process) read(r io.Reader, ready func([]byte) string, found chan<- string) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		p.mu.Lock()
		if p.said.Len()+len(line) > sayMost {
			p.said.Reset()
		}
		p.said.Write(line[:min(len(line), sayMost)])
		p.mu.Unlock()
		if address := ready(line); address != "" {
			select {
			case found <- address:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *process) words() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(bytes.TrimSpace(p.said.Bytes()))
}

// stopMost is how long a child may take to stop in order.
const stopMost = 30 * time.Second

// stop ends the child in order and says how long that took.
func (p *process) stop() (time.Duration, error) {
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return 0, err
	}
	select {
	case <-p.gone:
	case <-time.After(stopMost):
		p.kill()
		return time.Since(began), fmt.Errorf("it did not stop in %s: %s", stopMost, p.words())
	}
	if p.err != nil {
		return time.Since(began), fmt.Errorf("it ended with %w: %s", p.err, p.words())
	}
	return time.Since(began), nil
}

// kill ends it at once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// weight is what the kernel says of a process.
type weight struct {
	anon  int64 // bytes of its own memory (RssAnon)
	files int   // open files
}

// weigh looks at a process. Where there is no /proc it answers an error.
func weigh(pid int) (weight, error) {
	at := filepath.Join("/proc", strconv.Itoa(pid))
	status, err := os.ReadFile(filepath.Join(at, "status"))
	if err != nil {
		return weight{}, err
	}
	_, rest, _ := bytes.Cut(status, []byte("RssAnon:"))
	fields := bytes.Fields(rest)
	if len(fields) < 2 {
		return weight{}, errors.New("the kernel does not say RssAnon")
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return weight{}, err
	}
	files, err := os.ReadDir(filepath.Join(at, "fd"))
	return weight{anon: kib << 10, files: len(files)}, err
}

// heaviest weighs a process until stop is called, which answers the most that
// its memory was.
func heaviest(pid int) (stop func() int64) {
	over, done := make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			if w, err := weigh(pid); err == nil {
				most = max(most, w.anon)
			}
			select {
			case <-tick.C:
			case <-over:
				done <- most
				return
			}
		}
	}()
	return func() int64 { close(over); return <-done }
}
