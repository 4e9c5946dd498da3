package app_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// says serves a text under an address of the shop: what a step may read.
func (s *stage) serves(address, text string) {
	s.Helper()
	l, err := s.net.Listen(address)
	s.must(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = w.Write([]byte(text))
	})}
	over := make(chan error, 1)
	go func() { over <- server.Serve(l) }()
	s.Cleanup(func() { server.Close(); <-over })
}

const gathersEvil = `gather:
  - name: what it says
    http: {url: "http://web-1.shop.example:8099/${{ alert.details.text }}?q=${{ alert.details.text }}"}
    timeout: 2s`

// terminal is what `amsbot history` is given of the story's incident.
func (s *stage) terminal() (card []string, events []string) {
	s.Helper()
	s.stop()
	db, err := store.Open(s.config.Database, store.Options{})
	s.must(err)
	defer db.Close()
	h, err := app.FileSource(db).History(s.ctx, s.incident)
	s.must(err)
	for _, e := range h.Events {
		events = append(events, e.Text)
	}
	return h.Card, events
}

// An alert that tries everything, in the title, in details' names and values, in
// what a step reads: it mentions nobody, links and formats nothing, and the
// buttons work.
func TestHostileAlert(t *testing.T) {
	story(t, one(web("when: {service: shop-web, title: '/Health check/'}", gathersEvil,
		"then: {failed: [{escalate: {to: second_line, text: 'look at ${{ alert.details.text }}'}}, {notify: 'and at ${{ incident.title }}'}]}")), func(s *stage) {
		s.ail("stubborn")
		s.serves(host+":8099", strings.Repeat(hostile+"\n", 3))
		s.raise("Health check "+hostile, map[string]any{"text": hostile, hostile: "a name", "a": hostile, "b": []any{hostile}, "c": map[string]any{"d": hostile}})
		s.press(ben, "Take Over")
		s.press(ben, "Add Note")
		s.submit(ben, hostile)
		s.press(aiko, "Run Recovery")
		s.says("Escalated")
		s.settle()
		for _, text := range []string{"list", "show 1", "why 1", "history 1", "note 1 " + hostile, "pause " + hostile, "list", hostile, "show " + hostile} {
			s.ams(chie, text)
		}
		s.must(s.sim.Slack.OpenHome(chie))
		s.press(chie, "Why This Scenario")
		s.press(chie, "Resolve")
		s.says("Resolved by")
		s.settle()
		s.harmless()
		s.recoveries(1)
		s.is("resolved")
		if card, events := s.terminal(); len(card) > 40 || strings.Contains(strings.Join(slices.Concat(card, events), ""), "\n") {
			t.Errorf("the card as text: %d lines", len(card))
		}
	}, unhurried)
}

// The target itself is hostile: it stands in confirms, guards' texts and notes.
func TestHostileTarget(t *testing.T) {
	evil := "<!channel> <http://evil.example|ok> *EVILBOLD* _EVILITALIC_ `EVILCODE` :evilmoji: @here &lt;!here&gt; $(evil)"
	story(t, one(web("autonomy: auto", "target: ${{ alert.details.text }}", "guards: {cooldown: 1h}")), func(s *stage) {
		s.ail("errors")
		s.raiseOn("shop-web", "Health check of web-1 failed", "one", map[string]any{"text": evil})
		s.says("Recovered by amsbot")
		s.settle()
		s.ail("errors")
		s.raiseOn("shop-web", "Health check of web-1 failed again", "two", map[string]any{"text": evil})
		s.says("Held")
		s.press(ben, "Run Recovery")
		s.ams(chie, "show 2")
		s.ams(chie, "history 2")
		s.settle()
		s.harmless()
		s.recoveries(1)
	}, unhurried)
}

// A target that nobody could read is none: a person decides.
func TestUnreadableTarget(t *testing.T) {
	story(t, one(web("autonomy: auto", "target: ${{ alert.details.text }}")), func(s *stage) {
		s.down()
		s.says("Handed over")
		s.settle() // a broadcast that comes before its card is tried again later
		s.raiseOn("shop-web", "Health check of web-1 failed again", "two", map[string]any{"text": "web-1\u202e"})
		s.says("Handed over")
		s.settle()
		s.ams(ben, "why 2")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / No scenario fits this incident. / Please take over.
			card: #2 Health check of web-1 failed again: Handed over: no scenario fits · Please take over
			broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed again / No scenario fits this incident. / Please take over.
			only ben: No scenario fits this incident. / • web-down does not fit: target: it has characters that cannot be shown`)
		s.recoveries(0)
	}, unhurried)
}

// A host that the alert makes up is not in hosts: nothing is asked there, and
// its name mentions nobody.
func TestHostileHost(t *testing.T) {
	for _, address := range []string{"evil.example:80", "<!channel>", "127.0.0.1:80", "web-1.shop.example@evil.example", "[::1]:80",
		"169.254.169.254", "web-1.shop.example.evil.example:80", "../..", "", "-oProxyCommand=evil"} {
		t.Run(address, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.ail("errors")
				s.raise("Health check of web-1 failed", map[string]any{"address": address})
				s.says("Escalated")
				s.settle()
				s.ams(ben, "history 1")
				s.settle()
				s.harmless()
				s.recoveries(0)
				s.is("triggered", aikoPD)
			}, unhurried)
		})
	}
}

// Details of every shape: very many, very deep, very long, numbers as texts,
// texts as numbers. The incident is answered all the same.
func TestShapesOfDetails(t *testing.T) {
	many := map[string]any{}
	for n := range 5000 {
		many[fmt.Sprintf("k%04d", n)] = n
	}
	deep := any("bottom")
	for range 400 {
		deep = map[string]any{"d": deep}
	}
	for name, details := range map[string]map[string]any{
		"many":    many,
		"deep":    {"deep": deep},
		"long":    {"long": strings.Repeat("x", 200<<10)},
		"numbers": {"n": "12", "m": 12, "f": 1e300, "t": true, "z": nil, "l": []any{1, "1", nil, []any{}}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web("autonomy: auto")), func(s *stage) {
				s.ail("errors")
				all := maps.Clone(details)
				s.raise("Health check of web-1 failed", all)
				s.until("there is an end", func() bool {
					m, _ := s.card()
					return strings.Contains(m.Text, "Recovered by amsbot") || strings.Contains(m.Text, "Escalated") || strings.Contains(m.Text, "Handed over")
				})
				s.settle()
				s.harmless()
				s.is("resolved")
			}, unhurried)
		})
	}
}

// A person's own name in Slack is foreign text too.
func TestHostileName(t *testing.T) {
	evil := "U0EVIL0001"
	story(t, one(web()), func(s *stage) {
		s.waits()
		s.press(evil, "Take Over")
		s.ams(evil, "pause project:shop")
		s.press(chie, "Run Recovery")
		s.ams(chie, "list")
		s.ams(chie, "history 1")
		s.ams(chie, "show 1")
		s.must(s.sim.Slack.OpenHome(chie))
		s.press(evil, "Resolve")
		s.settle()
		s.harmless()
	}, unhurried, namedHostile(evil))
}
