package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/store"
)

func historyText(events []store.Event, w words.Catalogue) string {
	var out []string
	for _, e := range events {
		if text := EventText(e, w); text != "" {
			out = append(out, fmt.Sprintf("<!date^%d^{time_secs}|%s> %s", e.At.Unix(), w.Time(e.At, time.TimeOnly), plain(text, 300)))
		}
	}
	const most = 30
	from, n := max(0, len(out)-most), 0
	for i := len(out) - 1; i >= from; i-- {
		if n += len([]rune(out[i])) + 1; n > answerMost {
			from = i + 1
		}
	}
	if from > 0 {
		out = append([]string{w.Say("history.earlier", from)}, out[from:]...)
	}
	return strings.Join(out, "\n")
}

// EventText is one event in words; "" for what only the machine needs.
func EventText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindReceived:
		r, _ := into[received](e)
		return w.Say("event.received", r.Hint.Source, r.Hint.Type)
	case kindRead:
		r, _ := into[readDone](e)
		if r.Same || r.Snapshot == nil {
			return ""
		}
		return w.Say("event.read", r.Snapshot.Incident.Status, cmp.Or(nameList(r.Snapshot.Assignees), w.Say("event.nobody")))
	case kindUnread:
		u, _ := into[unread](e)
		return w.Say(u.Why)
	case kindRun:
		r, _ := into[runBegan](e)
		return w.Say("event.run", r.N, r.Reason)
	case kindMatched:
		m, _ := into[matched](e)
		return w.Say("event.matched", m.Scenario, m.Target, w.Say("autonomy."+string(m.Autonomy)))
	case kindUnmatched:
		u, _ := into[unmatched](e)
		return u.words(w)
	case kindConcluded:
		c, _ := into[concluded](e)
		return w.Say("event.concluded", w.Say("outcome."+outcomeKey(c.Outcome)), c.Text)
	case kindClosed:
		c, _ := into[closed](e)
		return w.Say("closed."+c.How, orMonitoring(c.By.Name, w))
	}
	return workText(e, w)
}

// workText is what was done, in words.
func workText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindStarted:
		s, _ := into[stepStarted](e)
		return w.Say("event.started", w.Say("phase."+string(s.Phase)), s.Name, s.Shown)
	case kindEnded:
		s, _ := into[stepEnded](e)
		return w.Say("event.ended", w.Say("phase."+string(s.Phase)), s.Name, w.Say("verdict."+verdictOf(&s)), stepWords(&s, w))
	case kindVerdict:
		v, _ := into[phaseVerdict](e)
		return w.Say("event.verdict", w.Say("phase."+string(v.Phase)), w.Say("verdict."+string(v.Verdict)), v.Good, v.Of)
	case kindProgramGone:
		g, _ := into[programGone](e)
		return w.Say("event.program_gone", g.Step)
	case kindIntent:
		i, _ := into[intent](e)
		return w.Say("event.intent", e.By, i.Target)
	case kindWaiting:
		x, _ := into[waiting](e)
		return x.Text
	case kindHeld:
		h, _ := into[held](e)
		return w.Say("event.held", w.Say("guard."+h.Guard), h.Text)
	case kindAsks:
		a, _ := into[asks](e)
		return w.Say("event.asks", w.Say("guard."+a.Guard), a.Text)
	case kindTripped:
		t, _ := into[tripped](e)
		return w.Say("event.tripped", w.Say("guard."+t.Guard), t.Text)
	case kindInterrupted:
		i, _ := into[interrupted](e)
		return w.Say(i.Why) + " (" + i.Step + ")"
	}
	return peopleText(e, w)
}

// peopleText is what people did and what left amsbot, in words.
func peopleText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindOffered:
		o, _ := into[offered](e)
		var names []string
		for _, a := range o.Acts {
			names = append(names, w.Say("act."+a))
		}
		return w.Say("event.offered", strings.Join(names, ", "))
	case kindExpired:
		if x, ok := into[expired](e); ok && slices.Equal(x.Acts, []string{DoApprove}) {
			return w.Say("event.unapproved")
		}
		return w.Say("refused.expired")
	case kindClicked:
		c, _ := into[clicked](e)
		if c.Act == DoApprove {
			return w.Say("event.approved", c.Name)
		}
		return strings.TrimSuffix(acceptedText(c, w)+" “"+oneLine(c.Text)+"”", " “”")
	case kindRequested:
		r, _ := into[requested](e)
		return w.Say("event.requested", r.Name, w.Say("act."+r.Act))
	case kindWithdrawn:
		x, _ := into[withdrawn](e)
		return w.Say("withdrawn", x.Name, w.Say(x.Why))
	case kindGlass:
		g, _ := into[glassBroken](e)
		return w.Say("event.glass", g.Name, g.Why)
	case outbox.CrowdKind:
		c, _ := into[outbox.Crowd](e)
		if c.Over {
			return w.Say("event.crowd.over", c.Lane)
		}
		return w.Say("event.crowd", c.Lane)
	case kindCardAsked:
		a, _ := into[cardAsked](e)
		return w.Say("accepted."+DoCard, a.Name)
	case kindRefused:
		r, _ := into[refused](e)
		return w.Say("event.refused", r.Name, w.Say("act."+r.Act), unescape(r.Why))
	case kindWanted:
		x, _ := into[wanted](e)
		if !changesPagerDuty(x.Kind) && x.Kind != ActNote {
			return ""
		}
		return w.Say("event.wanted", w.Say("want."+x.Kind), e.By)
	case kindDone, kindFailed, kindUnknown:
		s, _ := into[settled](e)
		if e.Kind == kindDone && !changesPagerDuty(s.Kind) && s.Kind != ActNote {
			return "" // a message says what its own event says already
		}
		text := w.Say("event."+e.Kind, w.Say("want."+s.Kind))
		if s.Why != "" {
			text += ": " + s.Why
		}
		return text
	case kindPaused, kindResumed:
		p, _ := into[paused](e)
		return w.Say(e.Kind+".done", p.Name, p.Scope)
	}
	for _, of := range []func(store.Event, words.Catalogue) string{plannedText, reloadText, restoredText, silenceText, downText} {
		if text := of(e, w); text != "" {
			return text
		}
	}
	return stormText(e, w)
}
