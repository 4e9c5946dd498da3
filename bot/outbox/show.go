package outbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"amsbot/store"
)

const (
	// removeTries is how often the removal of a duplicate has to be refused before
	// the card goes on with it.
	removeTries = 5
	// removeWait is how long a card waits at most for a removal that was told to:
	// meanwhile it does not change.
	removeWait = time.Minute
)

// beginShow shows the draft.
func (e *engine) beginShow(s *viewState) call {
	s.busy = true
	try := showing{engine: e, breaker: s.breaker, screen: s.screen, view: *s.draft, look: s.look, sure: s.sure, lost: s.lost, kept: s.kept}
	try.view.Key, try.view.Ref, try.needless = s.key, s.ref, e.needless(s, *s.draft)
	return func(ctx context.Context) func() {
		try.run(ctx)
		err := error(nil)
		if try.shown != nil {
			err = e.note(ctx, *try.shown)
		}
		return func() { e.applyShow(s, try, err) }
	}
}

// showing is one try to show a view, in a goroutine of its own.
type showing struct {
	*engine
	breaker *breaker
	screen  Screen
	view    View
	look    bool
	sure    bool
	lost    bool
	kept    int // so often Slack refused to remove a duplicate

	needless bool // nobody has to see it, unless it stands

	shown *store.Shown  // what is to be recorded; nil: try again
	wait  time.Duration // we were told to wait so long
	alone bool          // for another reason than that we were too fast where it is shown
	first bool          // it was posted, or tried to be
	over  bool          // it stands nowhere, and nobody has to see it
	why   string
}

func (t *showing) run(ctx context.Context) {
	younger, err := t.find(ctx)
	if err != nil {
		t.why = "look for it: " + err.Error()
		return
	}
	if t.first = t.view.Ref == ""; t.first && t.needless {
		t.over, t.shown = true, &store.Shown{Key: t.view.Key, Version: t.view.Version, Gone: t.view.Call.Last}
		return
	}
	r := t.showView(ctx, t.breaker, t.screen, t.view)
	switch r.State {
	case Done:
		t.shown = &store.Shown{Key: t.view.Key, Version: t.view.Version, Ref: cmp.Or(r.Ref, t.view.Ref)}
		if t.view.Call.Last {
			t.shown = &store.Shown{Key: t.view.Key, Version: t.view.Version, Gone: true}
		}
	case Refused:
		t.refused(r)
	case Again:
		t.wait, t.why, t.alone = told(r.After), r.Why, r.Down || r.Alone
	default:
		t.look, t.sure, t.why = t.look || t.first, false, r.Why
		t.lost = t.lost || t.first
	}
	t.clear(ctx, younger)
}

// find looks for a view that a lost answer may have left somewhere. The oldest
// stays, because people have seen it and replied to it; the others are younger.
func (t *showing) find(ctx context.Context) (younger []string, err error) {
	if t.view.Ref != "" || t.sure {
		return nil, nil
	}
	if t.look = t.look || t.view.Look; !t.look {
		t.sure = true
		return nil, nil
	}
	refs, err := t.findView(ctx, t.breaker, t.screen, t.view)
	if err != nil || len(refs) == 0 {
		t.look, t.sure, t.lost = err != nil, err == nil, t.lost && err != nil
		return nil, err
	}
	t.view.Ref = refs[0]
	return refs[1:], nil
}

// refused: this version will not be shown. If the place is gone, a new one is
// asked for; otherwise the next version has its own try. After the last there is none:
// it stays as it is, and is forgotten.
func (t *showing) refused(r Result) {
	if !t.first && r.Ref == "" {
		t.shown = &store.Shown{Key: t.view.Key, Gone: true}
		return
	}
	t.Log.Warn("a view was refused", "view", t.view.Key, "why", r.Why)
	t.shown = &store.Shown{Key: t.view.Key, Version: t.view.Version, Ref: t.view.Ref}
	if t.view.Call.Last {
		t.shown.Ref, t.shown.Gone = "", true
	}
}

