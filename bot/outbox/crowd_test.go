package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	b.mu.Lock()
	defer b.mu.Unlock()
	v := View{Key: key, Version: state.Wanted, Skip: !known, Body: fmt.Sprint(c.Over, b.asked), Call: CrowdView{Last: !known || c.Over, Beside: b.beside, Cards: b.asked}}
	if !c.Over {
		v.Call.Beside = append(slices.Clone(b.beside), b.pages...)
	}
	if b.drew != nil {
		b.drew(v)
	}
	return v, err
}

// arrive has the first so many cards wanted in the lane C1, unless they were.
func (r *rig) arrive(cards int) {
	for n := range cards {
		key := fmt.Sprintf("card:pd:a:%d", n)
		known := false
		r.boss.set(func() {
			if _, known = r.boss.index[key]; !known {
				r.boss.index[key] = "index:C1"
			}
		})
		if !known {
			r.cards.set(func() { r.cards.lane[key] = "C1" })
			r.card(fmt.Sprintf("pd:a:%d", n))
		}
	}
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
		r.runWith(func(o *Options) {
			o.Screens["index"], o.Screens["group"], o.Receivers["slack"] = index, r.cards, channel{r.chat}
		})
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

// What stands beside an index may be wanted before the index itself stands.
func TestViewBesideAnIndexThatDoesNotStand(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const group = "group:1:C1"
		r.boss.set(func() { r.boss.beside = []string{group} })
		index.set(func() { index.script = func(View) (Result, bool) { return Result{State: Again}, true } })
		r.arrive(40)
		r.after(3 * time.Second)
		r.same("indexes", len(index.standing()), 0)
		r.commit(store.BotStream, store.Change{Views: []string{group}})
		r.after(3 * time.Second)
		r.same("it stands", r.view(group).Ref != "", true)
		index.set(func() { index.script = nil })
		r.after(2 * time.Minute)
		r.same("the index, too", len(index.standing()), 1)
	})
}

// A card that has come to belong elsewhere is none of the crowd's any more: what is
// said in its thread is not left unsaid when the crowd is over.
func TestCardThatLeavesALane(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const left, card = "pd:a:0", "card:pd:a:0"
		slow := func(v View) (Result, bool) { return Result{State: Again}, v.Key == card }
		r.cards.set(func() { r.cards.script = slow })
		r.arrive(1)
		r.after(2 * time.Second)
		r.boss.set(func() { r.boss.index[card] = "index:C2" })
		r.cards.set(func() { r.cards.lane[card], r.cards.script = "C2", nil })
		r.card(left)
		r.after(10 * time.Second)
		r.same("it stands", r.view(card).Ref != "", true)

		r.arrive(40)
		r.after(5 * time.Second)
		r.same("it is crowded where it was", len(index.standing()), 1)
		r.chat.set(func(Act) Result { return Result{State: Again} })
		r.want(left, "slack", "reply")
		r.after(6 * time.Minute)
		r.chat.set(nil)
		r.after(2 * time.Minute)
		r.same("what was said", r.kinds(left), []string{"news", "news", "wanted", "done"})
		r.same("crowds", len(r.crowds()), 0)
	})
}

// A card whose first post got no answer may stand. Nobody has to see it any more,
// but whoever does is not to see what is long over.
func TestQuietCardThatMayStandIsLookedFor(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		var lost, ref string
		cut := func(v View) (Result, bool) {
			if lost != "" || !strings.HasPrefix(v.Key, "card:pd:a:") {
				return Result{}, false
			}
			lost, ref = v.Key, r.cards.put(v.Key)
			return Result{State: Unknown}, true
		}
		r.cards.set(func() { r.cards.script = cut })
		r.arrive(40)
		r.after(3 * time.Second)
		r.boss.set(func() { r.boss.quiet[lost] = true })
		r.card(strings.TrimPrefix(lost, "card:"))
		r.after(12 * time.Minute)
		r.same("it is known to stand", r.view(lost).Ref, ref)
		calls := r.cards.seen()
		r.same("it says what is", slices.Contains(calls, "edit "+lost+" v2"), true)
	})
}

// The same of one that does not stand, which the neighbour refused and did not say so:
// it is looked for, and not posted, for nobody has to see it any more.
func TestQuietCardThatDoesNotStandIsPassedOver(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		first := r.unanswered()
		r.arrive(40)
		r.after(3 * time.Second)
		lost := *first
		incident := strings.TrimPrefix(lost, "card:")
		r.boss.set(func() { r.boss.quiet[lost] = true })
		r.card(incident)
		r.after(10 * time.Minute)
		r.cards.set(func() { r.cards.script = nil })
		r.card(incident)
		r.after(10 * time.Minute)
		r.same("where it stands", r.view(lost).Ref, "")
		r.same("it is due", r.view(lost).Due(), false)
	})
}

// While it is looked for its incident begins anew: what is said then is said, and the
// card is posted.
func TestQuietCardComesBackWhileItIsLookedFor(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		first := r.unanswered()
		r.chat.set(func(act Act) Result {
			if act.Card == "" {
				return Result{State: Again}
			}
			return Result{State: Done}
		})
		r.arrive(40)
		r.after(3 * time.Second)
		lost := *first
		incident := strings.TrimPrefix(lost, "card:")
		looked := false
		r.cards.set(func() {
			r.cards.find = func(v View) {
				if v.Key != lost || looked || time.Since(r.start) < calmAfter { // the crowd is not over
					return
				}
				looked = true
				r.cards.set(func() { r.cards.script = nil })
				time.Sleep(10 * time.Second)
				r.boss.set(func() { r.boss.quiet[lost] = false })
				r.want(incident, "slack", "reply")
				r.card(incident)
				time.Sleep(time.Second)
			}
		})
		r.boss.set(func() { r.boss.quiet[lost] = true })
		r.card(incident)
		r.after(20 * time.Minute)
		r.same("it was looked for", looked, true)
		r.same("it stands", r.view(lost).Ref != "", true)
		kinds := r.kinds(incident)
		r.same("what was said", kinds[len(kinds)-1], "done")
	})
}

// unanswered has the posts of one card get no answer, and not happen, until the cards
// have another script: of the one that is tried first, whose key is known then.
func (r *rig) unanswered() (card *string) {
	card = new(string)
	r.cards.set(func() {
		r.cards.script = func(v View) (Result, bool) {
			if strings.HasPrefix(v.Key, "card:pd:a:") && (*card == "" || *card == v.Key) {
				*card = v.Key
				return Result{State: Unknown}, true
			}
			return Result{}, false
		}
	})
	return card
}

// crowds are the lanes that are known to be crowded, or to have been.
func (r *rig) crowds() (guards map[string]json.RawMessage) {
	r.t.Helper()
	err := r.db.Read(r.t.Context(), store.BotStream, func(v *store.View) (err error) {
		guards, err = v.Guards(crowdGuards)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return guards
}
