package app_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"sync"
	"testing/synctest"
	"time"
)

// errNoPower is what everything answers once the fuse has blown.
var errNoPower = errors.New("the power is off")

// effect is one thing that amsbot does to its file or to the world, and the how
// manyeth of its name it is: "commit[intent+started] 1", "POST
// /slack/api/chat.postMessage 2", "step POST /restart 1", "answer 202 1", "ack 1".
type effect struct {
	name string
	nth  int
}

// kill is where amsbot dies: on which side of which effect. Between them they are
// every point between two effects.
type kill struct {
	effect
	after bool
}

func (k kill) String() string {
	side := "before"
	if k.after {
		side = "after"
	}
	return fmt.Sprintf("killed %s %s %d", side, k.name, k.nth)
}

// fuse is the power of one life of amsbot. It sees every effect, and blows where
// it is told to: nothing after that is written or reaches anybody, and what was on
// disk at that moment is all that is left.
type fuse struct {
	file  string
	cable *cable
	blows func(kill) bool // nil: never

	mu       sync.Mutex // held by whoever writes, so that what is left is whole
	seen     map[string]int
	trace    []effect
	telling  int // how many effects there were when the story was told
	blown    *kill
	blownAt  time.Time
	left     []byte
	out      chan struct{}
	answered map[string]bool // incidents whose webhook was answered with 202
}

func newFuse(blows func(kill) bool) *fuse {
	return &fuse{blows: blows, seen: map[string]int{}, out: make(chan struct{}), answered: map[string]bool{}}
}

// enter begins an effect, unless the power is off or goes here.
func (f *fuse) enter(name string) (effect, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.begin(name)
}

func (f *fuse) begin(name string) (effect, error) {
	if f.blown != nil {
		return effect{}, errNoPower
	}
	f.seen[name]++
	e := effect{name, f.seen[name]}
	f.trace = append(f.trace, e)
	return e, f.look(kill{effect: e})
}

// leave ends an effect, unless the power is off or goes here.
func (f *fuse) leave(e effect) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.look(kill{e, true})
}

func (f *fuse) look(k kill) error {
	if f.blown != nil {
		return errNoPower
	}
	if f.blows == nil || !f.blows(k) {
		return nil
	}
	f.blow(k)
	return errNoPower
}

func (f *fuse) blow(k kill) {
	f.blown, f.blownAt = &k, time.Now()
	f.telling = len(f.trace)        // the rest of the story is not of this life
	f.left, _ = os.ReadFile(f.file) // what cannot be read cannot be opened either, and fails there
	f.cable.pull()
	close(f.out)
}

// arm blows the fuse at the nth effect from now; 0: never.
func (f *fuse) arm(n int, after bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.blows = nth(n, after)
}

// nth is that of the nth effect, whichever it is; 0: none.
func nth(n int, after bool) func(kill) bool {
	begun := 0
	var at effect
	return func(k kill) bool {
		if !k.after {
			if begun++; begun == n {
				at = k.effect
			}
		}
		return n > 0 && k.effect == at && k.after == after
	}
}

// blownBy is where the fuse blew; nil: it has not.
func (f *fuse) blownBy() *kill {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blown
}

// cut blows the fuse from outside, at no effect of its own.
func (f *fuse) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blown == nil {
		f.blow(kill{effect: effect{name: "nothing in particular", nth: 1}})
	}
}

func (f *fuse) dead() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blown != nil
}

// calm says that the story is told: what follows is only waiting.
func (f *fuse) calm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.telling = len(f.trace)
}

// around stands around a commit.
func (f *fuse) around(what string, commit func() error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, err := f.begin("commit[" + what + "]")
	if err != nil {
		return err
	}
	if err := commit(); err != nil {
		return err
	}
	return f.look(kill{e, true})
}

var hookIncident = regexp.MustCompile(`"id":"(Q[A-Z0-9]{13})"`)

// powered starts amsbot with a fuse, and waits for nothing.
func (s *stage) powered(f *fuse) {
	s.Helper()
	f.file = s.config.Database
	s.fuse = f
	s.run()
}

// revive starts amsbot anew on what the fuse left behind.
func (s *stage) revive(f *fuse) {
	s.Helper()
	dead := s.fuse
	s.stop()
	dead.mu.Lock()
	left, answered := dead.left, slices.Sorted(maps.Keys(dead.answered))
	dead.mu.Unlock()
	s.must(os.WriteFile(s.config.Database, left, 0o600))
	s.kept(answered)
	s.powered(f)
	synctest.Wait()
}
