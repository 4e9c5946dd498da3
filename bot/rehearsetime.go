package bot

import (
	"fmt"
	"slices"
	"time"

	"amsbot/bot/outbox"
)

// deliver does the acts that are wanted, and says whether there was one. What an
// act changes in PagerDuty comes back as news.
func (r *rehearsal) deliver() (bool, error) {
	for _, p := range r.Pending() {
		w, ok := into[wanted](p.Event)
		if !ok || p.Unknown {
			continue
		}
		a := outbox.Act{Incident: r.key, Seq: p.Event.Seq, To: p.To, Kind: w.Kind, By: p.Event.By, At: p.Event.At, Args: w.Args}
		result := outbox.Result{State: outbox.Done}
		if r.Act != nil {
			result = r.Act(a)
		}
		news, by := "", Person{}
		if result.State == outbox.Done && a.To == ToPagerDuty {
			result, news, by = r.world.do(a, result)
		}
		if result.State != outbox.Done && result.State != outbox.Refused { // nobody will ever know
			result.State = outbox.Unknown
			r.forget(p.Event.Seq)
		}
		if _, err := r.commit(func(c *change) error { c.record(a, result); return nil }); err != nil {
			return true, err
		}
		if news != "" {
			return true, r.hear(news, by)
		}
		return true, nil
	}
	return false, nil
}

// forget leaves an act pending that is not tried again.
func (r *rehearsal) forget(seq uint64) {
	for i := range r.pending {
		if r.pending[i].Event.Seq == seq {
			r.pending[i].Unknown = true
		}
	}
}

// pass lets time go by until something happens; false when nothing will any more.
func (r *rehearsal) pass(t todo) (bool, error) {
	step := r.nextStep()
	turn, at := r.nextTurn(r.in)
	due := t.due
	if !due.After(r.now) {
		due = time.Time{} // it was looked at
	}
	inTime := func(at time.Time) bool { return r.Until.IsZero() || !at.After(r.Until) }
	switch {
	case step != nil && inTime(step.end) && !later(step.end, at) && !later(step.end, due):
		r.to(step.end)
		r.running = slices.DeleteFunc(r.running, func(one *runningCall) bool { return one == step })
		_, err := r.commit(func(c *change) error { c.ended(step.launch, step.out); return nil })
		return true, err
	case !due.IsZero() && inTime(due) && !later(due, at): // an offer that is over now cannot be taken now
		r.to(due)
		return true, nil
	case turn >= 0 && inTime(at):
		r.to(at)
		r.done[turn] = true
		return true, r.others(r.Turns[turn])
	}
	return false, nil
}

// later says whether a time comes after another one that there is.
func later(a, b time.Time) bool { return !b.IsZero() && a.After(b) }

func (r *rehearsal) to(at time.Time) {
	if at.After(r.now) {
		r.now = at
	}
}

// nextStep is the running step that ends first; nil where none runs.
func (r *rehearsal) nextStep() *runningCall {
	var first *runningCall
	for _, one := range r.running {
		if first == nil || one.end.Before(first.end) {
			first = one
		}
	}
	return first
}

// nextTurn is the turn that comes next and when; -1 where none does.
func (r *rehearsal) nextTurn(in *incident) (int, time.Time) {
	found, when := -1, time.Time{}
	waits := false // an earlier click was not made yet
	for i, turn := range r.Turns {
		if r.done[i] {
			continue
		}
		at := turn.At
		switch {
		case !at.IsZero():
		case turn.Click == nil:
			at = r.began.Add(turn.After)
		case waits:
			continue
		default:
			waits = true
			if r.ready[i].IsZero() && (turn.Click.Act == DoNote || in.takes(*turn.Click, r.now) != nil) {
				r.ready[i] = r.now
			}
			if r.ready[i].IsZero() {
				continue
			}
			at = r.ready[i].Add(turn.After)
		}
		if found < 0 || at.Before(when) {
			found, when = i, at
		}
	}
	return found, when
}

// others does what a turn says.
func (r *rehearsal) others(turn Turn) error {
	if turn.Change != nil {
		turn.Change(&r.world.snap)
	}
	if err := r.setGuards(turn.Guards); err != nil {
		return err
	}
	if turn.Restart {
		r.opened++
		r.running, r.in = nil, fold(r.key, r.Epoch(), r.Events())
	}
	if turn.News != "" {
		if err := r.hear(turn.News, turn.As); err != nil {
			return err
		}
	}
	if turn.Click == nil {
		return nil
	}
	return r.click(turn)
}

// click is a person's act, as Act takes it in.
func (r *rehearsal) click(turn Turn) error {
	in, k := r.in, *turn.Click
	k.Incident = r.key
	k.Text = r.bot.Tools.Mask.Mask(k.Text)
	if o := in.takes(k, r.now); o != nil && k.Offer == 0 {
		k.Offer = o.seq
	}
	if k.User == "" {
		k.User = fmt.Sprintf("U-%s", turn.As.Name)
	}
	k.Name = nameOf(k, turn.As)
	p := presser{of: in.projectName(), may: r.mayClick(in, turn, k.User), as: turn.As}
	if in.request != nil { // whoever asked could ask
		p.asker, p.asked = everything, in.request.seq
	}
	_, err := r.commit(func(c *change) error { c.click(k, p); return nil })
	return err
}

// left are the clicks that could never be made.
func (r *rehearsal) left() []Turn {
	var out []Turn
	for i, turn := range r.Turns {
		if !r.done[i] && turn.Click != nil {
			out = append(out, turn)
		}
	}
	return out
}
