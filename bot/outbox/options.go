package outbox

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"amsbot/store"
)

// Options is what an Outbox needs. DB and Conductor are required.
type Options struct {
	DB        *store.DB
	Conductor Conductor
	Receivers map[string]Receiver // by Act.To
	Screens   map[string]Screen   // by what stands before ':' in a view's key: "card", "index"
	Limits    Limits
	Turned    func()       // a neighbour went down or came back; called by Run, must not block; nil: nobody is told
	Log       *slog.Logger // nil: slog.Default
}

// Limits bound what leaves. A field that is zero has its default.
type Limits struct {
	Post           rate.Limit    // first showings and paced acts in one lane, per second (1)
	PostBurst      int           // (4, as many as a channel takes beside what people are answered)
	Edit           rate.Limit    // edits on one screen, per second (38 a minute: with the burst 48, of 50 that Slack lets pass)
	EditBurst      int           // (10)
	Workspace      rate.Limit    // first showings and paced acts of all lanes together (5)
	WorkspaceBurst int           // (20)
	Calls          int           // under way at once, per receiver and per screen (8)
	Call           time.Duration // how long one call may take (30 s)
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Post: cmp.Or(l.Post, 1), PostBurst: cmp.Or(l.PostBurst, 4),
		Edit: cmp.Or(l.Edit, rate.Limit(38.0/60)), EditBurst: cmp.Or(l.EditBurst, 10),
		Workspace: cmp.Or(l.Workspace, 5), WorkspaceBurst: cmp.Or(l.WorkspaceBurst, 20),
		Calls: cmp.Or(l.Calls, 8), Call: cmp.Or(l.Call, 30*time.Second),
	}
}

// Outbox delivers what the store says is still to leave.
type Outbox struct {
	o   Options
	ask chan chan<- []Neighbour
}

// New makes an outbox; nothing leaves before Run. It panics without a DB or a
// Conductor, which is a mistake in the wiring.
func New(o Options) *Outbox {
	if o.DB == nil || o.Conductor == nil {
		panic("outbox: New needs a DB and a Conductor")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	o.Limits = o.Limits.withDefaults()
	return &Outbox{o: o, ask: make(chan chan<- []Neighbour)}
}

// Run delivers until ctx ends, and returns when the calls that were under way
// have ended: they may finish for some seconds, are then cancelled, and 5 s
// after ctx ended Run returns in any case, with an error if a call ignored its
// context. What was not delivered is still in the store, for the next Run.
// The DB must stay open until Run has returned. Only one Run at a time may be
// under way for one DB.
//
// Errors: ErrClosed of package store when the DB was closed too early, ErrDamaged
// when what is to leave cannot be read, and the calls that would not end.
func (o *Outbox) Run(ctx context.Context) error {
	e := newEngine(o.o)
	e.ask = o.ask
	return e.run(ctx)
}

// permanent says that listing will not succeed again. Of a damaged file it is not
// known any more what has to leave, and so nothing would: whoever runs this is told.
func permanent(err error) bool {
	return errors.Is(err, store.ErrClosed) || errors.Is(err, store.ErrDamaged)
}
