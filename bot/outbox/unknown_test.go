package outbox

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestUnknownActIsLookedForBeforeItIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		done  bool // it was done after all
		calls []string
	}{
		"done":     {true, []string{"escalate pd:a:1", "find escalate pd:a:1"}},
		"not done": {false, []string{"escalate pd:a:1", "find escalate pd:a:1", "escalate pd:a:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *rig) {
				first := true
				r.pd.script = func(act Act) Result {
					if first {
						first = false
						return Result{State: Unknown, Why: "No answer."}
					}
					return Result{State: Done}
				}
				r.pd.find = func(Act) (Result, bool, error) { return Result{Ref: "found"}, c.done, nil }
				seq := r.want("pd:a:1", "pagerduty", "escalate")
				r.after(100 * time.Millisecond)
				acts, _ := r.db.Acts(t.Context())
				if len(acts) != 1 || !acts[0].Unknown || acts[0].Tries != 1 {
					t.Errorf("not kept as unknown: %+v", acts)
				}
				r.after(time.Minute)
				r.same("calls", r.pd.seen(), c.calls)
				r.same("said", r.boss.said, []string{fmt.Sprintf("pd:a:1#%d unknown", seq), fmt.Sprintf("pd:a:1#%d done", seq)})
			})
		})
	}
}

func TestUnknownActIsNotRepeatedWhileItCannotBeLookedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		looked := 0
		r.pd.script = func(Act) Result { return Result{State: Unknown} }
		r.pd.find = func(Act) (Result, bool, error) {
			if looked++; looked < 8 {
				return Result{}, false, fmt.Errorf("not reachable")
			}
			return Result{}, true, nil
		}
		r.want("pd:a:1", "pagerduty", "escalate")
		r.after(time.Hour)
		r.same("done once, looked for eight times", r.pd.seen(), append([]string{"escalate pd:a:1"}, slices.Repeat([]string{"find escalate pd:a:1"}, 8)...))
		r.same("pending", r.pending(), 0)
	})
}

func TestActOfAnEarlierProcessIsLookedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.end() // nothing runs: what is wanted now, the next process finds
		r.want("pd:a:1", "pagerduty", "escalate")
		r.want("pd:a:2", "pagerduty", "escalate")
		r.pd.marks, r.pd.busy = map[string]bool{"pd:a:1#1": true}, map[string]int{}
		r.again()
		r.want("pd:a:3", "pagerduty", "escalate")
		r.after(time.Second)
		calls := r.pd.seen()
		slices.Sort(calls)
		r.same("calls", calls, []string{"escalate pd:a:2", "escalate pd:a:3", "find escalate pd:a:1", "find escalate pd:a:2"})
		r.same("pending", r.pending(), 0)
	})
}

func TestPanicIsAnAnswerThatDidNotCome(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		first := true
		r.pd.script = func(act Act) Result {
			if first && act.Incident == "pd:a:1" {
				first = false
				panic("oops")
			}
			return Result{State: Done}
		}
		r.want("pd:a:1", "pagerduty", "note")
		r.want("pd:a:2", "pagerduty", "note")
		r.after(time.Minute)
		r.same("history", r.kinds("pd:a:1"), []string{"wanted", "unknown", "done"})
		r.same("its neighbour", r.kinds("pd:a:2"), []string{"wanted", "done"})
	})
}

func TestCallThatTakesTooLongIsUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T, r *rig) {
		r.pd.slow = func(Act) time.Duration { return time.Hour }
		r.pd.find = func(Act) (Result, bool, error) { return Result{}, true, nil }
		r.want("pd:a:1", "pagerduty", "note")
		r.after(29 * time.Second)
		r.same("at 29 s", r.kinds("pd:a:1"), []string{"wanted"})
		r.after(10 * time.Second)
		r.same("at 39 s", r.kinds("pd:a:1"), []string{"wanted", "unknown", "done"})
	})
}
