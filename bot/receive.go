package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// Receive is the door of PagerDuty's news, by webhook and by poll. A hint sets
// no state: it is stored, and asks for a read. When Receive returns nil the
// hint is on disk (or was known already), and the webhook may be answered 202;
// an error means that nothing was stored and PagerDuty should keep it.
func (b *Bot) Receive(ctx context.Context, h Hint) error {
	h.Title = b.Tools.Mask.Mask(h.Title)
	if h.ID == "" {
		return b.keep(ctx, kindNews, fitKey("event:"+h.Event), h)
	}
	project, mine := b.Scenarios.Project(h.Service)
	key, once := b.Key(h.ID), fitKey("event:"+h.Event)
	var ignored bool
	wrote, err := b.commit(ctx, key, func(c *change) error {
		ignored = false
		_, known := c.view.Record()
		switch {
		case h.Event != "" && c.view.Seen(once):
			return nil
		case !known && !mine:
			ignored = true
			return nil
		case !known && strings.HasSuffix(h.Type, ".gone"), h.Source == "poll" && known && !c.in.differs(h):
			return nil
		}
		r := received{Hint: h}
		if !known {
			r.Project = viewOf(project)
		}
		c.write(kindReceived, h.Source, r)
		if h.Event != "" {
			c.out.Seen = append(c.out.Seen, once)
		}
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("bot: receive %s: %w", h.ID, err)
	case ignored:
		return b.keep(ctx, kindIgnored, fitKey(kindIgnored+":"+h.ID), h) // counted once, however often it changes
	case wrote:
		b.kick(key)
	}
	return nil
}

// keep writes what belongs to no incident, or to none of ours, to the stream
// "bot", once.
func (b *Bot) keep(ctx context.Context, kind, once string, h Hint) error {
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		if v.Seen(once) {
			return store.Change{}, nil
		}
		return store.Change{
			Events: []store.NewEvent{{Kind: kind, By: h.Source, Data: received{Hint: h}}},
			Seen:   []string{once},
		}, nil
	})
	if err != nil {
		return fmt.Errorf("bot: receive %s: %w", h.Type, err)
	}
	return nil
}

// differs says whether what the poll saw differs from what is known.
func (in *incident) differs(h Hint) bool {
	if in.snap == nil {
		return false // a read is under way
	}
	if strings.HasSuffix(h.Type, ".gone") {
		return !in.over() && !in.finished()
	}
	ids := func(people []Person) []string {
		var out []string
		for _, p := range people {
			out = append(out, p.ID)
		}
		slices.Sort(out)
		return out
	}
	return h.Status != in.status() ||
		h.Assigned != nil && !slices.Equal(sorted(h.Assigned), ids(in.snap.Assignees)) ||
		h.Acked != nil && !slices.Equal(sorted(h.Acked), ids(in.snap.Acknowledged))
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func viewOf(p *scenarios.Project) *projectView {
	if p == nil {
		return nil
	}
	return &projectView{Name: p.Name, Channel: p.Channel, Language: p.Language, FirstLine: p.FirstLine, SecondLine: p.SecondLine}
}

// startRead reads an incident by REST, once at a time.
func (b *Bot) startRead(key string, in *incident) {
	b.mu.Lock()
	busy := b.reading[key]
	b.reading[key] = true
	b.mu.Unlock()
	if busy {
		return
	}
	from, id, tries := in.seq, in.id(), 0
	if in.unread != nil {
		tries = in.unread.Tries
	}
	started := b.start(func(ctx context.Context) {
		select {
		case b.reads <- struct{}{}:
		case <-ctx.Done():
			b.endRead(key)
			return
		}
		snap, lines, err := b.read(ctx, id, in.project)
		<-b.reads
		if ctx.Err() == nil {
			err = b.recordRead(ctx, key, from, tries, snap, lines, err)
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

func (b *Bot) endRead(key string) {
	b.mu.Lock()
	delete(b.reading, key)
	b.mu.Unlock()
}

// read reads the incident and, where its project's lines are in other
// policies, who is on call there.
func (b *Bot) read(ctx context.Context, id string, p *projectView) (Snapshot, map[string][]Level, error) {
	snap, err := b.Incidents.Read(ctx, id)
	if err != nil || p == nil {
		return snap, nil, err
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
	return snap, lines, nil
}

const unreadMost = 5 * time.Minute

// recordRead records what a read came to. One that began before the newest
// read or act is dropped: it may tell of a past that is over.
func (b *Bot) recordRead(ctx context.Context, key string, from uint64, tries int, snap Snapshot, lines map[string][]Level, err error) error {
	snap = fit(b.masked(snap))
	_, failed := b.commit(ctx, key, func(c *change) error {
		switch {
		case c.in.read > from || c.in.actSeq > from:
		case errors.Is(err, ErrNotFound) && c.in.snap != nil:
			gone := *c.in.snap
			gone.Incident.Status, gone.ChangedBy = "resolved", Person{}
			c.write(kindRead, amsbot, readDone{From: from, Snapshot: &gone})
		case err != nil:
			rest := min(time.Second<<min(tries, 10), unreadMost)
			c.write(kindUnread, amsbot, unread{Why: whyUnread(err), Tries: tries + 1, Again: c.now.Add(rest)})
		case c.in.snap != nil && sameJSON(*c.in.snap, snap) && sameJSON(c.in.lines, lines):
			c.write(kindRead, amsbot, readDone{From: from, Same: true})
		default:
			c.write(kindRead, amsbot, readDone{From: from, Snapshot: &snap, Lines: lines})
		}
		return nil
	})
	return failed
}

func whyUnread(err error) string {
	switch {
	case errors.Is(err, ErrRefused):
		return "unread.refused"
	case errors.Is(err, ErrNotFound):
		return "unread.gone"
	}
	return "unread.again"
}
