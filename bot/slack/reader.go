package slack

import (
	"context"
	"sync"
	"time"

	"amsbot/bot"

	"github.com/slack-go/slack/socketmode"
)

// Doors is what a Reader asks of the conductor. Its methods are called from
// several goroutines; an error is logged and told to the person as one
// sentence that does not name it.
type Doors interface {
	// Act accepts or refuses a click. It may be called twice for one click only
	// if Slack delivered it twice.
	Act(ctx context.Context, c bot.Click) (bot.Answer, error)
	// Ask answers a question; it changes nothing.
	Ask(ctx context.Context, q bot.Question) (bot.Answer, error)
	// Home is a person's Home tab as it is now.
	Home(ctx context.Context, user string) (bot.Home, error)
	// RefreshHome has a person's Home tab drawn anew in its turn.
	RefreshHome(ctx context.Context, user string) error
}

const (
	// ackWithin is when an envelope is acknowledged at the latest. Slack shows
	// an error to the person after 3 s.
	ackWithin = 2 * time.Second
	// actWithin bounds what a person's click may take.
	actWithin = 30 * time.Second
	// drainWithin bounds how long stopping waits for clicks that are being done.
	drainWithin = 5 * time.Second
	// flushFor is how long after the last acknowledgement a connection stays
	// open: the library queues them and does not say when they are sent.
	flushFor = 250 * time.Millisecond
	// apart is the time between the starts of the two connections, so that
	// Slack does not renew both at once.
	apart = 5 * time.Second
)

// How many clicks and questions are done at once, and how many may wait. Home
// and dialogues have workers of their own each: a dialogue has to be open within
// 3 s of the click, whatever others are waiting for, and when a storm begins a
// hundred people open Home, for which Slack has a limit.
const (
	actWorkers, actQueue   = 8, 256
	viewWorkers, viewQueue = 16, 64
	homeWorkers, homeQueue = 2, 256
)

// Reader brings in what people do in Slack over two Socket Mode connections,
// and tells them what came of it. One connection is not enough: while it is
// renewed, clicks are lost, and Slack does not repeat them.
type Reader struct {
	w       *Workspace
	doors   Doors
	links   [2]*link
	acts    *pool
	views   *pool
	homes   *pool
	seen    *recent
	answers *cache[any] // what acknowledgements carried, by envelope

	mu      sync.Mutex
	lastAck time.Time
	told    bool   // Health was told something
	trouble string // what it was told last, "" when all is well
}

// Reader returns a reader that asks doors. It does nothing before Run.
func (w *Workspace) Reader(doors Doors) *Reader {
	r := &Reader{w: w, doors: shielded{doors}, seen: newRecent(8192), answers: newCache[any](keptAnswers, answerLife)}
	r.acts, r.views, r.homes = newPool(actQueue), newPool(viewQueue), newPool(homeQueue)
	for i := range r.links {
		r.links[i] = &link{reader: r, wait: time.Duration(i) * apart, client: w.socket()}
	}
	r.links[0].other, r.links[1].other = r.links[1], r.links[0]
	return r
}

// Run reads until ctx ends. Then it takes nothing more in, finishes what people
// were already told is being done, gives the last acknowledgements time to
// leave, closes the connections, and returns ctx's error once nothing of the
// reader runs any more. It may be called once.
func (r *Reader) Run(ctx context.Context) error {
	live, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	work, giveUp := context.WithCancel(live)
	defer hangUp()
	defer giveUp()

	var connections, workers sync.WaitGroup
	for _, l := range r.links {
		connections.Go(func() { l.connect(live) })
		connections.Go(func() { l.listen(live) })
	}
	for range actWorkers {
		workers.Go(func() { r.acts.run(work) })
	}
	for range viewWorkers {
		workers.Go(func() { r.views.run(work) })
	}
	for range homeWorkers {
		workers.Go(func() { r.homes.run(work) })
	}

	<-ctx.Done()
	r.acts.close()
	r.views.close()
	r.homes.close()
	late := time.AfterFunc(drainWithin, giveUp)
	workers.Wait()
	late.Stop()
	r.flush()
	hangUp()
	connections.Wait()
	return ctx.Err()
}

// flush waits until the last acknowledgement has had its time to leave.
func (r *Reader) flush() {
	r.mu.Lock()
	last := r.lastAck
	r.mu.Unlock()
	if wait := flushFor - time.Since(last); !last.IsZero() && wait > 0 {
		time.Sleep(wait)
	}
}

// acked notes that an acknowledgement was queued just now.
func (r *Reader) acked() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastAck = time.Now()
}

// Connected says how many of the two connections stand. It is for health
// checks and figures; it may be a moment old.
func (r *Reader) Connected() int {
	n := 0
	for _, l := range r.links {
		if l.up.Load() {
			n++
		}
	}
	return n
}

// health tells of a lasting trouble, once for each, and that all is well, at
// first and after each trouble. The log has it, too.
func (r *Reader) health(problem *Problem) {
	text := ""
	if problem != nil {
		text = problem.Error()
	}
	r.mu.Lock()
	news, was := !r.told || text != r.trouble, r.trouble
	r.told, r.trouble = true, text
	r.mu.Unlock()
	switch {
	case !news:
		return
	case problem != nil:
		r.w.log.Error("slack: not let in until somebody puts it right", "error", problem, "hint", problem.Hint())
	case was != "":
		r.w.log.Info("slack: let in again")
	}
	if r.w.opt.Health == nil {
		return
	}
	if problem == nil { // not an error that holds a nil
		r.w.opt.Health(nil)
		return
	}
	r.w.opt.Health(problem)
}

// socket is a Socket Mode client of the library, ready to run.
func (w *Workspace) socket() *socketmode.Client {
	var options []socketmode.Option
	if w.opt.Dialer != nil {
		d := *w.opt.Dialer
		// Slack does not put together an answer that comes in several frames, so
		// that the largest one has to fit into one buffer.
		d.WriteBufferSize = max(d.WriteBufferSize, 32*1024)
		if d.HandshakeTimeout == 0 {
			d.HandshakeTimeout = 2 * callTimeout
		}
		options = append(options, socketmode.OptionDialer(&d))
	}
	return socketmode.New(w.api, append(options, socketmode.OptionReadLimit(1<<20))...)
}
