// Package bot is the conductor: the life of one incident, told once.
//
// Three doors start work: Receive (news from PagerDuty), Act (people) and Wake
// (time and restart). Each writes what happened to the store and returns; what
// follows is decided by next, a pure function of the incident's events, and
// done by one lane per incident. What leaves amsbot is only wanted here and
// delivered by bot/outbox. What people see of an incident is drawn from its events
// by Render; what they see of many (lists, Home, the index of a crowded channel)
// from the line that each commit leaves in the incident's record.
//
// The package does not know Slack's or PagerDuty's protocols, HTTP, YAML or
// bbolt: it asks its ports and the store.
package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// Options is all that a Bot needs. The ports, DB, Scenarios, Account and Self
// are required.
type Options struct {
	DB        *store.DB
	Scenarios *scenarios.Set    // those of the start; Reload puts others in their place
	Load      scenarios.Options // with which pinned versions are loaded again
	Tools     scenarios.Tools   // what steps reach the world with
	Incidents Incidents
	OnCalls   OnCalls
	Users     Users
	Members   Members
	Downs     func(context.Context) []outbox.Neighbour // who does not answer now; nil: nobody knows

	Account  string                // names the PagerDuty account in an incident's key
	Self     Person                // amsbot's own PagerDuty user
	Ceiling  scenarios.Permissions // amsbot.yaml's; projects only narrow it
	People   map[string]string     // who a Slack user is in PagerDuty, by ID or address, where it is not by their e-mail
	Fallback *Target               // where an escalation goes whose target does not exist
	Language string                // where a project says none
	Observe  bool                  // every scenario runs as observe
	Unhooked bool                  // no webhook is expected, so none is missed
	AllRuns  scenarios.Limit       // recoveries of all scenarios together; zero: no limit
	Grace    time.Duration         // how long running steps may go on when Run ends; 0: 10 s
	AtOnce   int                   // at most so many steps run at once; 0: 64
	OnTarget int                   // and so many of them on one target; 0: 8
	Log      *slog.Logger          // nil: slog.Default()
}

// Bot gives incidents their first response. Make one with New, start it with Run.
type Bot struct {
	Options
	steps *slots        // bounds the steps that run at once
	turns chan struct{} // bounds the lanes that think at once
	reads chan struct{} // and the reads: a slow PagerDuty holds up no step

	until context.Context // ends when Run has to
	life  context.Context // of steps and reads; ends Grace after that
	kill  context.CancelCauseFunc
	work  sync.WaitGroup

	set    atomic.Pointer[scenarios.Set] // in force
	reload sync.Mutex                    // one reload at a time

	presses doorway // of people who press the same button

	homesReading sync.Mutex // one reading for all Home tabs of a moment

	mu      sync.Mutex
	alive   bool
	lanes   map[string]*lane
	resting map[string]bool // incidents that will be kicked after a rest
	reading map[string]bool
	pinned  map[string]pin             // by version
	looks   map[string]map[string]look // of a storm at its incidents, by both
	homes   refreshing
	refused map[string]int // how often somebody was refused an act that is about no incident
	deaf    *deaf          // nothing new is heard of PagerDuty; nil: it is

	folds *folds

	crowded crowded
}

// lane is the one goroutine that moves an incident on.
type lane struct{ again bool }

const (
	stepsAtOnce = 64   // steps, where the options do not say
	stepsOnOne  = 8    // of them on one target
	readsAtOnce = 1024 // reads: those that wait together are answered together
	turnsAtOnce = 16   // lanes: each holds a history while it thinks, and webhooks wait while theirs are written
)

// leaveAfter is how long what is killed may take to end: more than a step needs to
// give up a program that cannot be ended.
const leaveAfter = 6 * time.Second

// New makes a Bot. It starts nothing.
func New(o Options) (*Bot, error) {
	switch {
	case o.DB == nil || o.Scenarios == nil || o.Incidents == nil || o.OnCalls == nil || o.Users == nil || o.Members == nil:
		return nil, errors.New("bot: new: a port, the store or the scenarios are missing")
	case o.Account == "" || o.Self.ID == "":
		return nil, errors.New("bot: new: the PagerDuty account or amsbot's own PagerDuty user is not named")
	}
	return made(o), nil
}

// made is a Bot of any options; one without a store can decide, not write.
func made(o Options) *Bot {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	b := &Bot{
		Options: o,
		steps:   newSlots(cmp.Or(o.AtOnce, stepsAtOnce), cmp.Or(o.OnTarget, stepsOnOne)),
		turns:   make(chan struct{}, turnsAtOnce),
		reads:   make(chan struct{}, readsAtOnce),
		lanes:   map[string]*lane{},
		resting: map[string]bool{},
		reading: map[string]bool{},
		pinned:  map[string]pin{},
		looks:   map[string]map[string]look{},
		folds:   newFolds(),
	}
	b.take(o.Scenarios)
	return b
}

