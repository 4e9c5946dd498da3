package slack

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amsbot/bot"
	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// languages are those in which every state of the card is kept.
var languages = []string{"en", "ja"}

// state is a state that a card can be in, with the history that leads to it: the
// first response of testdata/shop, as amsbot itself would decide it.
type state struct {
	name     string
	autonomy string // of the scenario; "ask" where none is said
	approval string // as the scenario says it; "30m" where none is said
	health   string // what the health check finds, one after the other: "NG NG OK"
	restart  string // what the recovery comes to; "OK" where none is said
	until    time.Duration
	first    int      // so many events; 0: all
	calls    []string // whom it calls, message by message
	turns    []bot.Turn
	change   func(*testing.T, *bot.RehearsalOptions)
}

var (
	amsbot = bot.Person{ID: "PAMSBOT", Name: "amsbot", Email: "amsbot@shop.example"}
	aiko   = bot.Person{ID: "PAIKO01", Name: "Aiko Tanaka", Email: "aiko@shop.example"}
	chie   = bot.Person{ID: "PCHIE01", Name: "Chie Mori", Email: "chie@shop.example"}
	icinga = bot.Person{ID: "PSHOPWEB", Name: "icinga"}
)

// results are what the steps of testdata/shop can come to.
var results = map[string]scenarios.Outcome{
	"health endpoint OK": {Verdict: scenarios.OK, Why: "status 200", Line: "ok", Tries: 1, Took: 40 * time.Millisecond},
	"health endpoint NG": {Verdict: scenarios.NG, Why: "status 500, expected 200", Line: `{"status":"error","error":"database pool exhausted"}`,
		Output: []byte(`{"status":"error","error":"database pool exhausted"}`), Tries: 3, Failed: 3, Took: 2210 * time.Millisecond},
	"health endpoint UNKNOWN": {Verdict: scenarios.Unknown, Why: "no connection in time", Tries: 3, Failed: 3, Took: 14 * time.Second},
	"last errors": {Verdict: scenarios.OK, Why: "exit 0", Line: "09:29:58 web[412]: pool: no free connection", Tries: 1, Took: 410 * time.Millisecond,
		Output: []byte("09:29:58 web[412]: pool: no free connection\n09:29:58 web[412]: GET /healthz 500\n")},
	"free memory":    {Verdict: scenarios.OK, Why: "exit 0", Line: "Mem: 7941 total, 402 free", Tries: 1, Took: 380 * time.Millisecond},
	"restart web OK": {Verdict: scenarios.OK, Why: "exit 0", Tries: 1, Took: 6400 * time.Millisecond},
	"restart web NG": {Verdict: scenarios.NG, Why: "exit 1", Line: "Job for web.service failed because a timeout was exceeded.", Tries: 1, Failed: 1, Took: 31 * time.Second},
}

// result is what a step comes to when it runs again.
func (s state) result(c bot.StepCall) (scenarios.Outcome, error) {
	said := map[string]string{"health endpoint": s.health, "restart web": cmpOr(s.restart, "OK")}[c.Step.Name]
	all := strings.Fields(said)
	if len(all) == 0 {
		return results[c.Step.Name], nil
	}
	return results[c.Step.Name+" "+all[min(c.Before, len(all)-1)]], nil
}

