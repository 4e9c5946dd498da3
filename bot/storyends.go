package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"amsbot/scenarios"
	"amsbot/store"
)

// people is what was put before people, and what they did.
func (t *teller) people(e store.Event) {
	switch e.Kind {
	case kindOffered:
		o, ok := into[offered](e)
		for _, act := range []string{DoRecover, DoAgain} {
			if ok && slices.Contains(o.Acts, act) {
				t.leg(e, "offered "+act)
			}
		}
	case kindClicked:
		if c, ok := into[clicked](e); ok {
			t.leg(e, c.Name+" pressed "+c.Act)
		}
	case kindRequested:
		if r, ok := into[requested](e); ok {
			t.leg(e, r.Name+" asked for "+r.Act)
		}
	case kindWithdrawn:
		t.leg(e, "the request was withdrawn")
	case kindGlass:
		if g, ok := into[glassBroken](e); ok {
			t.leg(e, g.Name+" broke the glass: "+g.Why)
		}
	case kindRefused:
		if r, ok := into[refused](e); ok {
			t.leg(e, fmt.Sprintf("%s was refused %s: %s", r.Name, r.Act, unescape(r.Why)))
		}
	case kindExpired:
		t.leg(e, "the offer expired")
	}
}

// brake is what held a recovery back, or let it go.
func (t *teller) brake(e store.Event) {
	switch e.Kind {
	case kindIntent:
		if i, ok := into[intent](e); ok {
			t.Asked = i.Guards
		}
	case kindWaiting:
		t.leg(e, "waits for the lock")
	case kindHeld:
		if h, ok := into[held](e); ok {
			t.Held = append(t.Held, HeldBy{Guard: h.Guard, Text: h.Text})
			t.leg(e, "held by "+h.Guard)
		}
	case kindInterrupted:
		if i, ok := into[interrupted](e); ok {
			t.leg(e, "interrupted in "+i.Step)
		}
	}
}

// The branches that branchesOf names beside those of steps.
const (
	tookNoMatch   = "no match"
	tookOK        = "check OK"
	tookUnknown   = "check UNKNOWN"
	tookNG        = "check NG" // and nothing to recover with
	tookRecovered = "recovered"
	tookFailed    = "recheck NG"
	tookHealed    = "healed"
	tookHeld      = "held"
	tookExpired   = "expired"
)

// branchesOf are the ways that an incident can take through a scenario: no match,
// one per end of a run, and two per step that has an `if`. An interruption is
// none, for nothing in a scenario decides about it.
func branchesOf(sc *scenarios.Scenario) []string {
	out := []string{tookNoMatch, tookOK, tookUnknown}
	switch {
	case len(sc.Recover) == 0 || sc.Autonomy == scenarios.Observe:
		out = append(out, tookNG)
	default:
		out = append(out, tookRecovered, tookFailed, tookHealed, tookHeld)
		if sc.Autonomy == scenarios.Ask {
			out = append(out, tookExpired)
		}
	}
	for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
		for _, st := range sc.Steps(p) {
			if st.Conditional() && (p != scenarios.Recover || sc.Autonomy != scenarios.Observe) {
				out = append(out, ifBranch(st.Name, true), ifBranch(st.Name, false))
			}
		}
	}
	return out
}

func ifBranch(step string, yes bool) string { return fmt.Sprintf("if of %s: %v", step, yes) }

// ended notes the branch by which a pass ended.
func (t *teller) ended(c concluded) {
	if t.in.pass == nil || t.in.pass.looks() && c.Branch != branchHealed {
		return
	}
	switch c.Branch {
	case branchOK:
		t.took[tookOK] = true
	case branchUnknown:
		t.took[tookUnknown] = true
	case branchRecovered:
		t.took[tookRecovered] = true
	case branchHealed:
		t.took[tookHealed] = true
	case branchHeld:
		t.took[tookHeld] = true
		if w := t.in.pass.waiting; w != nil && t.in.pass.held == nil { // until the deadline
			t.Held = append(t.Held, HeldBy{Guard: guardLock, Text: w.Text})
		}
	case branchExpired:
		t.took[tookExpired] = true
	case branchObserved:
		t.took[tookNG] = true
	case branchFailed:
		if t.in.pass.intent != nil {
			t.took[tookFailed] = true
		} else {
			t.took[tookNG] = true
		}
	}
}

