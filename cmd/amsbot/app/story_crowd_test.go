package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// Two hundred machines at once: one index names them all within seconds, where two
// hundred cards would take minutes. Every first response runs all the same; another
// project's channel is as quick as ever; when it is calm, who still needs a person
// has a card.
func TestCrowd(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.ail("stubborn")
		at, began := time.Now(), map[int]time.Time{}
		for n := range crowdAtOnce {
			began[n+1] = at
		}
		s.raiseMany(crowdAtOnce, crowdAtOnce)
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.until("there is an index", func() bool { return len(s.indexes()) > 0 })
		if took := time.Since(at); took > 2*time.Second {
			t.Errorf("the index came after %s", took)
		}
		s.pass(5 * time.Second)
		if !strings.Contains(s.linesIn(platform), fmt.Sprintf("card: #%d", crowdAtOnce+1)) {
			t.Error("another channel's card waits for the crowd")
		}
		s.until("all have ended", func() bool { return len(s.assigned(botPD)) == 0 })
		s.pass(4 * time.Minute)
		s.allNamed(began)
		if n := s.cards(); n > 10 {
			t.Errorf("%d cards in the crowd", n)
		}
		s.indexSays(fmt.Sprintf("it is calm again: %d need a person", crowdAtOnce))
		s.fewWrites(200)
		s.until("all have their card", func() bool { return s.cards() == crowdAtOnce+1 }) // and the storm has its own
		s.oneIndex(fmt.Sprintf("%d incidents at once: it is calm again", crowdAtOnce))
		s.fewWrites(200)
	}, unhurried, slow(100*time.Millisecond))
}

// A thousand within a minute: every one is named within seconds, in few writes, and
// people are called about every one, in few messages.
func TestCrowdOfAThousand(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		began := s.flood(1, crowdOf, crowdOf*60*time.Millisecond)
		for len(s.assigned(botPD)) > 0 { // PagerDuty takes 960 calls a minute
			s.pass(10 * time.Second)
		}
		s.indexSays(fmt.Sprintf("%d incidents at once: it is calm again", crowdOf))
		s.allNamed(began)
		s.fewWrites(200)
		s.callsPeople(crowdOf, once)
	}, unhurried)
}

// A crash in the midst: the crowd goes on with the index that stands.
func TestCrowdSurvivesACrash(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		began := s.flood(1, 40, time.Second)
		s.indexSays("incidents at once")
		s.crash()
		s.start()
		for n, at := range s.flood(41, 60, time.Second) {
			began[n] = at
		}
		s.pass(30 * time.Second)
		s.oneIndex("60 incidents at once: 60 need a person")
		if n := s.cards(); n > 20 {
			t.Errorf("%d cards in the crowd", n)
		}
		s.crash()
		s.start()
		s.indexSays("calm again")
		s.crash() // while the cards are let go
		s.start()
		s.until("all have their card", func() bool { return s.cards() == 60 })
		s.oneIndex("60 incidents at once: it is calm again")
		if _, never := s.naming(began); len(never) > 0 {
			t.Errorf("never named: %v", never)
		}
	}, unhurried)
}

// An hour without Slack in a crowd: then one index, and one card for each that is
// still open. What was to be said meanwhile is in the history.
func TestCrowdWithoutSlack(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "chat.*", Times: -1, Status: 503})
		s.flood(1, 40, time.Minute)
		for n := 1; n <= 30; n++ {
			s.must(s.sim.PagerDuty.Clear("shop-queue", fmt.Sprint("queue", n)))
		}
		s.pass(time.Hour)
		lift()
		before := len(s.written())
		s.indexSays("it is calm again")
		s.until("those that are open have their card", func() bool { return s.cards() == 10 })
		s.settle()
		s.oneIndex("40 incidents at once: it is calm again: 10 need a person · 30 over")
		if n := len(s.written()) - before; n > 31 { // what calls people about the ten, too, and that it was said
			t.Errorf("%d writes", n)
		}
	}, unhurried)
}

// Slack is away for two minutes in a crowd, and half of it is over when it returns:
// people are called about the other half in one message.
func TestCrowdIsHalfOverWhenSlackIsBack(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "chat.*", Times: -1, Status: 503})
		s.flood(1, 60, 10*time.Second)
		s.pass(20 * time.Second)
		for n := 1; n <= 60; n += 2 {
			s.must(s.sim.PagerDuty.Clear("shop-queue", fmt.Sprint("queue", n)))
		}
		s.pass(90 * time.Second)
		lift()
		before := len(s.written())
		s.pass(2 * time.Minute)
		s.callsPeople(60, func(n int) int { return 1 - n%2 })
		if n := len(s.written()) - before; n > 20 {
			t.Errorf("%d writes", n)
		}
		s.indexSays("it is calm again: 30 need a person")
		s.until("those that are open have their card", func() bool { return s.cards() >= 30 })
		s.settle()
	}, unhurried)
}

// Slack is away for longer than a crowd lasts, from its beginning: when it returns
// people are called about all in a few messages, and not about each by itself.
func TestCrowdThatSlackHeardNothingOf(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		lift := s.sim.Slack.Fault(slack.Fault{Method: "chat.*", Times: -1, Status: 503})
		s.flood(1, 100, 20*time.Second)
		s.pass(20 * time.Minute)
		lift()
		s.pass(3 * time.Minute)
		s.callsPeople(100, once)
		calls := slices.DeleteFunc(s.sim.Slack.Messages(room), func(m slack.Message) bool { return !m.ReplyBroadcast })
		if len(calls) > 5 {
			t.Errorf("people were called in %d messages", len(calls))
		}
		s.until("all have their card", func() bool { return s.cards() == 100 })
		s.oneIndex("100 incidents at once: it is calm again")
	}, unhurried)
}

// Whoever wants to see one card has it at once, and once.
func TestCrowdShowsACard(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.flood(1, 30, time.Second)
		s.indexSays("30 incidents at once")
		s.pass(10 * time.Second)
		before := s.cards()
		both := s.choice("#30 ") // as both have it on their screen
		s.chooses(dan, both)
		s.chooses(aiko, both)
		s.pass(4 * time.Second)
		if n := s.cards(); n != before+1 {
			t.Errorf("%d cards, before there were %d", n, before)
		}
		s.says("Handed over")
		if m, _ := s.card(); !strings.HasPrefix(m.Text, "#30 ") {
			t.Errorf("the newest card is %q", m.Text)
		}
		if !strings.Contains(s.slackLines(), "only aiko: #30 has its card already.") {
			t.Errorf("who came second was not told:\n%s", s.slackLines())
		}
		s.press(ben, "Take Over") // it is a card like any other
		s.until("Ben has it", func() bool { return len(s.assigned(benPD)) == 1 })
	}, unhurried)
}

// Slack takes a message that calls people about many, and its answer is lost: it is
// found, and nobody is called again.
func TestCrowdCallsOnce(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.flood(1, 20, time.Second)
		s.indexSays("incidents at once")
		s.sim.Slack.Fault(slack.Fault{Method: "chat.postMessage", Times: 3, CutAfter: true})
		s.flood(21, 60, 10*time.Second)
		s.pass(2 * time.Minute)
		s.callsPeople(60, once)
	}, unhurried)
}
