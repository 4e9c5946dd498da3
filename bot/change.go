package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// change is one commit being decided: the incident as it is in that commit,
// and what is to be written. Everything that is written is folded in at once,
// so that later decisions of the same commit see it.
type change struct {
	bot    *Bot
	view   ledger
	in     *incident
	sc     *scenarios.Scenario
	now    time.Time
	out    store.Change
	w      words.Catalogue
	run    []launch // steps to start once the commit is on disk
	kicks  []string // streams to move on then
	may    *decider // of the people behind the pass, where its recovery is about to begin; nil: nobody was asked
	hidden bool     // only that a message was delivered, or somebody refused: nothing shows it
	stale  bool     // what was pressed this history never offered: the card that stands is another
}

// ledger is what a decision may read beside the incident: the store's View in a
// commit. A rehearsal, which writes nothing, has one of its own.
type ledger interface {
	Now() time.Time
	Epoch() uint64
	Record() (store.Record, bool)
	Events() []store.Event
	Seen(key string) bool
	Guard(key string, into any) (bool, error)
	Guards(prefix string) (map[string]json.RawMessage, error)
	Pending() []store.Pending
}

var _ ledger = (*store.View)(nil)

// launch is a step that was recorded as started and now runs.
type launch struct {
	place place
	step  *scenarios.Step
	facts scenarios.Facts
	until time.Time // it is ended then; zero: by its own timeout alone

	service, target string // whose turn it is, and what it is about
	doubted         bool   // nobody knows whether it is on record as started: it does not run
}

// commit is the one way in which an incident is written. decide is pure, may
// run twice and sees the incident as it is at that moment. The card, the
// summary that lists show, the due time and the target's lock follow from what
// it writes. It returns whether anything was written.
func (b *Bot) commit(ctx context.Context, key string, decide func(*change) error) (bool, error) {
	var c *change
	var before *incident
	var awaited bool // what was due is due now, and this commit took it out of the index
	events, err := b.DB.Commit(ctx, key, func(v *store.View) (out store.Change, err error) {
		if before = b.folded(v); before == nil {
			before = fold(key, v.Epoch(), nil)
		}
		if c, awaited, err = b.decide(before.clone(), v, decide); err == nil {
			out = c.out
		}
		return out, err
	})
	if errors.Is(err, store.ErrInDoubt) && c != nil { // else this one was not to be written
		b.inDoubt(key, c)
	}
	if err != nil {
		return false, err
	}
	if len(events) > 0 {
		b.folds.put(before.with(events))
		if !c.hidden {
			b.redrawHomes()
		}
	}
	for _, l := range c.run {
		b.launch(key, l)
	}
	if awaited {
		b.kick(key)
	}
	for _, k := range c.kicks {
		b.kick(k)
	}
	return len(events) > 0, nil
}

// inDoubt sees to what follows from a commit whose writer was told that it failed, and
// which stands all the same once the disk answers again. What only looks may run; a
// recovery does not begin before it is certain that it is on disk.
func (b *Bot) inDoubt(key string, c *change) {
	for _, l := range c.run {
		l.doubted = l.place.Phase == scenarios.Recover
		b.launch(key, l)
	}
	for _, k := range append([]string{key}, c.kicks...) {
		b.kickLater(k)
	}
}

// decide is what a commit would write, given what is known. The incident then is
// as it is once that is written.
func (b *Bot) decide(in *incident, v ledger, decide func(*change) error) (c *change, awaited bool, err error) {
	c = &change{bot: b, view: v, in: in, sc: b.known(in), now: v.Now(), w: b.words(in)}
	record, exists := v.Record()
	if err := decide(c); err != nil {
		return nil, false, err
	}
	if c.in.gone() {
		return c, false, nil // nothing comes of what nobody knows any more
	}
	if len(c.out.Events) > 0 {
		c.finish()
	}
	c.freeLock()
	t := next(c.in, c.known(), c.now)
	if c.out.Open != nil && (t.read || t.do != doNothing) {
		*c.out.Open = true // over, and yet not at rest: a restart has to take it up
	}
	if exists && !t.due.Equal(record.Due) || !exists && !t.due.IsZero() {
		c.out.Due = &t.due
		awaited = t.read || t.do != doNothing
	}
	return c, awaited, nil
}

func (c *change) known() *scenarios.Scenario {
	if c.sc != nil && c.in.match != nil && c.sc.Version == c.in.match.Version {
		return c.sc
	}
	return c.bot.known(c.in)
}

// finish adds what follows from the events of this change.
func (c *change) finish() {
	c.hidden = c.hidden || refusals(c.out.Events) && !c.stale
	if c.in.project != nil && c.in.shown() && !c.hidden {
		c.out.Views = append(c.out.Views, CardKey(c.in.key))
		c.out.Views = append(c.out.Views, indexed(c.view, c.channel())...)
	}
	open := !c.in.over()
	c.out.Open = &open
	c.out.Summary = summarize(c.in, c.w)
	c.out.Names = namesOf(c.in)
}

// write adds an event and returns its number.
func (c *change) write(kind, by string, data any) uint64 {
	return c.add(store.NewEvent{Kind: kind, By: by, Data: data})
}

// want adds an act for a receiver and returns its number.
func (c *change) want(to, kind, by string, args any) uint64 {
	raw, err := json.Marshal(args)
	if err != nil {
		raw = nil // arguments are plain structs of strings
	}
	w := wanted{Kind: kind, Args: raw, Calls: calls(args)}
	if c.in.project != nil {
		w.Lang = c.in.project.Language
	}
	if w.Calls {
		w.Name = fmt.Sprintf("#%d", c.in.number())
	}
	return c.add(store.NewEvent{Kind: kindWanted, By: by, Data: w, To: to})
}

// calls says whether an act is a message that people are called by.
func calls(args any) bool {
	m, ok := args.(MessageArgs)
	return ok && (m.Broadcast || m.Loud || len(m.Mention) > 0)
}

func (c *change) add(e store.NewEvent) uint64 {
	raw, err := json.Marshal(e.Data)
	if err == nil && e.Data != nil {
		e.Data = json.RawMessage(raw) // not to be encoded twice
	} else {
		raw = nil
	}
	c.out.Events = append(c.out.Events, e)
	seq := c.in.seq + 1
	c.in.add(store.Event{V: 1, Incident: c.in.key, Seq: seq, Kind: e.Kind, At: c.now, By: e.By, Epoch: c.in.epoch, Data: raw})
	return seq
}

// guard sets a guard's value; nil deletes it.
func (c *change) guard(key string, value any) {
	if c.out.Guards == nil {
		c.out.Guards = map[string]any{}
	}
	c.out.Guards[key] = value
}

func (c *change) blob(data []byte) string {
	c.out.Blobs = append(c.out.Blobs, data)
	return store.Hash(data)
}
