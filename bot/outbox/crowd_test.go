package outbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// drawIndex draws an index as it is known to be: crowded or calm.
func (b *boss) drawIndex(ctx context.Context, key string) (View, error) {
	var c Crowd
	known := false
	err := b.db.Read(ctx, store.BotStream, func(v *store.View) (err error) {
		known, err = v.Guard(CrowdGuard(key), &c)
		return err
	})
	if err != nil {
		return View{}, err
	}
	state, _, err := b.db.View(ctx, key)
	return View{Key: key, Version: state.Wanted, Skip: !known, Body: c.Over, Call: CrowdView{Last: !known || c.Over}}, err
}

// inCrowd is a rig with so many cards in one lane and a few in another.
func inCrowd(t *testing.T, cards int, test func(r *rig, index *wall)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		index := &wall{rig: r, lane: map[string]string{"index:C1": "C1"}}
		r.boss.index, r.boss.quiet = map[string]string{}, map[string]bool{}
		for n := range cards {
			key := fmt.Sprintf("card:pd:a:%d", n)
			r.cards.lane[key], r.boss.index[key], r.boss.quiet[key] = "C1", "index:C1", n%2 == 1
		}
		for n := range 3 {
			key := fmt.Sprintf("card:pd:b:%d", n)
			r.cards.lane[key], r.boss.index[key] = "C2", "index:C2"
		}
		r.runWith(func(o *Options) { o.Screens["index"], o.Receivers["slack"] = index, channel{r.chat} })
		for n := range cards {
			r.card(fmt.Sprintf("pd:a:%d", n))
		}
		for n := range 3 {
			r.card(fmt.Sprintf("pd:b:%d", n))
		}
		test(r, index)
	})
}

func (w *wall) in(lane string) (n int) {
	for _, ref := range w.standing() {
		if strings.HasPrefix(ref, "card:pd:"+lane) {
			n++
		}
	}
	return n
}

func TestCrowdedLaneHasAnIndex(t *testing.T) {
	inCrowd(t, 40, func(r *rig, index *wall) {
		r.after(2 * time.Second)
		r.same("indexes", len(index.standing()), 1)
		r.same("the other lane", r.cards.in("b"), 3)
		for n := range 40 {
			r.want(fmt.Sprintf("pd:a:%d", n), "slack", "reply")
		}
		r.after(2 * time.Minute)
		stood := r.cards.in("a")
		if stood > 10 {
			r.t.Errorf("%d cards stand in the crowd", stood)
		}
		r.same("replies are those of cards", len(r.chat.seen()), stood)
		r.after(5 * time.Minute)
		calls := index.seen()
		r.same("it ends", strings.HasPrefix(calls[len(calls)-1], "edit "), true)
		if state, ok, err := r.db.View(r.t.Context(), "index:C1"); ok || err != nil {
			r.t.Errorf("the index is not forgotten: %+v, %v", state, err)
		}
		for n := range 40 { // those that nobody has to see do not stand, unless they did before
			key := fmt.Sprintf("card:pd:a:%d", n)
			if ref := r.view(key).Ref; ref == "" && n%2 == 0 {
				r.t.Errorf("%s does not stand", key)
			}
		}
		r.same("pending", r.pending(), 0)
		if n := r.cards.in("a"); n < 20 || n > 20+stood {
			r.t.Errorf("%d cards stand at the end", n)
		}
		r.same("nothing more is said", len(r.chat.seen()), stood)
	})
}

// Few cards are no crowd, whatever else stands there.
func TestFewCardsAreNoCrowd(t *testing.T) {
	inCrowd(t, 9, func(r *rig, index *wall) {
		r.after(time.Minute)
		r.same("indexes", len(index.seen()), 0)
		r.same("cards", r.cards.in("a"), 9)
	})
}

// An index that has said its last word is wanted once more, by what was decided
// before: it stands already, and no second one is posted.
func TestIndexEndsOnce(t *testing.T) {
	inCrowd(t, 40, func(r *rig, index *wall) {
		r.after(2 * time.Second)
		for ends := time.Now().Add(time.Hour); ; r.after(time.Second) {
			if _, known, err := r.db.View(r.t.Context(), "index:C1"); err != nil || time.Now().After(ends) {
				r.t.Fatalf("the index never ends: %v", err)
			} else if !known {
				break
			}
		}
		before := len(index.seen())
		r.commit(store.BotStream, store.Change{Views: []string{"index:C1"}})
		r.after(10 * time.Second)
		r.same("calls", index.seen()[before:], []string{})
		if state, ok, err := r.db.View(r.t.Context(), "index:C1"); ok || err != nil {
			r.t.Errorf("the index is not forgotten: %+v, %v", state, err)
		}
	})
}
