package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

// drawn is all that a message shows, as it stands now.
func drawn(m slack.Message) string {
	return strings.NewReplacer("\n", " / ", "\u2060", "", `\n`, " / ", `\"`, `"`).Replace(m.Text + " " + string(m.Attachments))
}

// shows waits until the newest card has all of these texts somewhere on it, and holds
// that it has none of what a pause says where it is not among them.
func (s *stage) shows(texts ...string) {
	s.Helper()
	var got string
	s.until("the card shows "+strings.Join(texts, " | "), func() bool {
		m, _ := s.card()
		got = drawn(m)
		for _, text := range texts {
			if !strings.Contains(got, text) {
				return false
			}
		}
		return true
	})
	for _, word := range []string{"paused (", "Paused", "resumed", "Resumed"} {
		if strings.Contains(got, word) && !strings.Contains(strings.Join(texts, " "), word) {
			s.Errorf("the card says %q: %s", word, got)
		}
	}
}

// edits is how often each message of ours was edited, by its timestamp.
func (s *stage) edits() map[string]int {
	n := map[string]int{}
	for _, c := range s.written() {
		if c.Method == "chat.update" && c.OK {
			n[c.Args["ts"]]++
		}
	}
	return n
}

// While a card waits for a person somebody pauses what it is about: the card says so,
// and who presses is told the same. When it is lifted it says that, and may run.
// One edit each, and nothing is said in its thread.
func TestPausedWhileItWaits(t *testing.T) {
	for _, scope := range []string{"all", "project:shop", "scenario:shop/web-down"} {
		t.Run(scope, func(t *testing.T) {
			story(t, one(web()), func(s *stage) {
				s.down()
				s.shows("Run Recovery waits for a person")
				s.settle()
				m, _ := s.card()
				edits := func(before int) int { s.settle(); return s.edits()[m.TS] - before }
				before := edits(0)
				s.ams(aiko, "pause "+scope+" we are moving")
				s.shows("Paused: please take over or resume", "Nothing runs yet: paused ("+scope+") by Aiko Tanaka: we are moving; “/ams resume "+scope+"” lifts it.", "Paused \\u003c!date")
				s.has("Take Over", "Run Recovery", "Escalate", "Resolve")
				if n := edits(before); n != 1 {
					t.Errorf("the pause edited the card %d times", n)
				}
				s.press(aiko, "Run Recovery")
				before = edits(0) // who was refused is on record, too
				s.recoveries(0)
				s.ams(ben, "resume "+scope)
				s.shows("Run Recovery waits for a person.", "Ben Brook resumed "+scope+". It may run now.", "Resumed \\u003c!date")
				if n := edits(before); n != 1 {
					t.Errorf("its end edited the card %d times", n)
				}
				s.press(aiko, "Run Recovery")
				s.shows("Recovered at a person's word")
				s.settle()
				s.recoveries(1)
				s.slack(strings.ReplaceAll(`
					card: #1 Health check of web-1 failed: Recovered at a person's word
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
					message: Aiko Tanaka paused SCOPE (we are moving): recoveries are held until “/ams resume SCOPE”. Handing over goes on.
					only aiko: Nothing runs: paused (SCOPE) by Aiko Tanaka: we are moving; “/ams resume SCOPE” lifts it.
					message: Ben Brook resumed SCOPE.
					reply: Aiko Tanaka pressed Run Recovery.
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
					reply: *Re-check: OK* / OK health · status 200 · ok
					reply: The recovery worked: the re-check is OK.`, "SCOPE", scope))
			}, unhurried)
		})
	}
}