// story is all that was told, and what stands at the end.
func (t *teller) story() Story {
	in, s := t.in, t.Story
	if in == nil {
		return s
	}
	if in.project != nil {
		s.Project = in.project.Name
	}
	if m := in.match; m != nil {
		s.Scenario, s.Version, s.Target, s.Autonomy, s.Why = m.Scenario, m.Version, m.Target, m.Autonomy, m.Why
		for _, key := range []string{m.Capped, m.Late} {
			if key != "" {
				s.Limits = append(s.Limits, key)
			}
		}
		if m.CameBack != "" {
			s.Limits = append(s.Limits, "came_back")
		}
		for _, l := range m.Links {
			s.Links = append(s.Links, l.URL)
		}
	}
	if u := in.unmatched; u != nil {
		s.Unmatched, s.Names, s.Why = strings.TrimPrefix(u.Reason, "unmatched."), u.Names, u.Why
	}
	if c := in.conclusion; c != nil {
		s.Outcome, s.Text = c.Outcome, c.Text
	}
	for _, seq := range sortedSeqs(in.acts) {
		s.Acts = append(s.Acts, wish(in.acts[seq], in.project))
	}
	s.Over = in.over()
	s.Branches = slices.Sorted(maps.Keys(t.took))
	return s
}

// wish is an act as a story tells it.
func wish(a *act, p *projectView) Wish {
	w := Wish{Kind: a.Kind, By: a.by, State: a.state, Why: a.result.Why, At: a.at}
	switch a.Kind {
	case ActEscalate:
		var args EscalateArgs
		decode(a.Args, &args)
		w.To = args.Line
		if w.To == "" {
			w.To = args.To.words(p)
		}
	case ActResolve:
		var args ResolveArgs
		decode(a.Args, &args)
		w.Text = args.Note
	case ActNote:
		var args NoteArgs
		decode(a.Args, &args)
		w.Text = args.Content
	case ActReply, ActPost:
		var args MessageArgs
		decode(a.Args, &args)
		w.Text, w.Loud = unescape(args.Text), args.Broadcast || args.Loud
		for _, p := range args.Mention {
			w.Mention = append(w.Mention, p.Name)
		}
	}
	return w
}

// words name a target, as the project's line where it is one.
func (t Target) words(p *projectView) string {
	is := func(l scenarios.Line) bool {
		return len(l.Users) > 0 && slices.Equal(l.Users, t.Users) || l.Policy != "" && l.Policy == t.Policy && l.Level == t.Level
	}
	switch {
	case p != nil && is(p.FirstLine):
		return "first_line"
	case p != nil && is(p.SecondLine):
		return "second_line"
	case len(t.Users) > 0:
		return strings.Join(t.Users, ", ")
	case t.Policy != "":
		return fmt.Sprintf("%s level %d", t.Policy, max(t.Level, 1))
	}
	return "next"
}

// whileWaiting is the card as it stood while a recovery waited for people, as often
// as that was: what an operator saw before somebody pressed, or nobody did.
func whileWaiting(events []store.Event) [][]store.Event {
	var out [][]store.Event
	in := fold("", 0, nil)
	for i, e := range events {
		before := in.waits()
		in.add(e)
		if before && !in.waits() {
			out = append(out, events[:i])
		}
	}
	if in.waits() {
		out = append(out, events)
	}
	return out
}

// waits says whether a recovery of the pass under way is before people.
func (in *incident) waits() bool {
	return in.pass != nil && in.pass.ended == nil && !in.pass.offered.IsZero() && !in.over()
}
