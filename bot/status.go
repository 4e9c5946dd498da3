package bot

import (
	"slices"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// state is what the card says first: a colour, the verdict in words, and what
// happens next or what came of it.
func (in *incident) state(w words.Catalogue) (CardState, string, string) {
	state, status, detail := in.stateAlone(w)
	if r := in.waitsForApproval(in.last); r != nil {
		if ph := in.pass.phases[scenarios.Check]; ph != nil && ph.verdict != nil {
			status = in.verdictWords(w)
		}
		state, detail = CardWaiting, w.Join(w.Say("wait.approve", r.Name), r.overrideWords(in, w))
	}
	return state, status, detail
}

// stateAlone is state, but for what somebody else has to approve.
func (in *incident) stateAlone(w words.Catalogue) (CardState, string, string) {
	switch {
	case in.over():
		return in.overState(w)
	case in.snap == nil && in.unread != nil:
		return CardReading, w.Say("status.reading"), w.Say(in.unread.Why)
	case in.snap == nil:
		return CardReading, w.Say("status.reading"), ""
	case in.unmatched != nil:
		if len(in.unmatched.Names) == 0 { // the status says why
			return CardBad, w.Say("status.unmatched"), ""
		}
		return CardBad, w.Say("outcome." + outcomeKey(HandedOver)), in.unmatched.words(w)
	case in.match == nil:
		return CardReading, w.Say("status.matching"), ""
	case in.pass.ended != nil:
		return in.endState(w)
	case !in.pass.offered.IsZero():
		return CardWaiting, in.verdictWords(w), in.waitWords(w)
	case in.pass.intent != nil:
		return in.actingState(w)
	case in.pass.waiting != nil:
		return CardActing, in.verdictWords(w), w.Say("wait.turn", in.pass.waiting.Text)
	case in.pass.phases[scenarios.Check] != nil && in.pass.phases[scenarios.Check].verdict != nil:
		return CardChecking, in.verdictWords(w), in.gatherWords(w)
	}
	return CardChecking, w.Say("status.checking"), in.whoAsked(w)
}

// gatherWords say that what has been found is not all yet.
func (in *incident) gatherWords(w words.Catalogue) string {
	ph := in.pass.phases[scenarios.Gather]
	if in.pass.act != "" || len(in.match.Gather) == 0 || ph != nil && ph.verdict != nil {
		return ""
	}
	return w.Say("status.gathering")
}

// words say why no scenario was chosen.
func (u *unmatched) words(w words.Catalogue) string {
	if len(u.Names) == 0 {
		return w.Say(u.Reason)
	}
	return w.Say(u.Reason, strings.Join(u.Names, ", "))
}

func (in *incident) whoAsked(w words.Catalogue) string {
	if p := in.pass; p.by != nil {
		return w.Say("asked."+p.act, p.by.Name)
	}
	return ""
}

func (in *incident) waitWords(w words.Catalogue) string {
	but := in.overrideWords(w)
	if in.isPaused() { // which nobody overrides
		but = ""
	}
	switch {
	case in.match.CameBack != "":
		return w.Join(w.Say("wait.came_back"), but)
	case in.pass.asks != nil:
		return w.Join(in.pass.asks.Text, w.Say("wait.ask"), but)
	case in.late() != "":
		return w.Join(w.Say(in.late()), w.Say("wait.ask"), but)
	case in.person() != "" || in.tookOver():
		return w.Join(w.Say("wait.taken"), but)
	}
	return w.Join(w.Say("wait.ask"), but)
}

// overrideWords name the guards that a press on the newest Run Recovery has to
// override; "" where there are none. Not everybody may.
func (in *incident) overrideWords(w words.Catalogue) string {
	for _, o := range slices.Backward(in.offers) {
		if o.act != DoRecover {
			continue
		}
		if hold := holding(o.override); len(hold) > 0 {
			return w.Say("wait.override", guardNames(hold, w))
		}
		return ""
	}
	return ""
}

// holding are those of the guards to override that hold a recovery: masking only
// tells the second line.
func holding(override []string) []string {
	return slices.DeleteFunc(slices.Clone(override), func(g string) bool { return g == guardMasking })
}

// verdictWords say the verdict first: "NG: status 500, expected 200".
func (in *incident) verdictWords(w words.Catalogue) string {
	ph := in.pass.phases[scenarios.Check]
	if ph == nil || ph.verdict == nil {
		return w.Say("status.checking")
	}
	text := w.Say("verdict." + string(ph.verdict.Verdict))
	if ph.verdict.Why != "" && ph.verdict.Verdict != scenarios.OK {
		text += ": " + cut(w.Say(ph.verdict.Why), 200)
	}
	return text
}

func (in *incident) actingState(w words.Catalogue) (CardState, string, string) {
	p := in.pass
	who := amsbot
	if p.by != nil {
		who = p.by.Name
		if a := p.by.Approved; a != nil {
			who = w.Say("by.two", who, a.Name)
		}
	}
	switch {
	case p.broken != nil:
		return CardActing, w.Say("status.interrupted"), w.Say("status.rechecking")
	case p.find(place{Phase: scenarios.Recover}).verdict == nil:
		return CardActing, w.Say("status.recovering"), w.Say("status.recovering_by", who)
	}
	return CardActing, w.Say("status.rechecking"), w.Say("status.recovering_by", who)
}

// endState is a run that has ended while the incident is still open.
func (in *incident) endState(w words.Catalogue) (CardState, string, string) {
	end := in.pass.ended
	status := w.Say("outcome." + outcomeKey(end.Outcome))
	if in.stuck() {
		found := in.verdictWords(w)
		if end.Branch == branchRecovered || end.Branch == branchHealed || end.Branch == branchSafe {
			found = status // the check was before that
		}
		return CardBad, w.Say("status.stuck") + " · " + found, end.Text
	}
	switch end.Outcome {
	case NoFault, Recovered, RecoveredByWord, Healed:
		return CardGood, status, end.Text
	case Observed:
		return CardBad, status + " · " + in.verdictWords(w), end.Text
	case EscalatedOutcome:
		if end.Branch == branchUnknown {
			return CardBad, status + " · " + in.verdictWords(w), end.Text
		}
		if end.Branch == branchFailed && in.pass.intent != nil { // else only who has it would be said, not why
			return CardBad, w.Say("status.failed") + " · " + status, end.Text
		}
	case Interrupted:
		if end.Branch == branchSafe {
			return CardGood, status, end.Text
		}
	case Expired, HeldOutcome:
		return CardBad, status + " · " + in.verdictWords(w), end.Text
	}
	if end.Branch == branchFailed && len(in.pass.rounds) == 0 {
		return CardBad, in.verdictWords(w), end.Text
	}
	return CardBad, status, end.Text
}

func (in *incident) overState(w words.Catalogue) (CardState, string, string) {
	by := in.closing.By.Name
	if by == "" {
		by = w.Say("by.monitoring")
	}
	state := CardQuiet
	status := w.Say("closed."+in.closing.How, by)
	detail := ""
	if c := in.conclusion; c != nil {
		if c.Outcome != ResolvedByPerson && c.Outcome != ResolvedByMonitoring { // whose text is the status
			detail = c.Text
		}
		switch c.Outcome {
		case NoFault, Recovered, RecoveredByWord, Healed, ResolvedByPerson:
			state = CardGood
		}
		if c.Outcome == Recovered || c.Outcome == RecoveredByWord {
			status = w.Say("outcome." + outcomeKey(c.Outcome))
		}
	}
	if strings.HasPrefix(detail, status) { // it says the same, and which
		status, detail = detail, ""
	}
	return state, status, detail
}

// buttons are the visible ones and those of the overflow menu: what stands on
// offer, in the order of what a person most likely wants.
func (in *incident) buttons(w words.Catalogue) (shown, more []Button) {
	add := func(act string, primary bool) {
		o := in.standing(act, in.last)
		if o == nil {
			return
		}
		b := Button{Act: act, Label: w.Say("button." + act), Offer: o.seq, Primary: primary, Override: len(o.override) > 0}
		b.Confirm = in.confirm(o, w)
		if act == DoCheck {
			more = append(more, b)
			return
		}
		shown = append(shown, b)
	}
	if asked := in.waitsForApproval(in.last); asked != nil {
		add(DoApprove, !in.isPaused())
	} else {
		add(DoRecover, !in.heldBack() && !in.isPaused())
		add(DoAgain, false)
	}
	add(DoMark, false)
	add(DoTake, !slices.ContainsFunc(shown, func(b Button) bool { return b.Primary }))
	add(DoEscalate, false)
	add(DoResolve, false)
	add(DoCheck, false)
	if b, ok := in.glassButton(w); ok {
		more = append(more, b)
	}
	more = append(more, Button{Act: DoNote, Label: w.Say("button.note")}, Button{Act: AskWhy, Label: w.Say("button.why")})
	if in.url() != "" {
		more = append(more, Button{Act: "open", Label: w.Say("button.open"), URL: in.url()})
	}
	return shown, more
}

// confirm names what an act does and to what, before it is done.
func (in *incident) confirm(o *offer, w words.Catalogue) *Confirm {
	yes := w.Say("button." + o.act)
	no := w.Say("confirm.no")
	switch o.act {
	case DoRecover, DoAgain:
		text := w.Say("confirm.recover", in.match.Target, strings.Join(in.match.Shown, "\n"))
		text = in.warnings(o, w) + text
		return &Confirm{Title: w.Say("confirm.recover.title", cut(in.match.Scenario, 60)), Text: text, Yes: yes, No: no}
	case DoApprove:
		return in.confirmApproval(w)
	case DoMark: // Escalate and Resolve have dialogues, which ask as well
		return &Confirm{
			Title: w.Say("confirm." + o.act + ".title"),
			Text:  w.Say("confirm."+o.act, in.number(), cut(in.title(), 150)), Yes: yes, No: no,
		}
	}
	return nil
}

// warnings are what a person has to know before they recover: the guards that
// they override, that it is done too often, or that it has failed before.
func (in *incident) warnings(o *offer, w words.Catalogue) string {
	var out string
	hold := holding(o.override)
	if len(hold) > 0 {
		out = w.Say("confirm.override", guardNames(hold, w)) + "\n"
	}
	if len(hold) < len(o.override) {
		out += w.Say("confirm.masking", in.match.Target) + "\n"
	}
	if a := in.pass.asks; a != nil {
		out += a.Text + "\n"
	}
	return out
}

func guardNames(guards []string, w words.Catalogue) string {
	var out []string
	for _, g := range guards {
		out = append(out, w.Say("guard."+g))
	}
	return strings.Join(out, ", ")
}
