package bot

import (
	"slices"
	"time"

	"amsbot/scenarios"
)

// breaker counts the failed recoveries of a scenario in a row. Once it has
// tripped the scenario only asks, until a person resumes it: a success says no
// more about the next target than the failures did.
type breaker struct {
	Scope   string    `json:"scope"` // as one resumes it
	Failed  int       `json:"failed"`
	Tripped bool      `json:"tripped,omitempty"`
	Number  int       `json:"number,omitempty"` // the incident that tripped it
	At      time.Time `json:"at"`
}

func (c *change) breaker() breaker {
	var b breaker
	if _, err := c.view.Guard(c.in.breakerGuard(), &b); err != nil {
		return breaker{} // the commit fails by itself
	}
	b.Scope = c.in.scenarioScope()
	return b
}

// tripped is the breaker that makes this scenario ask; nil if none does.
func (c *change) tripped() *asks {
	b := c.breaker()
	if !b.Tripped || c.sc.Guards.Breaker == 0 {
		return nil
	}
	return &asks{Pass: c.in.pass.id, Guard: guardBreaker, Text: c.w.Say("asks.breaker", b.Failed, b.Scope)}
}

// tally counts what came of a recovery, and says what people have to know about
// it: that the breaker has tripped, or that the target is recovered too often.
func (c *change) tally(t todo) string {
	p := c.in.pass
	if p.intent == nil || p.ended != nil {
		return ""
	}
	switch {
	case t.end == branchRecovered, t.end == branchOver && c.in.pass.worked():
		if b := c.breaker(); b.Failed > 0 && !b.Tripped {
			c.guard(c.in.breakerGuard(), nil)
		}
		return c.healed(t.end == branchOver)
	case t.end == branchHealed && p.held != nil: // it was stopped half way: nobody knows what it would have done
	case t.end == branchFailed, t.end == branchInterrupted, t.end == branchDeadline, t.end == branchHealed:
		return c.broke()
	}
	return ""
}

// broke counts one more recovery that did not work.
func (c *change) broke() string {
	b, most := c.breaker(), c.sc.Guards.Breaker
	if most == 0 || b.Tripped {
		return ""
	}
	b.Failed++
	b.At, b.Number = c.now, c.in.number()
	b.Tripped = b.Failed >= most
	c.guard(c.in.breakerGuard(), b)
	if !b.Tripped {
		return ""
	}
	text := c.w.Say("tripped.breaker", b.Failed, b.Scope)
	c.write(kindTripped, amsbot, tripped{Guard: guardBreaker, Text: text})
	c.out.Views = append(c.out.Views, homes(c.view)...)
	return text
}

// healed counts one more recovery of this target that worked. Where they are too
// many in the masking guard's window, something is wrong that recovering only
// hides: then the second line gets it, and it is not resolved, unless it is
// over already.
func (c *change) healed(over bool) string {
	var past recoveries
	if _, err := c.view.Guard(c.in.healedGuard(), &past); err != nil {
		past = recoveries{}
	}
	past.add(c.now, max(c.sc.Guards.Masking.Per, kept), c.sc.Guards.Masking.N+100)
	c.guard(c.in.healedGuard(), past)
	limit := c.sc.Guards.Masking
	n := len(past.lately(c.now, limit.Per, time.Time{}))
	if limit.N == 0 || n < limit.N || over {
		return ""
	}
	if by := c.in.pass.by; by != nil && slices.Contains(c.in.pass.intent.Over, guardMasking) {
		return ""
	}
	text := c.w.Say("tripped.masking", c.in.match.Target, n, c.w.Took(limit.Per))
	c.write(kindTripped, amsbot, tripped{Guard: guardMasking, Text: text})
	return text
}

// masks says whether one more successful recovery of this target would be one
// too many.
func (c *change) masks() bool {
	limit := c.sc.Guards.Masking
	var past recoveries
	if _, err := c.view.Guard(c.in.healedGuard(), &past); err != nil || limit.N == 0 {
		return false
	}
	return len(past.lately(c.now, limit.Per, time.Time{}))+1 >= limit.N
}

// unmasked are the endings of a recovery that worked once too often: whatever
// they were, it is not resolved, and the second line is told.
func unmasked(endings []scenarios.Ending) []scenarios.Ending {
	out := []scenarios.Ending{{Act: scenarios.Escalate, To: "second_line"}}
	for _, e := range endings {
		if e.Act == scenarios.Notify {
			out = append(out, e)
		}
	}
	return out
}
