package bot

import (
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// phases are those that were begun, or that lie ahead.
func (in *incident) phases(w words.Catalogue) []Phase {
	if in.match == nil || in.pass == nil {
		return nil
	}
	var out []Phase
	out = append(out, in.phase(scenarios.Check, in.match.Check, in.pass.phases[scenarios.Check], w))
	if in.pass.act == "" && len(in.match.Gather) > 0 {
		out = append(out, in.phase(scenarios.Gather, in.match.Gather, in.pass.phases[scenarios.Gather], w))
	}
	if in.pass.intent != nil {
		out = append(out, in.phase(scenarios.Recover, in.match.Recover, in.pass.phases[scenarios.Recover], w))
	}
	if n := len(in.pass.rounds); n > 0 {
		round := in.pass.rounds[n-1]
		if round.verdict == nil && n > 1 {
			round = in.pass.rounds[n-2]
		}
		p := in.phase(scenarios.Recheck, in.match.Check, round, w)
		if v := round.verdict; v == nil || !v.Final {
			p.Verdict, p.Words = "", w.Say("phase.round", n)
		}
		out = append(out, p)
	}
	return out
}

func (in *incident) phase(name scenarios.Phase, steps []string, ph *phase, w words.Catalogue) Phase {
	out := Phase{Name: w.Say("phase." + string(name))}
	pending := w.Say("phase.pending")
	if in.pass.ended != nil {
		pending = w.Say("phase.left")
	}
	if ph == nil {
		out.Words = pending
		return out
	}
	if ph.verdict != nil {
		out.Verdict = string(ph.verdict.Verdict)
		if name == scenarios.Gather {
			out.Verdict = ""
		}
		out.Words = w.Say("phase.counts", ph.verdict.Good, ph.verdict.Of)
	} else if out.Words = w.Say("phase.running"); in.pass.ended != nil && len(ph.running) == 0 {
		out.Words = pending
	}
	broken := name == scenarios.Recover && in.pass.broken != nil
	if broken {
		out.Words = w.Say("phase.broken")
	}
	for i, s := range steps {
		line := Line{Name: s}
		switch r := ph.results[i]; {
		case r != nil:
			line.Verdict, line.Words, line.Output = verdictOf(r), stepWords(r, w), r.Outcome.Line
		case ph.running[i] != nil && broken:
			line.Words = w.Say("phase.broken")
		case ph.running[i] != nil:
			line.Words = w.Say("phase.running")
		case ph.verdict != nil:
			line.Words = w.Say("verdict.skipped")
		default:
			line.Words = pending
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// stepWords say in one line what came of a step.
func stepWords(r *stepEnded, w words.Catalogue) string {
	var parts []string
	if r.Outcome.Why != "" {
		parts = append(parts, r.Outcome.Why)
	}
	if r.Outcome.Took > 0 {
		parts = append(parts, w.Took(r.Outcome.Took))
	}
	if r.Outcome.Tries > 1 {
		parts = append(parts, w.Say("step.tries", r.Outcome.Failed, r.Outcome.Tries))
	}
	return strings.Join(parts, " · ")
}
