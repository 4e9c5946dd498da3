package outbox

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

const key = "card:pd:a:1"

func TestCardIsPostedAndEdited(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.card("pd:a:1")
		r.after(time.Second)
		r.card("pd:a:1")
		r.after(time.Second)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1", "edit " + key + " v2"})
		v := r.view(key)
		r.same("state", v, store.ViewState{Key: key, Ref: key + "@1", Wanted: 2, Delivered: 2, WantedEpoch: 1})
	})
}

func TestEditsAreMerged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.cards.slow = 2 * time.Second
		for range 20 {
			r.card("pd:a:1")
			r.after(100 * time.Millisecond)
		}
		r.after(10 * time.Second)
		calls := r.cards.seen()
		if len(calls) > 3 || calls[len(calls)-1] != "edit "+key+" v20" {
			t.Errorf("20 changes in 2 s, each call takes 2 s: %v", calls)
		}
	})
}

func TestNewestVersionIsShown(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.cards.script = func(View) (Result, bool) {
			return Result{State: Again, After: time.Minute}, time.Since(r.start) < time.Minute
		}
		for range 5 {
			r.card("pd:a:1")
			r.after(time.Second)
		}
		r.after(2 * time.Minute)
		r.same("calls", r.cards.seen(), []string{"post " + key + " v1", "post " + key + " v5"})
	})
}

func TestFirstCardsComeAtOncePerSecond(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 12 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(50 * time.Millisecond)
		r.same("a burst", len(r.cards.seen()), 4)
		r.after(3100 * time.Millisecond)
		r.same("then one a second", len(r.cards.seen()), 7)
		r.after(10 * time.Second)
		r.same("and all", len(r.cards.standing()), 12)
	})
}

func TestUrgentCardsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{PostBurst: 1}
		r.run()
		r.boss.set(func() { r.boss.urgency["card:pd:a:8"], r.boss.urgency["card:pd:a:9"] = -1, -2 })
		for i := range 10 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(2500 * time.Millisecond)
		r.same("after the first", r.cards.seen()[1:], []string{"post card:pd:a:9 v1", "post card:pd:a:8 v1"})
	})
}

func TestUrgencyRisesWhileACardWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 20 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(time.Second / 2)
		r.boss.set(func() { r.boss.urgency["card:pd:a:19"] = -1 })
		r.card("pd:a:19")
		r.after(time.Second)
		calls := r.cards.seen()
		r.same("the next one", calls[len(calls)-1], "post card:pd:a:19 v2")
	})
}

func TestEditsKeepTheirLimitAndDoNotHoldUpFirstCards(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 30 {
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = name })
			r.card(name)
		}
		r.after(time.Minute)
		before := len(r.cards.seen())
		for i := range 30 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(100 * time.Millisecond)
		r.same("a burst of edits", len(r.cards.seen())-before, 10)
		r.card("pd:a:new")
		r.after(100 * time.Millisecond)
		calls := r.cards.seen()
		r.same("a new card needs no edit's turn", calls[len(calls)-1], "post card:pd:a:new v1")
		r.after(16 * time.Second)
		r.same("38 a minute", len(r.cards.seen())-before-1, 20)
	})
}

func TestLanesAreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{Edit: 1, EditBurst: 1}
		r.run()
		for i := range 10 {
			lane := "noisy"
			if i == 9 {
				lane = "quiet"
			}
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = lane })
			r.card(name)
		}
		r.after(time.Minute)
		before := len(r.cards.seen())
		for i := range 10 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(2500 * time.Millisecond)
		if calls := r.cards.seen()[before:]; !slices.Contains(calls, "edit card:pd:a:9 v2") {
			t.Errorf("the quiet lane waits behind the noisy one: %v", calls)
		}
	})
}

func TestLanesShareABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{Edit: 1, EditBurst: 4} // half of it is left after the 429
		r.run()
		for i := range 10 {
			lane := "noisy"
			if i == 9 {
				lane = "quiet"
			}
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = lane })
			r.card(name)
		}
		r.after(time.Minute)
		began := time.Now()
		r.cards.set(func() {
			r.cards.script = func(View) (Result, bool) {
				return Result{State: Again, After: 10 * time.Second}, time.Since(began) < 5*time.Second
			}
		})
		r.card("pd:a:9") // the quiet lane had its turn last, and the screen rests
		r.after(time.Second)
		for i := range 9 {
			r.card(fmt.Sprintf("pd:a:%d", i))
		}
		r.after(8 * time.Second)
		before := len(r.cards.seen())
		r.after(1500 * time.Millisecond)
		if calls := r.cards.seen()[before:]; len(calls) != 2 || !slices.Contains(calls, "edit card:pd:a:9 v2") {
			t.Errorf("two may go when the screen has rested, one of each lane: %v", calls)
		}
	})
}

func TestHungLaneLeavesRoomForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{PostBurst: 100}
		r.cards.slow = 20 * time.Second
		r.run()
		for i := range 20 {
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = "hung" })
			r.card(name)
		}
		r.after(time.Second)
		r.same("half of the calls", len(r.cards.seen()), 4)
		r.cards.set(func() { r.cards.lane["card:pd:a:new"] = "other" })
		r.card("pd:a:new")
		r.after(time.Second)
		r.same("and room for another lane", r.cards.seen()[4:], []string{"post card:pd:a:new v1"})
	})
}

func TestWorkspaceHasALimitOfItsOwn(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		for i := range 60 {
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = name })
			r.card(name)
		}
		r.after(2 * time.Second)
		if n := len(r.cards.standing()); n < 20 || n > 31 {
			t.Errorf("%d new cards in 2 s, each in a channel of its own", n)
		}
		r.after(10 * time.Second)
		r.same("all", len(r.cards.standing()), 60)
	})
}

func TestLaneThatIsToldToWaitRests(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		told := false
		r.cards.script = func(v View) (Result, bool) {
			if v.Key == key && !told {
				told = true
				return Result{State: Again, After: 30 * time.Second}, true
			}
			return Result{}, false
		}
		for name, lane := range map[string]string{"pd:a:1": "one", "pd:a:2": "one", "pd:a:3": "two"} {
			r.cards.set(func() { r.cards.lane["card:"+name] = lane })
		}
		r.card("pd:a:1")
		r.after(time.Second)
		r.card("pd:a:2")
		r.card("pd:a:3")
		r.after(28 * time.Second)
		r.same("lane one rests", r.cards.seen(), []string{"post " + key + " v1", "post card:pd:a:3 v1"})
		r.after(2 * time.Second)
		r.same("then it goes on", len(r.cards.standing()), 3)
	})
}

func TestPacedActsShareTheLaneOfCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.cards.lane = map[string]string{}
		r.runWith(func(o *Options) { o.Receivers["slack"] = channel{r.chat} })
		for i := range 8 {
			name := fmt.Sprintf("pd:a:%d", i)
			r.cards.set(func() { r.cards.lane["card:"+name] = "C1" })
			r.card(name)
			r.want(name, "slack", "post")
		}
		r.after(500 * time.Millisecond)
		r.same("four in all", len(r.cards.seen())+len(r.chat.seen()), 4)
		r.after(20 * time.Second)
		r.same("all", len(r.cards.standing())+len(r.chat.seen()), 16)
	})
}

// channel is a place whose acts post in a channel.
type channel struct{ *place }

func (channel) Lane(Act) string { return "C1" }
