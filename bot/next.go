package bot

import (
	"time"

	"amsbot/scenarios"
)

// doing is what a first response does next.
type doing int

const (
	doNothing  doing = iota
	doBegin          // write the run
	doMatch          // decide the scenario
	doOffer          // put offers before people
	doExpire         // take back offers whose time is over
	doSteps          // start steps of a phase
	doWaited         // a wait step's time is up
	doVerdict        // write a phase's verdict
	doIntent         // ask the guards and begin the recovery
	doWait           // offer the recovery and wait for a person
	doBreak          // a recovery whose end nobody saw
	doPass           // check again by itself
	doLift           // take up what a maintenance window held, if it is over
	doConclude       // end the pass
	doClose          // the incident is over
)

// todo is what is to be done about an incident now. It is a pure consequence
// of its events, its pinned scenario and the time, so that whoever asks after
// a restart is told the same.
type todo struct {
	read  bool              // read the incident by REST, beside everything else
	do    doing             //
	place place             // of steps and verdicts
	steps []int             // to start
	final bool              // with doVerdict: the phase is over
	found scenarios.Verdict // with doVerdict
	why   string            // with doConclude and doBreak
	end   branch            // with doConclude
	acts  []string          // with doOffer
	due   time.Time         // look again then, if nothing happens before
}

// wait makes sure that the incident is looked at again at a time.
func (t *todo) wait(at time.Time) {
	if !at.IsZero() && (t.due.IsZero() || at.Before(t.due)) {
		t.due = at
	}
}

const (
	alertsWithin = 30 * time.Second // an incident whose alerts have not come is read again so long
	alertsEvery  = 5 * time.Second
	lockEvery    = 5 * time.Second
)

// next says what is to be done about an incident. sc is the scenario version
// that it is pinned to; nil before the match, and after it when this amsbot
// cannot load that version any more.
func next(in *incident, sc *scenarios.Scenario, now time.Time) todo {
	var t todo
	in.wantRead(&t, in.news, now)
	switch {
	case in.snap == nil:
	case in.finished():
		if in.closing == nil && !in.stepRuns() {
			t.do = doClose
		}
	case in.run == nil || in.reopened > in.runSeq || in.over():
		t.do = doBegin
	case in.match == nil && in.unmatched == nil:
		in.nextMatch(&t, now)
	case in.pass.ended != nil:
		in.nextAfter(&t, now)
	default:
		in.nextInPass(&t, sc, now)
	}
	return t
}

// wantRead asks for a read that has seen the history up to an event.
func (in *incident) wantRead(t *todo, seen uint64, now time.Time) bool {
	if in.snap != nil && in.readFrom >= seen {
		return true
	}
	if in.unread != nil && in.unread.Again.After(now) {
		t.wait(in.unread.Again)
		return false
	}
	t.read = true
	return false
}

// finished says whether PagerDuty (or our own act) has ended the incident.
func (in *incident) finished() bool {
	return in.status() == "resolved" || in.snap.MergedInto != ""
}

// stepRuns says whether a step that this process started has not ended.
func (in *incident) stepRuns() bool {
	if in.pass == nil {
		return false
	}
	if in.strayRuns() {
		return true
	}
	for _, ph := range in.pass.phases {
		if ph.runs(in.epoch) {
			return true
		}
	}
	for _, ph := range in.pass.rounds {
		if ph.runs(in.epoch) {
			return true
		}
	}
	return false
}

// strayRuns says whether a recovery's step of an earlier pass still runs.
func (in *incident) strayRuns() bool {
	for _, r := range in.strays {
		if r.epoch == in.epoch && r.Until.IsZero() {
			return true
		}
	}
	return false
}

func (in *incident) nextMatch(t *todo, now time.Time) {
	if len(in.snap.Incident.Alerts) == 0 && now.Before(in.run.Since.Add(alertsWithin)) {
		again := in.snapAt.Add(alertsEvery)
		if now.Before(again) {
			t.wait(again)
		} else {
			t.read = true // what it finds looks again
		}
		return
	}
	if !in.wantRead(t, in.news, now) {
		return
	}
	t.do = doMatch
}

// nextAfter is what remains when a pass has ended: offers, checking again when
// PagerDuty took an acknowledgement back, and whatever a maintenance window held.
// Whether that is over only the commit knows: it may end before its time.
func (in *incident) nextAfter(t *todo, now time.Time) {
	if in.unacked > in.pass.id && in.match != nil && in.wantRead(t, in.unacked, now) { // what it ends in asks who has it
		t.do = doPass
		return
	}
	if t.acts = in.missingOffers(now); len(t.acts) > 0 {
		t.do = doOffer
	}
	var over []string
	for _, o := range in.offers {
		if o.shut || o.spent != nil || o.expires.IsZero() {
			continue
		}
		if !o.open(now) {
			over = append(over, o.act)
			continue
		}
		t.wait(o.expires)
	}
	if len(over) > 0 {
		t.do, t.acts = doExpire, over
		return
	}
	if p := in.planned; p != nil && t.do == doNothing {
		if t.do = doLift; now.Before(p.Until) {
			t.wait(p.Until)
		}
	}
}

// missingOffers are the acts that people should be able to do now and for which
// no offer stands.
func (in *incident) missingOffers(now time.Time) []string {
	var missing []string
	want := func(act string, can bool) {
		if can && in.standing(act, now) == nil {
			missing = append(missing, act)
		}
	}
	want(DoTake, in.person() == "" && !in.underWay(ActAcknowledge) && !in.tookOver())
	want(DoEscalate, !in.underWay(ActEscalate))
	want(DoResolve, !in.underWay(ActResolve))
	p := in.pass
	if p.ended == nil || in.match == nil || in.match.Version == "" {
		return missing
	}
	broken := (p.broken != nil || p.act == DoMark) && p.ended.Branch == branchInterrupted
	want(DoCheck, len(in.match.Check) > 0)
	want(DoAgain, broken)
	want(DoMark, broken)
	want(DoRecover, in.mayOffer() && !in.offeredSince(p.endedAt, DoRecover) && (p.ended.Branch == branchHeld && p.held != nil && p.held.Guard != guardAmbiguous && p.held.Guard != guardMaintenance ||
		p.act == DoCheck && p.ended.Branch == branchFailed))
	return missing
}

// offeredSince says whether an act was put on offer after a pass had ended.
func (in *incident) offeredSince(at time.Time, act string) bool {
	for _, o := range in.offers {
		if o.act == act && !o.at.Before(at) && o.seq > in.pass.id {
			return true
		}
	}
	return false
}

// tookOver says whether a person's Take Over stands: accepted, and not failed.
func (in *incident) tookOver() bool {
	a := in.lastAct(ActAcknowledge, in.runSeq)
	return a != nil && a.state == kindDone && a.ended.After(in.snapAt)
}

// mayOffer says whether this run's recovery may be offered to people at all.
func (in *incident) mayOffer() bool {
	return in.match != nil && in.match.Autonomy != scenarios.Observe && len(in.match.Recover) > 0
}

// deadline is when this pass must be over, the waiting for a person left out.
func (in *incident) deadline(sc *scenarios.Scenario) time.Time {
	if in.pass.click != 0 || in.pass.act != "" || in.pass.anew {
		return in.pass.began.Add(sc.Deadline)
	}
	return in.run.Since.Add(sc.Deadline)
}
