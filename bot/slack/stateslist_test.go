package slack

import (
	"fmt"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

// two is the approval of a scenario whose recovery takes two people.
const two = "{second_person: true}"

// first and second are whom a state calls: the first line, or the second.
var first, second = []string{aiko.Name}, []string{chie.Name}

// presses is a person's click, some time after it is on offer.
func presses(who bot.Person, act string, after time.Duration) bot.Turn {
	return bot.Turn{After: after, As: who, Click: &bot.Click{Act: act, Override: true}}
}

// news is what PagerDuty tells after a time.
func news(kind string, by bot.Person, after time.Duration, change func(*bot.Snapshot)) bot.Turn {
	return bot.Turn{After: after, News: "incident." + kind, As: by, Change: change}
}

func resolvedBy(who bot.Person) func(*bot.Snapshot) {
	return func(s *bot.Snapshot) { s.Incident.Status, s.ChangedBy, s.Assignees = "resolved", who, nil }
}

func acknowledgedBy(who bot.Person) func(*bot.Snapshot) {
	return func(s *bot.Snapshot) {
		s.Incident.Status, s.ChangedBy = "acknowledged", who
		s.Assignees, s.Acknowledged = []bot.Person{who}, []bot.Person{who}
	}
}

// states are all that a card can be in, in the order in which an incident meets
// them: while amsbot works, then what it came to.
func states() []state {
	all := append(underWay(), ends()...)
	return append(all, heldStates()...)
}

func underWay() []state {
	return []state{
		{name: "reading", health: "NG", first: 1},
		{name: "unreadable", health: "NG", until: time.Second, change: func(_ *testing.T, o *bot.RehearsalOptions) { o.Away = time.Minute }},
		{name: "checking", health: "NG", until: time.Second},
		{name: "gathering", health: "NG", until: 2300 * time.Millisecond},
		{name: "waiting", calls: first, health: "NG", until: time.Minute},
		{name: "taken", calls: first, health: "NG", until: time.Minute, turns: []bot.Turn{presses(aiko, bot.DoTake, 20*time.Second)}},
		{name: "pressed", calls: first, health: "NG", until: 22 * time.Second, turns: []bot.Turn{presses(aiko, bot.DoRecover, 18*time.Second)}},
		{name: "waiting-for-a-second-person", calls: []string{aiko.Name, "<@U0CHIE0001>"}, approval: two, health: "NG", until: 22 * time.Second, turns: []bot.Turn{presses(aiko, bot.DoRecover, 18*time.Second)}},
		{name: "the-glass-is-broken", calls: []string{aiko.Name, "<@U0CHIE0001>", chie.Name}, approval: two, health: "NG", until: 46 * time.Second, turns: []bot.Turn{
			presses(aiko, bot.DoRecover, 18*time.Second), {After: 20 * time.Second, As: aiko, Click: &bot.Click{Act: bot.DoBreakGlass, Override: true, Text: "Nobody answers, and the shop is down."}},
		}},
		{name: "recovering", autonomy: "auto", health: "NG", until: 5 * time.Second},
		{name: "rechecking", autonomy: "auto", health: "NG OK", until: 22 * time.Second},
		{name: "waiting-for-the-lock", autonomy: "auto", health: "NG", until: time.Minute, change: func(_ *testing.T, o *bot.RehearsalOptions) {
			o.Guards = map[string]any{"lock:shop/web-1.shop.example": map[string]any{"incident": "pd:shop:Q1", "number": 1230, "since": moment0}}
		}},
	}
}

func ends() []state {
	return []state{
		{name: "no-fault-found", calls: first, health: "OK"},
		{name: "recovered-by-amsbot", autonomy: "auto", health: "NG OK"},
		{name: "recovered-at-a-persons-word", calls: first, health: "NG NG OK", turns: []bot.Turn{presses(aiko, bot.DoRecover, 18*time.Second)}},
		{name: "healed", calls: first, health: "NG OK", turns: []bot.Turn{presses(aiko, bot.DoRecover, 18*time.Second)}},
		{name: "recovery-failed", calls: second, autonomy: "auto", health: "NG", restart: "NG"},
		{name: "unknown", calls: first, health: "UNKNOWN"},
		{name: "handed-over", calls: first, change: func(_ *testing.T, o *bot.RehearsalOptions) {
			o.Snapshot.Incident.Title = "Certificate of www ends in 3 days"
		}},
		{name: "observed", calls: first, autonomy: "observe", health: "NG"},
		{name: "expired", calls: first, health: "NG"},
		{name: "interrupted", calls: first, autonomy: "auto", health: "NG", turns: []bot.Turn{{After: 5 * time.Second, Restart: true}}},
		{name: "interrupted-and-fine", calls: first, autonomy: "auto", health: "NG OK", turns: []bot.Turn{{After: 5 * time.Second, Restart: true}}},
		{name: "resolved-by-a-person", calls: first, health: "NG", turns: []bot.Turn{news("resolved", aiko, 4*time.Minute, resolvedBy(aiko))}},
		{name: "resolved-by-monitoring", calls: first, health: "NG", turns: []bot.Turn{news("resolved", icinga, 4*time.Minute, resolvedBy(icinga))}},
		{name: "merged", calls: first, health: "NG", turns: []bot.Turn{news("resolved", aiko, 4*time.Minute, func(s *bot.Snapshot) {
			resolvedBy(aiko)(s)
			s.MergedInto = "Q2WEB0000000"
		})}},
		{name: "escalation-refused", calls: []string{aiko.Name, "here"}, health: "UNKNOWN", change: func(_ *testing.T, o *bot.RehearsalOptions) {
			o.Act = func(a outbox.Act) outbox.Result {
				if a.Kind == bot.ActEscalate {
					return outbox.Result{State: outbox.Refused, Why: "PagerDuty does not let amsbot escalate this."}
				}
				return outbox.Result{State: outbox.Done}
			}
		}},
	}
}

// heldStates are those in which something keeps amsbot from recovering.
func heldStates() []state {
	return []state{
		{name: "held-by-cooldown", calls: first, autonomy: "auto", health: "NG", until: time.Minute, change: earlier(1, 12*time.Minute, "")},
		{name: "held-by-pause", calls: first, autonomy: "auto", health: "NG", until: time.Minute, change: func(_ *testing.T, o *bot.RehearsalOptions) {
			o.Guards = map[string]any{"pause:project:shop": map[string]any{"scope": "project:shop", "name": "Chie Mori", "at": moment0}}
		}},
		{name: "held-by-maintenance", calls: first, autonomy: "auto", health: "NG", until: time.Minute, change: func(_ *testing.T, o *bot.RehearsalOptions) {
			o.Guards = map[string]any{"maintenance:000003": map[string]any{"n": 3, "scope": map[string]any{"kind": "all"}, "name": "Chie Mori",
				"why": "new firewall", "from": moment0.Add(-time.Hour), "until": moment0.Add(time.Hour)}}
		}},
		{name: "recovered-too-often", calls: second, autonomy: "auto", health: "NG OK", change: earlier(2, 26*time.Hour, "")},
		{name: "came-back", calls: first, autonomy: "auto", health: "NG", until: time.Minute, change: earlier(1, 12*time.Minute, "health check of web-1")},
		{name: "acknowledged-by-a-person", calls: first, autonomy: "auto", health: "NG", until: time.Minute, turns: []bot.Turn{news("acknowledged", aiko, time.Second, acknowledgedBy(aiko))}},
		{name: "reopened", calls: first, autonomy: "auto", health: "NG OK OK NG", until: 20 * time.Minute, turns: []bot.Turn{
			news("reopened", aiko, 15*time.Minute, func(s *bot.Snapshot) { s.Incident.Status, s.Assignees = "triggered", []bot.Person{amsbot} }),
		}},
	}
}

// earlier lets amsbot have recovered the same target n times before, each as long
// after the one before. A key is that of the alert, then as now: it came back.
func earlier(n int, apart time.Duration, key string) func(*testing.T, *bot.RehearsalOptions) {
	return func(t *testing.T, o *bot.RehearsalOptions) {
		t.Helper()
		for n := n; n > 0; n-- {
			past := state{autonomy: "auto", health: "NG OK"}.rehearsal(t, o.Bot.Language)
			in := &past.Snapshot.Incident
			in.Number, in.ID, in.CreatedAt = 1234-n, fmt.Sprint("QBEFORE", n), moment0.Add(-time.Duration(n)*apart)
			in.Alerts[0].CreatedAt, in.Alerts[0].Key = in.CreatedAt, cmpOr(key, in.ID)
			o.Snapshot.Incident.Alerts[0].Key = key
			past.Guards = o.Guards
			r, err := bot.Rehearse(t.Context(), past)
			if err != nil {
				t.Fatal(err)
			}
			o.Guards = r.Guards
		}
	}
}
