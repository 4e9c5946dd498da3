package bot

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// All that a storm had waited for is seen to, and another incident joins: the card
// is drawn before that one is on offer, and offers nothing to press.
func TestStormCardBetweenTwoEvents(t *testing.T) {
	s := newTale(t, 1)
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	s.add(kindCame, came{Incident: "pd:shop:Q1", State: stormLeft})
	s.join(2, 2)
	if c := renderStorm(s.events, pauses{}, words.In("en")); len(c.Buttons) != 0 {
		t.Errorf("it offers %v for nobody", c.Buttons)
	}
}

// An incident was looked at, then reopened, held once more and joined again: what
// it looked like before is not what came of it, and it does not run either.
func TestStormLookedTooEarly(t *testing.T) {
	for _, state := range []string{stormLeft, stormGood, stormRuns} {
		s := newTale(t, 2)
		before := s.fold().seq
		s.join(1, 1)
		if got := s.next(map[string]ran{"pd:shop:Q1": {state: state, at: before}}); len(got.came) != 0 {
			t.Errorf("%s: %+v", state, got.came)
		}
	}
}

// Somebody presses while a storm looks at its incidents: who may do it was not
// asked yet, so it is neither carried out nor stopped.
func TestStormPressedMeanwhile(t *testing.T) {
	s := newTale(t, 2)
	s.press()
	b := loaded(t, twoShops())
	if _, err := b.DB.Commit(t.Context(), "storm:east/web:1", func(v *store.View) (store.Change, error) {
		c := &stormChange{view: v, storm: s.fold(), now: s.now, w: words.In("en")}
		c.carry(nextStorm(c.storm, nil, c.now), decider{})
		if len(c.out.Events) != 0 {
			t.Errorf("it writes %v", c.out.Events)
		}
		return store.Change{}, nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A canary that was well before anything ran shows nothing about the recovery,
// nor does one that somebody resolved: the next goes alone, too.
func TestStormNeedsAProof(t *testing.T) {
	s := newTale(t, 4)
	s.press()
	for n := 1; n < 4; n++ {
		got := s.next(nil)
		if len(got.batch) != 1 || !got.canary {
			t.Fatalf("after %d that were well: %+v", n-1, got)
		}
		s.add(kindSent, sent{Incidents: got.batch, Canary: true})
		s.add(kindCame, came{Incident: got.batch[0], State: stormGood})
	}
}

// What holds one target is its own card's business; what holds all ends the
// decision, and none of them drops out of it.
func TestStormHeldByOtherGuards(t *testing.T) {
	s := newTale(t, 3)
	s.press()
	s.add(kindSent, sent{Incidents: []string{"pd:shop:Q1"}, Canary: true})
	s.add(kindCame, came{Incident: "pd:shop:Q1", State: stormGuarded})
	if got := s.next(nil); !slices.Equal(got.batch, []string{"pd:shop:Q2"}) || got.stop != "" {
		t.Fatalf("after a cooldown: %+v", got)
	}
	s.add(kindSent, sent{Incidents: []string{"pd:shop:Q2"}, Canary: true})
	s.add(kindCame, came{Incident: "pd:shop:Q2", State: stormWaits, Words: "paused"})
	if got := s.next(nil); got.stop != "pd:shop:Q2" {
		t.Fatalf("after a pause: %+v", got)
	}
	s.add(kindStopped, stopped{Why: "paused"})
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	if got := stormNames(s.fold().named(s.fold().offers[1].seq)); got != "#2 web-2, #3 web-3" {
		t.Errorf("the next press is about %s", got)
	}
}

// People are told once while anybody waits, and again of who joins after a
// decision: nobody looks at a card that was done with.
func TestStormTellsAgain(t *testing.T) {
	s := newTale(t, 2)
	s.join(3, 9)
	if got := s.next(nil); got.tell {
		t.Error("it tells of everybody who joins")
	}
	s.press()
	s.join(10, 10)
	s.now = s.now.Add(time.Minute)
	for n := 1; n <= 9; n++ {
		s.add(kindSent, sent{Incidents: []string{fmt.Sprint("pd:shop:Q", n)}})
		s.add(kindCame, came{Incident: fmt.Sprint("pd:shop:Q", n), State: stormGood})
	}
	s.add(kindStopped, stopped{})
	if got := s.next(nil); !got.tell {
		t.Errorf("nobody hears of #10: %+v", got)
	}
	s.add(kindTold, stopped{})
	s.add(kindCame, came{Incident: "pd:shop:Q10", State: stormLeft})
	s.join(11, 11)
	if got := s.next(nil); !got.tell {
		t.Errorf("nobody hears of #11: %+v", got)
	}
}

// What was well again within the first second is nobody's business.
func TestStormTellsOfNobody(t *testing.T) {
	s := newTale(t, 1)
	s.events = s.events[:2]
	s.now = s.now.Add(time.Minute)
	if got := s.next(map[string]ran{"pd:shop:Q1": {state: stormLeft, at: 2}}); got.tell || len(got.came) != 1 {
		t.Fatalf("first: %+v", got)
	}
	s.add(kindCame, came{Incident: "pd:shop:Q1", State: stormLeft})
	if got := s.next(nil); got.tell {
		t.Errorf("it tells of a storm without incidents")
	}
}

// An incident that nobody decides about must not hold its scenario for ever: the
// brake lets go, the card stays.
func TestStormCalms(t *testing.T) {
	s := newTale(t, 1)
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	s.now = s.now.Add(stormWaitsFor - time.Second)
	if got := s.next(nil); got.calm {
		t.Error("too early")
	}
	s.now = s.now.Add(time.Second)
	if got := s.next(nil); !got.calm || got.close {
		t.Errorf("it holds for ever: %+v", got)
	}
	s.add(kindCalm, stopped{})
	if got := s.next(nil); got.calm || got.close || s.fold().standing() == nil {
		t.Errorf("then: %+v", got)
	}
}

// More incidents come to an end at once than one commit may write.
func TestStormEndsForMany(t *testing.T) {
	const many = 1500
	s := newTale(t, many)
	seen := map[string]ran{}
	for n := range many {
		seen[fmt.Sprint("pd:shop:Q", n+1)] = ran{state: stormLeft, at: 3}
	}
	rounds := 0
	for got := s.next(seen); len(got.came) > 0; got = s.next(seen) {
		if rounds++; len(got.came) > cameMost || rounds > many {
			t.Fatalf("%d at once", len(got.came))
		}
		for _, c := range got.came {
			s.add(kindCame, c)
		}
	}
	if s.fold().any(stormWaits) {
		t.Error("some are left")
	}
}

// While a storm rages its scenario is changed: who approves sees both commands.
func TestStormShowsEachVersion(t *testing.T) {
	s := newTale(t, 2)
	s.add(kindJoined, joining{Members: []member{
		{Incident: "pd:shop:Q8", Number: 8, Target: "web-8", Version: "v2", Shown: []string{"reboot web-8"}},
		{Incident: "pd:shop:Q9", Number: 9, Target: "web-9", Version: "v2", Shown: []string{"reboot web-9"}},
	}})
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	text := renderStorm(s.events, pauses{}, words.In("en")).Buttons[0].Confirm.Text
	if !strings.HasSuffix(text, "\nsystemctl restart web\nreboot web-8") {
		t.Errorf("the dialogue says %q", text)
	}
}

// The same click is delivered twice, and somebody who may not goes on pressing:
// neither makes a storm's history long.
func TestStormIsPressedOften(t *testing.T) {
	s := newTale(t, 2)
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	b := loaded(t, twoShops())
	const key = "storm:east/web:1"
	for _, e := range s.events {
		if _, err := b.commitStorm(t.Context(), key, func(c *stormChange) { c.write(e.Kind, amsbot, e.Data) }); err != nil {
			t.Fatal(err)
		}
	}
	press := func(k Click, may permits) (a Answer) {
		p := presser{may: may, as: Person{ID: "PCHIE", Email: "c@x"}}
		if _, err := b.commitStorm(t.Context(), key, func(c *stormChange) { a = c.press(k, p) }); err != nil {
			t.Fatal(err)
		}
		return a
	}
	yes := permits{ok: map[string]bool{"view": true, "run": true, doOverride: true}}
	k := Click{Act: DoAll, Incident: key, Offer: 4, User: "U1", Name: "Chie", Once: "e1"}
	for range 2 {
		if a := press(k, yes); !a.Done {
			t.Errorf("the same click: %+v", a)
		}
	}
	for range 3 * refusedMost {
		press(Click{Act: DoAll, Incident: key, Offer: 4, User: "U2", Name: "Eve"}, permits{})
	}
	st, err := b.loadStorm(t.Context(), key)
	if err != nil || st.seq > uint64(len(s.events)+3+refusedMost) {
		t.Errorf("its history has %d events, %v", st.seq, err)
	}
}
