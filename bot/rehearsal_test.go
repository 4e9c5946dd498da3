package bot

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios"
)

// rehearsing are the options of a rehearsal of the scenario of these tests, in
// which each step ends as said: "health NG OK OK" is NG, then OK, and then OK
// for ever.
func rehearsing(t *testing.T, autonomy string, results ...string) RehearsalOptions {
	t.Helper()
	set, err := scenarios.LoadFS(fstest.MapFS{"web.yaml": &fstest.MapFile{Data: []byte(strings.Replace(responding, "AUTONOMY", autonomy, 1))}}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, r := range results {
		words := strings.Fields(r)
		all[words[0]] = words[1:]
	}
	var o RehearsalOptions
	o.Bot.Scenarios = set
	o.Snapshot = Snapshot{Assignees: []Person{RehearsalSelf}, Levels: []Level{{Level: 1, OnCall: []Person{RehearsalSelf}}, {Level: 2, OnCall: []Person{{ID: "PA", Name: "Aiko"}}}}}
	o.Snapshot.Incident = scenarios.Incident{ID: "Q1", Number: 1, Title: "web is down", Status: "triggered", Urgency: "high", CreatedAt: begin,
		Service: scenarios.Ref{ID: "PWEB", Name: "web"}, Alerts: []scenarios.Alert{{ID: "A1", Status: "triggered", CreatedAt: begin}}}
	o.Step = func(c StepCall) (scenarios.Outcome, error) {
		said := all[c.Step.Name]
		if len(said) == 0 {
			return scenarios.Outcome{}, fmt.Errorf("no result of %s", c.Step.Name)
		}
		return scenarios.Outcome{Verdict: scenarios.Verdict(said[min(c.Before, len(said)-1)]), Took: time.Second}, nil
	}
	return o
}

// legs is the path of a story in one line.
func legs(s Story) string {
	var all []string
	for _, l := range s.Path {
		all = append(all, l.Text)
	}
	return strings.Join(all, ", ")
}

func TestRehearse(t *testing.T) {
	fine := []string{"one OK", "two OK", "first OK", "second OK"}
	recover := func(after time.Duration, may bool) func(*RehearsalOptions) {
		return func(o *RehearsalOptions) {
			o.Turns = append(o.Turns, Turn{After: after, May: may, As: Person{ID: "PC", Name: "chie", Email: "chie@x.example"}, Click: &Click{Act: DoRecover}})
		}
	}
	for name, c := range map[string]struct {
		autonomy, health string
		change           func(*RehearsalOptions)
		want, acts       string
	}{
		"fine":      {"auto", "OK", nil, "matched web, check OK, gather, ended: no fault found", "escalate first_line, note"},
		"unknown":   {"auto", "UNKNOWN", nil, "matched web, check UNKNOWN, gather, ended: escalated", "escalate first_line, note"},
		"recovered": {"auto", "NG OK", nil, "matched web, check NG, gather, recover OK, recheck OK, ended: recovered by amsbot, closed: resolved", "resolve, note"},
		"failed":    {"auto", "NG", nil, "matched web, check NG, gather, recover OK, recheck NG, ended: escalated", "escalate second_line, note"},
		"observed":  {"observe", "NG", nil, "matched web, check NG, gather, ended: observed", "escalate first_line, note"},
		"expired":   {"ask", "NG", nil, "matched web, check NG, gather, offered recover, ended: expired", "escalate first_line, note"},
		"pressed": {"ask", "NG NG OK", recover(5*time.Minute, true),
			"matched web, check NG, gather, offered recover, chie pressed recover, check NG, recover OK, recheck OK, ended: recovered at a person's word, closed: resolved", "escalate first_line, resolve, note"},
		"pressed too late": {"ask", "NG", recover(31*time.Minute, true),
			"matched web, check NG, gather, offered recover, ended: expired, chie was refused recover: The offer to run the recovery has expired. Run Checks Again takes its place.", "escalate first_line, note"},
		"may not": {"ask", "NG", recover(time.Minute, false),
			"matched web, check NG, gather, offered recover, chie was refused recover: You may not Run Recovery here. Who may: nobody yet; `permissions` in amsbot.yaml or project.yaml names who may., ended: expired", "escalate first_line, note"},
		"paused": {"auto", "NG", func(o *RehearsalOptions) { o.Guards = map[string]any{"pause:all": paused{Scope: "all", Name: "ben"}} },
			"matched web, check NG, gather, held by pause, ended: held, offered recover, the offer expired", "escalate first_line, note"},
		"paused between steps": {"auto", "NG", func(o *RehearsalOptions) {
			o.Turns = []Turn{{After: 5 * time.Second, Guards: map[string]any{"pause:all": paused{Scope: "all"}}}}
		}, "matched web, check NG, gather, held by pause, recover OK, recheck NG, ended: held, offered recover, the offer expired", "escalate first_line, note"},
		"locked for a while": {"auto", "NG OK", func(o *RehearsalOptions) {
			o.Guards = map[string]any{"lock:default/web-1": lockHeld{Incident: "pd:rehearsal:Q0"}}
			o.Turns = []Turn{{After: time.Minute, Guards: map[string]any{"lock:default/web-1": nil}}}
		}, "matched web, check NG, gather, waits for the lock, looks again: lock, check OK, ended: healed but not by amsbot", "escalate first_line, note"},
		"resolved meanwhile": {"ask", "NG", func(o *RehearsalOptions) {
			o.Turns = []Turn{{After: time.Minute, News: "incident.resolved", As: Person{Name: "icinga"}, Change: func(s *Snapshot) { s.Incident.Status = "resolved" }}}
		}, "matched web, check NG, gather, offered recover, ended: resolved by monitoring, closed: resolved", "escalate first_line, note"},
		"killed": {"auto", "NG", func(o *RehearsalOptions) { o.Turns = []Turn{{After: 2500 * time.Millisecond, Restart: true}} },
			"matched web, check NG, gather, interrupted in first, recheck NG, ended: interrupted, offered again", "escalate first_line, note"},
		"away": {"auto", "OK", func(o *RehearsalOptions) { o.Away = time.Minute }, "matched web, check OK, gather, ended: no fault found", "escalate first_line, note"},
	} {
		t.Run(name, func(t *testing.T) {
			var events [2]any
			for n := range events { // twice: it is the same every time
				o := rehearsing(t, c.autonomy, append(fine, "health "+c.health)...)
				if c.change != nil {
					c.change(&o)
				}
				r, err := Rehearse(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				events[n] = r.Events
				s := storyOf(r.Events)
				var acts []string
				for _, a := range s.Acts {
					if a.Kind != ActReply {
						acts = append(acts, strings.TrimSpace(a.Kind+" "+a.To))
					}
				}
				if got := strings.Join(acts, ", "); legs(s) != c.want || got != c.acts {
					t.Errorf("got  %s; %s\nwant %s; %s", legs(s), got, c.want, c.acts)
				}
			}
			if !reflect.DeepEqual(events[0], events[1]) {
				t.Error("it is not the same twice")
			}
		})
	}
}

// What a rehearsal knows while it decides is what its events tell afterwards.
func TestRehearsalKnowsItsEvents(t *testing.T) {
	o := rehearsing(t, "ask", "health NG NG OK", "one OK", "two NG", "first OK", "second OK")
	o.Turns = []Turn{{May: true, As: Person{ID: "PC", Name: "chie"}, Click: &Click{Act: DoRecover}}}
	r, err := newRehearsal(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := words.In("en")
	told := fold(r.key, r.Epoch(), r.Events())
	if !reflect.DeepEqual(draw(r.in, 0, w), draw(told, 0, w)) || !reflect.DeepEqual(summarize(r.in, w), summarize(told, w)) || r.in.seq != told.seq {
		t.Errorf("%+v\n%+v", draw(r.in, 0, w), draw(told, 0, w))
	}
}

// The clock of a rehearsal is moved by what steps take and by what is waited for.
func TestRehearsedTime(t *testing.T) {
	o := rehearsing(t, "auto", "health NG OK", "one OK", "two OK", "first OK", "second OK")
	r, err := Rehearse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	s := storyOf(r.Events)
	at := map[string]time.Duration{}
	for _, l := range s.Path {
		at[l.Text] = l.At.Sub(begin)
	}
	for text, want := range map[string]time.Duration{
		"check NG":   time.Second,
		"gather":     2 * time.Second,                    // its two steps run side by side
		"recover OK": 14 * time.Second,                   // one, ten, one
		"recheck OK": (14 + 5 + 1 + 2 + 1) * time.Second, // settled, a round, until the next, a round
	} {
		if at[text] != want {
			t.Errorf("%s after %s, not %s", text, at[text], want)
		}
	}
	// What was counted is there for the next one.
	next := rehearsing(t, "auto", "health NG", "one OK", "two OK")
	next.Guards, next.At = r.Guards, r.Ended.Add(time.Minute)
	r, err = Rehearse(t.Context(), next)
	if err != nil || !strings.Contains(legs(storyOf(r.Events)), "held by cooldown") {
		t.Errorf("%s, %v", legs(storyOf(r.Events)), err)
	}
}

// Gathering that takes too long is ended.
func TestRehearsedGatherEnds(t *testing.T) {
	o := rehearsing(t, "observe", "health NG")
	o.Step = func(c StepCall) (scenarios.Outcome, error) {
		return scenarios.Outcome{Verdict: scenarios.NG, Took: time.Minute}, nil
	}
	r, err := Rehearse(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range storyOf(r.Events).Path {
		for _, st := range l.Steps {
			if l.Phase == scenarios.Gather && (st.Verdict != "UNKNOWN" || st.Took != 30*time.Second || st.Why != errGathered.Error()) {
				t.Errorf("%+v", st)
			}
		}
	}
}

// A step without a result ends the rehearsal, and what had happened is there.
func TestRehearsedStepWithoutResult(t *testing.T) {
	missing := errors.New("none")
	o := rehearsing(t, "auto")
	o.Step = func(c StepCall) (scenarios.Outcome, error) {
		if c.Step.Name != "health" {
			return scenarios.Outcome{}, fmt.Errorf("%s (%s): %w", c.Step.Name, c.Shown, missing)
		}
		return scenarios.Outcome{Verdict: scenarios.NG}, nil
	}
	r, err := Rehearse(t.Context(), o)
	if !errors.Is(err, missing) || !strings.Contains(err.Error(), "one (GET http://web-1.example/1)") || legs(storyOf(r.Events)) != "matched web, check NG" {
		t.Errorf("%v: %s", err, legs(storyOf(r.Events)))
	}
}

// Who is nobody's is ignored; what was never offered is left over; what PagerDuty
// refuses is told.
func TestRehearsedOddities(t *testing.T) {
	o := rehearsing(t, "ask", "health OK", "one OK", "two OK")
	o.Turns = []Turn{{May: true, As: Person{Name: "chie"}, Click: &Click{Act: DoRecover}}}
	o.Act = func(a outbox.Act) outbox.Result {
		if a.Kind == ActEscalate {
			return outbox.Result{State: outbox.Refused, Why: "No."}
		}
		return outbox.Result{State: outbox.Unknown}
	}
	r, err := Rehearse(t.Context(), o)
	if err != nil || len(r.Left) != 1 {
		t.Errorf("%d clicks left, %v", len(r.Left), err)
	}
	states := map[string]string{}
	for _, a := range storyOf(r.Events).Acts {
		states[a.Kind] = a.State
	}
	if states[ActEscalate] != kindFailed || states[ActNote] != kindUnknown {
		t.Errorf("%v", states)
	}
	o.Bot.Scenarios.Projects[0].Default = false
	if r, err := Rehearse(t.Context(), o); err != nil || !r.Ignored || len(r.Events) > 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Rehearse(t.Context(), RehearsalOptions{}); err == nil {
		t.Error("nothing can be rehearsed")
	}
}
