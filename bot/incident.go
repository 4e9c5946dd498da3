package bot

import (
	"slices"
	"strings"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// incident is one incident as its events tell it: folded, never stored. All
// that people see and all that amsbot decides comes from here, so a restart
// knows exactly what was known before it.
type incident struct {
	key   string
	epoch uint64 // of the process that folds, to tell its own steps from an earlier one's
	seq   uint64 // the last event
	first time.Time
	last  time.Time

	changed time.Time // when the newest event was written that says more than that somebody was refused

	hint    Hint // the newest news that said anything
	project *projectView
	news    uint64 // the last event that asks for a read
	wasOpen bool   // it was ever heard of as open: it has a card

	snap     *Snapshot
	snapAt   time.Time
	readFrom uint64 // what the newest read had seen of the history when it began
	read     uint64 // the event of the newest read
	lines    map[string][]Level
	unread   *unread
	actSeq   uint64 // the last event of an act of ours, or of a click

	run       *runBegan
	runSeq    uint64
	match     *matched
	unmatched *unmatched
	pass      *pass
	strays    []*runningStep // steps of a recovery whose pass was left while they ran
	left      []string       // steps whose program could not be ended, and may still run
	reopened  uint64         // the newest news that said so
	unacked   uint64
	storm     string    // the storm that holds, or held, it
	locks     []string  // the guards of the locks that its recoveries took
	takenBy   string    // a person who took it over, reassigned it or acknowledged it
	sawNG     bool      // some check of this run was NG
	intended  time.Time // when its newest recovery began
	planned   *held     // by a maintenance window, at whose end it is taken up; nil if by none

	offers  []*offer
	request *plea          // the newest recovery that somebody asked for and another has to approve
	refused map[string]int // how often a person's act was, by both
	asked   bool           // somebody asked for its card
	acts    map[uint64]*act

	conclusion *concluded // the newest of this run
	answered   time.Time  // when the first response was before people: a result, or an offer
	closing    *closed
	closingAt  time.Time
	resolved   uint64 // the event of our own resolve that was done
	resolvedBy string
	log        []store.Event
	weight     int // bytes, about, that it takes

	pauses pauses // of its scenario, where its card is drawn as it stands now
}

type offer struct {
	seq, pos uint64 // of its event, in the incident and in the file
	act      string
	expires  time.Time
	override []string
	spent    *clicked // who took it
	spentAt  time.Time
	at       time.Time
	shut     bool // no longer on offer
}

type act struct {
	wanted
	seq    uint64
	by     string
	at     time.Time
	state  string // "", kindDone, kindFailed, kindUnknown
	result settled
	ended  time.Time
}

func fold(key string, epoch uint64, events []store.Event) *incident {
	in := &incident{key: key, epoch: epoch, acts: map[uint64]*act{}}
	for _, e := range events {
		in.add(e)
	}
	return in
}

// add takes one more event in. Data that cannot be read leaves the incident as
// it was: the store has already verified that the bytes are those written.
func (in *incident) add(e store.Event) {
	in.seq, in.last = e.Seq, e.At
	if e.Kind != kindRefused {
		in.changed = e.At
	}
	if in.first.IsZero() {
		in.first = e.At
	}
	in.log = append(in.log, e)
	in.weight += 300 + 2*len(e.Data) // the bytes, and what they become
	switch e.Kind {
	case kindReceived, kindRead, kindUnread:
		in.addNews(e)
	case kindRun, kindPass, kindMatched, kindUnmatched, kindConcluded, kindClosed:
		in.addRun(e)
	case kindStarted, kindEnded, kindVerdict, kindProgramGone:
		in.addStep(e)
	case kindOffered, kindExpired, kindClicked, kindRequested, kindWithdrawn, kindRefused, kindCardAsked:
		in.addOffer(e)
	case kindIntent, kindWaiting, kindHeld, kindAsks, kindTripped, kindInterrupted:
		in.addBrake(e)
	case kindWanted, kindDone, kindFailed, kindUnknown:
		in.addAct(e)
	}
}

func into[T any](e store.Event) (T, bool) {
	var v T
	err := e.Into(&v)
	return v, err == nil
}

func (in *incident) addRun(e store.Event) {
	switch e.Kind {
	case kindRun:
		r, ok := into[runBegan](e)
		if !ok {
			return
		}
		in.run, in.runSeq = &r, e.Seq
		in.match, in.unmatched, in.conclusion, in.closing = nil, nil, nil, nil
		in.answered = time.Time{}
		in.sawNG, in.takenBy, in.reopened, in.unacked, in.planned = false, in.person(), 0, 0, nil
		in.shutOffers()
		in.newPass(e)
	case kindPass:
		in.addPass(e)
	case kindMatched:
		if m, ok := into[matched](e); ok {
			in.match, in.project = &m, &m.Project
		}
	case kindUnmatched:
		if u, ok := into[unmatched](e); ok {
			in.unmatched, in.project = &u, &u.Project
		}
	case kindConcluded:
		if c, ok := into[concluded](e); ok {
			in.conclusion = &c
			in.answer(e.At)
			if in.pass != nil {
				in.pass.ended, in.pass.endedAt = &c, e.At
			}
			if c.Branch == branchOK || c.Branch == branchHealed { // nothing is left to take up
				in.planned = nil
			}
			in.shut(DoRecover)
			in.shut(DoApprove)
		}
	case kindClosed:
		if c, ok := into[closed](e); ok {
			in.closing, in.closingAt = &c, e.At
			in.shutOffers()
		}
	}
}

func (in *incident) answer(at time.Time) {
	if in.answered.IsZero() {
		in.answered = at
	}
}

// person is the name of a person who has acknowledged, as last read; "" if none.
func (in *incident) person() string {
	if in.snap == nil || in.run == nil {
		return ""
	}
	for _, p := range in.snap.Acknowledged {
		if p.ID != in.run.Self.ID {
			return p.Name
		}
	}
	return ""
}

// holds says whether amsbot's own user is the sole assignee: only then may it
// change the assignment by itself.
func (in *incident) holds() bool {
	return in.snap != nil && in.run != nil && len(in.snap.Assignees) == 1 && in.snap.Assignees[0].ID == in.run.Self.ID
}

// status is PagerDuty's, as last known; our own resolve counts before it is read back.
func (in *incident) status() string {
	switch {
	case in.resolved > in.readFrom:
		return "resolved"
	case in.snap != nil:
		return in.snap.Incident.Status
	default:
		return in.hint.Status
	}
}

// projectName is the project that it belongs to; "" for none.
func (in *incident) projectName() string {
	if in.project == nil {
		return ""
	}
	return in.project.Name
}

func (in *incident) over() bool { return in.closing != nil }

// target is what the pinned scenario says the incident is about; "" before the match.
func (in *incident) target() string {
	if in.match == nil {
		return ""
	}
	return in.match.Target
}

// id is the incident's PagerDuty ID.
func (in *incident) id() string {
	if in.hint.ID != "" {
		return in.hint.ID
	}
	return in.key[strings.LastIndexByte(in.key, ':')+1:]
}

// openAlerts are the IDs of the alerts that were open when last read.
func (in *incident) openAlerts() []scenarios.Alert {
	if in.snap == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(in.snap.Incident.Alerts), func(a scenarios.Alert) bool { return a.Status == "resolved" })
}
