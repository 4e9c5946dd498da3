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
	project, mine := b.Scenarios().Project(h.Service)
	key := b.Key(h.ID)
	var ignored bool
	var in *incident
	wrote, err := b.commit(ctx, key, func(c *change) error {
		ignored, in = c.receive(h, project, mine), c.in
		return nil
	})
	switch {
	case err != nil:
		return fmt.Errorf("bot: receive %s: %w", h.ID, err)
	case ignored:
		return b.keep(ctx, kindIgnored, fitKey(kindIgnored+":"+h.ID), h) // counted once, however often it changes
	case wrote:
		b.follow(key, in)
	}
	return nil
}

// follow does what follows from news. Where that is a read alone, as it is of
// every incident that begins, the incident is as this commit left it and need not
// be loaded for it: in a storm there are many.
func (b *Bot) follow(key string, in *incident) {
	if in.match == nil {
		if t := next(in, nil, in.last); t.read && t.do == doNothing {
			b.startRead(key, in)
			return
		}
	}
	b.kick(key)
}

// receive takes a hint in, unless it is known or none of ours.
func (c *change) receive(h Hint, project *scenarios.Project, mine bool) (ignored bool) {
	once := fitKey("event:" + h.Event)
	record, known := c.view.Record()
	known = known && record.Gone < record.Seq // of one that is forgotten only the result is known
	switch {
	case h.Event != "" && c.view.Seen(once):
		return false
	case !known && !mine:
		return true
	case h.Source == "poll" && h.Event != "" && !c.in.missed(h), h.Source == "poll" && h.Event == "" && known && !c.in.differs(h),
		!known && strings.HasSuffix(h.Type, ".gone"):
		return false
	case known && h.beside():
		return false
	case h.Source == "webhook" && c.in.heard(h, "poll"): // the poll was here before it
		c.out.Seen = append(c.out.Seen, once)
		return false
	}
	r := received{Hint: h}
	if !known {
		r.Project = viewOf(project)
	}
	c.write(kindReceived, h.Source, r)
	if h.Event != "" {
		c.out.Seen = append(c.out.Seen, once)
	}
	return false
}

// besides are the beginnings of types of news about what stands beside an incident
// and is not in a Snapshot. amsbot's own notes come back as such.
var besides = []string{
	"incident.annotated", "incident.responder.", "incident.status_update_published", "incident.conference_bridge.",
	"incident.custom_field_values.", "incident.role.", "incident.task.", "incident.action_invocation.", "incident.workflow.",
}

// beside says whether the news leave the incident itself as it was, so that nothing
// has to be read again.
func (h Hint) beside() bool {
	return slices.ContainsFunc(besides, func(kind string) bool { return strings.HasPrefix(h.Type, kind) })
}

// expected says whether the news are that it is resolved, and that is known: it was
// read so, or amsbot is about to resolve it and this is its own doing coming back.
func (in *incident) expected(h Hint) bool {
	if h.Type != "incident.resolved" {
		return false
	}
	return in.over() || in.run != nil && h.Agent.ID == in.run.Self.ID && (in.resolved > in.readFrom || in.underWay(ActResolve))
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

// missed says whether what the poll read in the log is news: something that no
// webhook told, and that what is open now does not show.
func (in *incident) missed(h Hint) bool {
	switch {
	case in.seq == 0:
		return h.Type == "incident.triggered" // it came, and may be over again
	case in.run == nil || h.Agent.ID == in.run.Self.ID:
		return false // it has not been looked at yet, or is an echo
	case h.Type == "incident.reassigned" || h.Type == "incident.delegated":
		if h.Agent.ID == "" {
			return false // nobody's doing: only a person takes it
		}
	case h.Type != "incident.reopened" && h.Type != "incident.unacknowledged":
		return false
	}
	return !in.heard(h, "webhook")
}

// sameNews is how far apart the two ways may say that something happened.
const sameNews = 10 * time.Second

// heard says whether the same news came by another way.
func (in *incident) heard(h Hint, source string) bool {
	return slices.ContainsFunc(in.log, func(e store.Event) bool {
		if e.Kind != kindReceived || e.By != source {
			return false
		}
		r, ok := into[received](e)
		return ok && r.Hint.Type == h.Type && r.Hint.At.Sub(h.At).Abs() <= sameNews
	})
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
	v := &projectView{Name: p.Name, Channel: p.Channel, Language: p.Language, FirstLine: p.FirstLine, SecondLine: p.SecondLine}
	for _, c := range p.Contacts {
		v.Contacts = append(v.Contacts, c.String())
	}
	return v
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
	r, id := reading{from: in.seq}, in.id()
	if in.unread != nil {
		r.tries = in.unread.Tries
	}
	started := b.start(func(ctx context.Context) {
		select {
		case b.reads <- struct{}{}:
		case <-ctx.Done():
			b.endRead(key)
			return
		}
		asking := ForService(ctx, in.service())
		if in.pressed() {
			asking = Pressed(asking)
		}
		r.snap, r.lines, r.err = b.read(asking, id, in.project)
		<-b.reads
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

// unknownMost is how long PagerDuty may not know an incident that a webhook named
// before it counts as none: somebody else signed it, or it was deleted. Whoever
// forges many would have them asked for forever otherwise.
const unknownMost = time.Hour

// reading is what came of a read.
type reading struct {
	from  uint64 // the last event when it began
	tries int    // failed ones before it
	snap  Snapshot
	lines map[string][]Level
	err   error
}

// recordRead records what a read came to.
func (b *Bot) recordRead(ctx context.Context, key string, r reading) error {
	r.snap = fit(b.masked(r.snap))
	_, failed := b.commit(ctx, key, func(c *change) error {
		c.read(r)
		return nil
	})
	return failed
}

// read writes what a read came to. One that began before the newest read or act
// is dropped: it may tell of a past that is over.
func (c *change) read(r reading) {
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
	case c.in.snap != nil && sameJSON(*c.in.snap, r.snap) && sameJSON(c.in.lines, r.lines):
		c.write(kindRead, amsbot, readDone{From: r.from, Same: true})
	default:
		c.write(kindRead, amsbot, readDone{From: r.from, Snapshot: &r.snap, Lines: r.lines})
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
