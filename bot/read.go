package bot

import (
	"context"
	"errors"
	"time"

	"amsbot/scenarios"
)

// startRead reads an incident by REST, once at a time.
func (b *Bot) startRead(key string, in *incident) {
	b.mu.Lock()
	busy := b.reading[key]
	b.reading[key] = true
	b.mu.Unlock()
	if busy {
		return
	}
	r, what := &readResult{from: in.seq}, Reading{ID: in.id(), Service: in.service(), Pressed: in.pressed()}
	if in.unread != nil {
		r.tries = in.unread.Tries
	}
	project := in.project // and not in: a thousand reads may wait, each for a minute
	started := b.start(func(ctx context.Context) {
		select {
		case b.reads <- struct{}{}:
		case <-ctx.Done():
			b.endRead(key)
			return
		}
		broken := unpanicked(func() error {
			r.snap, r.lines, r.err = b.read(ctx, what, project)
			return nil
		})
		<-b.reads
		if broken != nil {
			b.Log.Error("bot: read an incident", "incident", key, "err", broken)
			r.err = broken
		}
		var err error
		if ctx.Err() == nil {
			err = b.recordRead(ctx, key, r)
		}
		b.endRead(key)
		if err != nil && ctx.Err() == nil {
			b.Log.Error("bot: record a read", "incident", key, "err", err)
			b.kickLater(key)
			return
		}
		b.kick(key)
	})
	if !started {
		b.endRead(key)
	}
}

// pressed says whether a person, or a recovery, waits for the next read.
func (in *incident) pressed() bool {
	if in.snap == nil || in.pass == nil || in.pass.ended != nil {
		return false
	}
	check := in.pass.phases[scenarios.Check]
	return in.pass.by != nil || check != nil && check.verdict != nil && check.verdict.Verdict == scenarios.NG
}

func (b *Bot) endRead(key string) {
	b.mu.Lock()
	delete(b.reading, key)
	b.mu.Unlock()
}

// read reads the incident and, where its project's lines are in other
// policies, who is on call there.
func (b *Bot) read(ctx context.Context, r Reading, p *projectView) (*Snapshot, map[string][]Level, error) {
	snap, err := b.Incidents.Read(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	return b.kept(snap), b.linesBeside(ctx, snap, p), nil
}

// linesBeside are the levels of a project's lines that are in other policies than
// the incident's.
func (b *Bot) linesBeside(ctx context.Context, snap *Snapshot, p *projectView) map[string][]Level {
	if p == nil {
		return nil
	}
	var lines map[string][]Level
	for _, policy := range []string{p.FirstLine.Policy, p.SecondLine.Policy} {
		if policy == "" || policy == snap.Incident.Policy.ID || policy == snap.Incident.Policy.Name || lines[policy] != nil {
			continue
		}
		if levels, err := b.OnCalls.Levels(ctx, policy); err == nil {
			if lines == nil {
				lines = map[string][]Level{}
			}
			lines[policy] = levels
		}
	}
	return lines
}

const unreadMost = 5 * time.Minute

// unknownMost is how long PagerDuty may not know an incident that a webhook named
// before it counts as none: somebody else signed it, or it was deleted. Whoever
// forges many would have them asked for forever otherwise.
const unknownMost = time.Hour

// readResult is what came of a read.
type readResult struct {
	from  uint64    // the last event when it began
	tries int       // failed ones before it
	snap  *Snapshot // nil with an error
	lines map[string][]Level
	err   error
}

// recordRead records what a read came to.
func (b *Bot) recordRead(ctx context.Context, key string, r *readResult) error {
	_, failed := b.commit(ctx, key, func(c *change) error {
		c.read(r)
		return nil
	})
	return failed
}

// read writes what a read came to. One that began before the newest read or act
// is dropped: it may tell of a past that is over.
func (c *change) read(r *readResult) {
	switch {
	case c.in.read > r.from || c.in.actSeq > r.from:
	case errors.Is(r.err, ErrNotFound) && c.in.snap != nil:
		gone := *c.in.snap
		gone.Incident.Status, gone.ChangedBy = "resolved", Person{}
		c.write(kindRead, amsbot, readDone{From: r.from, Snapshot: &gone})
	case errors.Is(r.err, ErrNotFound) && !c.now.Before(c.in.first.Add(unknownMost)):
		h := c.in.hint
		none := Snapshot{Unknown: true, Incident: scenarios.Incident{
			ID: h.ID, Number: h.Number, Title: h.Title, URL: h.URL, Service: h.Service, Urgency: h.Urgency, Status: "resolved",
		}}
		c.write(kindRead, amsbot, readDone{From: r.from, Snapshot: &none})
	case r.err != nil:
		rest := min(time.Second<<min(r.tries, 10), unreadMost)
		c.write(kindUnread, amsbot, unread{Why: whyUnread(r.err), Tries: r.tries + 1, Again: c.now.Add(rest)})
	case c.in.snap != nil && sameJSON(*c.in.snap, *r.snap) && sameJSON(c.in.lines, r.lines):
		c.write(kindRead, amsbot, readDone{From: r.from, Same: true})
	default:
		c.write(kindRead, amsbot, readDone{From: r.from, Snapshot: r.snap, Lines: r.lines})
	}
}

const whyUnreadRefused = "unread.refused"

func whyUnread(err error) string {
	switch {
	case errors.Is(err, ErrRefused):
		return whyUnreadRefused
	case errors.Is(err, ErrNotFound):
		return "unread.gone"
	}
	return "unread.again"
}
