package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

func TestActsKeepTheirOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.slow = func(act Act) time.Duration { return 3 * time.Second }
		for _, kind := range []string{"acknowledge", "note", "resolve"} {
			r.want("pd:a:1", "pagerduty", kind)
		}
		r.want("pd:a:2", "pagerduty", "note")
		r.after(time.Second)
		r.same("side by side for two incidents, one at a time for each", slices.Sorted(slices.Values(r.pd.seen())), []string{"acknowledge pd:a:1", "note pd:a:2"})
		r.after(time.Minute)
		var first []string
		for _, call := range r.pd.seen() {
			if strings.HasSuffix(call, ":1") {
				first = append(first, call)
			}
		}
		r.same("in order", first, []string{"acknowledge pd:a:1", "note pd:a:1", "resolve pd:a:1"})
		r.same("history", r.kinds("pd:a:1"), []string{"wanted", "wanted", "wanted", "done", "done", "done"})
		r.same("pending", r.pending(), 0)
	})
}

func TestActCarriesWhatWasDecided(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var got Act
		r.pd.script = func(act Act) Result { got = act; return Result{State: Done} }
		r.card("pd:a:1")
		r.after(time.Second)
		seq := r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.same("act", fmt.Sprintf("%s %d %s %s %s %s %s %s", got.Incident, got.Seq, got.To, got.Kind, got.By, got.Args, got.Card, got.Marker()),
			fmt.Sprintf(`pd:a:1 %d pagerduty note amsbot {"id":"pd:a:1"} card:pd:a:1@1 pd:a:1#%d`, seq, seq))
		r.same("decided at", got.At.Sub(r.start), time.Second)
	})
}

func TestSlowReceiverDelaysNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.chat.slow = func(Act) time.Duration { return time.Hour }
		for i := range 30 {
			r.want(fmt.Sprintf("pd:a:%d", i), "slack", "reply")
		}
		r.want("pd:a:1", "pagerduty", "escalate")
		r.card("pd:a:1")
		r.after(time.Second)
		r.same("PagerDuty", r.pd.seen(), []string{"escalate pd:a:1"})
		if up := r.cards.standing(); len(up) != 1 {
			t.Errorf("cards: %v", up)
		}
		r.same("calls at once", len(r.chat.seen()), 6)
	})
}

func TestHungNotesLeaveRoomForAnEscalation(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.slow = func(act Act) time.Duration {
			if act.Kind == "note" {
				return time.Hour
			}
			return 0
		}
		for i := range 30 {
			r.want(fmt.Sprintf("pd:a:%d", i), "pagerduty", "note")
		}
		r.after(time.Second)
		r.want("pd:a:99", "pagerduty", "escalate")
		r.after(time.Second)
		if !slices.Contains(r.pd.seen(), "escalate pd:a:99") {
			t.Errorf("not escalated within a second: %v", r.pd.seen())
		}
	})
}

func TestEscalationGoesBeforeANoteThatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.script = func(act Act) Result {
			if act.Kind == "note" {
				return Result{State: Again}
			}
			return Result{State: Done}
		}
		r.want("pd:a:1", "pagerduty", "note")
		r.after(20 * time.Second)
		tried := len(r.pd.seen())
		r.want("pd:a:1", "pagerduty", "message")
		r.want("pd:a:1", "pagerduty", "escalate")
		r.after(100 * time.Millisecond)
		since := slices.DeleteFunc(r.pd.seen()[tried:], func(s string) bool { return s == "note pd:a:1" }) // its next try may be due just now
		r.same("at once", since, []string{"escalate pd:a:1"})
		r.after(2 * time.Minute)
		if slices.Contains(r.pd.seen(), "message pd:a:1") {
			t.Error("a quiet act overtook another")
		}
	})
}

func TestUrgentKindsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.limit = Limits{Calls: 1}
		for i, kind := range []string{"file", "post", "note", "acknowledge", "resolve", "escalate"} {
			r.want(fmt.Sprintf("pd:a:%d", i), "pagerduty", kind)
		}
		r.run()
		r.after(time.Second)
		r.same("order", r.pd.seen(), []string{"escalate pd:a:5", "resolve pd:a:4", "acknowledge pd:a:3", "note pd:a:2", "post pd:a:1", "file pd:a:0"})
	})
}

func TestRetryWaitsLongerEachTime(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var at []time.Duration
		r.pd.script = func(act Act) Result {
			if act.Tries != len(at) {
				t.Errorf("try %d says %d tries before", len(at), act.Tries)
			}
			at = append(at, time.Since(r.start))
			if len(at) == 12 {
				return Result{State: Done}
			}
			return Result{State: Again}
		}
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Hour)
		if len(at) != 12 {
			t.Fatalf("%d tries", len(at))
		}
		for i := 1; i < len(at); i++ {
			most := min(time.Second<<(i-1), time.Minute)
			if wait := at[i] - at[i-1]; wait < most/2 || wait > most {
				t.Errorf("wait %d was %s, not between %s and %s", i, wait, most/2, most)
			}
		}
		r.same("history", r.kinds("pd:a:1"), []string{"wanted", "done"})
	})
}

func TestReceiverThatIsToldToWaitRestsAsAWhole(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		tries := 0
		r.pd.script = func(Act) Result {
			if tries++; tries == 1 {
				return Result{State: Again, After: 30 * time.Second}
			}
			return Result{State: Done}
		}
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.want("pd:a:2", "pagerduty", "note")
		r.want("pd:a:2", "slack", "reply")
		r.after(28 * time.Second)
		r.same("PagerDuty rests", r.pd.seen(), []string{"note pd:a:1"})
		r.same("Slack does not", r.chat.seen(), []string{"reply pd:a:2"})
		r.after(2 * time.Second)
		r.same("then both", len(r.pd.seen()), 3)
		r.same("pending", r.pending(), 0)
	})
}

// A neighbour that is in trouble, and says how long, does not say that we were too fast:
// what goes the same way has a try of its own.
func TestNeighbourThatIsDownSlowsNoLane(t *testing.T) {
	for name, r := range map[string]Result{
		"it is down":         {State: Again, After: 30 * time.Second, Down: true},
		"a limit of its own": {State: Again, After: 30 * time.Second, Alone: true},
	} {
		t.Run(name, func(t *testing.T) {
			answer := r
			inBubble(t, func(t *testing.T, r *rig) {
				r.pd.script = func(act Act) Result {
					if act.Incident == "pd:a:1" && act.Tries == 0 {
						return answer
					}
					return Result{State: Done}
				}
				r.want("pd:a:1", "pagerduty", "note")
				r.after(time.Second)
				r.want("pd:a:2", "pagerduty", "note")
				r.after(time.Second)
				r.same("at once", r.pd.seen(), []string{"note pd:a:1", "note pd:a:2"})
				r.after(27 * time.Second)
				r.same("as long as it was told", len(r.pd.seen()), 2)
				r.after(2 * time.Second)
				r.same("pending", r.pending(), 0)
			})
		})
	}
}

func TestOrderedWaitSurvivesARestart(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.script = func(Act) Result { return Result{State: Again, After: time.Minute} }
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.pd.script = nil
		r.again()
		r.after(55 * time.Second)
		r.same("still resting", r.pd.seen(), []string{"note pd:a:1"})
		r.after(10 * time.Second)
		r.same("looked for, then done", r.pd.seen(), []string{"note pd:a:1", "find note pd:a:1", "note pd:a:1"})
	})
}