// Scenarios is the set in force. Whoever decides by it asks once, and so sees
// one whole set whatever is reloaded meanwhile.
func (b *Bot) Scenarios() *scenarios.Set { return b.set.Load() }

// Run takes up what is unfinished and keeps time until ctx ends. Then no new
// step starts, running ones may go on for Grace, and Run returns when all of
// its goroutines have, or leaveAfter later without those that hang. A Bot runs
// once. Errors: that ctx has ended, or that the store is closed or damaged; what
// it only cannot read now is read later.
func (b *Bot) Run(ctx context.Context) error {
	b.mu.Lock()
	b.until = ctx
	b.life, b.kill = context.WithCancelCause(context.WithoutCancel(ctx))
	b.mu.Unlock()
	defer b.kill(nil)
	changed, stop := b.DB.Changed()
	defer stop()
	var err error
	for woken := false; err == nil; {
		next, e := b.look(ctx, &woken)
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
			continue
		case errors.Is(e, store.ErrClosed), errors.Is(e, store.ErrDamaged):
			err = e
			continue
		case e != nil:
			b.Log.Error("bot: look for what is due", "err", e)
			next = time.Now().Add(restFor)
		}
		var rest <-chan time.Time
		if again := b.folds.rest(time.Now()); next.IsZero() || !again.IsZero() && again.Before(next) {
			next = again
		}
		if !next.IsZero() {
			rest = time.After(untilDue(next, time.Now()))
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-changed:
		case <-rest:
		}
	}
	b.setAlive(false)
	b.stop()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("bot: run: %w", err)
}

// look takes up what is unfinished, the first time that it can be read, then
// what is due, and says when the next will be.
func (b *Bot) look(ctx context.Context, woken *bool) (time.Time, error) {
	if !*woken {
		if err := b.endOrphans(ctx); err != nil {
			return time.Time{}, err
		}
		b.setAlive(true) // what came in before is written, and is taken up now
		if err := b.Wake(ctx); err != nil {
			return time.Time{}, err
		}
		*woken = true
	}
	return b.wakeDue(ctx)
}

func (b *Bot) setAlive(yes bool) {
	b.mu.Lock()
	b.alive = yes
	b.mu.Unlock()
}

// stop waits for what runs, for Grace at most, then kills it. What hangs all the
// same, in a file system that is gone say, ends with the process.
func (b *Bot) stop() {
	over := make(chan struct{})
	go func() { b.work.Wait(); close(over) }()
	select {
	case <-over:
	case <-time.After(b.Grace):
		b.kill(errStopped)
		select {
		case <-over:
		case <-time.After(leaveAfter):
			b.Log.Error("bot: stop: something that runs does not end; it is left", "hint", "it ends with amsbot, unless it is a program of another user")
		}
	}
}

// errStopped is why a step ends that went on for too long when Run had to end.
var errStopped = errors.New("amsbot was stopped")

// Hurry ends at once what still runs: programs are killed without being asked to
// end. What was interrupted is found by the next start. It is for whoever cannot
// wait for Run to end.
func (b *Bot) Hurry() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kill != nil {
		b.kill(scenarios.ErrAtOnce)
	}
}

// start runs fn in a goroutine that Run waits for; not at all once Run ends.
func (b *Bot) start(fn func(context.Context)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.begin(fn)
}

// begin is start for whoever holds mu.
func (b *Bot) begin(fn func(context.Context)) bool {
	if !b.alive {
		return false
	}
	b.goOn(fn)
	return true
}

// goOn is begin for whoever runs in a goroutine that Run waits for: what has been
// written as begun begins, also when Run has to end meanwhile.
func (b *Bot) goOn(fn func(context.Context)) {
	b.work.Add(1)
	go func() {
		defer b.work.Done()
		fn(b.life)
	}()
}

// words are the texts in the language and the zone of an incident's project.
func (b *Bot) words(in *incident) words.Catalogue {
	if in.project == nil {
		return b.wordsIn("")
	}
	return b.wordsIn(in.project.Language).At(saidZone(b.Scenarios(), in.project.Name))
}

// Key is the key of the incident with this PagerDuty ID.
func (b *Bot) Key(id string) string { return IncidentKeys + b.Account + ":" + id }

// CardKey is the key of an incident's card among the views.
func CardKey(incident string) string { return "card:" + incident }
