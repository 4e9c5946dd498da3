package bot

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
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
}

// commitStorm is the one way in which a storm is written, as commit is for an
// incident.
func (b *Bot) commitStorm(ctx context.Context, key string, decide func(*stormChange)) (bool, error) {
	events, err := b.DB.Commit(ctx, key, func(v *store.View) (store.Change, error) {
		c := &stormChange{view: v, storm: foldStorm(key, v.Epoch(), v.Events()), now: v.Now()}
		c.w = b.wordsIn(c.storm.began.Project.Language)
		decide(c)
		if len(c.out.Events) > 0 {
			open := !c.storm.closed
			c.out.Open = &open
			c.out.Views = append(homes(v), CardKey(key))
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
	raw, err := json.Marshal(m)
	if err != nil || m.Channel == "" {
		return
	}
	c.add(store.NewEvent{Kind: kindWanted, By: amsbot, Data: wanted{Kind: ActReply, Args: raw}, To: ToSlack})
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
		may := permits{}
		if s.click != nil {
			may = b.may(ctx, &s.began.Project, s.click.User)
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
	}
	c.write(kindJoined, amsbot, j)
}

// joinMost is how many incidents one event takes.
const joinMost = 200

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
func (c *stormChange) carry(t stormStep, may permits) {
	s := c.storm
	c.out.Due = &t.due
	for _, r := range t.came {
		c.write(kindCame, amsbot, r)
	}
	switch waits := s.in(stormWaits); {
	case t.tell:
		c.write(kindTold, amsbot, stopped{})
		c.say(c.w.Say("storm.begins", plain(s.began.Scenario, 80), len(waits), plain(stormNames(waits), 300)), true, calledBy(waits))
	case t.stop != "":
		m := s.member(t.stop)
		by := s.click
		c.write(kindStopped, amsbot, stopped{Why: c.w.Say("storm.stopped", m.Number)})
		c.say(c.w.Say("storm.stopped.reply", m.Number, plain(m.Target, 100), len(s.in(stormWaits))), true, []Person{by.As})
	case t.done:
		c.say(c.w.Say("storm.done", len(s.in(stormGood))), false, nil)
		c.write(kindStopped, amsbot, stopped{})
	case len(t.batch) > 0 && !(may.can(DoRecover) && may.can(doOverride)):
		c.write(kindStopped, amsbot, stopped{Why: c.w.Say("storm.forbidden", s.click.Name)})
	case len(t.batch) > 0:
		c.write(kindSent, s.click.Name, sent{Click: s.clickAt, Incidents: t.batch, Canary: t.canary})
	case t.offer:
		c.write(kindOffered, amsbot, offered{Acts: []string{DoAll}})
	case t.close:
		if key, b := c.brake(); key != "" {
			b.Storm, b.Began = "", nil
			c.guard(key, b)
		}
		c.write(kindClosed, amsbot, closed{How: "calm"})
		c.out.Due = &time.Time{}
	}
}

// lookAround is how a storm's incidents are now. One that is to run and has not
// been told so yet is told.
func (b *Bot) lookAround(ctx context.Context, s *storm) (map[string]ran, error) {
	seen := map[string]ran{}
	for _, m := range s.members {
		if m.state != stormWaits && m.state != stormRuns {
			continue
		}
		in, err := b.load(ctx, m.Incident)
		if err != nil {
			return nil, err
		}
		w := b.words(in)
		r := in.ranIn(s, m, w)
		if r.state == stormRuns && !in.sentBy(s, m) {
			if r, err = b.sendTo(ctx, s, m); err != nil {
				return nil, err
			}
		}
		seen[m.Incident] = r
	}
	return seen, nil
}

// sentBy says whether an incident has been told to recover for this batch.
func (in *incident) sentBy(s *storm, m *stormMember) bool {
	return slices.ContainsFunc(in.log, func(e store.Event) bool {
		if e.Kind != kindClicked {
			return false
		}
		c, ok := into[clicked](e)
		return ok && c.Storm == s.key && c.Batch == m.sent
	})
}

// ranIn is how an incident is, as its storm sees it.
func (in *incident) ranIn(s *storm, m *stormMember, w words.Catalogue) ran {
	_, status, _ := in.state(w)
	p := in.pass
	mine := p != nil && p.by != nil && p.by.Storm == s.key && p.by.Batch == m.sent
	switch {
	case in.over() && !(mine && p.ended != nil):
		return ran{stormLeft, status}
	case m.state == stormRuns && !in.sentBy(s, m), p == nil, p.ended == nil:
		return ran{m.state, m.words}
	case m.state == stormRuns && mine && works(p.ended.Outcome):
		return ran{stormGood, status}
	case m.state == stormRuns && mine:
		return ran{stormBad, status}
	case p.held != nil && p.held.Storm == s.key:
		return ran{m.state, m.words}
	}
	return ran{stormLeft, status} // somebody saw to it on its own card
}

// works says whether an outcome means that the target works.
func works(o Outcome) bool {
	return slices.Contains([]Outcome{NoFault, Recovered, RecoveredByWord, Healed, ResolvedByPerson, ResolvedByMonitoring}, o)
}

// sendTo has one incident recover at the word of whoever decided for all, as if
// they had pressed its own button: it is read, checked first, and held by every
// guard but the storm brake.
func (b *Bot) sendTo(ctx context.Context, s *storm, m *stormMember) (r ran, err error) {
	_, err = b.commit(ctx, m.Incident, func(c *change) error {
		once := fitKey("storm:" + s.key + "#" + strconv.FormatUint(m.sent, 10) + ":" + m.Incident)
		r = ran{state: stormRuns}
		switch {
		case c.view.Seen(once):
			return nil
		case c.in.over():
			r = ran{stormLeft, c.overWords()}
			return nil
		case c.sc == nil || c.in.pass == nil || c.in.pass.ended == nil || !c.in.mayOffer():
			_, status, _ := c.in.state(c.w)
			r = ran{stormLeft, status}
			return nil
		}
		e := *s.click
		e.Act, e.Offer, e.Via, e.Override = DoRecover, 0, "storm", true
		e.Over, e.Storm, e.Batch = []string{guardStorm}, s.key, m.sent
		if o := c.in.standing(DoRecover, c.now); o != nil {
			e.Offer = o.seq
		}
		c.out.Seen = append(c.out.Seen, once)
		c.write(kindClicked, e.Name, e)
		c.reply(c.w.Say("storm.goes", plain(e.Name, 80)))
		return nil
	})
	if err == nil {
		b.kick(m.Incident)
	}
	return r, err
}
