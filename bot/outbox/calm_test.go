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
