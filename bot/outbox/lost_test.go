package outbox

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

func TestUnknownPostIsLookedFor(t *testing.T) {
	for name, c := range map[string]struct {
		stands int // how many copies the lost answers left behind
		calls  []string
	}{
		"it is not there": {0, []string{"post " + key + " v1", "find " + key, "post " + key + " v1"}},
		"it is there":     {1, []string{"post " + key + " v1", "find " + key, "edit " + key + " v1"}},
		"three are there": {3, []string{"post " + key + " v1", "find " + key, "edit " + key + " v1", "remove " + key + "@3", "remove " + key + "@2"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				first := true
				r.cards.script = func(v View) (Result, bool) {
					if !first {
						return Result{}, false
					}
					first = false
					for range c.stands {
						r.cards.put(v.Key)
					}
					return Result{State: Unknown}, true
				}
				r.card("pd:a:1")
				r.after(time.Minute)
				r.same("calls", r.cards.seen(), c.calls)
				r.same("what stands", r.cards.standing(), []string{key + "@1"})
				r.same("known as", r.view(key).Ref, key+"@1")
			})
		})
	}
}

func TestDuplicateThatCannotBeRemovedIsTriedAgain(t *testing.T) {
	for stuck, stays := range map[int][]string{2: {key + "@1"}, 50: {key + "@1", key + "@2"}} {
		t.Run(fmt.Sprint(stuck), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				first := true
				r.cards.stuck = stuck
				r.cards.script = func(v View) (Result, bool) {
					if !first {
						return Result{}, false
					}
					first = false
					r.cards.put(v.Key)
					r.cards.put(v.Key)
					return Result{State: Unknown}, true
				}
				r.card("pd:a:1")
				r.after(2 * time.Minute)
				r.same("what stands", r.cards.standing(), stays)
				r.same("known as", r.view(key).Ref, key+"@1")
				r.card("pd:a:1")
				r.after(2 * time.Second)
				calls := r.cards.seen()
				r.same("it goes on", calls[len(calls)-1], "edit "+key+" v2")
			})
		})
	}
}

// Who was told to wait, or got no answer, was not refused: the duplicate goes in the
// end, and the card changes all the same.
func TestDuplicateThatCannotBeRemovedNowIsRemovedLater(t *testing.T) {
	for name, c := range map[string]struct {
		wrong error
		stuck int
	}{
		"told to wait":           {&Wait{After: 10 * time.Minute, Err: errors.New("slow down")}, 10},
		"told, and not how long": {&Wait{Err: errors.New("slow down")}, 10},
		"no answer":              {ErrDown, 10},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				r.cards.stuck, r.cards.wrong = c.stuck, c.wrong
				lost := 0
				r.cards.script = func(v View) (Result, bool) {
					if lost++; lost > 1 {
						return Result{}, false
					}
					r.cards.put(v.Key)
					r.cards.put(v.Key)
					return Result{State: Unknown}, true
				}
				r.card("pd:a:1")
				r.after(2 * time.Second)
				r.card("pd:a:1")
				r.after(2 * time.Minute)
				if calls := r.cards.seen(); !slices.Contains(calls, "edit "+key+" v2") {
					t.Errorf("the card does not change: %v", calls)
				}
				r.after(20 * time.Minute)
				r.same("what stands", r.cards.standing(), []string{key + "@1"})
				if v := r.view(key); v.Due() || v.Ref != key+"@1" {
					t.Errorf("%+v", v)
				}
			})
		})
	}
}

// What went wrong before there was anything to remove is no refusal to remove it.
func TestOnlyRefusedRemovalsAreCounted(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.cards.stuck = 2
		tries := 0
		r.cards.script = func(v View) (Result, bool) {
			switch tries++; {
			case tries < 6:
				return Result{State: Again}, true
			case tries > 6:
				return Result{}, false
			}
			r.cards.put(v.Key)
			r.cards.put(v.Key)
			return Result{State: Unknown}, true
		}
		r.card("pd:a:1")
		r.after(10 * time.Minute)
		r.same("what stands", r.cards.standing(), []string{key + "@1"})
	})
}

func TestCardOfAnEarlierProcessIsLookedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.end()
		r.card("pd:a:1")
		r.card("pd:a:2")
		r.cards.put(key) // posted, and the process died before it could say so
		r.again()
		r.after(time.Second)
		calls := r.cards.seen()
		slices.Sort(calls)
		r.same("calls", calls, []string{"edit " + key + " v1", "find " + key, "find card:pd:a:2", "post card:pd:a:2 v1"})
		r.same("what stands", r.cards.standing(), []string{key + "@1", "card:pd:a:2@2"})
	})
}

func TestCardOfAnEarlierProcessIsLookedForAlsoWhenItIsWantedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.card("pd:a:1")
		r.cards.put(key)
		if err := r.db.Close(); err != nil {
			t.Fatal(err)
		}
		r.open()
		r.card("pd:a:1") // now the wish is of this epoch
		r.run()
		r.after(time.Second)
		r.same("calls", r.cards.seen(), []string{"find " + key, "edit " + key + " v2"})
	})
}

func TestHomeOfAnEarlierProcessIsLookedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.end()
		r.commit(store.BotStream, store.Change{Events: []store.NewEvent{{Kind: "opened"}}, Views: []string{"home:U1"}})
		r.again()
		r.after(time.Second)
		r.same("calls", r.home.seen(), []string{"find home:U1", "post home:U1 v1"})
	})
}

func TestCardIsShownAnewWhereItIsGone(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.card("pd:a:1")
		r.after(time.Second)
		r.cards.set(func() { r.cards.up = []string{"something"} })
		r.card("pd:a:1")
		r.after(time.Second)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1", "edit " + key + " v2", "post " + key + " v2"})
		r.same("known as", r.view(key).Ref, key+"@2")
		r.after(time.Hour)
		r.same("once", len(r.cards.seen()), 3)
	})
}

func TestRefusedVersionIsNotTriedAgainAndTheNextOneIs(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.cards.script = func(v View) (Result, bool) {
			return Result{State: Refused, Why: "No such channel."}, v.Body == uint64(1)
		}
		r.card("pd:a:1")
		r.after(time.Hour)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1"})
		r.card("pd:a:1")
		r.after(time.Second)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1", "post " + key + " v2"})
	})
}

func TestSkippedViewIsDelivered(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.boss.set(func() { r.boss.skip[key] = true })
		r.card("pd:a:1")
		r.after(time.Minute)
		r.same("calls", r.cards.seen(), []string(nil))
		r.same("draws", r.boss.draws, []string{key})
		if v := r.view(key); v.Wanted > v.Delivered {
			t.Errorf("still wanted: %+v", v)
		}
	})
}

func TestDrawThatFailsIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.boss.fail = 4
		r.card("pd:a:1")
		r.after(time.Minute)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1"})
	})
}

func TestHomeIsRecordedInTheBotsStream(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.commit(store.BotStream, store.Change{Events: []store.NewEvent{{Kind: "opened"}}, Views: []string{"home:U1", "nobody:shows"}})
		r.after(time.Second)
		r.same("calls", r.home.seen(), []string{"post home:U1 v1"})
		r.same("state", r.view("home:U1").Delivered, 1)
	})
}
