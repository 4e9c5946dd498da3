package bot

import (
	"context"
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
	case !known && h.beside() && h.Service.ID == "": // it does not say whose it is; if it is open, the poll will
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
// read so and nothing has been heard since, or amsbot is about to resolve it and this
// is its own doing coming back.
func (in *incident) expected(h Hint) bool {
	if h.Type != "incident.resolved" {
		return false
	}
	return in.over() && in.readFrom >= in.news || in.run != nil && h.Agent.ID == in.run.Self.ID && (in.resolved > in.readFrom || in.underWay(ActResolve))
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
