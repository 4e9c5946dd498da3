package app_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	latin      = regexp.MustCompile(`\b[A-Za-z][A-Za-z'’]+\b`)
	formatVerb = regexp.MustCompile(`%(?:\[\d+\])?(?:\.0)?[a-z%]`)
	notSaid    = regexp.MustCompile("<[!@#][^>]*>|<https?:[^|>]*|`[^`]*`|“/?ams[^”]*”|'/ams[^']*'") // a time, a mention, an address, a command
)

// sameInJapanese are words that Japanese texts have, too.
const sameInJapanese = "amsbot PagerDuty Slack Webhook ID level OK NG UNKNOWN ms"

// wordsIn are the words of the Latin alphabet in texts, in lower case.
func wordsIn(texts ...string) map[string]bool {
	all := map[string]bool{}
	for _, w := range latin.FindAllString(strings.Join(texts, " "), -1) {
		all[strings.ToLower(w)] = true
	}
	return all
}

// englishTexts are all that amsbot says in English.
func englishTexts(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../bot/words/*.go")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	var all []string
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.ValueSpec:
				return strings.HasSuffix(n.Names[0].Name, "EN")
			case *ast.KeyValueExpr:
				ast.Inspect(n.Value, func(n ast.Node) bool {
					if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						text, err := strconv.Unquote(lit.Value)
						if err != nil {
							t.Fatal(err)
						}
						all = append(all, formatVerb.ReplaceAllString(text, " "))
					}
					return true
				})
				return false
			}
			return true
		})
	}
	return all
}

// readByPeople is every text that stood in Slack at any time, for all or for one, and
// every note in PagerDuty, each with where it was.
func (s *stage) readByPeople() map[string]string {
	s.Helper()
	out := map[string]string{}
	look := func(where string, raw []byte) {
		var parsed any
		if json.Unmarshal(raw, &parsed) == nil {
			texts(parsed, func(text string, _, _ bool) { out[text] = where })
		}
	}
	for _, c := range s.sim.Slack.Calls() {
		out[c.Args["text"]] = c.Method
		for _, arg := range []string{"attachments", "blocks", "view"} {
			look(c.Method, []byte(c.Args[arg]))
		}
	}
	for _, a := range s.sim.Slack.Acks() {
		look("an acknowledgement", a.Payload)
	}
	for _, i := range s.sim.PagerDuty.State().Incidents {
		for _, n := range i.Notes {
			out[n.Content] = "a note"
		}
	}
	return out
}

// allJapanese says that no word of the English texts was shown, but for what stands
// in Japanese ones, too, and what is the story's own: names, commands, what an alert
// says, and what a step puts out.
func (s *stage) allJapanese(own ...string) {
	s.Helper()
	english, mine, shown := wordsIn(englishTexts(s.T)...), wordsIn(append(own, sameInJapanese)...), s.readByPeople()
	if len(english) < 500 || len(shown) < 10 {
		s.Fatalf("%d words, %d texts", len(english), len(shown))
	}
	for _, text := range slices.Sorted(maps.Keys(shown)) {
		var left []string
		for w := range wordsIn(notSaid.ReplaceAllString(text, " ")) {
			if english[w] && !mine[w] {
				left = append(left, w)
			}
		}
		if len(left) > 0 {
			s.Errorf("English in Japanese (%s): %q in %q", shown[text], slices.Sorted(slices.Values(left)), text)
		}
	}
}