// What a pause held by itself was handed over: when it is lifted nothing begins, and
// the card says that it may. Paused once more it says by whom; and when nobody
// pressed for long enough, what is left to do. `/ams show` says the same.
func TestHeldUntilItIsLifted(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "pause project:shop we are moving")
		s.down()
		s.shows("Held", "The recovery is held: paused (project:shop) by Aiko Tanaka: we are moving; “/ams resume project:shop” lifts it", "Paused \\u003c!date")
		s.settle()
		s.ams(ben, "resume project:shop")
		s.shows("Run Recovery waits for a person", "The recovery was held by a pause. Ben Brook resumed project:shop. It may run now, if somebody presses Run Recovery.", "Resumed \\u003c!date")
		s.pass(10 * time.Minute)
		s.recoveries(0)
		s.ams(ben, "show 1")
		s.until("it is shown", func() bool {
			return slices.ContainsFunc(s.sim.Slack.Messages(room), func(m slack.Message) bool {
				return m.Ephemeral && m.To == ben && strings.Contains(drawn(m), "It may run now, if somebody presses Run Recovery.")
			})
		})
		s.ams(chie, "pause all the switch loops")
		s.shows("The recovery is held: paused (all) by Chie Mori: the switch loops; “/ams resume all” lifts it", "Paused \\u003c!date")
		s.ams(ben, "resume all")
		s.shows("Ben Brook resumed all. It may run now, if somebody presses Run Recovery.", "Resumed \\u003c!date")
		s.pass(30 * time.Minute)
		s.shows("The recovery was held by a pause. Ben Brook resumed all. Run Checks Again offers it once more.", "Resumed \\u003c!date")
		s.press(aiko, "Run Checks Again")
		s.until("it is offered once more", s.offered("Run Recovery"))
		s.press(aiko, "Run Recovery")
		s.shows("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
	}, unhurried, configured(givesResume))
}

// The pause is lifted while what it stopped in the middle is still being checked: the
// card does not say afterwards that it is paused.
func TestLiftedDuringTheRecheck(t *testing.T) {
	story(t, one(web("autonomy: auto", twoSteps)), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.recovering()
		s.ams(aiko, "pause project:shop")
		s.until("it is checked again", func() bool { return strings.Contains(s.slackLines(), "*Recovery: OK*") })
		s.ams(ben, "resume project:shop")
		s.shows("Held", "Run Recovery waits for a person", "Ben Brook resumed project:shop. It may run now", "Resumed \\u003c!date")
		s.settle()
		s.recoveries(1)
	}, slow(5*time.Second), unhurried)
}

// edited are the numbers of the cards that were edited since, of both projects.
func (s *stage) edited(before map[string]int) string {
	var out []string
	now := s.edits()
	for _, m := range append(s.sim.Slack.Messages(room), s.sim.Slack.Messages(platform)...) {
		if now[m.TS] > before[m.TS] {
			out = append(out, named.FindString(m.Text))
		}
	}
	return strings.Join(out, " ")
}

// A pause is on the cards that it is about, and on no other: not on those of another
// project, of what no scenario fits, and of what is over.
func TestPauseOfOthers(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.down()
		s.until("it is offered", s.offered("Run Recovery"))
		s.press(aiko, "Resolve")
		s.says("Resolved by Aiko Tanaka")
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.raiseOn("shop-queue", "Queue 1 is stuck", "queue", nil)
		s.settle()
		s.again("once more")
		s.until("it is offered", s.offered("Run Recovery"))
		s.settle()
		for _, one := range []struct{ who, says, edits string }{
			{aiko, "pause scenario:web-down", "#4"}, {ben, "resume scenario:web-down", "#4"},
			{aiko, "pause project:shop", "#4"}, {ben, "resume project:shop", "#4"}, {ben, "resume project:shop", ""},
			{aiko, "pause all", "#4 #2"}, {ben, "pause all", ""}, {ben, "pause project:shop", "#4"},
		} {
			before := s.edits()
			s.ams(one.who, one.says)
			s.settle()
			if got := s.edited(before); got != one.edits {
				t.Errorf("%s: edited were the cards of %q, not %q", one.says, got, one.edits)
			}
		}
	}, unhurried, configured(givesResume))
}

