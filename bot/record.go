package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/store"
)

// Record writes what became of an act; it is how the outbox reports. An act
// that is settled already is left as it is.
func (b *Bot) Record(ctx context.Context, a outbox.Act, r outbox.Result) error {
	if a.Incident == botStream || !IsIncident(a.Incident) {
		return b.recordOwn(ctx, a, r)
	}
	_, err := b.commit(ctx, a.Incident, func(c *change) error {
		c.record(a, r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("bot: record %s of %s: %w", a.Kind, a.Incident, err)
	}
	b.kick(a.Incident)
	return nil
}

// record writes what became of an act, and what follows from it.
func (c *change) record(a outbox.Act, r outbox.Result) {
	mine := c.in.acts[a.Seq]
	if mine == nil || mine.state == kindDone || mine.state == kindFailed {
		c.settle(a.Seq)
		return
	}
	c.hidden = a.Kind == ActReply || a.Kind == ActPost // the card does not say what became of them
	s := settled{Wanted: a.Seq, Kind: a.Kind, Why: c.bot.Tools.Mask.Mask(saidWhy(r.Why, c.w)), Ref: r.Ref, Data: r.Data}
	switch r.State {
	case outbox.Done:
		c.write(kindDone, a.By, s)
		c.settle(a.Seq)
		c.done(mine)
	case outbox.Refused:
		c.write(kindFailed, a.By, s)
		c.settle(a.Seq)
		c.failed(mine)
	case outbox.Unknown:
		if mine.state != kindUnknown {
			c.write(kindUnknown, a.By, s)
		}
	}
}

// settle takes an act off the list of what is to be delivered, if it still
// stands there.
func (c *change) settle(seq uint64) {
	for _, p := range c.view.Pending() {
		if p.Event.Seq == seq {
			c.out.Settled = append(c.out.Settled, seq)
		}
	}
}

// done is what follows when an act is done.
func (c *change) done(a *act) {
	var e Escalated
	if a.Kind == ActEscalate && decode(a.result.Data, &e) && e.Fallback {
		c.reply(c.w.Say("escalated.fallback", plain(a.result.Why, 300)))
	}
	if a.Kind != ActResolve || c.in.snap == nil {
		return
	}
	p := c.in.pass
	if p == nil || p.ended == nil || a.by != amsbot && p.ended.Branch != branchRecovered {
		return
	}
	for _, al := range c.in.snap.Incident.Alerts { // a read may have seen them resolved already
		c.guard(resolvedGuard(c.in, al), resolvedHere{Incident: c.in.key, Number: c.in.number(), At: c.now})
	}
}

// failed is what follows when an act will never be done: whoever counted on it
// is told.
func (c *change) failed(a *act) {
	if !changesPagerDuty(a.Kind) || c.in.over() || c.in.pass == nil {
		return
	}
	if a.needless() {
		c.reply(c.w.Say("escalated.has", plain(a.result.Why, 300))) // PagerDuty's own timer was quicker: no alarm
		return
	}
	e := &ending{change: c}
	if c.in.snap != nil {
		e.mention = c.in.snap.Assignees
		if len(c.in.snap.Acknowledged) > 0 {
			e.mention = c.in.snap.Acknowledged
		}
	}
	if a.Kind == ActResolve && a.by == amsbot && c.in.holds() { // it stays open, and somebody has to look
		e.escalate("first_line")
	}
	e.announce(c.w.Say("failed."+a.Kind, plain(a.result.Why, 300)))
}

// needless says that an escalation of amsbot's own was refused because a person
// has the incident already.
func (a *act) needless() bool {
	var has Escalated
	return a.Kind == ActEscalate && a.by == amsbot && a.state != kindDone &&
		decode(a.result.Data, &has) && len(has.Assignees) > 0
}

// Draw draws a view as the history is now; it is how the outbox asks. A card's
// version is the position of its incident's last event, or of what was paused or
// resumed since and is on the card, too.
func (b *Bot) Draw(ctx context.Context, key string) (outbox.View, error) {
	if user, ok := strings.CutPrefix(key, homeGuard); ok {
		return b.drawHome(ctx, key, user)
	}
	if strings.HasPrefix(key, indexKey) {
		return b.drawIndex(ctx, key)
	}
	if strings.HasPrefix(key, pageKey) {
		return b.drawPage(ctx, key)
	}
	if strings.HasPrefix(key, groupKey) {
		return b.drawGroup(ctx, key)
	}
	incidentKey, ok := strings.CutPrefix(key, "card:")
	if !ok {
		return outbox.View{Key: key, Skip: true}, nil
	}
	state, _, err := b.DB.View(ctx, key) // read first: what was wanted before its events are read is on the card
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	if state.Key = key; IsIncident(incidentKey) {
		return b.drawCard(ctx, incidentKey, state)
	}
	return b.drawStorm(ctx, incidentKey, state)
}

// drawCard draws an incident's card as it stands now.
func (b *Bot) drawCard(ctx context.Context, incidentKey string, state store.ViewState) (outbox.View, error) {
	look, since, p, key := false, time.Time{}, pauses{}, state.Key
	kept, err := b.loadWith(ctx, incidentKey, func(in *incident, s *store.View) (err error) {
		if in.gone() {
			return nil
		}
		if look, since, err = in.mayStand(s); err == nil {
			p, err = in.pausesOf(s)
		}
		return err
	})
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	if kept.gone() {
		return outbox.View{Key: key, Skip: true}, nil
	}
	last := kept.log[len(kept.log)-1]
	in := *kept
	in.epoch = last.Epoch // as whoever draws it from its events alone
	in.pauses = p
	version := max(last.Pos, state.Wanted)
	card := draw(&in, version, b.words(&in))
	urgent := urgency(card)
	if state.Ref != "" && !in.showsMore(state.Delivered) { // but a pause of its scenario: a thousand may say so at once
		urgent = urgentLeast
	}
	return outbox.View{
		Key: key, Version: version, Urgency: urgent, Body: card, Look: look, Since: since, Skip: card.Channel == "",
		Index: indexKey + card.Channel, Quiet: card.Over, Unsaid: b.words(&in).Say("index.unsaid", in.number()),
	}, nil
}

// showsMore says whether anything that a card shows has happened in an incident since a
// position in the file. What became of a message is not among it; a refusal is, as
// that of a stale press has the card drawn anew.
func (in *incident) showsMore(since uint64) bool {
	for _, e := range slices.Backward(in.log) {
		if e.Pos <= since {
			return false
		}
		s, settles := settled{}, slices.Contains([]string{kindDone, kindFailed, kindUnknown}, e.Kind)
		if settles {
			s, settles = into[settled](e)
		}
		if !settles || s.Kind != ActReply && s.Kind != ActPost {
			return true
		}
	}
	return false
}

// urgentLeast is for what may wait until nothing else does, as Home tabs may.
const urgentLeast = 5

// urgency orders what is shown first: what needs a person, then the rest.
func urgency(c Card) int {
	switch {
	case c.State == CardWaiting, c.State == CardBad:
		return 0
	case c.Over:
		return 3
	case c.State == CardReading:
		return 1
	}
	return 4
}
