package pagerduty

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simpd "amsbot/bot/sim/pagerduty"
	"amsbot/bot/words"
)

var (
	next   = bot.Target{Next: true}
	toBob  = bot.Target{Users: []string{bobMail}}
	toDBA  = bot.Target{Policy: "Database people"}
	toAnn  = bot.Target{Users: []string{ann}}
	toGone = bot.Target{Policy: "Night shift", Level: 2}
)

var escalations = []struct {
	name     string
	service  string
	before   func(w *world, id string) error
	args     bot.EscalateArgs
	state    outbox.State
	why      string
	has      []string
	level    int
	fallback bool
}{
	{"next", web, nil, bot.EscalateArgs{To: next}, outbox.Done, "", []string{ann}, 2, false},
	{"next but one", web, func(w *world, id string) error { return w.Escalate(ann, id, 2) },
		bot.EscalateArgs{To: next}, outbox.Done, "", []string{bob}, 3, false},
	{"next after amsbot's acknowledgement", web, func(w *world, id string) error { return w.Acknowledge(self, id) },
		bot.EscalateArgs{To: next}, outbox.Done, "", []string{ann}, 2, false},
	{"next after a person of no level took it", gaps, func(w *world, id string) error { return w.Acknowledge(self, id) },
		bot.EscalateArgs{To: next, Fallback: &toBob}, outbox.Done, "Nobody is on call there.", []string{bob}, 0, true},
	{"no next, no fallback", web, func(w *world, id string) error { return w.Escalate(ann, id, 3) },
		bot.EscalateArgs{To: next}, outbox.Refused, "It is at the last level of its escalation policy.", []string{bob}, 0, false},
	{"no next, fallback to a policy", web, func(w *world, id string) error { return w.Escalate(ann, id, 3) },
		bot.EscalateArgs{To: next, Fallback: &bot.Target{Policy: dba, Level: 2}}, outbox.Done,
		"It is at the last level of its escalation policy.", []string{ann, bob}, 2, true},
	{"next is empty", gaps, nil, bot.EscalateArgs{To: next, Fallback: &toBob}, outbox.Done,
		"Nobody is on call there.", []string{bob}, 0, true},
	{"low urgency", low, nil, bot.EscalateArgs{To: next, Fallback: &toAnn}, outbox.Done,
		"PagerDuty does not escalate it there: Incident Cannot Be Escalated: A low urgency incident does not escalate.", []string{ann}, 0, true},
	{"users, by ID and address", web, nil, bot.EscalateArgs{To: bot.Target{Users: []string{ann, "BOB@shop.example"}}},
		outbox.Done, "", []string{ann, bob}, 0, false},
	{"one of the users is unknown", web, nil, bot.EscalateArgs{To: bot.Target{Users: []string{"carl@shop.example", ann}}},
		outbox.Done, "", []string{ann}, 0, false},
	{"unknown address", web, nil, bot.EscalateArgs{To: bot.Target{Users: []string{"carl@shop.example"}}, Fallback: &next},
		outbox.Done, "PagerDuty has no user carl@shop.example.", []string{ann}, 2, true},
	{"unknown ID", web, nil, bot.EscalateArgs{To: bot.Target{Users: []string{"PNOBODY"}}, Fallback: &next},
		outbox.Done, "PagerDuty does not know the person whom it was to go to.", []string{ann}, 2, true},
	{"policy by name", web, nil, bot.EscalateArgs{To: toDBA}, outbox.Done, "", []string{bob}, 1, false},
	{"policy and level", web, nil, bot.EscalateArgs{To: bot.Target{Policy: dba, Level: 2}}, outbox.Done, "", []string{ann, bob}, 2, false},
	{"its own policy and level", web, nil, bot.EscalateArgs{To: bot.Target{Policy: "Web", Level: 3}}, outbox.Done, "", []string{bob}, 3, false},
	{"a level that is not there", web, nil, bot.EscalateArgs{To: bot.Target{Policy: "Web", Level: 9}, Fallback: &next}, outbox.Done,
		"PagerDuty does not escalate it there: Incident Cannot Be Escalated: The escalation policy has no level 9.", []string{ann}, 2, true},
	{"unknown policy", web, nil, bot.EscalateArgs{To: toGone, Fallback: &toBob}, outbox.Done,
		"The escalation policy Night shift does not exist.", []string{bob}, 0, true},
	{"policy without anybody", web, nil, bot.EscalateArgs{To: bot.Target{Policy: "Nobody"}, Fallback: &toBob}, outbox.Done,
		"Nobody is on call there.", []string{bob}, 0, true},
	{"nor has the fallback anybody", web, nil, bot.EscalateArgs{To: toGone, Fallback: &bot.Target{Policy: "Nobody"}}, outbox.Refused,
		"The escalation policy Night shift does not exist. The fallback cannot have it either: Nobody is on call there.", []string{self}, 0, false},
	{"no target", web, nil, bot.EscalateArgs{}, outbox.Refused, "No target is named.", []string{self}, 0, false},
	{"by itself, amsbot has it", web, nil, bot.EscalateArgs{HeldBy: self, To: next}, outbox.Done, "", []string{ann}, 2, false},
	{"by itself, a person has acknowledged", web, func(w *world, id string) error { return w.Acknowledge(bob, id) },
		bot.EscalateArgs{HeldBy: self, To: next}, outbox.Refused, "Bob has acknowledged it.", []string{bob}, 0, false},
	{"by itself, it was reassigned", web, func(w *world, id string) error { return w.Reassign(ann, id, ann, bob) },
		bot.EscalateArgs{HeldBy: self, To: next}, outbox.Refused, "It is assigned to Ann and Bob.", []string{ann, bob}, 0, false},
	{"by itself, amsbot is one of several", web, func(w *world, id string) error { return w.Reassign(ann, id, self, bob) },
		bot.EscalateArgs{HeldBy: self, To: next}, outbox.Refused, "It is assigned to amsbot and Bob.", []string{self, bob}, 0, false},
	{"a person's word", web, func(w *world, id string) error { return w.Acknowledge(bob, id) },
		bot.EscalateArgs{From: annMail, To: bot.Target{Policy: "Web", Level: 2}}, outbox.Done, "", []string{ann}, 2, false},
	{"resolved", web, func(w *world, id string) error { return w.Resolve(bob, id) },
		bot.EscalateArgs{To: next, Fallback: &toBob}, outbox.Refused, "Bob has resolved it already.", nil, 0, false},
	{"unknown person", web, nil, bot.EscalateArgs{From: "carl@shop.example", To: next, Fallback: &toBob}, outbox.Refused,
		"PagerDuty does not know the user in whose name this was to be done.", []string{self}, 0, false},
}

