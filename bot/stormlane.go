package bot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// stormChange is one commit of a storm being decided.
type stormChange struct {
	view  *store.View
	storm *storm
	now   time.Time
	out   store.Change
	w     words.Catalogue
	stale bool // see change
}

// commitStorm is the one way in which a storm is written, as commit is for an
// incident.
func (b *Bot) commitStorm(ctx context.Context, key string, decide func(*stormChange)) (bool, error) {
	events, err := b.DB.Commit(ctx, key, func(v *store.View) (store.Change, error) {
		c := &stormChange{view: v, storm: foldStorm(key, v.Epoch(), v.Events()), now: v.Now()}
		c.w = b.wordsIn(c.storm.began.Project.Language).At(saidZone(b.Scenarios(), c.storm.began.Project.Name))
		decide(c)
		if len(c.out.Events) > 0 {
			open := !c.storm.closed
			c.out.Open = &open
			if c.stale || !refusals(c.out.Events) {
				c.out.Views = append(homes(v), CardKey(key))
			}
		}
		return c.out, nil
	})
	return len(events) > 0, err
}

func (c *stormChange) write(kind, by string, data any) {
	c.add(store.NewEvent{Kind: kind, By: by, Data: data})
}

func (c *stormChange) add(e store.NewEvent) {
	c.out.Events = append(c.out.Events, e)
	raw, err := json.Marshal(e.Data)
	if err != nil {
		raw = nil // events are plain structs
	}
	c.storm.add(store.Event{V: 1, Incident: c.storm.key, Seq: c.storm.seq + 1, Kind: e.Kind, At: c.now, By: e.By, Data: raw})
}

// say says something in the thread of the storm's card; loud, in the channel
// too, to whom it mentions.
func (c *stormChange) say(text string, loud bool, mention []Person) {
	m := MessageArgs{Channel: c.storm.began.Project.Channel, Text: text, Mention: mention, Broadcast: loud, Loud: loud && len(mention) == 0}
	if m.Channel != "" {
		c.add(reply(m))
	}
}

// reply wants a message in the thread of a card.
func reply(m MessageArgs) store.NewEvent {
	raw, err := json.Marshal(m)
	if err != nil {
		raw = nil // a plain struct of strings
	}
	return store.NewEvent{Kind: kindWanted, By: amsbot, Data: wanted{Kind: ActReply, Args: raw, Calls: calls(m)}, To: ToSlack}
}

// advanceStorm moves a storm on until there is nothing more to do now.
func (b *Bot) advanceStorm(ctx context.Context, key string) error {
	for b.running() {
		s, err := b.loadStorm(ctx, key)
		if err != nil {
			return err
		}
		seen, err := b.lookAround(ctx, s)
		if err != nil {
			return err
		}
		may := decider{permits: b.may(ctx, &s.began.Project, "")} // to say who may
		if s.click != nil {
			may = b.decider(ctx, &s.began.Project, s.click, s.clickAt)
		}
		wrote, err := b.commitStorm(ctx, key, func(c *stormChange) {
			c.take()
			c.carry(nextStorm(c.storm, seen, c.now), may)
		})
		if err != nil || !wrote {
			return err
		}
	}
	return nil
}

func (b *Bot) loadStorm(ctx context.Context, key string) (*storm, error) {
	events, err := b.DB.Events(ctx, key)
	if err != nil && !errors.Is(err, store.ErrNoIncident) { // its first incident has just been held
		return nil, err
	}
	return foldStorm(key, b.DB.Epoch(), events), nil
}

// take puts the incidents that were held since on the card.
func (c *stormChange) take() {
	all, err := c.view.Guards(joinGuards(c.storm.key))
	if err != nil || len(all) == 0 {
		return
	}
	var j joining
	for _, key := range sortedKeys(all) {
		if len(j.Members) == joinMost {
			break
		}
		var m member
		if decode(all[key], &m) {
			j.Members = append(j.Members, m)
		}
		c.guard(key, nil)
	}
	if _, b := c.brake(); c.storm.seq == 0 && b.Began != nil {
		c.write(kindStorm, amsbot, *b.Began)
		c.out.Names = []string{NewestStorm}
	}
	c.write(kindJoined, amsbot, j)
}

