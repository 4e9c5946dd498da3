package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
	"amsbot/bot/sim/slack"
)

// Sim is the whole pretended world. Make it with New and keep Serve running.
type Sim struct {
	// Slack, PagerDuty and Patient are its parts, for tests that want to act
	// on them or look into them without HTTP. Patient is nil where Options
	// have none.
	Slack     *slack.Server
	PagerDuty *pagerduty.Server
	Patient   *patient.Patient

	opt    Options
	people []person
	pulse  *pulse
	mux    *http.ServeMux
	live   sync.WaitGroup // requests that are being served

	mu     sync.Mutex
	faults map[int]func() // lifts those of Slack, by the ID that we gave
	faultN int
}

// New makes a world as options describe it; it starts nothing. It panics where
// pagerduty.New does: at options that contradict themselves.
func New(options Options) *Sim {
	s := &Sim{opt: options.fill(), pulse: newPulse(), faults: map[int]func(){}}
	s.people = s.opt.people()
	s.opt.Slack.Changed = s.tell(s.opt.Slack.Changed)
	s.opt.PagerDuty.Changed = s.tell(s.opt.PagerDuty.Changed)
	s.Slack = slack.New(s.opt.Slack)
	s.PagerDuty = pagerduty.New(s.opt.PagerDuty)
	s.Patient = s.newPatient()
	s.mux = s.routes()
	return s
}

// tell makes the function that a part calls after its changes.
func (s *Sim) tell(also func()) func() {
	return func() {
		s.pulse.beat()
		for _, f := range []func(){also, s.opt.Changed} {
			if f != nil {
				f()
			}
		}
	}
}

// routes joins the parts. What is for programs asks for tokens; what is for
// people is guarded against other sites' pages.
func (s *Sim) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.Handle("/slack/api/", own(s.opt.Hosts, http.StripPrefix("/slack", s.Slack.Handler())))
	m.Handle("/slack/", http.StripPrefix("/slack", s.Slack.Handler()))
	m.Handle("/pagerduty/", own(s.opt.Hosts, http.StripPrefix("/pagerduty", s.PagerDuty.Handler())))
	m.Handle("POST /events/v2/enqueue", own(s.opt.Hosts, http.StripPrefix("/events", s.PagerDuty.Handler())))
	m.Handle("/control/", guard(s.opt.Hosts, s.control()))
	m.Handle("/", guard(s.opt.Hosts, page()))
	return m
}

// own refuses what a browser sends on behalf of another site: the tokens of a
// pretended world are no secret. Programs may use any name that leads here; a
// browser that uses another one shows a page whose name was rebound to us.
func own(hosts []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case foreign(r):
			refuse(w, http.StatusForbidden, "another site must not use this simulator")
		case browses(r) && !ours(r, hosts):
			refuse(w, http.StatusForbidden, "this simulator is not reached under the name "+r.Host)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ServeHTTP serves everything that Serve does on its listener, for whoever has
// a server of their own; without Serve no timer runs and no webhook leaves.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.live.Add(1)
	defer s.live.Done()
	s.mux.ServeHTTP(w, r)
}

// Serve serves all parts on one listener, which it closes, and runs their
// clocks: Slack's Web API at /slack/api/, PagerDuty's REST API at /pagerduty/,
// its Events API at /events/v2/enqueue, the control API at /control/, the page
// at /. It returns when ctx is done and everything of it has stopped, with nil,
// or earlier with what went wrong.
//
// A patient that cannot open its ports is the one error before anything runs.
func (s *Sim) Serve(ctx context.Context, l net.Listener) error {
	if s.Patient != nil {
		if err := s.Patient.Open(); err != nil {
			l.Close()
			return fmt.Errorf("sim: %w", err)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	group.Go(func() error { return part("slack", s.Slack.Run(ctx)) })
	group.Go(func() error { return part("pagerduty", s.PagerDuty.Run(ctx)) })
	group.Go(func() error { return part("patient", s.runPatient(ctx)) })
	group.Go(func() error { s.watchBot(ctx); return nil })
	group.Go(func() error { return part("serve", server.Serve(l)) })
	group.Go(func() error {
		<-ctx.Done()
		return s.stop(server)
	})
	return group.Wait()
}

// part names where an error came from; the end that was asked for is none.
func part(name string, err error) error {
	if err == nil || errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.Canceled) {
		return nil
	}
	return fmt.Errorf("sim: %s: %w", name, err)
}

// stop lets answers under way finish for a moment, then cuts them. Streams end
// with the context that every request has.
func (s *Sim) stop(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	s.live.Wait()
	return err
}

// botEvery is how often the switch is looked at: the bot may die by itself.
const botEvery = 500 * time.Millisecond

func (s *Sim) watchBot(ctx context.Context) {
	if s.opt.Bot == nil {
		return
	}
	ticker := time.NewTicker(botEvery)
	defer ticker.Stop()
	var before botState
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if after := s.bot(); after.Running != before.Running || !slices.Equal(after.Lines, before.Lines) {
			before = *after
			s.pulse.beat()
		}
	}
}

// bot is the state of the switch, nil where there is none.
func (s *Sim) bot() *botState {
	if s.opt.Bot == nil {
		return nil
	}
	return &botState{Running: s.opt.Bot.Running(), Lines: s.opt.Bot.Lines()}
}