func TestEscalate(t *testing.T) {
	for _, c := range escalations {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(c.service)
				if c.before != nil {
					must(t, c.before(w, id))
				}
				c.args.ID = id
				r := w.do(bot.ActEscalate, c.args)
				want(t, r, c.state, c.why)
				got := holders(w.incident(id))
				slices.Sort(got)
				slices.Sort(c.has)
				if !slices.Equal(got, c.has) {
					t.Errorf("assigned to %v, want %v", got, c.has)
				}
				if r.State != outbox.Done {
					return
				}
				var e bot.Escalated
				must(t, json.Unmarshal(r.Data, &e))
				if e.Level != c.level || e.Fallback != c.fallback || len(e.Assignees) != len(c.has) || e.Assignees[0].Email == "" {
					t.Errorf("escalated %+v", e)
				}
			})
		})
	}
}

func TestEscalateSeesWhoCameInBetween(t *testing.T) {
	var meanwhile func()
	inTwistedBubble(t, account(), between(&meanwhile), func(t *testing.T, w *world) {
		id := w.raise(web)
		meanwhile = func() { must(t, w.Resolve(ann, id)) }
		want(t, w.do(bot.ActEscalate, bot.EscalateArgs{ID: id, To: next, Fallback: &toBob}), outbox.Refused, "Ann has resolved it already.")
	})
}

func TestEscalateWithoutKnowingWhoIsOnCall(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		w.Fault(simpd.Fault{Path: "/oncalls", Kind: simpd.FaultStatus, Status: 500})
		if r := w.do(bot.ActEscalate, bot.EscalateArgs{ID: id, To: next}); r.State != outbox.Again {
			t.Errorf("next without levels: %+v", r)
		}
		want(t, w.do(bot.ActEscalate, bot.EscalateArgs{ID: id, To: toBob}), outbox.Done, "")
	})
}

