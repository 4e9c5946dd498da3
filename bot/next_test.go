package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// responding is the scenario of these tests.
const responding = `name: web
autonomy: AUTONOMY
when: {service: web}
target: web-1
check:
  - {name: health, http: {url: "http://web-1.example/"}, timeout: 2s}
gather:
  - {name: one, http: {url: "http://web-1.example/1"}, timeout: 2s}
  - {name: two, http: {url: "http://web-1.example/2"}, timeout: 2s}
recover:
  - {name: first, http: {url: "http://web-1.example/a", method: POST}, timeout: 2s}
  - {name: pause, wait: 10s}
  - {name: second, http: {url: "http://web-1.example/b", method: POST}, timeout: 2s}
recheck: {settle: 5s, every: 2s, stable: 2, within: 20s}
deadline: 5m
`

// past builds a history event by event.
type past struct {
	t      *testing.T
	sc     *scenarios.Scenario
	at     time.Time
	epoch  uint64
	events []store.Event
}

var begin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func history(t *testing.T, autonomy string) *past {
	t.Helper()
	text := strings.Replace(responding, "AUTONOMY", autonomy, 1)
	set, err := scenarios.LoadFS(fstest.MapFS{"web.yaml": &fstest.MapFile{Data: []byte(text)}}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &past{t: t, sc: set.Scenarios[0], at: begin, epoch: 1}
}

func (p *past) add(kind string, data any) uint64 {
	p.t.Helper()
	raw, err := json.Marshal(data)
	if err != nil {
		p.t.Fatal(err)
	}
	seq := uint64(len(p.events) + 1)
	p.events = append(p.events, store.Event{V: 1, Incident: "pd:a:Q1", Seq: seq, Pos: seq, Kind: kind, At: p.at, Epoch: p.epoch, Data: raw})
	return seq
}

func (p *past) later(d time.Duration) *past { p.at = p.at.Add(d); return p }

func (p *past) received(kind string) *past {
	p.add(kindReceived, received{Hint: Hint{Source: "webhook", Type: kind, ID: "Q1", Status: "triggered"}, Project: &projectView{Name: "shop"}})
	return p
}

func (p *past) read(change func(*Snapshot)) *past {
	s := Snapshot{Assignees: []Person{{ID: "PBOT"}}}
	s.Incident.Status, s.Incident.CreatedAt = "triggered", begin
	s.Incident.Alerts = []scenarios.Alert{{ID: "A1", Status: "triggered", CreatedAt: begin}}
	if change != nil {
		change(&s)
	}
	p.add(kindRead, readDone{From: uint64(len(p.events)), Snapshot: &s})
	return p
}

// matched is a history up to a scenario that was chosen and offers that stand.
func (p *past) matched() *past {
	p.received("incident.triggered").read(nil)
	p.add(kindRun, runBegan{N: 1, Since: begin, Self: Person{ID: "PBOT"}})
	p.add(kindMatched, matched{Scenario: p.sc.Name, Version: p.sc.Version, Autonomy: p.sc.Autonomy, Target: "web-1",
		Check: names(p.sc.Check), Gather: names(p.sc.Gather), Recover: names(p.sc.Recover), Deadline: p.sc.Deadline, Approval: 30 * time.Minute})
	p.add(kindOffered, offered{Acts: []string{DoTake, DoEscalate, DoResolve}})
	return p
}

func (p *past) started(phase scenarios.Phase, round, step int) *past {
	p.add(kindStarted, stepStarted{place: place{Pass: 3, Phase: phase, Round: round, Step: step}})
	return p
}

func (p *past) ended(phase scenarios.Phase, round, step int, v scenarios.Verdict) *past {
	p.add(kindEnded, stepEnded{place: place{Pass: 3, Phase: phase, Round: round, Step: step}, Outcome: scenarios.Outcome{Verdict: v}})
	return p
}

func (p *past) judged(phase scenarios.Phase, round int, v scenarios.Verdict) *past {
	p.add(kindVerdict, phaseVerdict{place: place{Pass: 3, Phase: phase, Round: round}, Verdict: v, Final: round == 0})
	return p
}

// checked is a history up to the verdict of the check.
func (p *past) checked(v scenarios.Verdict) *past {
	return p.matched().started(scenarios.Check, 0, 0).ended(scenarios.Check, 0, 0, v).judged(scenarios.Check, 0, v)
}

func (p *past) gathered() *past {
	p.started(scenarios.Gather, 0, 0).started(scenarios.Gather, 0, 1)
	p.ended(scenarios.Gather, 0, 0, scenarios.Unknown).ended(scenarios.Gather, 0, 1, scenarios.OK)
	return p.judged(scenarios.Gather, 0, scenarios.Unknown)
}

func (p *past) intended() *past {
	p.add(kindIntent, intent{Pass: 3, Rule: "auto"})
	return p
}

// recovered is a history up to the verdict of the recovery.
func (p *past) recovered(v scenarios.Verdict) *past {
	p.checked(scenarios.NG).gathered().read(nil).intended()
	return p.started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, v).judged(scenarios.Recover, 0, v)
}