// clear removes duplicates, the youngest first. Until they are gone nothing is
// recorded, so that they are found again even after a crash.
func (t *showing) clear(ctx context.Context, younger []string) {
	for i := len(younger) - 1; i >= 0; i-- {
		err := t.remove(ctx, younger[i])
		if err == nil {
			continue
		}
		if t.stays(err) {
			t.Log.Error("a duplicate stays", "view", t.view.Key, "ref", younger[i], "err", err)
			continue
		}
		t.shown, t.why = nil, "remove a duplicate: "+err.Error()
		return
	}
}

// stays says whether a duplicate was refused to be removed so often that it stays.
// Only that is counted: who is told to wait, or gets no answer, tries again.
func (t *showing) stays(err error) bool {
	wait, limited := errors.AsType[*Wait](err)
	switch {
	case limited && t.wait == 0: // else it waits already
		t.wait, t.alone = min(wait.After, removeWait), true
	case !limited && !errors.Is(err, ErrDown):
		t.kept++
		return t.kept >= removeTries
	}
	return false
}

// note writes down what happened to a view.
func (e *engine) note(ctx context.Context, shown store.Shown) error {
	_, err := e.DB.Commit(context.WithoutCancel(ctx), streamOf(shown.Key), func(*store.View) (store.Change, error) {
		return store.Change{Shown: []store.Shown{shown}}, nil
	})
	return err
}

// beginNote writes down what could not be written before.
func (e *engine) beginNote(s *viewState) call {
	s.busy = true
	shown := *s.shown
	return func(ctx context.Context) func() {
		err := e.note(ctx, shown)
		return func() {
			s.busy, s.shown = false, &shown
			defer e.rest(s)
			e.noted(s, err)
		}
	}
}

// applyShow takes over what came of a try.
func (e *engine) applyShow(s *viewState, t showing, err error) {
	s.busy, s.look, s.sure, s.lost, s.kept, s.shown = false, t.look, t.sure, t.lost, t.kept, t.shown
	defer e.rest(s)
	if t.over {
		e.leaveUnsaid(s, t.view.Version, t.view.Unsaid)
	}
	if t.shown == nil {
		e.putOffView(s, t.why)
		if t.wait > 0 {
			now := time.Now()
			if s.after = now.Add(t.wait); !t.alone {
				e.wayOfView(s, t.first).rest(now, s.after)
			}
		}
		return
	}
	e.noted(s, err)
}

// wayOfView are the gates that a post or an edit goes through.
func (e *engine) wayOfView(s *viewState, first bool) way {
	if first {
		return e.gates.posting(s.lane)
	}
	return e.gates.editing(cmp.Or(alike[s.name], s.name))
}

// alike are screens that share the limit of another's edits.
var alike = map[string]string{indexName: "card", "page": "card", "group": "card"}

// noted takes over what s.shown says, once it is in the store.
func (e *engine) noted(s *viewState, err error) {
	if err != nil && !errors.Is(err, store.ErrChange) {
		e.putOffView(s, "record: "+err.Error())
		return
	}
	shown := *s.shown
	s.shown, s.tries, s.kept, s.after = nil, 0, 0, time.Time{}
	if err != nil { // a version that the store does not know: draw what it does
		e.Log.Error("outbox: the store refuses a delivery", "view", s.key, "version", shown.Version, "err", err)
		s.draft = nil
		e.putOffView(s, "refused by the store")
		return
	}
	if shown.Gone {
		if c := e.speaksIn(s.key); c != nil && s.draft != nil && s.draft.Call.Last {
			c.ended[s.key] = true
		}
		s.ref, s.done, s.sure, s.look = "", shown.Version, true, false
		if s.name == indexName {
			e.indexShown(s)
		}
		e.unseen.view(s.key) // it may be wanted anew already, though it be of the same version
		e.stale = true
		return
	}
	stood := s.ref != ""
	s.ref, s.done, s.look, s.lost = cmp.Or(shown.Ref, s.ref), shown.Version, false, false
	if !stood && s.ref != "" {
		e.cardStands(streamOf(s.key))
	}
	if s.name == indexName {
		e.indexShown(s)
	} else if c := e.besideOf(s.key); c != nil && s.draft != nil && s.done >= s.drawn {
		c.bodies[s.key] = s.draft.Body
	}
}