func TestStanding(t *testing.T) {
	a, b, c := bot.Person{ID: "A"}, bot.Person{ID: "B"}, bot.Person{ID: "C"}
	levels := []bot.Level{{Level: 1, OnCall: []bot.Person{a}}, {Level: 2, OnCall: []bot.Person{b, c}}, {Level: 3, OnCall: []bot.Person{a}}}
	of := func(kind text, people ...bot.Person) entry {
		e := entry{Type: kind}
		for _, p := range people {
			e.Assignees = append(e.Assignees, named{ID: text(p.ID)})
		}
		return e
	}
	trigger, up := of("trigger_log_entry"), of("escalate_log_entry")
	for _, x := range []struct {
		name   string
		people []bot.Person
		via    text
		log    []entry // newest first
		want   int
	}{
		{"exactly the level", []bot.Person{b, c}, "", nil, 2},
		{"one of the level", []bot.Person{c}, "", nil, 2},
		{"on two levels, not escalated", []bot.Person{a}, "", []entry{trigger}, 1},
		{"on two levels, escalated twice", []bot.Person{a}, "", []entry{up, up, trigger}, 3},
		{"escalated before it was reopened", []bot.Person{a}, "", []entry{of("reopen_log_entry"), up, up, trigger}, 1},
		{"on no level, assigned before", []bot.Person{{ID: "X"}}, "", []entry{of("acknowledge_log_entry"), of("escalate_log_entry", b, c), trigger}, 2},
		{"on no level, counted", []bot.Person{{ID: "X"}}, "", []entry{up, trigger}, 2},
		{"around again", []bot.Person{{ID: "X"}}, "", []entry{up, up, up, trigger}, 1},
		{"given to somebody directly", []bot.Person{{ID: "X"}}, "direct_assignment", []entry{trigger}, 0},
		{"nobody knows", []bot.Person{{ID: "X"}}, "", nil, 0},
		{"nobody has it", nil, "", []entry{up, trigger}, 2},
	} {
		at := matching(x.people, levels)
		got := 0
		if len(at) == 1 {
			got = at[0]
		} else {
			got = standing(&incident{Via: x.via}, at, levels, x.log)
		}
		if got != x.want {
			t.Errorf("%s: level %d, want %d", x.name, got, x.want)
		}
	}
}

// lost makes the next answer to a call of this kind be lost after it was done.
func (w *world) lost(method, path string) {
	w.Fault(simpd.Fault{Method: method, Path: path, Kind: simpd.FaultCutAfter, Times: 1})
}

func TestFindAfterALostAnswer(t *testing.T) {
	for _, c := range []struct {
		name, kind   string
		args         func(id string) any
		method, path string
		later        func(w *world, id string) error // between the act and the search
		why          string
	}{
		{"acknowledge", bot.ActAcknowledge, func(id string) any { return bot.AckArgs{ID: id, From: annMail} }, "PUT", "/incidents", nil, ""},
		{"acknowledge, then somebody else", bot.ActAcknowledge, func(id string) any { return bot.AckArgs{ID: id, From: annMail} }, "PUT", "/incidents",
			func(w *world, id string) error { return w.Reassign(bob, id, bob) }, ""},
		{"resolve", bot.ActResolve, func(id string) any { return bot.ResolveArgs{ID: id} }, "PUT", "/incidents", nil, ""},
		{"resolve, then reopened", bot.ActResolve, func(id string) any { return bot.ResolveArgs{ID: id} }, "PUT", "/incidents",
			func(w *world, id string) error { return w.Reopen(bob, id) }, ""},
		{"escalate to the next", bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, HeldBy: self, To: next} }, "PUT", "/incidents", nil, ""},
		{"escalate to users", bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, To: toBob} }, "PUT", "/incidents", nil, ""},
		{"escalate to users, who took it", bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, To: toBob} }, "PUT", "/incidents",
			func(w *world, id string) error { return w.Acknowledge(bob, id) }, ""},
		{"escalate to a policy", bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, To: toDBA} }, "PUT", "/incidents", nil, ""},
		{"escalate to the fallback", bot.ActEscalate, func(id string) any { return bot.EscalateArgs{ID: id, To: toGone, Fallback: &toBob} }, "PUT", "/incidents", nil, ""},
		{"note", bot.ActNote, func(id string) any { return bot.NoteArgs{ID: id, Content: "All is well.\n"} }, "POST", "/incidents/*/notes",
			func(w *world, id string) error { return w.Note(bob, id, "thanks") }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raise(web)
				time.Sleep(time.Minute + 700*time.Millisecond) // the log keeps whole seconds
				act := w.act(c.kind, c.args(id))
				if _, found, err := w.c.Find(t.Context(), act); found || err != nil {
					t.Fatalf("found before it was done: %v, %v", found, err)
				}
				w.lost(c.method, c.path)
				if r := w.c.Do(t.Context(), []outbox.Act{act})[0]; r.State != outbox.Unknown {
					t.Fatalf("result %+v, want unknown", r)
				}
				if c.later != nil {
					must(t, c.later(w, id))
				}
				r, found, err := w.c.Find(t.Context(), act)
				if err != nil || !found {
					t.Fatalf("found %v, %v", found, err)
				}
				want(t, r, outbox.Done, c.why)
				if c.kind == bot.ActNote && r.Ref == "" || c.kind == bot.ActEscalate && r.Data == nil {
					t.Errorf("result %+v", r)
				}
			})
		})
	}
}

