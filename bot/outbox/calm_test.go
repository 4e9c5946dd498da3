package outbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// A card that an earlier process posted, and died before it could say so, is held back
// in a crowd, and then nobody has to see it any more: it is found, and says what is.
func TestQuietCardOfAnEarlierProcessIsLookedFor(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		r.arrive(40)
		r.after(3 * time.Second)
		r.same("it is crowded", len(index.standing()), 1)
		lost := "card:pd:a:0"
		for n := 1; r.view(lost).Ref != ""; n++ {
			lost = fmt.Sprintf("card:pd:a:%d", n)
		}
		r.end()
		var ref string
		r.cards.set(func() { ref = r.cards.put(lost) })
		if err := r.db.Close(); err != nil {
			t.Fatal(err)
		}
		before := r.boss
		r.open()
		r.boss.index, r.boss.quiet = before.index, before.quiet
		r.runWith(func(o *Options) {
			o.Screens["index"], o.Screens["group"], o.Receivers["slack"] = index, r.cards, channel{r.chat}
		})
		r.after(3 * time.Second)
		r.boss.set(func() { r.boss.quiet[lost] = true })
		r.card(strings.TrimPrefix(lost, "card:"))
		r.after(12 * time.Minute)
		r.same("it is known to stand", r.view(lost).Ref, ref)
		r.same("it says what is", slices.Contains(r.cards.seen(), "edit "+lost+" v2"), true)
	})
}

// Whoever comes while it is crowded puts off the calm: it lasts until nobody has come
// for a while.
func TestNewcomerPutsOffTheCalm(t *testing.T) {
	inCrowd(t, 0, func(r *rig, _ *wall) {
		r.arrive(40)
		r.after(3 * time.Minute)
		stood := r.cards.in("a")
		r.arrive(41)
		r.after(calmAfter - 10*time.Second)
		r.same("cards while it is crowded", r.cards.in("a"), stood)
		r.after(2 * time.Minute)
		r.same("cards when it is calm", r.cards.in("a"), 41)
	})
}

// The edits of what stands beside an index count with those of cards.
func TestGroupsShareTheEditsOfCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.runWith(func(o *Options) { o.Screens["group"] = r.cards })
		all := func() {
			var groups []string
			for n := range 8 {
				r.card(fmt.Sprintf("pd:a:%d", n))
				groups = append(groups, fmt.Sprintf("group:%d:C1", n))
			}
			r.commit(store.BotStream, store.Change{Events: []store.NewEvent{{Kind: "news"}}, Views: groups})
		}
		all()
		r.after(time.Minute)
		r.same("what stands", len(r.cards.standing()), 16)
		all()
		r.after(500 * time.Millisecond)
		r.same("edits at once", len(r.cards.seen())-16, 10)
		r.after(time.Minute)
		r.same("edits", len(r.cards.seen())-16, 16)
	})
}

// What people are called about was decided since its card was drawn, when nobody had to
// see that: they are called, also where the crowd is over in that moment.
func TestCallIsSaidThoughTheCardWasQuiet(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		r.boss.set(func() { r.boss.quiet["card:pd:a:39"] = true })
		r.arrive(40)
		r.after(10 * time.Second)
		r.same("it is held back", r.view("card:pd:a:39").Ref, "")
		r.boss.set(func() { r.boss.quiet["card:pd:a:39"] = false })
		r.card("pd:a:39")
		r.chat.set(func(Act) Result { return Result{State: Again} })
		r.call("pd:a:39")
		r.after(6 * time.Minute)
		r.chat.set(nil)
		r.after(5 * time.Minute)
		kinds := r.kinds("pd:a:39")
		r.same("people are called", kinds[len(kinds)-1], "done")
		r.same("it stands", r.view("card:pd:a:39").Ref != "", true)
	})
}

// People are being called in the thread of the index while the crowd ends, and it fails.
// Nobody has to see the card any more, so there is no thread for it: it is left, and not
// tried for ever.
func TestCallUnderWayWhenTheCrowdEndsIsLeft(t *testing.T) {
	for name, first := range map[string]State{"it was not said": Again, "nobody knows": Unknown} {
		t.Run(name, func(t *testing.T) {
			inCrowd(t, 0, func(r *rig, index *wall) {
				r.chat.slow = func(act Act) time.Duration {
					if act.Tries == 0 {
						return 25 * time.Second
					}
					return 0
				}
				r.chat.set(func(act Act) Result {
					switch {
					case act.Tries == 0:
						return Result{State: first}
					case act.Card == "":
						return Result{State: Again, Why: "There is no card yet."}
					}
					return Result{State: Done}
				})
				r.arrive(40)
				r.after(calmAfter - 10*time.Second)
				const held = "pd:a:39"
				r.same("it is held back", r.view("card:"+held).Ref, "")
				r.boss.set(func() { r.boss.quiet["card:"+held] = true })
				r.call(held)
				r.card(held)
				r.after(10 * time.Minute)
				kinds := r.kinds(held)
				r.same("what becomes of it", kinds[len(kinds)-1], "refused")
				r.same("pending", r.pending(), 0)
			})
		})
	}
}

// The last of an index is refused, as whoever speaks was sent out of the channel. It is
// forgotten all the same: when there is a crowd again, another index is posted.
func TestIndexWhoseLastIsRefusedIsForgotten(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		r.arrive(40)
		r.after(3 * time.Second)
		index.set(func() {
			index.script = func(v View) (Result, bool) { return Result{State: Refused, Ref: v.Ref}, v.Call.Last }
		})
		r.after(20 * time.Minute)
		r.same("crowds", len(r.crowds()), 0)
		index.set(func() { index.script = nil })
		r.arrive(80)
		r.after(3 * time.Second)
		r.same("indexes", len(index.standing()), 2)
	})
}
