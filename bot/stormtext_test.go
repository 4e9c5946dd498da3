package bot

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"amsbot/bot/words"
	"amsbot/store"
)

// Whatever is written of a storm, a history has words for it: a kind or a state
// that comes later needs its own line here.
func TestEveryEventOfAStormIsTold(t *testing.T) {
	s := newTale(t, 0)
	one := func(kind string, data any) []string {
		s.add(kind, data)
		return []string{EventText(s.events[len(s.events)-1], words.In("en"))}
	}
	states := map[string]string{"stormGood": stormGood, "stormBad": stormBad, "stormGuarded": stormGuarded, "stormLeft": stormLeft, "stormWaits": stormWaits,
		"stormRuns": ""} // is never what came of one
	told := map[string][]string{
		"kindStorm":     one(kindStorm, stormBegan{Scenario: "web-down"}),
		"kindJoined":    one(kindJoined, joining{Members: []member{{Number: 7, Target: "web-7"}}}),
		"kindTold":      one(kindTold, stopped{}),
		"kindOffered":   one(kindOffered, offered{Acts: []string{DoAll}}),
		"kindClicked":   one(kindClicked, clicked{Act: DoAll, Name: "Chie"}),
		"kindRequested": one(kindRequested, requested{clicked: clicked{Act: DoAll, Name: "Chie"}}),
		"kindGlass":     one(kindGlass, glassBroken{Act: DoAll, Name: "Chie", Why: "nobody is awake"}),
		"kindWithdrawn": one(kindWithdrawn, withdrawn{Name: "Chie", Why: "withdrawn.left"}),
		"kindExpired":   one(kindExpired, expired{Acts: []string{DoApprove}}),
		"kindRefused":   one(kindRefused, refused{Act: DoAll, Name: "Aiko", Why: "You may not."}),
		"kindSent": append(append(one(kindSent, sent{Incidents: []string{"a"}, Canary: true}), one(kindSent, sent{Incidents: []string{"a"}})...),
			one(kindSent, sent{Incidents: []string{"a", "b"}})...),
		"kindStopped": append(one(kindStopped, stopped{}), one(kindStopped, stopped{Why: "Stopped: it did not help #7"})...),
		"kindCalm":    one(kindCalm, stopped{}),
		"kindClosed":  one(kindClosed, closed{How: "calm"}),
	}
	for _, state := range states {
		if state != "" {
			told["kindCame"] = append(told["kindCame"], one(kindCame, came{Incident: "pd:shop:Q7", Number: 7, State: state, Words: "so it is"})...)
		}
	}
	for kind, texts := range told {
		for _, text := range texts {
			if text == "" || strings.Contains(text, "%!") || regexp.MustCompile(`^[a-z]+\.`).MatchString(text) {
				t.Errorf("%s is told as %q", kind, text)
			}
		}
	}
	for _, kind := range stormSource(t, `c\.write\((kind\w+),|\b(kind\w+)\s+= "`) {
		if told[kind] == nil {
			t.Errorf("%s is written of a storm, and here it is not told", kind)
		}
	}
	for _, state := range stormSource(t, `(?m)^\t(storm[A-Z]\w+)\s+= "`) {
		if _, ok := states[state]; !ok {
			t.Errorf("an incident may come to %s, and here it does not", state)
		}
	}
}

// stormSource is what a pattern finds in the sources about storms.
func stormSource(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob("storm*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			out = append(out, strings.Join(m[1:], ""))
		}
	}
	if len(out) == 0 {
		t.Fatalf("nothing in %v is like %s", files, pattern)
	}
	return out
}

// An older amsbot did not write an incident's number; who joined is named by number,
// and a storm speaks the language of its project.
func TestEventsOfAStorm(t *testing.T) {
	e := store.Event{Incident: "storm:shop/web-down:1", Kind: kindCame, Data: []byte(`{"incident":"pd:shop:Q7","state":"good","words":"Recovered"}`)}
	if got := EventText(e, words.In("en")); got != "pd:shop:Q7 works again: Recovered" {
		t.Errorf("it is told as %q", got)
	}
	e = store.Event{Kind: kindJoined, Data: []byte(`{"members":[{"number":10,"target":"a"},{"number":9,"target":"b"}]}`)}
	if got := EventText(e, words.In("en")); got != "held with it: #9 b, #10 a" {
		t.Errorf("it is told as %q", got)
	}
	s := newTale(t, 0)
	s.add(kindStorm, stormBegan{Project: projectView{Language: "xx"}})
	if got := Language(s.events); got != "xx" {
		t.Errorf("the language is %q", got)
	}
}
