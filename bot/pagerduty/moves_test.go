package pagerduty

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simpd "amsbot/bot/sim/pagerduty"
)

// All escalations of the table in one call come out as each does by itself.
func TestEscalationsTogetherComeOutAsAlone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var all []outbox.Act
		for _, c := range escalations {
			id := w.raise(c.service)
			if c.before != nil {
				must(t, c.before(w, id))
			}
			c.args.ID = id
			all = append(all, w.act(bot.ActEscalate, c.args))
		}
		results := w.c.Do(t.Context(), all)
		for n, c := range escalations {
			var args bot.EscalateArgs
			must(t, json.Unmarshal(all[n].Args, &args))
			if results[n].State != c.state || results[n].Why != c.why {
				t.Errorf("%s: %+v", c.name, results[n])
			}
			got := holders(w.incident(args.ID))
			slices.Sort(got)
			slices.Sort(c.has)
			if !slices.Equal(got, c.has) {
				t.Errorf("%s: assigned to %v, want %v", c.name, got, c.has)
			}
			var e bot.Escalated
			if c.state == outbox.Done {
				must(t, json.Unmarshal(results[n].Data, &e))
			}
			if e.Level != c.level || e.Fallback != c.fallback {
				t.Errorf("%s: escalated %+v", c.name, e)
			}
		}
	})
}

// up are escalations of new incidents, as those that a storm brake holds.
func (w *world) up(n int) (ids []string, all []outbox.Act) {
	for range n {
		id := w.raise(web)
		ids = append(ids, id)
		all = append(all, w.act(bot.ActEscalate, bot.EscalateArgs{ID: id, HeldBy: self, To: next, Fallback: &toBob}))
	}
	return ids, all
}

func TestHundredsAreEscalatedInOneCall(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		ids, all := w.up(260)
		for n, r := range w.c.Do(t.Context(), all) {
			if r.State != outbox.Done || r.Why != "" {
				t.Fatalf("act %d: %+v", n, r)
			}
		}
		if got := w.writes(); len(got) != 2 {
			t.Errorf("writes %v", got)
		}
		if gets := len(w.Calls()) - len(w.writes()); gets > 10 {
			t.Errorf("%d reads", gets)
		}
		if got := holders(w.incident(ids[259])); !slices.Equal(got, []string{ann}) {
			t.Errorf("the last has %v", got)
		}
	})
}

func TestOneThatIsGoneDoesNotHoldUpTheOtherEscalations(t *testing.T) {
	var meanwhile func()
	inTwistedBubble(t, account(), between(&meanwhile), func(t *testing.T, w *world) {
		ids, all := w.up(12)
		meanwhile = func() { must(t, w.Resolve(ann, ids[4])) }
		for n, r := range w.c.Do(t.Context(), all) {
			state, why := outbox.Done, ""
			if n == 4 {
				state, why = outbox.Refused, "Ann has resolved it already."
			}
			want(t, r, state, why)
		}
	})
}

// An answer to many that never came is unknown for each, and each is found.
func TestLostAnswerToManyIsLookedForOneByOne(t *testing.T) {
	for _, kind := range []simpd.Kind{simpd.FaultCutBefore, simpd.FaultCutAfter} {
		t.Run(string(kind), func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				_, all := w.up(8)
				w.Fault(simpd.Fault{Method: http.MethodPut, Path: "/incidents", Kind: kind, Times: 1})
				for n, r := range w.c.Do(t.Context(), all) {
					want(t, r, outbox.Unknown, "PagerDuty did not answer.")
					_, found, err := w.c.Find(t.Context(), all[n])
					if err != nil || found != (kind == simpd.FaultCutAfter) {
						t.Errorf("found %v, %v", found, err)
					}
				}
				if got := w.writes(); len(got) != 1 {
					t.Errorf("writes %v", got)
				}
			})
		})
	}
}

func TestRefusedNameIsRefusedForAllAtOnce(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var all []outbox.Act
		for range 30 {
			all = append(all, w.act(bot.ActEscalate, bot.EscalateArgs{ID: w.raise(web), From: "carl@shop.example", To: next, Fallback: &toBob}))
		}
		for _, r := range w.c.Do(t.Context(), all) {
			want(t, r, outbox.Refused, "PagerDuty does not know the user in whose name this was to be done.")
		}
		if got := w.writes(); len(got) != 1 {
			t.Errorf("writes %v", got)
		}
	})
}

// PagerDuty lets pass 500 changes a minute; we keep below by ourselves.
func TestTheLimitOfChangesIsNeverReached(t *testing.T) {
	opt := account()
	opt.Limits = true
	inBubble(t, opt, func(t *testing.T, w *world) {
		ids, _ := w.up(1)
		start := time.Now()
		for range 700 {
			_, err := w.c.manage(t.Context(), annMail, []pd.ManageIncidentsOptions{{ID: ids[0], Title: "web is down"}})
			must(t, err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("700 changes took %s", took)
		}
	})
}
