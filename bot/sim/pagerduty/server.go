package pagerduty

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Server is one pretend account. Its methods may be called from any goroutine.
// Make it with New; without Run its timers stand still and its webhooks wait.
type Server struct {
	opt     Options
	client  *http.Client
	mux     *http.ServeMux
	wake    chan struct{} // the clock has something new to look at
	slots   chan struct{} // how many webhooks are under way at once
	changed bool          // since the lock was taken

	mu        sync.Mutex
	running   context.Context // nil: Run does not run
	work      *sync.WaitGroup // the deliveries of this Run
	incidents []*incident     // by number
	byID      map[string]*incident
	openKeys  map[string]*alert // service ID, NUL, dedup key
	live      map[*incident]bool
	entries   []*entry
	windows   []*window

	lastWindow int // the number of the last one
	pages      []*Page
	hooks      []*subscription
	faults     []*Fault
	faultN     int
	calls      []Call
	callN      int
	watchers   map[int]func(Call)
	watchN     int
	buckets    map[string]*bucket
}

// New makes the account. It panics when a service or policy names what does not
// exist, or a webhook has no secret: that is a mistake of the program.
func New(opt Options) *Server {
	if opt.Account == "" {
		opt.Account = "shop"
	}
	if opt.HTMLURL == "" {
		opt.HTMLURL = "https://" + opt.Account + ".pagerduty.com"
	}
	opt.HTMLURL = strings.TrimRight(opt.HTMLURL, "/")
	if opt.TimeZone == nil {
		opt.TimeZone = time.UTC
	}
	if opt.Abilities == nil {
		opt.Abilities = []string{"coordinated_responding", "urgencies", "permissions_service"}
	}
	if opt.Token != "" {
		opt.Tokens = append([]Token{{Name: "account", Secret: opt.Token}}, opt.Tokens...)
	}
	s := &Server{
		opt: opt, client: hookClient(opt.Client),
		wake: make(chan struct{}, 1), slots: make(chan struct{}, 100),
		byID: map[string]*incident{}, openKeys: map[string]*alert{}, live: map[*incident]bool{},
		watchers: map[int]func(Call){}, buckets: map[string]*bucket{},
	}
	s.check()
	for _, w := range opt.Webhooks {
		if w.ID == "" {
			w.ID = newID("P")
		}
		s.hooks = append(s.hooks, &subscription{Webhook: w, active: !w.Inactive, queues: map[string]*queue{}})
	}
	s.mux = s.routes()
	return s
}

func (s *Server) check() {
	for i := range s.opt.EscalationPolicies {
		p := &s.opt.EscalationPolicies[i]
		if len(p.Levels) == 0 {
			panic("pagerduty: policy " + p.Name + " has no level")
		}
		for _, l := range p.Levels {
			for _, id := range l.Users {
				if s.user(id) == nil {
					panic("pagerduty: policy " + p.Name + " names user " + id + ", which does not exist")
				}
			}
		}
	}
	for i := range s.opt.Services {
		if v := &s.opt.Services[i]; s.policy(v.Policy) == nil {
			panic("pagerduty: service " + v.Name + " names policy " + v.Policy + ", which does not exist")
		}
	}
	for _, w := range s.opt.Webhooks {
		if len(w.Secrets)+len(s.opt.Secrets) == 0 {
			panic("pagerduty: webhook " + w.URL + " has no secret")
		}
	}
}

// Run owns the timers and the webhook deliveries; it returns, with nil, when
// ctx is done and all of them have stopped. What was queued waits for the next
// Run.
func (s *Server) Run(ctx context.Context) error {
	var work sync.WaitGroup
	s.update(func() {
		s.running, s.work = ctx, &work
		for _, h := range s.hooks {
			for _, q := range h.queues {
				s.start(h, q)
			}
		}
	})
	s.tick(ctx)
	s.update(func() { s.running = nil })
	work.Wait()
	return nil
}

// update runs f under the lock; whatever f changed is told afterwards.
func (s *Server) update(f func()) {
	if s.locked(f) && s.opt.Changed != nil {
		s.opt.Changed()
	}
}

func (s *Server) locked(f func()) (changed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	changed, s.changed = s.changed, false
	if changed {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
	return changed
}

func (s *Server) user(id string) *User {
	for i := range s.opt.Users {
		if s.opt.Users[i].ID == id {
			return &s.opt.Users[i]
		}
	}
	return nil
}

// person finds a user by ID, login address (whatever its case) or name.
func (s *Server) person(who string) *User {
	if u := s.user(who); u != nil {
		return u
	}
	for i := range s.opt.Users {
		if u := &s.opt.Users[i]; strings.EqualFold(u.Email, who) || u.Name == who {
			return u
		}
	}
	return nil
}

func (s *Server) policy(id string) *EscalationPolicy {
	for i := range s.opt.EscalationPolicies {
		if s.opt.EscalationPolicies[i].ID == id {
			return &s.opt.EscalationPolicies[i]
		}
	}
	return nil
}

// serviceNamed finds a service by ID or name.
func (s *Server) serviceNamed(what string) *Service {
	for i := range s.opt.Services {
		if v := &s.opt.Services[i]; v.ID == what || v.Name == what {
			return v
		}
	}
	return nil
}

func (s *Server) users(ids []string) []*User {
	var found []*User
	for _, id := range ids {
		found = append(found, s.user(id))
	}
	return found
}