func (t todo) String() string {
	names := map[doing]string{doBegin: "begin", doMatch: "match", doOffer: "offer", doExpire: "expire", doSteps: "run", doWaited: "waited",
		doVerdict: "judge", doIntent: "intend", doWait: "ask", doBreak: "break", doPass: "pass", doConclude: "end", doClose: "close"}
	var out []string
	if t.read {
		out = append(out, "read")
	}
	switch t.do {
	case doNothing:
	case doSteps, doWaited, doBreak:
		out = append(out, fmt.Sprintf("%s %s %v", names[t.do], t.place.Phase, t.steps))
	case doVerdict:
		out = append(out, fmt.Sprintf("judge %s %s %v", t.place.Phase, t.found, t.final))
	case doConclude:
		out = append(out, "end "+string(t.end))
	case doOffer, doExpire:
		out = append(out, names[t.do]+" "+strings.Join(t.acts, " "))
	default:
		out = append(out, names[t.do])
	}
	if !t.due.IsZero() {
		out = append(out, "by "+t.due.Sub(begin).String())
	}
	return strings.Join(out, ", ")
}

func TestNext(t *testing.T) {
	ok, ng, unknown := scenarios.OK, scenarios.NG, scenarios.Unknown
	auto := func(t *testing.T) *past { return history(t, "auto") }
	for _, c := range []struct {
		name string
		have func(*testing.T) *past
		want string
	}{
		{"nothing is known yet", func(t *testing.T) *past { return auto(t).received("incident.triggered") }, "read"},
		{"it could not be read", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered")
			p.add(kindUnread, unread{Again: begin.Add(4 * time.Second)})
			return p
		}, "by 4s"},
		{"the time to read again has come", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered")
			p.add(kindUnread, unread{Again: begin.Add(4 * time.Second)})
			return p.later(4 * time.Second)
		}, "read"},
		{"read", func(t *testing.T) *past { return auto(t).received("incident.triggered").read(nil) }, "begin"},
		{"over when it was first read", func(t *testing.T) *past {
			return auto(t).received("incident.triggered").read(func(s *Snapshot) { s.Incident.Status = "resolved" })
		}, "close"},
		{"no alert yet", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered").read(func(s *Snapshot) { s.Incident.Alerts = nil })
			p.add(kindRun, runBegan{N: 1, Since: begin})
			return p
		}, "by 5s"},
		{"no alert after five seconds", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered").read(func(s *Snapshot) { s.Incident.Alerts = nil })
			p.add(kindRun, runBegan{N: 1, Since: begin})
			return p.later(5 * time.Second)
		}, "read"},
		{"no alert after half a minute", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered").read(func(s *Snapshot) { s.Incident.Alerts = nil })
			p.add(kindRun, runBegan{N: 1, Since: begin})
			return p.later(30 * time.Second)
		}, "match"},
		{"no scenario fits", func(t *testing.T) *past {
			p := auto(t).received("incident.triggered").read(nil)
			p.add(kindRun, runBegan{N: 1, Since: begin})
			p.add(kindUnmatched, unmatched{Reason: "unmatched.none"})
			return p
		}, "end unmatched"},
		{"matched", func(t *testing.T) *past { return auto(t).matched() }, "run check [0], by 5m0s"},
		{"the check runs", func(t *testing.T) *past { return auto(t).matched().started(scenarios.Check, 0, 0) }, "by 5m0s"},
		{"the check ran when amsbot died", func(t *testing.T) *past {
			p := auto(t).matched().started(scenarios.Check, 0, 0)
			p.epoch = 2
			p.received("incident.priority_updated").read(nil)
			return p
		}, "run check [0], by 5m0s"},
		{"the check has ended", func(t *testing.T) *past {
			return auto(t).matched().started(scenarios.Check, 0, 0).ended(scenarios.Check, 0, 0, ng)
		}, "judge check NG true, by 5m0s"},
		{"NG: the evidence first, side by side", func(t *testing.T) *past { return auto(t).checked(ng) }, "run gather [0 1], by 5m0s"},
		{"UNKNOWN: the evidence all the same", func(t *testing.T) *past { return auto(t).checked(unknown) }, "run gather [0 1], by 5m0s"},
		{"UNKNOWN and gathered", func(t *testing.T) *past { return auto(t).checked(unknown).gathered() }, "end unknown, by 5m0s"},
		{"OK and gathered", func(t *testing.T) *past { return auto(t).checked(ok).gathered() }, "end ok, by 5m0s"},
		{"NG and gathered: read before the recovery", func(t *testing.T) *past { return auto(t).checked(ng).gathered() }, "read, by 5m0s"},
		{"NG and read again", func(t *testing.T) *past { return auto(t).checked(ng).gathered().read(nil) }, "intend, by 5m0s"},
		{"a person has acknowledged meanwhile", func(t *testing.T) *past {
			return auto(t).checked(ng).gathered().read(func(s *Snapshot) { s.Acknowledged = []Person{{ID: "PAIKO", Name: "Aiko"}} })
		}, "ask, by 5m0s"},
		{"amsbot itself has acknowledged", func(t *testing.T) *past {
			return auto(t).checked(ng).gathered().read(func(s *Snapshot) { s.Acknowledged = []Person{{ID: "PBOT"}} })
		}, "intend, by 5m0s"},
		{"resolved meanwhile", func(t *testing.T) *past {
			return auto(t).checked(ng).gathered().read(func(s *Snapshot) { s.Incident.Status = "resolved" })
		}, "close"},
		{"resolved while a step runs: it may end", func(t *testing.T) *past {
			return auto(t).matched().started(scenarios.Check, 0, 0).received("incident.resolved").read(func(s *Snapshot) { s.Incident.Status = "resolved" })
		}, ""},
		{"ask", func(t *testing.T) *past { return history(t, "ask").checked(ng).gathered() }, "ask, by 5m0s"},
		{"observe", func(t *testing.T) *past { return history(t, "observe").checked(ng).gathered() }, "end observed, by 5m0s"},
		{"asked: nothing but the offer's end is due", func(t *testing.T) *past {
			p := history(t, "ask").checked(ng).gathered()
			p.add(kindOffered, offered{Acts: []string{DoRecover, DoCheck}, Expires: begin.Add(30 * time.Minute)})
			return p.later(10 * time.Minute)
		}, "by 30m0s"},
		{"nobody pressed", func(t *testing.T) *past {
			p := history(t, "ask").checked(ng).gathered()
			p.add(kindOffered, offered{Acts: []string{DoRecover, DoCheck}, Expires: begin.Add(30 * time.Minute)})
			return p.later(30 * time.Minute)
		}, "end expired"},
		{"the deadline has passed", func(t *testing.T) *past { return auto(t).checked(ng).later(5 * time.Minute) }, "end deadline"},
		{"held", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil)
			p.add(kindHeld, held{Pass: 3, Guard: guardCooldown})
			return p
		}, "end held, by 5m0s"},
		{"waiting for a lock", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil)
			p.add(kindWaiting, waiting{Pass: 3})
			return p.later(time.Minute)
		}, "intend, by 1m5s"},
		{"the lock never came", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil)
			p.add(kindWaiting, waiting{Pass: 3})
			return p.later(5 * time.Minute)
		}, "end held"},
		{"intended", func(t *testing.T) *past { return auto(t).checked(ng).gathered().read(nil).intended() }, "run recover [0], by 5m0s"},
		{"a recovery ran when amsbot died", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil).intended().started(scenarios.Recover, 0, 0)
			p.epoch = 2
			p.received("incident.priority_updated").read(nil)
			return p
		}, "break recover [0], by 5m0s"},
		{"a recovery was between its steps when amsbot died", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil).intended().started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, ok)
			p.epoch = 2
			p.received("incident.priority_updated").read(nil)
			return p
		}, "break recover [1], by 5m0s"},
		{"a recovery had ended when amsbot died", func(t *testing.T) *past {
			p := auto(t).checked(ng).gathered().read(nil).intended()
			for step := range 3 {
				p.started(scenarios.Recover, 0, step).ended(scenarios.Recover, 0, step, ok)
			}
			p.epoch = 2
			p.received("incident.priority_updated").read(nil)
			return p
		}, "judge recover OK true, by 5m0s"},
		{"the first step of a recovery failed", func(t *testing.T) *past {
			return auto(t).checked(ng).gathered().read(nil).intended().started(scenarios.Recover, 0, 0).ended(scenarios.Recover, 0, 0, unknown)
		}, "judge recover UNKNOWN true, by 5m0s"},
		{"recovered: it settles", func(t *testing.T) *past { return auto(t).recovered(ok) }, "by 5s"},
		{"settled", func(t *testing.T) *past { return auto(t).recovered(ok).later(5 * time.Second) }, "run recheck [0], by 5m0s"},
		{"failed: checked again all the same", func(t *testing.T) *past { return auto(t).recovered(ng).later(5 * time.Second) }, "run recheck [0], by 5m0s"},
		{"OK once is not stable", func(t *testing.T) *past {
			return auto(t).recovered(ok).later(5*time.Second).started(scenarios.Recheck, 1, 0).ended(scenarios.Recheck, 1, 0, ok)
		}, "judge recheck OK false, by 5m0s"},
		{"the next round has its time", func(t *testing.T) *past {
			return auto(t).recovered(ok).later(5*time.Second).started(scenarios.Recheck, 1, 0).ended(scenarios.Recheck, 1, 0, ok).judged(scenarios.Recheck, 1, ok)
		}, "by 7s"},
		{"OK twice", func(t *testing.T) *past {
			p := auto(t).recovered(ok).later(5*time.Second).started(scenarios.Recheck, 1, 0).ended(scenarios.Recheck, 1, 0, ok).judged(scenarios.Recheck, 1, ok)
			return p.later(2*time.Second).started(scenarios.Recheck, 2, 0).ended(scenarios.Recheck, 2, 0, ok)
		}, "judge recheck OK true, by 5m0s"},
		{"OK, but too late to be sure", func(t *testing.T) *past {
			p := auto(t).recovered(ok).later(5*time.Second).started(scenarios.Recheck, 1, 0).ended(scenarios.Recheck, 1, 0, ng).judged(scenarios.Recheck, 1, ng)
			return p.later(20*time.Second).started(scenarios.Recheck, 2, 0).ended(scenarios.Recheck, 2, 0, ok)
		}, "judge recheck NG true, by 5m0s"},
		{"reopened", func(t *testing.T) *past {
			p := auto(t).checked(ok).gathered()
			p.add(kindConcluded, concluded{Pass: 3, Outcome: NoFault, Branch: branchOK})
			p.add(kindClosed, closed{How: "resolved"})
			return p.received("incident.reopened").read(nil)
		}, "begin"},
		{"unacknowledged after the end", func(t *testing.T) *past {
			p := auto(t).checked(ok).gathered()
			p.add(kindConcluded, concluded{Pass: 3, Outcome: NoFault, Branch: branchOK})
			return p.received("incident.unacknowledged").read(nil)
		}, "pass"},
		{"ended: checking again is offered", func(t *testing.T) *past {
			p := auto(t).checked(ok).gathered()
			p.add(kindConcluded, concluded{Pass: 3, Outcome: NoFault, Branch: branchOK})
			return p
		}, "offer check"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.have(t)
			in := fold("pd:a:Q1", p.epoch, p.events)
			if got := next(in, p.sc, p.at).String(); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
			if again := next(fold("pd:a:Q1", p.epoch, p.events), p.sc, p.at).String(); again != next(in, p.sc, p.at).String() {
				t.Errorf("asked twice it says %s", again)
			}
		})
	}
}

// A version that this amsbot cannot load any more: nothing of it runs, and a
// person is called.
func TestNextWithoutTheScenario(t *testing.T) {
	p := history(t, "auto").matched()
	got := next(fold("pd:a:Q1", 1, p.events), nil, p.at)
	if got.do != doConclude || got.end != branchInterrupted || got.why != whyPinnedGone {
		t.Errorf("%v (%s)", got, got.why)
	}
}
