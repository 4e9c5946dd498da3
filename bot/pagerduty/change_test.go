package pagerduty

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simpd "amsbot/bot/sim/pagerduty"
)

func TestAcknowledge(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(w *world, id string) error
		from   string
		state  outbox.State
		why    string
		has    []string // afterwards
		writes int
	}{
		{"triggered", nil, annMail, outbox.Done, "", []string{ann}, 1},
		{"nobody named: amsbot", nil, "", outbox.Done, "", []string{self}, 1},
		{"by the same already", func(w *world, id string) error { return w.Acknowledge(ann, id) }, "ANN@shop.example", outbox.Done, "", []string{ann}, 0},
		{"by another: takes over", func(w *world, id string) error { return w.Acknowledge(bob, id) }, annMail, outbox.Done, "", []string{ann}, 1},
		{"resolved", func(w *world, id string) error { return w.Resolve(bob, id) }, annMail, outbox.Refused, "Bob has resolved it already.", nil, 0},
		{"resolved by the monitoring", func(w *world, id string) error { return w.Clear(web, "key") }, annMail, outbox.Refused, "shop-web has resolved it already.", nil, 0},
		{"merged", func(w *world, id string) error { return w.Merge(bob, w.raise(web), id) }, annMail, outbox.Refused, "It was merged into Web health check failed.", nil, 0},
		{"unknown person", nil, "carl@shop.example", outbox.Refused, "PagerDuty does not know the user in whose name this was to be done.", []string{self}, 1},
		{"person who may not", nil, "eve@shop.example", outbox.Refused, "PagerDuty does not allow this user to do that.", []string{self}, 1},
		{"no address", nil, "Ann", outbox.Refused, "The person has no e-mail address that PagerDuty could know.", []string{self}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raiseAlert(simpd.Alert{Service: web, Title: "x", DedupKey: "key"})
				if c.before != nil {
					must(t, c.before(w, id))
				}
				want(t, w.do(bot.ActAcknowledge, bot.AckArgs{ID: id, From: c.from}), c.state, c.why)
				if got := holders(w.incident(id)); !slices.Equal(got, c.has) {
					t.Errorf("assigned to %v, want %v", got, c.has)
				}
				if got := w.writes(); len(got) != c.writes {
					t.Errorf("writes %v, want %d", got, c.writes)
				}
			})
		})
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct {
		name   string
		before func(w *world, id string) error
		args   bot.ResolveArgs
		state  outbox.State
		why    string
		status string
	}{
		{"at a person's word", nil, bot.ResolveArgs{From: annMail}, outbox.Done, "", "resolved"},
		{"a person's word counts more than who has it", func(w *world, id string) error { return w.Acknowledge(bob, id) },
			bot.ResolveArgs{From: annMail}, outbox.Done, "", "resolved"},
		{"resolved already", func(w *world, id string) error { return w.Resolve(bob, id) },
			bot.ResolveArgs{From: annMail}, outbox.Done, "Bob has resolved it already.", "resolved"},
		{"by itself, a person has it", func(w *world, id string) error { return w.Acknowledge(bob, id) },
			bot.ResolveArgs{HeldBy: self}, outbox.Refused, "Bob has acknowledged it.", "acknowledged"},
		{"by itself, amsbot has it", func(w *world, id string) error { return w.Acknowledge(self, id) },
			bot.ResolveArgs{HeldBy: self, Covered: []string{"all"}}, outbox.Done, "", "resolved"},
		{"by itself, nobody has acknowledged", nil, bot.ResolveArgs{HeldBy: self, Covered: []string{"all"}}, outbox.Done, "", "resolved"},
		{"by itself, an alert was not checked", nil, bot.ResolveArgs{HeldBy: self, Covered: []string{"AOTHER"}},
			outbox.Refused, "It has an open alert that the check did not cover: x.", "triggered"},
		{"by itself, nothing was checked", nil, bot.ResolveArgs{HeldBy: self},
			outbox.Refused, "It has an open alert that the check did not cover: x.", "triggered"},
		{"unknown incident", nil, bot.ResolveArgs{ID: "QNONE"}, outbox.Refused, "It does not exist in PagerDuty (any more).", "triggered"},
		{"no ID", nil, bot.ResolveArgs{ID: "../users"}, outbox.Refused, "It has no PagerDuty ID.", "triggered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, account(), func(t *testing.T, w *world) {
				id := w.raiseAlert(simpd.Alert{Service: web, Title: "x"})
				if c.before != nil {
					must(t, c.before(w, id))
				}
				if c.args.ID == "" {
					c.args.ID = id
				}
				if slices.Equal(c.args.Covered, []string{"all"}) {
					c.args.Covered = []string{w.incident(id).Alerts[0].ID}
				}
				want(t, w.do(bot.ActResolve, c.args), c.state, c.why)
				if got := w.incident(id).Status; got != c.status {
					t.Errorf("status %s, want %s", got, c.status)
				}
			})
		})
	}
}

