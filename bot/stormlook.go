package bot

import (
	"context"
	"slices"
	"strconv"

	"amsbot/bot/words"
	"amsbot/store"
)

// look is how an incident was when its storm last looked at it. It is the same as
// long as nothing was written of the incident, and the storm has it as it had.
type look struct {
	seq   uint64 // the incident's last event
	sent  uint64
	state string
	ran   ran
}

// lookAround is how a storm's incidents are now. One that is to run and has not
// been told so yet is told. A storm looks often, and may be large: only what has
// changed is read.
func (b *Bot) lookAround(ctx context.Context, s *storm) (map[string]ran, error) {
	seen := map[string]ran{}
	if !s.any(stormWaits) && !s.any(stormRuns) {
		b.keepLooks(s.key, nil)
		return seen, nil
	}
	before, now := b.looked(s.key), map[string]look{}
	for _, m := range s.members {
		if m.state != stormWaits && m.state != stormRuns {
			continue
		}
		last, err := b.lastOf(ctx, m.Incident)
		if err != nil {
			return nil, err
		}
		l, known := before[m.Incident]
		if !known || l.seq != last || l.sent != m.sent || l.state != m.state {
			if l, err = b.lookAt(ctx, s, m); err != nil {
				return nil, err
			}
		}
		now[m.Incident] = l
		l.ran.at = s.seq
		seen[m.Incident] = l.ran
	}
	b.keepLooks(s.key, now)
	return seen, nil
}

// lastOf is the number of an incident's last event; it reads none.
func (b *Bot) lastOf(ctx context.Context, incident string) (seq uint64, err error) {
	err = b.DB.Read(ctx, incident, func(v *store.View) error {
		r, _ := v.Record()
		seq = r.Seq
		return nil
	})
	return seq, err
}

// lookAt is how one incident is, and tells it to run where it has to.
func (b *Bot) lookAt(ctx context.Context, s *storm, m *stormMember) (look, error) {
	in, err := b.load(ctx, m.Incident)
	if err != nil {
		return look{}, err
	}
	l := look{seq: in.seq, sent: m.sent, state: m.state, ran: in.ranIn(s, m, b.words(in))}
	if l.ran.state == stormRuns && !in.sentBy(s, m) {
		if _, err = b.scenario(ctx, in); err != nil { // the commit asks what is loaded
			return look{}, err
		}
		l.ran, err = b.sendTo(ctx, s, m)
	}
	return l, err
}

// looked are the looks of a storm that this process remembers.
func (b *Bot) looked(storm string) map[string]look {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.looks[storm]
}

func (b *Bot) keepLooks(storm string, looks map[string]look) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.looks[storm] = looks; len(looks) == 0 {
		delete(b.looks, storm)
	}
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
		return ran{state: stormLeft, words: status}
	case m.state == stormRuns && !in.sentBy(s, m), p == nil, p.ended == nil:
		return ran{state: m.state, words: m.words}
	case m.state == stormRuns && mine:
		return in.cameTo(status)
	case m.state == stormWaits && p.held != nil && (p.held.Storm == s.key || mine):
		return ran{state: m.state, words: m.words}
	}
	return ran{state: stormLeft, words: status} // somebody saw to it on its own card
}

// cameTo is what came of an incident that its storm has let go on.
func (in *incident) cameTo(status string) ran {
	switch p := in.pass; {
	case p.ended.Branch == branchRecovered: // also where masking says that it is too often
		return ran{state: stormGood, words: status, proved: true}
	case works(p.ended.Outcome):
		return ran{state: stormGood, words: status}
	case in.over():
		return ran{state: stormLeft, words: status}
	case p.ended.Branch != branchHeld || p.intent != nil:
		return ran{state: stormBad, words: status}
	case p.held != nil && slices.Contains([]string{guardPause, guardScenarioRuns, guardAllRuns, guardPermission}, p.held.Guard):
		return ran{state: stormWaits, words: p.held.Text} // none of the others could go on either
	}
	return ran{state: stormGuarded, words: status}
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
			r = ran{state: stormLeft, words: c.overWords()}
			return nil
		case c.sc == nil || c.in.pass == nil || c.in.pass.ended == nil || !c.in.mayOffer():
			_, status, _ := c.in.state(c.w)
			r = ran{state: stormLeft, words: status}
			return nil
		}
		e := *s.click
		e.Act, e.Offer, e.Via, e.Override = DoRecover, 0, "storm", true
		e.Over, e.Storm, e.Batch = []string{guardStorm}, s.key, m.sent
		if o := c.in.standing(DoRecover, c.now); o != nil {
			e.Offer = o.seq
		}
		c.out.Seen = append(c.out.Seen, once)
		c.withdraw("withdrawn.checks")
		c.write(kindClicked, e.Name, e)
		c.reply(c.w.Say("storm.goes", plain(e.Name, 80)))
		return nil
	})
	if err == nil {
		b.kick(m.Incident)
	}
	return r, err
}