// The power goes between the pause and the card, while Slack takes no edit: after the
// restart the card says it, once, and of the pause that was lifted meanwhile nothing.
// What the history shows on a terminal says the same.
func TestCrashBetweenPauseAndCard(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.down()
		s.shows("Run Recovery waits for a person")
		s.settle()
		deaf := func() (heard func()) {
			return s.sim.Slack.Fault(slack.Fault{Method: "chat.update", Times: -1, Status: 503})
		}
		heard := deaf()
		s.ams(aiko, "pause project:shop")
		s.said("Aiko Tanaka paused project:shop")
		s.crash()
		heard()
		s.start()
		s.shows("Nothing runs yet: paused (project:shop) by Aiko Tanaka", "Paused: please", "Paused \\u003c!date")
		heard = deaf()
		s.ams(ben, "resume project:shop")
		s.said("Ben Brook resumed project:shop.")
		s.ams(aiko, "pause scenario:web-down it loops")
		s.said("Aiko Tanaka paused scenario:shop/web-down (it loops)")
		s.crash()
		heard()
		s.start()
		s.shows("Nothing runs yet: paused (scenario:shop/web-down) by Aiko Tanaka: it loops", "Paused: please", "Paused \\u003c!date")
		s.settle()
		if n := s.cards(); n != 1 {
			t.Errorf("%d cards", n)
		}
		if card, _ := s.terminal(); !strings.Contains(strings.Join(card, "\n"), "Nothing runs yet: paused (scenario:shop/web-down) by Aiko Tanaka: it loops") {
			t.Errorf("the history says %q", card)
		}
	}, unhurried)
}

// A recovery that takes two waits for the second, and is paused: who approves it is
// refused as long as that lasts. Who has it by then is not asked to take it over.
func TestPausedWhileAnotherIsToApprove(t *testing.T) {
	story(t, byTwo(), func(s *stage) {
		s.down()
		s.press(aiko, "Run Recovery")
		s.shows("Approve waits for a second person")
		s.ams(chie, "pause all a switch is replaced")
		s.shows("Paused: please take over or resume", "Nothing runs yet: paused (all) by Chie Mori: a switch is replaced; “/ams resume all” lifts it.", "Paused \\u003c!date")
		s.press(ben, "Take Over")
		s.shows("Paused: nothing runs yet", "Nothing runs yet: paused (all)", "Paused \\u003c!date")
		s.press(ben, "Approve")
		s.said("only ben: Nothing runs: paused (all) by Chie Mori: a switch is replaced")
		s.ams(ben, "resume all")
		s.shows("Approve waits for a second person", "Ben Brook resumed all. It may run now.", "Resumed \\u003c!date")
		s.settle()
		s.recoveries(0)
		s.press(ben, "Approve")
		s.shows("Recovered at a person's word")
		s.settle()
		s.recoveries(1)
	}, unhurried, configured(givesResume))
}

// On Home nothing waits for somebody that does not run; it is open all the same, and
// what is paused stands beside it.
func TestPausedOnHome(t *testing.T) {
	const waits = "*Run Recovery* waits for you"
	story(t, one(web()), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(aiko))
		s.down()
		s.until("it waits for Aiko", func() bool { return strings.Contains(s.home(aiko), waits) })
		s.ams(ben, "pause project:shop")
		s.until("it waits for nobody", func() bool { return !strings.Contains(s.home(aiko), waits) })
		if got := s.home(aiko); !strings.Contains(got, "Health check of web-1 failed") || !strings.Contains(got, "project:shop, by Ben Brook") {
			t.Errorf("Home says %s", got)
		}
		s.ams(ben, "resume project:shop")
		s.until("it waits for Aiko again", func() bool { return strings.Contains(s.home(aiko), waits) })
		s.settle()
		s.recoveries(0)
	}, unhurried)
}