func TestResolveMindsAlertsThatCameLater(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raiseAlert(simpd.Alert{Service: grouped, Title: "first", DedupKey: "1"})
		covered := []string{w.incident(id).Alerts[0].ID}
		for n := range 120 { // beyond the first page
			w.raiseAlert(simpd.Alert{Service: grouped, Title: "later", DedupKey: fmt.Sprint("l", n)})
			must(t, w.Clear(grouped, fmt.Sprint("l", n)))
		}
		w.raiseAlert(simpd.Alert{Service: grouped, Title: "disk full", DedupKey: "disk"})
		args := bot.ResolveArgs{ID: id, HeldBy: self, Covered: covered, Note: "healthy again"}
		want(t, w.do(bot.ActResolve, args), outbox.Refused, "It has an open alert that the check did not cover: disk full.")
		must(t, w.Clear(grouped, "disk"))
		want(t, w.do(bot.ActResolve, args), outbox.Done, "")
		if got := w.writes(); len(got) != 1 || got[0] != "PUT /incidents "+selfMail {
			t.Errorf("writes %v", got)
		}
	})
}

// many acts of one kind, of as many incidents.
func (w *world) many(kind string, ids []string, from string) (acts []outbox.Act) {
	for _, id := range ids {
		acts = append(acts, w.act(kind, bot.AckArgs{ID: id, From: from}))
	}
	return acts
}

func TestManyAreOneCallForEachPerson(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var ids []string
		for range 300 {
			ids = append(ids, w.raise(web))
		}
		acts := append(w.many(bot.ActAcknowledge, ids[:260], annMail), w.many(bot.ActAcknowledge, ids[260:], bobMail)...)
		for n, r := range w.c.Do(t.Context(), acts) {
			if r.State != outbox.Done {
				t.Fatalf("act %d: %+v", n, r)
			}
		}
		puts, gets := w.writes(), len(w.Calls())-len(w.writes())
		if want := []string{"PUT /incidents " + annMail, "PUT /incidents " + annMail, "PUT /incidents " + bobMail}; !slices.Equal(puts, want) {
			t.Errorf("writes %v", puts)
		}
		if gets > 3 {
			t.Errorf("%d reads of 300 incidents, want list pages", gets)
		}
		if got := holders(w.incident(ids[299])); !slices.Equal(got, []string{bob}) {
			t.Errorf("the last is assigned to %v", got)
		}
	})
}

// between runs f after the account was read for the last time before it is
// written to: the moment in which somebody else acts.
func between(f *func()) twist {
	return func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && *f != nil {
				now := *f
				*f = nil
				now()
			}
			account.ServeHTTP(w, r)
		})
	}
}

func TestOneOddIncidentDoesNotHoldUpTheOthers(t *testing.T) {
	var meanwhile func()
	inTwistedBubble(t, account(), between(&meanwhile), func(t *testing.T, w *world) {
		var ids []string
		for range 8 {
			ids = append(ids, w.raise(web))
		}
		meanwhile = func() { must(t, w.Resolve(ann, ids[3])) }
		for n, r := range w.c.Do(t.Context(), w.many(bot.ActResolve, ids, bobMail)) {
			why := ""
			if n == 3 {
				why = "Ann has resolved it already."
			}
			want(t, r, outbox.Done, why)
		}
	})
}

// The alerts of each are read before all are resolved. However slow that is, it must
// not be long since it was seen that nobody has taken them.
func TestManyAreResolvedSoonAfterTheyWereRead(t *testing.T) {
	slow := func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/alerts") {
				time.Sleep(time.Second)
			}
			account.ServeHTTP(w, r)
		})
	}
	inTwistedBubble(t, account(), slow, func(t *testing.T, w *world) {
		var acts []outbox.Act
		for range mostResolves {
			id := w.raiseAlert(simpd.Alert{Service: web, Title: "x"})
			acts = append(acts, w.act(bot.ActResolve, bot.ResolveArgs{ID: id, HeldBy: self, Covered: []string{w.incident(id).Alerts[0].ID}}))
		}
		began := time.Now()
		for _, r := range w.c.Do(t.Context(), acts) {
			want(t, r, outbox.Done, "")
		}
		if took := time.Since(began); took > 8*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAnAcknowledgeThatComesLateIsRefused(t *testing.T) {
	var meanwhile func()
	inTwistedBubble(t, account(), between(&meanwhile), func(t *testing.T, w *world) {
		id, parent := w.raise(web), w.raise(web)
		meanwhile = func() { must(t, w.Merge(bob, parent, id)) }
		want(t, w.do(bot.ActAcknowledge, bot.AckArgs{ID: id, From: annMail}), outbox.Refused, "It was merged into Web health check failed.")
	})
}

func TestEveryOneOfManyIsRefusedForItsOwnReason(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		var ids []string
		for range 20 {
			ids = append(ids, w.raise(web))
		}
		for n, r := range w.c.Do(t.Context(), w.many(bot.ActAcknowledge, ids, "carl@shop.example")) {
			if r.State != outbox.Refused || !strings.Contains(r.Why, "does not know the user") {
				t.Fatalf("act %d: %+v", n, r)
			}
		}
	})
}

func TestDoWithWhatIsNoAct(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		if got := w.c.Do(t.Context(), nil); len(got) != 0 {
			t.Errorf("of nothing: %v", got)
		}
		odd := []outbox.Act{w.act("dance", nil), {Kind: "dance", Args: []byte("{")}}
		for _, r := range w.c.Do(t.Context(), odd) {
			want(t, r, outbox.Refused, "amsbot itself asked PagerDuty for something malformed.")
		}
		if got := w.c.Do(t.Context(), []outbox.Act{{Kind: bot.ActNote, Args: []byte("{")}}); got[0].State != outbox.Refused {
			t.Errorf("malformed arguments: %+v", got)
		}
		if got := w.Calls(); len(got) != 0 {
			t.Errorf("calls %v", got)
		}
	})
}
