package outbox

import (
	"fmt"
	"testing"
	"time"

	"amsbot/store"
)

// The disk takes nothing when what stands beside an index is to have its last version:
// it is tried again, and not again and again within one moment.
func TestViewsBesideAnIndexWaitForTheDisk(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const group = "group:1:C1"
		r.boss.set(func() {
			r.boss.beside = []string{group}
			r.boss.drew = func(v View) {
				if v.Call.Last && !v.Skip {
					r.boss.drew = nil
					r.disk.refuse(1000)
				}
			}
		})
		r.arrive(40)
		for r.disk.left() == 0 && time.Since(r.start) < time.Hour {
			r.after(time.Second)
		}
		r.after(10 * time.Second)
		if tried := 1000 - r.disk.left(); tried == 0 || tried > 100 {
			t.Errorf("%d commits in 10 s", tried)
		}
		r.disk.refuse(0)
		r.after(10 * time.Minute)
		if state, known, err := r.db.View(t.Context(), group); known || err != nil {
			t.Errorf("it never has its last version: %+v, %v", state, err)
		}
		r.same("crowds", len(r.crowds()), 0)
	})
}

// The process ends in a crowd in which nothing happens any more. What stands beside the
// index has its last version all the same: else it would be edited where it stands, in
// the thread of this index, when there is a crowd again.
func TestViewsBesideAnIndexOfAnEarlierProcessEnd(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const page = "group:page:C1"
		r.boss.set(func() { r.boss.pages = []string{page} })
		r.arrive(40)
		r.after(time.Minute)
		r.same("it stands", r.view(page).Ref != "", true)
		r.inCrowdAgain(index)
		r.after(15 * time.Minute)
		r.same("crowds", len(r.crowds()), 0)
		if state, known, err := r.db.View(t.Context(), page); known || err != nil {
			t.Errorf("it never has its last version: %+v, %v", state, err)
		}
	})
}

// Somebody asked for a card, and the process ended before it stood: it stands all the
// same, however crowded it is and though the index says nothing new.
func TestCardThatAnEarlierProcessWasAskedForIsShown(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		r.arrive(40)
		r.after(10 * time.Second)
		const card = "card:pd:a:39"
		r.same("it is held back", r.view(card).Ref, "")
		r.cards.set(func() {
			r.cards.script = func(v View) (Result, bool) { return Result{State: Again}, v.Key == card }
		})
		r.boss.set(func() { r.boss.asked = []string{card} })
		r.commit(store.BotStream, store.Change{Events: []store.NewEvent{{Kind: "asked"}}, Views: []string{"index:C1"}})
		r.after(10 * time.Second)
		r.same("the index is due", r.view("index:C1").Due(), false)
		r.inCrowdAgain(index)
		r.cards.set(func() { r.cards.script = nil })
		r.after(10 * time.Second)
		r.same("it stands", r.view(card).Ref != "", true)
	})
}

// The first post of a group card got no answer, and Slack none until its crowd was over.
// It is looked for: where it stands, it says that it is over.
func TestGroupThatMayStandHasItsLastVersion(t *testing.T) {
	for name, stands := range map[string]bool{"it stands": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			inCrowd(t, 0, func(r *rig, index *wall) {
				const group = "group:1:C1"
				posted, away := false, true
				var said []string
				r.boss.set(func() { r.boss.beside = []string{group} })
				r.cards.set(func() {
					r.cards.script = func(v View) (Result, bool) {
						if v.Key != group {
							return Result{}, false
						}
						if !away {
							said = append(said, fmt.Sprint(v.Ref != "", v.Call.Last))
							return Result{}, false
						}
						if stands && !posted {
							r.cards.put(v.Key)
						}
						posted = true
						return Result{State: Unknown}, true
					}
				})
				r.arrive(40)
				r.after(6 * time.Minute)
				r.cards.set(func() { away = false })
				r.after(10 * time.Minute)
				want := []string{}
				if stands {
					want = []string{"true true"} // an edit, the last
				}
				r.same("what is shown", said, want)
				if state, known, err := r.db.View(t.Context(), group); known || err != nil {
					t.Errorf("it is not forgotten: %+v, %v", state, err)
				}
				r.same("crowds", len(r.crowds()), 0)
			})
		})
	}
}

// Slack takes no edit of a group card while its crowd ends, and the process is killed
// meanwhile: the crowd is not settled before the card says that it is over.
func TestCrowdIsNotSettledBeforeWhatStandsBeside(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const group = "group:1:C1"
		r.boss.set(func() { r.boss.beside = []string{group} })
		r.arrive(40)
		r.after(time.Minute)
		r.same("it stands", r.view(group).Ref != "", true)
		r.cards.set(func() {
			r.cards.script = func(v View) (Result, bool) { return Result{State: Again}, v.Key == group }
		})
		r.after(7 * time.Minute)
		r.same("the index is gone", r.view("index:C1").Ref, "")
		r.inCrowdAgain(index)
		r.after(7 * time.Minute)
		r.cards.set(func() { r.cards.script = nil })
		r.after(7 * time.Minute)
		if state, known, err := r.db.View(t.Context(), group); known || err != nil {
			t.Errorf("it never has its last version: %+v, %v", state, err)
		}
		r.same("crowds", len(r.crowds()), 0)
	})
}

// A crowd begins anew just after one was over: what stood beside its index had its last
// version, and is drawn at once, as all that is new there.
func TestViewBesideTheNextIndexStandsAtOnce(t *testing.T) {
	inCrowd(t, 0, func(r *rig, index *wall) {
		const group, late = "group:1:C1", "group:2:C1"
		r.boss.set(func() { r.boss.beside = []string{group, late} })
		r.arrive(40)
		r.after(time.Minute)
		r.cards.set(func() {
			r.cards.script = func(v View) (Result, bool) { return Result{State: Again}, v.Key == late }
		})
		for r.view(group).Ref != "" && time.Since(r.start) < time.Hour {
			r.after(time.Second)
		}
		r.arrive(80)
		r.after(6 * time.Second)
		r.same("indexes", len(index.standing()), 2)
		r.same("it stands", r.view(group).Ref != "", true)
	})
}