func TestRefusedActIsSettled(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.script = func(act Act) Result { return Result{State: Refused, Why: "It is resolved."} }
		r.want("pd:a:1", "pagerduty", "acknowledge")
		r.want("pd:a:1", "pigeon", "fly")
		r.commit("pd:a:1", store.Change{Events: []store.NewEvent{{Kind: "wanted", To: "pagerduty", Data: []int{1}}}})
		r.after(time.Minute)
		r.same("calls", r.pd.seen(), []string{"acknowledge pd:a:1"})
		refused := slices.DeleteFunc(r.kinds("pd:a:1"), func(kind string) bool { return kind != "refused" })
		r.same("refused", len(refused), 3)
		r.same("pending", r.pending(), 0)
	})
}

func TestAnswerIsRecordedLaterAndTheActNotRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.boss.fail = 3
		r.want("pd:a:1", "pagerduty", "resolve")
		r.after(time.Minute)
		r.same("calls", r.pd.seen(), []string{"resolve pd:a:1"})
		r.same("history", r.kinds("pd:a:1"), []string{"wanted", "done"})
	})
}

func TestWrongNumberOfResultsIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.runWith(func(o *Options) { o.Receivers["pagerduty"] = mute{r.pd} })
		r.want("pd:a:1", "pagerduty", "note")
		r.after(100 * time.Millisecond)
		r.same("history", r.kinds("pd:a:1"), []string{"wanted", "unknown"})
	})
}

// mute answers nothing.
type mute struct{ *place }

func (mute) Do(context.Context, []Act) []Result { return nil }

func TestReplyGoesAtOnceWhenTheCardStands(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var card, reply time.Time
		r.chat.script = func(act Act) Result {
			if act.Card == "" {
				return Result{State: Again, Why: "There is no card yet."}
			}
			r.same("card", act.Card, "card:pd:a:1@1")
			reply = time.Now()
			return Result{State: Done}
		}
		r.cards.script = func(View) (Result, bool) {
			card = time.Now()
			return Result{State: Again}, time.Since(r.start) < 10*time.Minute
		}
		r.want("pd:a:1", "slack", "reply")
		r.card("pd:a:1")
		r.after(12 * time.Minute)
		r.same("pending", r.pending(), 0)
		if wait := reply.Sub(card); wait < 0 || wait > 100*time.Millisecond {
			t.Errorf("the reply came %s after the card", wait)
		}
	})
}

// TestReplyThatMissedItsCardGoesAtOnce: the card comes to stand while a try is under
// way that looked for it a moment before.
func TestReplyThatMissedItsCardGoesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		var at []string
		r.chat.slow = func(act Act) time.Duration { return 10 * time.Second }
		r.chat.script = func(act Act) Result {
			at = append(at, fmt.Sprintf("%q after %s", act.Card, time.Since(r.start).Round(time.Second)))
			if act.Card == "" {
				return Result{State: Again, Why: "There is no card yet."}
			}
			return Result{State: Done}
		}
		r.want("pd:a:1", "slack", "reply")
		r.after(time.Second)
		r.card("pd:a:1")
		r.after(time.Minute)
		r.same("tries", at, []string{`"" after 10s`, `"card:pd:a:1@1" after 20s`})
	})
}

func TestLineWaitsForACallWhoseActIsNoLongerWanted(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.slow = func(Act) time.Duration { return 10 * time.Second }
		seq := r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.commit("pd:a:1", store.Change{Settled: []uint64{seq}})
		r.want("pd:a:1", "pagerduty", "resolve")
		r.after(5 * time.Second)
		r.same("one at a time", r.pd.seen(), []string{"note pd:a:1"})
		r.after(20 * time.Second)
		r.same("then the next", r.pd.seen(), []string{"note pd:a:1", "resolve pd:a:1"})
	})
}

func TestWaitFromAClockThatWasSetBackEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.end()
		seq := r.want("pd:a:1", "pagerduty", "note")
		r.commit("pd:a:1", store.Change{Later: map[uint64]store.Later{seq: {NotBefore: time.Now().AddDate(1, 0, 0)}}})
		r.again()
		r.after(61 * time.Minute)
		r.same("pending", r.pending(), 0)
	})
}