// A machine's clock that is wrong makes us look for an act where it cannot be, or
// take one from before for it: both would have somebody paged twice, or not at all.
func TestFindByPagerDutysClock(t *testing.T) {
	var ahead time.Duration
	theirs := func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(-ahead).UTC().Format(http.TimeFormat))
			account.ServeHTTP(w, r)
		})
	}
	for _, c := range []struct {
		name   string
		ahead  time.Duration // our clock
		wanted time.Duration // before the escalation that the log has
		found  bool
	}{
		{"ours is fast, and it is done", time.Minute, -30 * time.Second, true},
		{"ours is slow, and another was done before", -time.Minute, 30 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTwistedBubble(t, account(), theirs, func(t *testing.T, w *world) {
				id := w.raise(web)
				act := w.act(bot.ActEscalate, bot.EscalateArgs{ID: id, HeldBy: self, To: next})
				want(t, w.c.Do(t.Context(), []outbox.Act{act})[0], outbox.Done, "")
				act.At = time.Now().Add(-c.wanted)
				time.Sleep(40 * time.Second)
				ahead = c.ahead
				if _, found, err := w.c.Find(t.Context(), act); found != c.found || err != nil {
					t.Errorf("found %v, %v", found, err)
				}
			})
		})
	}
}

func TestFindWhatWasNotDone(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		must(t, w.Acknowledge(bob, id))
		must(t, w.Note(bob, id, "pd:shop:Q1#4 is what amsbot would write"))
		time.Sleep(time.Minute)
		for _, act := range []outbox.Act{
			w.act(bot.ActAcknowledge, bot.AckArgs{ID: id, From: annMail}),
			w.act(bot.ActResolve, bot.ResolveArgs{ID: id}),
			w.act(bot.ActEscalate, bot.EscalateArgs{ID: id, From: bobMail, To: next}),
			w.act(bot.ActNote, bot.NoteArgs{ID: id, Content: "x"}),
			w.act(bot.ActNote, bot.NoteArgs{ID: "QGONE", Content: "x"}),
			w.act(bot.ActResolve, bot.ResolveArgs{ID: "QGONE"}),
			w.act(bot.ActAcknowledge, bot.AckArgs{ID: id, From: "carl@shop.example"}),
			w.act(bot.ActAcknowledge, bot.AckArgs{ID: "no id"}),
		} {
			if r, found, err := w.c.Find(t.Context(), act); found || err != nil {
				t.Errorf("%s %s: found %+v, %v", act.Kind, act.Args, r, err)
			}
		}
		w.Fault(simpd.Fault{Kind: simpd.FaultStatus, Status: 503})
		act := w.act(bot.ActResolve, bot.ResolveArgs{ID: id})
		if _, found, err := w.c.Find(t.Context(), act); found || err == nil {
			t.Errorf("in a fault: found %v, %v", found, err)
		}
		w.Heal(0)
		must(t, w.Resolve(bob, id))
		r, found, err := w.c.Find(t.Context(), act)
		if err != nil || !found {
			t.Fatalf("resolved by another: %v, %v", found, err)
		}
		want(t, r, outbox.Done, "Bob has resolved it already.")
	})
}

func TestAnAcknowledgementIsNoTraceOfAnEscalation(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		want(t, w.do(bot.ActAcknowledge, bot.AckArgs{ID: id, From: annMail}), outbox.Done, "")
		act := w.act(bot.ActEscalate, bot.EscalateArgs{ID: id, From: annMail, To: toBob})
		w.Fault(simpd.Fault{Method: "PUT", Kind: simpd.FaultCutBefore, Times: 1})
		if r := w.c.Do(t.Context(), []outbox.Act{act})[0]; r.State != outbox.Unknown {
			t.Fatalf("result %+v", r)
		}
		if r, found, err := w.c.Find(t.Context(), act); found || err != nil {
			t.Errorf("found %+v, %v: Bob would never be paged", r, err)
		}
	})
}

func TestCallErrorsOfThePortsAreTheirs(t *testing.T) {
	if got := resultOf(errors.New("odd"), words.In("en")); got.State != outbox.Again {
		t.Errorf("an error of no kind: %+v", got)
	}
	if got := resultOf(bot.ErrNotFound, words.In("en")); got.State != outbox.Refused {
		t.Errorf("not found: %+v", got)
	}
}