// rehearsal is the state's history as it is to be played.
func (s state) rehearsal(t *testing.T, lang string) bot.RehearsalOptions {
	t.Helper()
	var o bot.RehearsalOptions
	o.Bot.Scenarios, o.Bot.Self, o.Bot.Account, o.Bot.Language = s.scenarios(t), amsbot, "shop", lang
	all := []string{"everyone"}
	o.Bot.Ceiling = scenarios.Permissions{View: all, Run: all, Resolve: all, Resume: all, Override: all, Approve: all, BreakGlass: all}
	o.Snapshot = bot.Snapshot{
		Assignees: []bot.Person{amsbot},
		Levels:    []bot.Level{{Level: 1, OnCall: []bot.Person{amsbot}}, {Level: 2, OnCall: []bot.Person{aiko}}, {Level: 3, OnCall: []bot.Person{chie}}},
		Incident: scenarios.Incident{
			ID: "Q2WEB0000001", Number: 1234, Title: "Health check of web-1 failed", Status: "triggered", Urgency: "high", CreatedAt: moment0,
			URL: "https://shop.pagerduty.com/incidents/Q2WEB0000001", Service: scenarios.Ref{ID: "PSHOPWEB", Name: "shop-web"}, Policy: scenarios.Ref{ID: "PSHOPEP", Name: "Shop"},
			Alerts: []scenarios.Alert{{ID: "A1", Status: "triggered", CreatedAt: moment0, Details: map[string]any{
				"host": "web-1.shop.example", "check": "healthz", "environment": "production"}}},
		},
	}
	o.Step, o.Turns = s.result, s.turns
	if s.until > 0 {
		o.Until = moment0.Add(s.until)
	}
	if s.change != nil {
		s.change(t, &o)
	}
	return o
}

// scenarios are those of testdata/shop, as free as the state says.
func (s state) scenarios(t *testing.T) *scenarios.Set {
	t.Helper()
	folder := fstest.MapFS{}
	for _, name := range []string{"project.yaml", "web-down.yaml"} {
		data, err := os.ReadFile("testdata/shop/" + name)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(data), "autonomy: ask", "autonomy: "+cmpOr(s.autonomy, "ask"), 1)
		text = strings.Replace(text, "approval: 30m", "approval: "+cmpOr(s.approval, "30m"), 1)
		folder[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := scenarios.LoadFS(folder, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func (s state) history(t *testing.T, lang string) []store.Event {
	t.Helper()
	r, err := bot.Rehearse(context.Background(), s.rehearsal(t, lang))
	switch {
	case err != nil:
		t.Fatal(err)
	case len(r.Left) > 0:
		t.Fatalf("%s could never press %s", r.Left[0].As.Name, r.Left[0].Click.Act)
	}
	if s.first > 0 {
		return r.Events[:s.first]
	}
	return r.Events
}

// outcomeOf is what a history came to; "" when it has not.
func outcomeOf(events []store.Event) (out bot.Outcome) {
	for _, e := range events {
		var c struct{ Outcome bot.Outcome }
		if e.Kind == "concluded" && json.Unmarshal(e.Data, &c) == nil {
			out = c.Outcome
		}
	}
	return out
}

// outcomes are all that package bot knows.
func outcomes(t *testing.T) (all []bot.Outcome) {
	t.Helper()
	file, err := parser.ParseFile(gotoken.NewFileSet(), "../outcomes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if id, is := ast.Expr(nil), false; ok {
			if id, is = v.Type, v.Type != nil; is && id.(*ast.Ident).Name == "Outcome" {
				text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, bot.Outcome(text))
			}
		}
		return true
	})
	return all
}

// Every state of the card is kept as the message that Slack gets. No colour and no
// outcome is without one.
func TestMessageOfEachState(t *testing.T) {
	seen, came := map[bot.CardState]bool{}, map[bot.Outcome]bool{}
	for _, s := range states() {
		for _, lang := range languages {
			t.Run(s.name+" "+lang, func(t *testing.T) {
				events, w := s.history(t, lang), words.In(lang)
				card := bot.Render(events, w)
				seen[card.State], came[outcomeOf(events)] = true, true
				text, attachments := Message(card, w)
				name := "states/" + s.name
				if lang != "en" {
					name += "." + lang
				}
				golden(t, name, map[string]any{"text": text, "attachments": attachments})
			})
		}
	}
	for c := range colours {
		if !seen[c] {
			t.Errorf("no state is %s", c)
		}
	}
	all := outcomes(t)
	if len(all) < 13 {
		t.Fatalf("only %d outcomes were read: %q", len(all), all)
	}
	for _, o := range all {
		if !came[o] {
			t.Errorf("no state has the outcome %q", o)
		}
	}
}
