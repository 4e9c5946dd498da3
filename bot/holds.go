package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"amsbot/bot/words"
	"amsbot/store"
)

// holds is what holds a scope until a person resumes it.
type holds struct {
	paused  *paused
	tripped *breaker
}

// holdsOf is what holds a scope now.
func holdsOf(v *store.View, scope string) (h holds, err error) {
	var p paused
	var b breaker
	on, err := v.Guard(pauseGuard(scope), &p)
	if err != nil {
		return h, err
	}
	if on {
		h.paused = &p
	}
	if _, err = v.Guard(breakerGuard(scope), &b); err == nil && b.Tripped {
		h.tripped = &b
	}
	return h, err
}

// stopsNow are all that hold recoveries until a person lifts them.
type stopsNow struct {
	paused  []paused
	storms  []brake
	tripped []breaker
}

// stopsNow reads what holds recoveries. Who may know of it is asked when it is
// read: a commit may have to wait for a reading, and Slack may be slow.
func (b *Bot) stopsNow(ctx context.Context) (s stopsNow, err error) {
	err = b.DB.Read(ctx, botStream, func(v *store.View) (err error) {
		if s.paused, err = guardsOf[paused](v, pauseGuards); err != nil {
			return err
		}
		if s.storms, err = guardsOf[brake](v, stormKeys); err != nil {
			return err
		}
		s.tripped, err = guardsOf[breaker](v, breakerGuards)
		return err
	})
	if err != nil {
		return stopsNow{}, fmt.Errorf("bot: list what is stopped: %w", err)
	}
	s.storms = slices.DeleteFunc(s.storms, func(one brake) bool { return one.Storm == "" })
	s.tripped = slices.DeleteFunc(s.tripped, func(one breaker) bool { return !one.Tripped })
	return s, nil
}

// of is what holds a scope.
func (s stopsNow) of(scope string) (h holds) {
	if i := slices.IndexFunc(s.paused, func(p paused) bool { return p.Scope == scope }); i >= 0 {
		h.paused = &s.paused[i]
	}
	if i := slices.IndexFunc(s.tripped, func(t breaker) bool { return t.Scope == scope }); i >= 0 {
		h.tripped = &s.tripped[i]
	}
	return h
}

// words say, in the small print of a choice, by what a scope is held; "": by nothing.
func (h holds) words(w words.Catalogue) string {
	switch {
	case h.paused != nil:
		return w.Say("form.scope.paused", cut(h.paused.Name, 40))
	case h.tripped != nil:
		return w.Say("form.scope.breaker", h.tripped.Failed)
	}
	return ""
}

// number says which pause and which trip of the breaker hold a scope, 0 for
// neither: what a person was shown lifts just that. The event of a pause is in its
// upper half, and the moment at which the breaker tripped in the lower one.
func (h holds) number() uint64 {
	var n uint64
	if h.paused != nil {
		n = (h.paused.N + 1) << 32
	}
	if h.tripped != nil {
		n |= uint64(max(uint32(h.tripped.At.UnixMilli()), 1)) // enough of it to tell two apart
	}
	return n
}

// since says what holds a scope now and did not where somebody saw the number n,
// or what they saw and is gone; "" where they saw what is.
func (h holds) since(n uint64, scope string, w words.Catalogue) string {
	now := h.number()
	switch {
	case n == 0 || n == now: // typed: it is about whatever holds the scope
		return ""
	case h.paused != nil && now>>32 != n>>32:
		return w.Say("resumed.since.paused", scope, plain(h.paused.by(), 300))
	case h.tripped != nil && uint32(now) != uint32(n):
		return w.Say("resumed.since.breaker", scope, h.tripped.Failed, h.tripped.Number)
	}
	return w.Say("resumed.since.part", scope)
}

// choice is a scope as a dialogue offers to resume it.
func (h holds) choice(scope string) string {
	return scope + " " + strconv.FormatUint(h.number(), 36)
}

// chosen takes a choice of a dialogue into the click; what it says of a number that
// is none stands in the scope, which nobody knows then.
func (k *Click) chosen(choice string) {
	scope, number, ok := strings.Cut(choice, " ")
	n, err := strconv.ParseUint(number, 36, 64)
	if k.Scope = choice; ok && err == nil {
		k.Scope, k.Offer = scope, n
	}
}