// joinMost is how many incidents one event takes.
const joinMost = 100

// brake is the guard of this storm, and its key; "" when it is another's by now.
func (c *stormChange) brake() (string, brake) {
	all, err := c.view.Guards(stormKeys)
	if err != nil {
		return "", brake{}
	}
	for _, key := range sortedKeys(all) {
		var b brake
		if decode(all[key], &b) && b.Storm == c.storm.key {
			return key, b
		}
	}
	return "", brake{}
}

func (c *stormChange) guard(key string, value any) {
	if c.out.Guards == nil {
		c.out.Guards = map[string]any{}
	}
	c.out.Guards[key] = value
}

// calledBy are those who are paged about any of the incidents, once each.
func calledBy(members []*stormMember) []Person {
	var out []Person
	for _, m := range members {
		for _, p := range m.Mention {
			if !slices.ContainsFunc(out, func(q Person) bool { return q.ID == p.ID }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// carry writes what is to be done about the storm.
func (c *stormChange) carry(t stormStep, may decider) {
	s := c.storm
	c.due(t.due)
	for _, r := range t.came {
		c.write(kindCame, amsbot, r)
	}
	switch waits := s.in(stormWaits); {
	case t.ends:
		c.unapproved()
	case t.tell:
		c.write(kindTold, amsbot, stopped{})
		c.say(c.w.Say("storm.begins", plain(s.began.Scenario, 80), len(waits), may.whoDecides(c.w), plain(stormNames(waits), 300)), true, calledBy(waits))
	case t.stop != "":
		c.stop(s.member(t.stop))
	case t.done:
		text := c.w.Say("storm.done", len(s.in(stormGood)))
		if held := len(s.in(stormGuarded)); held > 0 {
			text = c.w.Join(text, c.w.Say("storm.done.guarded", held))
		}
		c.say(text, false, nil)
		c.write(kindStopped, amsbot, stopped{})
	case len(t.batch) > 0 && may.click != s.clickAt: // it was pressed just now: look again
		c.due(c.now)
	case len(t.batch) > 0 && may.barred(s.click, DoRecover, doOverride) != "":
		why := c.w.Say("storm.forbidden", may.barred(s.click, DoRecover, doOverride))
		c.say(plain(why, 200), true, []Person{s.click.As})
		c.write(kindStopped, amsbot, stopped{Why: why})
	case len(t.batch) > 0:
		c.write(kindSent, s.click.Name, sent{Click: s.clickAt, Incidents: t.batch, Canary: t.canary})
	case t.offer:
		c.write(kindOffered, amsbot, offered{Acts: []string{DoAll}})
	case t.calm:
		c.letGo()
		c.write(kindCalm, amsbot, stopped{})
	case t.close:
		c.letGo()
		c.write(kindClosed, amsbot, closed{How: "calm"})
		c.out.Due = &time.Time{}
	}
}

// due has the storm looked at again; a time that is set and earlier stays.
func (c *stormChange) due(at time.Time) {
	c.out.Due = &at
	if r, ok := c.view.Record(); ok && r.Due.After(c.now) && r.Due.Before(at) {
		c.out.Due = nil
	}
}

// stop ends a decision at an incident that did not come well, or that is held
// by what holds the others, too.
func (c *stormChange) stop(m *stormMember) {
	s := c.storm
	why, said := c.w.Say("storm.stopped", m.Number), c.w.Say("storm.stopped.reply", m.Number, plain(m.Target, 100), len(s.in(stormWaits)))
	if m.state == stormWaits {
		why = c.w.Say("storm.stopped.held", m.Number, m.words)
		said = plain(why, 400)
	}
	c.say(said, true, []Person{s.click.As})
	c.write(kindStopped, amsbot, stopped{Why: why})
}

// letGo ends what the brake holds of this storm: the next incident is its
// scenario's business again.
func (c *stormChange) letGo() {
	if key, b := c.brake(); key != "" {
		b.Storm, b.Began = "", nil
		c.guard(key, b)
	}
}
