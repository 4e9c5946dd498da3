package bot

import "amsbot/bot/words"

// A pause that came while a card waits for a person, and one that holds its
// recovery, stand on the card: who paused what, when and why, and what lifts it. Once
// it is lifted the card says by whom, and that it may run now: by a press, for the
// incident was handed over when it was held, and nothing that was handed over begins
// by itself.
//
// Run Recovery stays on the card all the while: the page has gone to a person, and
// the button stays. It is not the one to press then; whoever presses it is told why
// nothing runs, for nobody overrides a pause; and it works at once when the pause is
// lifted, also before Slack has shown the card anew.

// asksSince is since which position in the file a recovery is before people; 0 where
// none is.
func (in *incident) asksSince() uint64 {
	for _, act := range []string{DoApprove, DoRecover, DoAgain} {
		if o := in.standing(act, in.last); o != nil {
			return o.pos
		}
	}
	return 0
}

// heldByPause says whether a pause has held the recovery, and whether that is over.
func (in *incident) heldByPause() (held, over bool) {
	p := in.pass
	if p == nil || p.ended == nil || p.ended.Branch != branchHeld || p.held == nil || p.held.Guard != guardPause {
		return false, false
	}
	return true, in.pauses.unpausedSince(p.heldPos) != nil
}

// isPaused says whether what a person is asked for does not run while a pause holds.
func (in *incident) isPaused() bool {
	held, _ := in.heldByPause()
	return in.pauses.now != nil && !in.over() && (held || in.asksSince() != 0)
}

// resumed is the pause that was lifted while the card asked, or that held it; nil
// where that makes no difference to it: what another guard holds is held all the same.
func (in *incident) resumed() *lifted {
	if in.over() {
		return nil
	}
	if held, _ := in.heldByPause(); held {
		return in.pauses.unpausedSince(in.pass.heldPos)
	}
	if since := in.asksSince(); since != 0 && !in.heldBack() {
		return in.pauses.unpausedSince(since)
	}
	return nil
}

// pauseWords are the card's detail where a pause has held the recovery: by which one it
// is held now, maybe by another than then, or what may be done since that is lifted.
func (in *incident) pauseWords(detail string, w words.Catalogue) string {
	held, _ := in.heldByPause()
	switch off := in.resumed(); {
	case !held || !in.isPaused() && off == nil:
		return detail
	case off == nil:
		return w.Say("end.held", in.pauses.now.held(w))
	case in.asksSince() == 0:
		return w.Say("lifted.expired", off.Name, off.Scope)
	default:
		return w.Say("lifted.held", off.Name, off.Scope)
	}
}

// pauseNeed is what a person has to know of a pause who is asked for what it holds;
// "" for nothing, and where the detail says it.
func (in *incident) pauseNeed(w words.Catalogue) string {
	held, _ := in.heldByPause()
	switch off := in.resumed(); {
	case held:
	case in.isPaused():
		return w.Say("wait.paused", in.pauses.now.held(w))
	case off != nil:
		return w.Say("lifted.waits", off.Name, off.Scope)
	}
	return ""
}

// pauseTimes are when what the card says of a pause happened.
func (in *incident) pauseTimes(w words.Catalogue) []Moment {
	if in.isPaused() {
		return in.pauses.now.moments(w)
	}
	return in.resumed().moments(w)
}

func (p *paused) moments(w words.Catalogue) []Moment {
	if p.At.IsZero() { // an older amsbot wrote it
		return nil
	}
	return []Moment{{Name: w.Say("card.paused"), At: p.At}}
}

func (l *lifted) moments(w words.Catalogue) []Moment {
	if l == nil {
		return nil
	}
	return []Moment{{Name: w.Say("card.resumed"), At: l.At}}
}

// drawPauses says on a storm's card that what it asks for is paused, or may run again.
func (s *storm) drawPauses(c *Card, p pauses, w words.Catalogue) {
	if s.standing() == nil && s.waitsForApproval(s.last) == nil {
		return
	}
	switch off := p.unpausedSince(s.offers[len(s.offers)-1].pos); {
	case p.now != nil:
		c.Need = append(c.Need, w.Say("wait.paused", p.now.held(w)))
		c.Headline += " · " + w.Say("headline.paused.take")
		c.Times = append(c.Times, p.now.moments(w)...)
		for i := range c.Buttons {
			c.Buttons[i].Primary = false
		}
	case off != nil:
		c.Need = append(c.Need, w.Say("lifted.waits", off.Name, off.Scope))
		c.Times = append(c.Times, off.moments(w)...)
	}
}
