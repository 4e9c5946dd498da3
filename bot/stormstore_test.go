package bot

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/scenarios"
)

// What an alert says is long, and stands in the recovery's commands: the storm's
// guards have room for it, and the incident is held, not stuck.
func TestStormOfLongCommands(t *testing.T) {
	b := loaded(t, twoShops())
	sc := b.Scenarios().Scenarios[0]
	b.pinNow(sc.Version, sc)
	snap := Snapshot{Incident: scenarios.Incident{ID: "Q1", Number: 1, Status: "triggered"}}
	_, err := b.commit(t.Context(), b.Key("Q1"), func(c *change) error {
		c.write(kindReceived, amsbot, received{Hint: Hint{ID: "Q1"}, Project: &projectView{Name: "east", Channel: "#east"}})
		c.write(kindRead, amsbot, readDone{Snapshot: &snap})
		c.write(kindRun, amsbot, runBegan{N: 1, Self: b.Self})
		c.write(kindMatched, amsbot, matched{Project: projectView{Name: "east", Channel: "#east"}, Scenario: sc.Name, Version: sc.Version, Target: "web-1",
			Shown: []string{strings.Repeat("x", 300<<10)}})
		c.sc = sc
		c.hold(held{Pass: c.in.pass.id, Guard: guardStorm, Storm: c.newStorm()})
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A storm looks at its incidents again and again: it reads what has changed since.
func TestStormLooksCheaply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(t, twoShops())
		b.alive = true
		const key = "storm:east/web:1"
		j := joining{}
		for n := range 100 {
			id := fmt.Sprint("Q", n)
			j.Members = append(j.Members, member{Incident: b.Key(id), Number: n, Target: id})
			if _, err := b.commit(t.Context(), b.Key(id), func(c *change) error {
				c.write(kindReceived, amsbot, received{Hint: Hint{ID: id, Status: "triggered"}, Project: &projectView{Name: "east", Channel: "#east"}})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.commitStorm(t.Context(), key, func(c *stormChange) {
			c.write(kindStorm, amsbot, stormBegan{Project: projectView{Name: "east", Channel: "#east"}, Per: time.Minute})
			c.write(kindJoined, amsbot, j)
			c.write(kindTold, amsbot, stopped{})
			c.write(kindOffered, amsbot, offered{Acts: []string{DoAll}})
		}); err != nil {
			t.Fatal(err)
		}
		look := func() {
			t.Helper()
			if err := b.advanceStorm(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		look()
		s, err := b.loadStorm(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		for incident, l := range b.looked(key) {
			l.ran.words = "remembered"
			b.looks[key][incident] = l
		}
		if _, err := b.commit(t.Context(), b.Key("Q7"), func(c *change) error { c.write(kindRun, amsbot, runBegan{N: 1}); return nil }); err != nil {
			t.Fatal(err)
		}
		seen, err := b.lookAround(t.Context(), s)
		if err != nil || len(seen) != 100 {
			t.Fatalf("it sees %d, %v", len(seen), err)
		}
		for incident, r := range seen {
			if read := r.words != "remembered"; read != (incident == b.Key("Q7")) {
				t.Errorf("%s: it was read: %v", incident, read)
			}
		}
	})
}

// A project is given a channel while its storm rages, which has no card: whoever
// is held by it calls for itself.
func TestStormWithoutACardIsNotQuiet(t *testing.T) {
	for _, channel := range []string{"", "#east"} {
		b := loaded(t, twoShops())
		sc := b.Scenarios().Scenarios[0]
		b.pinNow(sc.Version, sc)
		_, err := b.commit(t.Context(), b.Key("Q1"), func(c *change) error {
			c.write(kindReceived, amsbot, received{Hint: Hint{ID: "Q1"}, Project: &projectView{Name: "east", Channel: "#east"}})
			c.write(kindRead, amsbot, readDone{Snapshot: &Snapshot{Incident: scenarios.Incident{ID: "Q1", Status: "triggered"}}})
			c.write(kindRun, amsbot, runBegan{N: 1, Self: b.Self})
			c.write(kindMatched, amsbot, matched{Project: projectView{Name: "east", Channel: "#east"}, Scenario: sc.Name, Version: sc.Version, Target: "web-1"})
			c.sc = sc
			c.guard(c.in.stormGuard(), brake{Storm: "storm:east/web:1", Began: &stormBegan{Project: projectView{Name: "east", Channel: channel}}})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.commit(t.Context(), b.Key("Q1"), func(c *change) error {
			c.hold(*c.raging())
			if c.quiet() != (channel != "") {
				t.Errorf("in %q it is quiet: %v", channel, c.quiet())
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// Of many targets that came at once some are found well, those that came last, however
// many: the others are as many as before, and held.
func TestStormBrakeAfterSomeAreFoundWell(t *testing.T) {
	for _, targets := range []int{12, 500} {
		t.Run(fmt.Sprint(targets), func(t *testing.T) { brakeAfterSomeAreFoundWell(t, targets) })
	}
}

func brakeAfterSomeAreFoundWell(t *testing.T, targets int) {
	b := loaded(t, twoShops())
	sc := b.Scenarios().Scenarios[0]
	if sc.Guards.Storm.N != 5 {
		t.Fatalf("a storm are %d", sc.Guards.Storm.N)
	}
	on := func(n int, do func(*change)) {
		t.Helper()
		if _, err := b.commit(t.Context(), b.Key(fmt.Sprint("Q", n)), func(c *change) error {
			if c.sc = sc; c.in.match == nil {
				c.write(kindReceived, amsbot, received{Hint: Hint{ID: fmt.Sprint("Q", n)}})
				c.write(kindRun, amsbot, runBegan{N: 1, Self: b.Self})
				c.write(kindMatched, amsbot, matched{Project: projectView{Name: "east"}, Scenario: sc.Name, Version: sc.Version, Autonomy: scenarios.Auto, Recover: []string{"restart"}, Target: fmt.Sprint("web-", n)})
			}
			do(c)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range targets {
		on(n, (*change).sighted)
	}
	rages := func(want bool) {
		t.Helper()
		on(0, func(c *change) {
			if got := c.raging() != nil; got != want {
				t.Errorf("it rages: %v", got)
			}
		})
	}
	for n := targets - 1; n > 4; n-- {
		on(n, (*change).unsighted)
	}
	rages(true)
	on(4, (*change).unsighted)
	rages(false)
}
