package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/scenarios"
)

const (
	replayProject = "name: shop\nservices: [web]\nfirst_line: {policy: PEP, level: 2}\nsecond_line: {policy: PEP, level: 2}\n"
	replayWeb     = `name: web
autonomy: AUTONOMY
when: {service: web, title: web is down}
target: ${{ alert.details.host }}
check: [{name: health, exec: [curl, "${{ target }}"]}]
gather: [{name: log, exec: [journal]}]
recover: [{name: restart, exec: [restart, "${{ target }}"]}]
recheck: {settle: 1s, every: 1s, stable: 2, within: 10s}
guards: {cooldown: 30m}
`
)

// replaySet is the one scenario with an autonomy, after some changes: pairs of
// old and new.
func replaySet(t *testing.T, autonomy string, changes ...string) *scenarios.Set {
	t.Helper()
	text := strings.NewReplacer(append(changes, "AUTONOMY", autonomy)...).Replace(replayWeb)
	set, err := scenarios.LoadFS(fstest.MapFS{"project.yaml": {Data: []byte(replayProject)}, "web.yaml": {Data: []byte(text)}}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var replayBegan = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// life is an incident that a bot lives through, to be replayed afterwards.
type life struct {
	after   time.Duration
	title   string
	key     string            // of its alert; "" one of its own
	results map[string]string // verdicts of a step, one after the other; the last stays
	turns   []bot.Turn
	guards  map[string]any
}

// fine is a recovery that works.
func fine() map[string]string {
	return map[string]string{"health": "NG OK", "log": "OK", "restart": "OK"}
}

// pressed is somebody who presses Run Recovery after three minutes, with the
// check NG once more before it.
func pressed() life {
	return life{results: map[string]string{"health": "NG NG OK", "log": "OK", "restart": "OK"},
		turns: []bot.Turn{{After: 3 * time.Minute, May: true, As: bot.Person{ID: "PAIKO", Name: "Aiko", Email: "aiko@x.example"},
			Click: &bot.Click{Act: bot.DoRecover, Name: "aiko", User: "UAIKO"}}}}
}

// lived plays lives through a set of scenarios, each with the guards that the
// one before it left.
func lived(t *testing.T, set *scenarios.Set, lives ...life) []admin.Pasts {
	t.Helper()
	var all []admin.Pasts
	guards := map[string]any{}
	for n, l := range lives {
		at := replayBegan.Add(l.after)
		o := bot.RehearsalOptions{At: at, Turns: l.turns, Guards: guards}
		for k, v := range l.guards {
			o.Guards[k] = v
		}
		o.Bot.Account, o.Bot.Scenarios = "shop", set
		self := bot.RehearsalSelf
		title := l.title
		if title == "" {
			title = "web is down"
		}
		o.Snapshot = bot.Snapshot{Assignees: []bot.Person{self}, Levels: []bot.Level{{Level: 1, OnCall: []bot.Person{self}}, {Level: 2, OnCall: []bot.Person{{ID: "PBEN", Name: "Ben"}}}},
			Incident: scenarios.Incident{ID: fmt.Sprintf("Q%d", n+1), Number: n + 1, Title: title, Status: "triggered", Urgency: "high", CreatedAt: at,
				Service: scenarios.Ref{ID: "PWEB", Name: "web"}, Policy: scenarios.Ref{ID: "PEP"},
				Alerts: []scenarios.Alert{{ID: "A1", Status: "triggered", CreatedAt: at, Details: map[string]any{"host": "web-1", "other": "web-2"}}}}}
		if o.Snapshot.Incident.Alerts[0].Key = l.key; l.key == "" {
			o.Snapshot.Incident.Alerts[0].Key = fmt.Sprint("k", n)
		}
		o.Step = func(c bot.StepCall) (scenarios.Outcome, error) {
			said := strings.Fields(l.results[c.Step.Name])
			return scenarios.Outcome{Verdict: scenarios.Verdict(said[min(c.Before, len(said)-1)]), Took: 700 * time.Millisecond}, nil
		}
		played, err := bot.Rehearse(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		guards = played.Guards
		all = append(all, admin.Pasts{Incident: admin.Incident{Key: fmt.Sprintf("pd:shop:Q%d", n+1), Number: n + 1, Title: title, First: at}, Runs: define(set, bot.Pasts(played.Events))})
	}
	return all
}

// define does what the bot's side does: it says what decided what a step did.
func define(set *scenarios.Set, runs []bot.Past) []bot.Past {
	definitions := map[string]string{}
	for _, sc := range set.Scenarios {
		for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
			for _, st := range sc.Steps(p) {
				definitions[st.Name] = st.Definition()
			}
		}
	}
	for _, run := range runs {
		for i := range run.Steps {
			run.Steps[i].Definition = definitions[run.Steps[i].Name]
		}
	}
	return runs
}

// replayText replays incidents and prints what differs.
func replayText(t *testing.T, set *scenarios.Set, all []admin.Pasts) (string, *replayed) {
	t.Helper()
	r := newReplay(set, "")
	for _, one := range all {
		if err := r.take(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	r.out.Since, r.out.Until = replayBegan, replayBegan
	var out bytes.Buffer
	p := &printer{out: &out}
	r.result().print(p)
	return out.String(), r.result()
}

// One difference after the other: what is lived through under one set of
// scenarios is replayed through another.
func TestReplay(t *testing.T) {
	comment := []string{"name: web\n", "name: web # as before\n"}
	resolved := bot.Turn{After: 8 * time.Second, News: "incident.resolved", Change: func(s *bot.Snapshot) {
		s.Incident.Status, s.ChangedBy = "resolved", bot.Person{ID: "PWEB", Name: "web"}
	}}
	taken := bot.Turn{After: time.Second, News: "incident.acknowledged", Change: func(s *bot.Snapshot) {
		who := bot.Person{ID: "PAIKO", Name: "Aiko", Email: "aiko@x.example"}
		s.Incident.Status, s.ChangedBy, s.Assignees, s.Acknowledged = "acknowledged", who, []bot.Person{who}, []bot.Person{who}
	}}
	pause := map[string]any{"pause:all": map[string]string{"scope": "all", "name": "aiko"}}
	failed := map[string]string{"health": "NG", "log": "OK", "restart": "OK"}
	for name, c := range map[string]struct {
		lives   []life
		was     string
		now     string
		changes []string
		want    []string // in what is printed
		kinds   map[string]int
		alone   alone
	}{
		"a recovery by itself":             {[]life{{results: fine()}}, "auto", "auto", comment, nil, map[string]int{noDifference: 1}, alone{Then: 1, Now: 1}},
		"at a person's word":               {[]life{pressed()}, "ask", "ask", comment, nil, map[string]int{noDifference: 1}, alone{}},
		"a recovery that failed":           {[]life{{results: failed}}, "auto", "auto", comment, nil, map[string]int{noDifference: 1}, alone{}},
		"resolved by monitoring meanwhile": {[]life{{results: failed, turns: []bot.Turn{resolved}}}, "auto", "auto", comment, nil, map[string]int{noDifference: 1}, alone{}},
		"a person has it":                  {[]life{{results: fine(), turns: []bot.Turn{taken}}}, "auto", "auto", comment, nil, map[string]int{noDifference: 1}, alone{}},
		"what only gathers":                {[]life{{results: fine()}}, "auto", "auto", []string{"journal", "journalctl"}, nil, map[string]int{noDifference: 1}, alone{Then: 1, Now: 1}},
		"ask becomes auto": {[]life{pressed()}, "ask", "auto", nil, []string{"shop/web, other path or outcome: #1",
			"then: shop/web for web-1: check NG, gather, offered recover, a person pressed recover, check NG, recover OK, recheck OK, ended: recovered at a person's word",
			"now:  shop/web for web-1: check NG, gather, recover OK, recheck OK, ended: recovered by amsbot, resolve",
			"First response without a person: 0 % then, 100 % now; 0 % cannot be told."}, map[string]int{otherPath: 1}, alone{Now: 1}},
		"auto becomes observe": {[]life{{results: fine()}}, "auto", "observe", nil, []string{"ended: observed"}, map[string]int{otherPath: 1}, alone{Then: 1}},
		"an ending":            {[]life{{results: failed}}, "auto", "auto", []string{"guards:", "then: {failed: report}\nguards:"}, []string{"escalate to first_line\n"}, map[string]int{otherPath: 1}, alone{}},
		"another check": {[]life{{results: fine()}}, "auto", "auto", []string{"[curl,", "[curl, -s,"}, []string{`why:  the step "health" has changed`, "nobody knows what its steps would find"},
			map[string]int{cannotTell: 1}, alone{Then: 1, Unknown: 1}},
		"a check under another name": {[]life{{results: fine()}}, "auto", "auto", []string{"name: health", "name: healthy"}, []string{`the step "healthy" did not run at this point then`},
			map[string]int{cannotTell: 1}, alone{Then: 1, Unknown: 1}},
		"a longer look": {[]life{{results: fine()}}, "auto", "auto", []string{"stable: 2", "stable: 3"}, []string{`the step "health" did not run at this point then`},
			map[string]int{cannotTell: 1}, alone{Then: 1, Unknown: 1}},
		"another target": {[]life{{results: fine()}}, "auto", "auto", []string{"details.host", "details.other"}, []string{"now:  shop/web for web-2"},
			map[string]int{otherTarget: 1}, alone{Then: 1, Unknown: 1}},
		"another name": {[]life{{results: fine()}}, "auto", "auto", []string{"name: web\n", "name: tier\n"}, []string{"shop/tier, other scenario: #1", "why:  web is not there any more"},
			map[string]int{otherScenario: 1}, alone{Then: 1, Now: 1}},
		"no longer": {[]life{{results: fine()}}, "auto", "auto", []string{"title: web is down", "title: web is gone"}, []string{`why:  title: "web is down" is not web is gone`},
			map[string]int{noLonger: 1}, alone{Then: 1}},
		"newly": {[]life{{title: "web is slow", results: fine()}}, "auto", "auto", []string{"title: web is down", "title: /web is/"}, []string{"shop/web, newly matched: #1"},
			map[string]int{newlyMatched: 1}, alone{Unknown: 1}},
		"a cooldown that still holds": {[]life{{results: fine()}, {after: 20 * time.Minute, results: fine()}}, "auto", "auto", comment, nil, map[string]int{noDifference: 2}, alone{Then: 1, Now: 1}},
		"a shorter cooldown": {[]life{{results: fine()}, {after: 40 * time.Minute, results: fine()}, {after: 60 * time.Minute, results: failed}}, "auto", "auto", []string{"cooldown: 30m", "cooldown: 5m"},
			[]string{`#3 web is down`, `why:  the step "restart" did not run at this point then`}, map[string]int{noDifference: 2, cannotTell: 1}, alone{Then: 2, Now: 2, Unknown: 1}},
		"paused then": {[]life{{results: fine(), guards: pause}}, "auto", "auto", comment, nil, map[string]int{cannotTell: 1}, alone{Unknown: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			text, out := replayText(t, replaySet(t, c.now, c.changes...), lived(t, replaySet(t, c.was), c.lives...))
			unbroken := strings.ReplaceAll(text, "\n        ", " ")
			for _, want := range c.want {
				if !strings.Contains(unbroken, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			if !reflect.DeepEqual(out.Counts, c.kinds) || out.Alone != c.alone {
				t.Errorf("%v %+v, want %v %+v\n%s", out.Counts, out.Alone, c.kinds, c.alone, text)
			}
		})
	}
}

// The same scenarios, read anew, change nothing, whatever the rehearsal says.
func TestReplayOfTheSameVersion(t *testing.T) {
	all := lived(t, replaySet(t, "auto"), life{results: fine(), guards: map[string]any{"pause:all": map[string]string{"scope": "all", "name": "aiko"}}},
		life{after: time.Hour, title: "something else", results: fine()})
	text, out := replayText(t, replaySet(t, "auto"), all)
	if out.Counts[noDifference] != 2 || out.Incidents != 2 || out.Alone != (alone{}) {
		t.Errorf("%+v\n%s", out, text)
	}
}

// What nobody decided yet, and titles that would steer a terminal.
func TestReplayOfOddIncidents(t *testing.T) {
	set := replaySet(t, "auto")
	none := admin.Pasts{Incident: admin.Incident{Key: "pd:shop:Q9", Number: 9, Title: "x\x1b[2J" + strings.Repeat("y", 200) + "\n\u202e"}}
	odd := admin.Pasts{Incident: admin.Incident{Key: "odd", Title: "odd"}, Runs: []bot.Past{{Scenario: "web", Project: "shop"}}}
	text, out := replayText(t, set, []admin.Pasts{none, odd})
	if out.Counts[cannotTell] != 1 || out.Counts[noLonger] != 1 || out.Alone.Unknown != 1 {
		t.Errorf("%+v", out)
	}
	if strings.ContainsAny(text, "\x1b\u202e") || strings.Contains(text, strings.Repeat("y", 100)) || !strings.Contains(text, "no scenario was decided yet") ||
		!strings.Contains(text, "its service is in no project") {
		t.Errorf("%q", text)
	}
	if _, err := json.Marshal(out); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newReplay(set, "").take(ctx, lived(t, set, life{results: fine()})[0]); err == nil {
		t.Error("it goes on after Ctrl-C")
	}
}

// A success that came back is none, then and now.
func TestReplayOfWhatCameBack(t *testing.T) {
	all := lived(t, replaySet(t, "auto"), life{key: "k", results: fine()}, life{key: "k", after: 10 * time.Minute, results: fine()})
	if all[1].Runs[0].CameBack != all[0].Key {
		t.Fatalf("it did not come back: %+v", all[1].Runs[0])
	}
	text, out := replayText(t, replaySet(t, "auto", "name: web\n", "name: web # as before\n"), all)
	if out.Alone.Then != 0 || out.Alone.Now != 0 {
		t.Errorf("%+v\n%s", out.Alone, text)
	}
}

// Many incidents: few examples, all numbers, and within seconds.
func TestReplayOfMany(t *testing.T) {
	one := lived(t, replaySet(t, "auto"), life{results: fine()})[0]
	var all []admin.Pasts
	for n := range 300 {
		p := one
		p.Number, p.Key, p.Runs = n+1, fmt.Sprintf("pd:shop:Q%d", n), []bot.Past{one.Runs[0]}
		p.Runs[0].Snapshot.Incident.Number = n + 1
		all = append(all, p)
	}
	began := time.Now()
	text, out := replayText(t, replaySet(t, "observe"), all)
	t.Logf("300 incidents in %s", time.Since(began))
	row := out.Scenarios[0]
	if len(row.Numbers[otherPath]) != 300 || len(row.Examples[otherPath]) != mostExamples || !strings.Contains(text, "#12 and 288 more\n") {
		t.Errorf("%d numbers, %d examples\n%s", len(row.Numbers[otherPath]), len(row.Examples[otherPath]), text)
	}
}
