package patient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Options say where the patient lives and whom its monitor tells. The zero
// value is a patient on loopback that nobody watches.
type Options struct {
	// Listen opens the service's port. It is called again whenever a closed
	// port is opened again, and should answer the same address then. nil: any
	// port of 127.0.0.1, and later the same.
	Listen func() (net.Listener, error)
	// ListenControl opens the port of what restarts the service, once.
	ListenControl func() (net.Listener, error)
	// Lose makes the address of a network that is not TCP swallow connection
	// attempts, or not any more. TCP on Linux needs none.
	Lose func(lost bool)

	Dir          string        // where the disk file lives; empty: a temporary folder, removed by Close
	Quota        int64         // bytes of the disk; 0: 4 MiB
	HealsAfter   time.Duration // for the ailment "heals"; 0: 20 s
	RestartTakes time.Duration // how long a healing call takes; 0: no time

	Pager  Pager         // whom the monitor tells; nil: nobody, it only looks
	Client *http.Client  // how the monitor reaches the service; nil: a plain one
	Every  time.Duration // between two rounds of the monitor; 0: 3 s
	// ClearAfter is how many rounds in a row have to be fine before the monitor
	// clears a fault, as monitoring tools wait for recovery; 0: one.
	ClearAfter int
	Timeout    time.Duration // of one probe; 0: 2 s

	Changed func() // called after every change, outside of locks; must not block
}

// Patient is the service. Make it with New, bind it with Open, run it with Run.
type Patient struct {
	// Monitor watches it.
	Monitor *Monitor

	opt  Options
	wake chan struct{}
	work sync.WaitGroup // the servers

	mu         sync.Mutex
	ail        ailment
	since      time.Time
	turned     chan struct{} // closed when the ailment changes
	healAt     time.Time     // of the ailment "heals"; or when a port is tried again
	disk       string        // the file
	temp       string        // the folder to remove
	closed     bool
	door       door
	control    *http.Server
	address    string
	controlAt  string
	requests   []answered
	total      int
	recoveries []Recovery
	log        []Line
}

// answered is one request that is over.
type answered struct {
	at time.Time
	ok bool
}

// New makes a patient that is healthy and does nothing yet.
func New(opt Options) *Patient {
	if opt.Quota == 0 {
		opt.Quota = 4 << 20
	}
	if opt.HealsAfter == 0 {
		opt.HealsAfter = 20 * time.Second
	}
	if opt.Listen == nil {
		opt.Listen = loopback()
	}
	if opt.ListenControl == nil {
		opt.ListenControl = loopback()
	}
	p := &Patient{opt: opt, ail: ailments[0], since: now(), wake: make(chan struct{}, 1), turned: make(chan struct{})}
	p.Monitor = newMonitor(p, opt)
	return p
}

func now() time.Time { return time.Now().UTC() }

// loopback opens any port the first time and the same one later. Systems give out
// higher ones by themselves: nobody comes by this one while it is closed.
func loopback() func() (net.Listener, error) {
	address := ""
	return func() (l net.Listener, err error) {
		if address != "" {
			return net.Listen("tcp", address)
		}
		for range 20 {
			if l, err = net.Listen("tcp", fmt.Sprint("127.0.0.1:", 20000+rand.IntN(12000))); err == nil {
				break
			}
		}
		if err != nil {
			l, err = net.Listen("tcp", "127.0.0.1:0")
		}
		if err == nil {
			address = l.Addr().String()
		}
		return l, err
	}
}

// Open binds both ports and makes the disk file, so that Address and Control
// are known. Call it once, before Run; Close undoes it.
func (p *Patient) Open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opt.Dir == "" {
		dir, err := os.MkdirTemp("", "patient-")
		if err != nil {
			return fmt.Errorf("patient: open disk: %w", err)
		}
		p.temp, p.opt.Dir = dir, dir
	}
	if err := p.fill(diskUsed(p.ail.Name)); err != nil {
		return err
	}
	l, err := p.opt.ListenControl()
	if err != nil {
		return fmt.Errorf("patient: open control port: %w", err)
	}
	p.controlAt = l.Addr().String()
	p.control = &http.Server{Handler: p.Control()}
	p.serve(p.control, l)
	if err := p.turn(p.ail); err != nil {
		p.control.Close()
		return err
	}
	return nil
}

// Address is host:port of the service, known after Open.
func (p *Patient) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.address
}

// ControlAddress is host:port of what restarts the service, known after Open.
func (p *Patient) ControlAddress() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.controlAt
}

// Run lets the patient heal by itself where it does, and the monitor watch,
// until ctx is done; then it closes what Open opened and returns nil.
func (p *Patient) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { p.Monitor.run(ctx) })
	for ctx.Err() == nil {
		p.wait(ctx)
		if p.due() {
			p.update(p.getWell)
		}
	}
	work.Wait()
	return p.Close()
}

// wait sleeps until the patient heals by itself, or something changes.
func (p *Patient) wait(ctx context.Context) {
	p.mu.Lock()
	at := p.healAt
	p.mu.Unlock()
	var due <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ctx.Done():
	case <-p.wake:
	case <-due:
	}
}

func (p *Patient) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.healAt.IsZero() && !now().Before(p.healAt)
}

func (p *Patient) getWell() {
	next := p.ail // a port that could not be opened is tried again
	if next.Name == "heals" {
		next = ailments[0]
		p.note("gets well by itself")
	}
	if err := p.turn(next); err != nil {
		p.note(err.Error())
	}
}

// Close frees the ports and removes the temporary folder. Run calls it.
func (p *Patient) Close() error {
	err := p.closeAll()
	p.work.Wait()
	return err
}

func (p *Patient) closeAll() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	p.closed = true
	p.shut()
	if p.control != nil {
		err = p.control.Close()
		p.control = nil
	}
	if p.temp != "" {
		err = errors.Join(err, os.RemoveAll(p.temp))
		p.temp = ""
	}
	return err
}

// Ail makes the patient ill in the named way, or healthy. The error is for a
// name that does not exist, a port that could not be opened again (Run goes on
// trying), or a disk that could not be written.
func (p *Patient) Ail(name string) error {
	a, ok := find(name)
	if !ok {
		return fmt.Errorf("patient: ail: %q is no ailment", name)
	}
	var err error
	p.update(func() {
		if err = p.turn(a); err == nil {
			p.note("is now: " + name)
		}
	})
	p.Monitor.Look()
	return err
}

// turn changes the ailment and everything that goes with it.
func (p *Patient) turn(a ailment) error {
	if err := p.fill(diskUsed(a.Name)); err != nil {
		return err
	}
	close(p.turned)
	p.turned = make(chan struct{})
	p.ail, p.since, p.healAt = a, now(), time.Time{}
	if a.Name == "heals" {
		p.healAt = p.since.Add(p.opt.HealsAfter)
	}
	if err := p.stand(doorOf(a.Name)); err != nil {
		p.healAt = now().Add(time.Second)
		return err
	}
	return nil
}

// update runs f under the lock and tells the world.
func (p *Patient) update(f func()) {
	p.mu.Lock()
	f()
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
	if p.opt.Changed != nil {
		p.opt.Changed()
	}
}

func (p *Patient) note(text string) {
	p.log = append(p.log, Line{now(), text})
	if len(p.log) > 100 {
		p.log = slices.Clone(p.log[1:])
	}
}
