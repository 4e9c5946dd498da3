package bot

import (
	"fmt"
	"strings"

	"amsbot/scenarios"
)

// finish writes the note, the thread's reply and, where a person is needed, the
// message that says so.
func (e *ending) finish(text string) {
	if e.extra != "" {
		text += "\n" + e.extra
	}
	if e.tell {
		e.announce(text)
	} else {
		e.reply(text)
	}
	if e.in.pass.act == DoCheck && e.branch != branchHealed || e.branch == branchOver && e.in.status() != "resolved" {
		return
	}
	from := e.bot.Self.Email
	e.want(ToPagerDuty, ActNote, amsbot, NoteArgs{ID: e.in.id(), From: from, Content: Note(e.in.log, e.w)})
}

// announce says once, in the channel, what needs a person, and mentions them.
// Nobody is pinged about their own act.
func (e *ending) announce(text string) {
	m := MessageArgs{Channel: e.channel(), Text: e.headline() + "\n" + text, Broadcast: true}
	for _, p := range e.mention {
		own := e.in.pass.by != nil && p.ID == e.in.pass.by.As.ID
		if p.ID != e.bot.Self.ID && !own {
			m.Mention = append(m.Mention, p)
		}
	}
	m.Loud = len(m.Mention) == 0 && e.in.pass.by == nil
	e.want(ToSlack, ActReply, amsbot, m)
}

// reply says something in the thread of the card, quietly.
func (c *change) reply(text string) {
	if c.channel() != "" {
		c.want(ToSlack, ActReply, amsbot, MessageArgs{Channel: c.channel(), Text: text})
	}
}

func (c *change) channel() string {
	if c.in.project == nil {
		return ""
	}
	return c.in.project.Channel
}

// headline names the incident in a message of its own.
func (c *change) headline() string {
	return fmt.Sprintf("*#%d* %s", c.in.number(), plain(c.in.title(), 150))
}

func (in *incident) title() string {
	if in.snap != nil && in.snap.Incident.Title != "" {
		return in.snap.Incident.Title
	}
	return in.hint.Title
}

// tellPhase puts the result of a phase into the thread, with the full output of
// what was gathered.
func (c *change) tellPhase(at place) {
	ph := c.in.pass.find(at)
	var b strings.Builder
	fmt.Fprintf(&b, "*%s", c.w.Say("phase."+string(at.Phase)))
	if at.Phase != scenarios.Gather { // whose verdict decides nothing
		b.WriteString(": " + c.w.Say("verdict."+string(ph.verdict.Verdict)))
	}
	b.WriteString("*")
	for i := range len(ph.results) {
		r := ph.results[i]
		if r == nil {
			continue
		}
		fmt.Fprintf(&b, "\n%s %s", c.w.Say("verdict."+verdictOf(r)), plain(r.Name, 100))
		if words := stepWords(r, c.w); words != "" {
			b.WriteString(" · " + plain(words, 200))
		}
		if r.Outcome.Line != "" && !r.More {
			b.WriteString(" · " + plain(r.Outcome.Line, 300))
		}
	}
	c.reply(b.String())
	for i := range len(ph.results) {
		r := ph.results[i]
		if r == nil || !r.More || at.Phase == scenarios.Recheck || at.Phase == scenarios.Check && ph.verdict.Verdict == scenarios.OK {
			continue
		}
		if c.channel() != "" {
			c.want(ToSlack, ActReply, amsbot, MessageArgs{Channel: c.channel(), Text: plain(r.Name, 100), File: r.Output, FileName: fileName(r.Name)})
		}
	}
}

func verdictOf(r *stepEnded) string {
	switch {
	case r.Outcome.Skipped:
		return "skipped"
	case r.Outcome.Idle:
		return "waited"
	}
	return string(r.Outcome.Verdict)
}

func fileName(step string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, step)
	if len(clean) > 60 {
		clean = clean[:60]
	}
	return clean + ".txt"
}

// escape makes a foreign text harmless in Slack's mrkdwn: no mention, no link.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// plain is a foreign text on one line, cut, escaped, and without what Slack
// would take for formatting, an emoji or a link of the text's own making.
func plain(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	s = strings.NewReplacer("*", "∗", "_", "_\u2060", "~", "∼", "`", "'", ":", ":\u2060", "@", "@\u2060").Replace(s)
	return escape(cut(s, most))
}

// cut shortens a text to a number of runes, with an ellipsis where it was longer.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
