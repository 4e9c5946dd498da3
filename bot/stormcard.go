package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/store"
)

// drawStorm draws a storm's card: one card, one decision.
func (b *Bot) drawStorm(ctx context.Context, key string, state store.ViewState) (outbox.View, error) {
	v := outbox.View{Key: state.Key}
	events, err := b.DB.Events(ctx, key)
	if v.Skip = errors.Is(err, store.ErrForgotten); v.Skip {
		return v, nil
	}
	var card Card
	if err == nil {
		project := foldStorm(key, 0, events).began.Project
		card, err = Stands(ctx, b.DB, events, b.wordsIn(project.Language).At(saidZone(b.Scenarios(), project.Name)))
	}
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", state.Key, err)
	}
	last := events[len(events)-1]
	card.Version = max(last.Pos, state.Wanted)
	v.Version, v.Body, v.Look = card.Version, card, events[0].Epoch < b.DB.Epoch()
	if v.Skip = card.Channel == ""; card.Over {
		v.Urgency = 3
	}
	return v, nil
}

// renderStorm draws a storm's card from its events, and the pauses of its scenario.
func renderStorm(events []store.Event, p pauses, w words.Catalogue) Card {
	last := events[len(events)-1]
	s := foldStorm(last.Incident, last.Epoch, events)
	c := Card{
		Incident: s.key, Version: last.Pos, Channel: s.began.Project.Channel, Over: s.closed,
		Title:  w.Say("storm.title", s.began.Scenario, len(s.members)),
		Fields: []Field{{Name: w.Say("field.scenario"), Value: s.began.Scenario}},
		Times:  []Moment{{Name: w.Say("card.opened"), At: s.first}, {Name: w.Say("card.updated"), At: s.changed}},
	}
	c.State, c.Status, c.Detail = s.state(w)
	c.Headline = c.Title + ": " + c.Status
	c.Phases = []Phase{s.lines(w)}
	if s.closed {
		c.Closing = &Closing{Text: w.Say("storm.closing"), At: s.changed}
		return c
	}
	if r := s.waitsForApproval(s.last); r != nil {
		s.drawApproval(&c, r, w)
		s.drawPauses(&c, p, w)
		return c
	}
	if o := s.standing(); o != nil {
		named := s.named(o.seq)
		if b, ok := s.glassButton(o, w); ok {
			c.More = []Button{b}
		}
		c.Buttons = []Button{{Act: DoAll, Label: w.Say("button."+DoAll, len(named)), Offer: o.seq, Primary: true, Override: true, Confirm: &Confirm{
			Title: w.Say("confirm.all.title", len(named)),
			Text:  s.confirmText(named, w),
			Yes:   w.Say("confirm.all.yes"), No: w.Say("confirm.no"),
		}}}
	}
	s.drawPauses(&c, p, w)
	return c
}

// shown are the commands of what a decision is about. While a storm rages its
// scenario may be changed: then it is those of each version, of its first target.
func (s *storm) shown(named []*stormMember) []string {
	var out, versions []string
	for _, m := range named {
		if slices.Contains(versions, m.Version) {
			continue
		}
		versions = append(versions, m.Version)
		if m.Version == "" {
			out = append(out, s.began.Shown...)
		} else {
			out = append(out, m.Shown...)
		}
	}
	return out
}

// state is what a storm's card says first.
func (s *storm) state(w words.Catalogue) (CardState, string, string) {
	switch {
	case s.closed:
		return CardQuiet, w.Say("storm.over"), ""
	case s.click != nil:
		who := s.click.Name
		if a := s.click.Approved; a != nil {
			who = w.Say("by.two", who, a.Name)
		}
		return CardActing, w.Say("storm.running"), strings.TrimSpace(w.Say("status.recovering_by", who) + " " + s.click.glassWords(w))
	case s.stopped != "":
		return CardBad, s.stopped, w.Say("storm.decide")
	case len(s.in(stormWaits)) > 0:
		return CardWaiting, w.Say("storm.held", len(s.in(stormWaits))), w.Say("storm.decide")
	}
	return CardGood, w.Say("storm.calm"), ""
}

// lines name the storm's incidents, those that need somebody first.
func (s *storm) lines(w words.Catalogue) Phase {
	p := Phase{Name: w.Say("storm.incidents")}
	for _, state := range []string{stormBad, stormGuarded, stormWaits, stormRuns, stormGood, stormLeft} {
		if members := s.in(state); len(members) > 0 {
			p.Lines = append(p.Lines, Line{Name: w.Say("storm."+state, len(members)), Words: stormNames(members)})
		}
	}
	return p
}

// stormNames names incidents by number and target.
func stormNames(members []*stormMember) string {
	var out []string
	for _, m := range members {
		out = append(out, fmt.Sprintf("#%d %s", m.Number, m.Target))
	}
	return short(out, ", ")
}

// stormTargets names what a decision is about.
func stormTargets(members []*stormMember) string {
	var out []string
	for _, m := range members {
		out = append(out, m.Target)
	}
	return short(out, ", ")
}

// shortMost is how long a list of names may be.
const shortMost = 160

// short lists as many names as there is room for, and says how many more there are.
func short(names []string, between string) string {
	text := ""
	for i, n := range names {
		if i > 0 && len([]rune(text+between+n)) > shortMost {
			return fmt.Sprintf("%s, +%d", text, len(names)-i)
		}
		if i > 0 {
			text += between
		}
		text += n
	}
	return text
}
