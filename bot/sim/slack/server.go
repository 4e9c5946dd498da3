package slack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrStopped is returned to people who act after Run has returned.
var ErrStopped = errors.New("slack: stopped")

// Server is one pretend Slack. Make it with New, mount Handler, and keep Run
// running: sockets, redelivery and clocks live only as long as Run does.
// All methods may be called from any goroutine.
type Server struct {
	opt  Options
	done chan struct{}  // closed when Run begins to stop
	live sync.WaitGroup // every goroutine of ours, and every socket

	mu      sync.Mutex
	stopped bool
	random  *rand.Rand
	lastTS  int64
	serial  int
	reach   string // the address under which the app last reached us

	users    []User
	groups   []Group
	channels []*channel
	files    map[string]*file
	views    map[string]*view
	stacks   map[string][]*view // by user, bottom first
	homes    map[string]*view   // by user
	notified map[string][]Notification
	pending  map[string][]*Failure
	failures map[string][]Failure

	tickets   map[string]time.Time
	sockets   []*socket
	envelopes map[string]*envelope
	acks      []Ack
	triggers  map[string]*trigger
	answers   map[string]*answerURL

	calls   []Call
	watches []func(Call)
	faults  []*fault
	buckets map[string]*bucket
	twice   int // how many envelopes are still to be delivered twice
}

// New returns a workspace as options describe it. It starts nothing.
func New(options Options) *Server {
	o := options.fill()
	s := &Server{
		opt: o, done: make(chan struct{}),
		random: rand.New(rand.NewPCG(o.Seed, 1)),
		users:  o.Users, groups: o.Groups,
		files: map[string]*file{}, views: map[string]*view{},
		reach:  "http://localhost" + o.Prefix,
		stacks: map[string][]*view{}, homes: map[string]*view{},
		notified: map[string][]Notification{}, pending: map[string][]*Failure{},
		failures: map[string][]Failure{}, tickets: map[string]time.Time{},
		envelopes: map[string]*envelope{}, triggers: map[string]*trigger{},
		answers: map[string]*answerURL{}, buckets: map[string]*bucket{},
	}
	s.users = append(s.users, o.Bot, User{ID: slackbot, Name: "slackbot", RealName: "Slackbot", IsBot: true})
	for _, c := range o.Channels {
		s.channels = append(s.channels, &channel{Channel: c, followers: map[string][]string{}})
	}
	for _, u := range o.Users {
		if !u.IsBot {
			s.openIM(u.ID)
		}
	}
	return s
}

// slackbot says what Slack itself has to say.
const slackbot = "USLACKBOT"

// Run lives until ctx ends. Then it cuts every socket, ends every wait, and
// returns ctx's error when nothing of the server runs any more. The HTTP
// server around Handler is its caller's to stop, before or after.
func (s *Server) Run(ctx context.Context) error {
	<-ctx.Done()
	s.mu.Lock()
	if !s.stopped {
		s.stopped = true
		close(s.done)
	}
	for _, k := range s.sockets {
		k.cut()
	}
	s.mu.Unlock()
	s.live.Wait()
	return ctx.Err()
}

// spawn runs f in a goroutine that Run waits for; f must end when s.done is
// closed. The caller holds s.mu. It says false, and f does not run, when the
// server has stopped.
func (s *Server) spawn(f func()) bool {
	if s.stopped {
		return false
	}
	s.live.Go(f)
	return true
}

// after runs f under the lock when d is over, unless the server stops first.
// The caller holds s.mu.
func (s *Server) after(d time.Duration, f func()) {
	s.spawn(func() {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			s.do(f)
		case <-s.done:
		}
	})
}

// do runs f under the lock and reports the change afterwards.
func (s *Server) do(f func()) {
	s.mu.Lock()
	f()
	s.mu.Unlock()
	s.changed()
}

func (s *Server) changed() {
	if s.opt.Changed != nil {
		s.opt.Changed()
	}
}

// ts makes the next timestamp: the time in microseconds, never the same twice.
func (s *Server) ts() string {
	s.lastTS = max(s.lastTS+1, time.Now().UnixMicro())
	return stamp(time.UnixMicro(s.lastTS))
}

// id makes an identifier in Slack's manner: a letter and ten characters.
func (s *Server) id(letter string) string {
	s.serial++
	return fmt.Sprintf("%s0%09X", letter, 0x5A0000+s.serial*7919)
}

// uuid makes an identifier that nobody guesses by counting.
func (s *Server) uuid() string {
	return fmt.Sprintf("%016x%016x", s.random.Uint64(), s.random.Uint64())
}

func (s *Server) user(id string) (User, bool) {
	i := slices.IndexFunc(s.users, func(u User) bool { return u.ID == id })
	if i < 0 {
		return User{}, false
	}
	return s.users[i], true
}

// channel finds a channel by ID or by name, with or without "#"; nil if there
// is none.
func (s *Server) channel(name string) *channel {
	for _, c := range s.channels {
		if c.ID == name {
			return c
		}
	}
	if len(name) > 1 && name[0] == '#' {
		name = name[1:]
	}
	for _, c := range s.channels {
		if c.Name == name && !c.IM {
			return c
		}
	}
	return nil
}

// openIM returns the direct message of the bot with a user, made if needed.
func (s *Server) openIM(user string) *channel {
	for _, c := range s.channels {
		if c.IM && slices.Contains(c.Members, user) {
			return c
		}
	}
	c := &channel{
		Channel:   Channel{ID: s.id("D"), IM: true, Private: true, Members: []string{s.opt.Bot.ID, user}},
		followers: map[string][]string{},
	}
	c.Name = "dm-" + user
	s.channels = append(s.channels, c)
	return c
}