// In Japanese: a pause while the card waits, one that held it, and their ends.
func TestJapanesePausedMeanwhile(t *testing.T) {
	story(t, inJapanese(web()), func(s *stage) {
		s.down()
		s.says("復旧対応の実行待ち")
		s.ams(aiko, "pause project:shop 切り替え作業")
		s.shows("一時停止中: 対応または再開をお願いします", "現在は実行されません: Aiko Tanaka さんが一時停止中（project:shop）: 切り替え作業。 “/ams resume project:shop” で解除", "一時停止 \\u003c!date")
		s.press(aiko, "復旧対応を実行")
		s.ams(ben, "resume project:shop")
		s.shows("復旧対応の実行待ち", "Ben Brook さんが project:shop を再開したため、実行できます。", "再開 \\u003c!date")
		s.ams(aiko, "pause scenario:web-down")
		s.shows("Aiko Tanaka さんが一時停止中（scenario:shop/web-down）")
		s.settle()
		s.recoveries(0)
		s.allJapanese(append([]string{"project:shop"}, written...)...)
	}, unhurried, configured(speaksJapanese))
	story(t, inJapanese(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "pause project:shop")
		s.down()
		s.shows("保留", "Aiko Tanaka さんが一時停止中（project:shop）。 “/ams resume project:shop” で解除", "一時停止 \\u003c!date")
		s.settle()
		s.ams(ben, "resume project:shop")
		s.shows("復旧対応は一時停止により保留されました。Ben Brook さんが project:shop を再開したため、「復旧対応を実行」で実行できます。", "再開 \\u003c!date")
		s.pass(31 * time.Minute)
		s.shows("Ben Brook さんが project:shop を再開したため、「動作確認をやり直す」から再度実行できます。", "再開 \\u003c!date")
		s.settle()
		s.recoveries(0)
		s.allJapanese(append([]string{"project:shop"}, written...)...)
	}, unhurried, configured(speaksJapanese))
}

// A crowd of cards that wait, and a pause: none of those that do not stand is edited,
// the index stays one, and when it is calm each card that is posted says it. When it is
// lifted each is edited once, within what Slack takes, and a change that is news
// goes before them.
func TestPauseInACrowd(t *testing.T) {
	const many = 60
	story(t, one(web("approval: 2h", brakes("storm: none"))), func(s *stage) {
		s.ail("stubborn")
		s.onEach(many)
		s.until("there is an index", func() bool { return len(s.indexes()) > 0 })
		s.until("all have ended", func() bool { return len(s.assigned(botPD)) == 0 })
		s.settle()
		stand, before := s.cards(), s.edits()
		s.ams(aiko, "pause project:shop")
		s.pass(30 * time.Second)
		if n := len(strings.Fields(s.edited(before))); n > stand {
			t.Errorf("%d cards of %d that stand were edited", n, stand)
		}
		s.until("all have their card", func() bool { return s.cards() == many })
		s.settle()
		paused := func() (n int) {
			for _, m := range s.sim.Slack.Messages(room) {
				if isCard(m) && strings.Contains(m.Text, "Paused: please take over or resume") {
					n++
				}
			}
			return n
		}
		if n := paused(); n != many {
			t.Errorf("%d of %d cards say that it is paused", n, many)
		}
		before = s.edits()
		s.ams(ben, "resume project:shop")
		s.pass(2 * time.Second)
		s.press(aiko, "Resolve")
		s.until("the newest card says that it is over", func() bool { m, _ := s.card(); return strings.Contains(m.Text, "Resolved by") })
		if n := paused(); n < many/4 {
			t.Errorf("what is news came after %d others", many-n)
		}
		s.until("no card says that it is paused", func() bool { return paused() == 0 })
		s.settle()
		after := s.edits()
		for _, m := range s.sim.Slack.Messages(room) {
			if n := after[m.TS] - before[m.TS]; isCard(m) && n > 3 {
				t.Errorf("%s was edited %d times", m.Text, n)
			}
		}
		if n := s.limited(); n > 0 {
			t.Errorf("Slack said %d times that we were too fast", n)
		}
	}, unhurried)
}
