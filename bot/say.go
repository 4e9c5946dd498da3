package bot

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"amsbot/scenarios"
)

// finish writes the note, the thread's reply and, where a person is needed, the
// message that says so. text is raw: a step's words about the target are in it.
func (e *ending) finish(text string) {
	text = plain(text, 600)
	if e.extra != "" {
		text += "\n" + e.extra
	}
	if e.tell && !(e.branch == branchHeld && e.quiet()) {
		if need := e.in.need(); need != "" {
			text += "\n" + e.w.Say(need)
		}
		e.announce(text)
	} else {
		e.reply(text)
	}
	if e.in.pass.looks() && e.branch != branchHealed && e.branch != branchSafe || e.branch == branchOver && e.in.status() != "resolved" {
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
	head := c.w.Say("phase." + string(at.Phase))
	if at.Phase != scenarios.Gather { // whose verdict decides nothing
		head += ": " + c.w.Say("verdict."+string(ph.verdict.Verdict))
	}
	text := "*" + head + "*"
	for i := range len(ph.results) {
		if ph.results[i] == nil {
			continue
		}
		line := c.stepLine(ph.results[i])
		if utf8.RuneCountInString(text+line) > replyMost { // the rest is said, too
			c.reply(text)
			text = "*" + head + "*"
		}
		text += line
	}
	c.reply(text)
	for i := range len(ph.results) {
		r := ph.results[i]
		if r == nil || !r.More || c.saidBefore(at, i, r) || at.Phase != scenarios.Gather && at.Phase != scenarios.Recover && ph.verdict.Verdict == scenarios.OK {
			continue
		}
		if c.channel() != "" {
			c.want(ToSlack, ActReply, amsbot, MessageArgs{Channel: c.channel(), Text: plain(r.Name, 100), File: r.Output, FileName: fileName(r.Name)})
		}
	}
}

// replyMost is how long a reply may get: Slack takes a little more, and each of its
// lines is shorter.
const replyMost = 3500

// stepLine is what came of a step, as the thread tells it.
func (c *change) stepLine(r *stepEnded) string {
	line := fmt.Sprintf("\n%s %s", c.w.Say("verdict."+verdictOf(r)), plain(r.Name, 100))
	if words := stepWords(r, c.w); words != "" {
		line += " · " + plain(words, 200)
	}
	if r.Outcome.Line != "" && !r.More {
		line += " · " + plain(r.Outcome.Line, 300)
	}
	return line
}

// saidBefore says whether the output of a re-check stands in the thread already: it
// is the same as that of the check.
func (c *change) saidBefore(at place, i int, r *stepEnded) bool {
	first := c.in.pass.phases[scenarios.Check]
	return at.Phase == scenarios.Recheck && first != nil && first.results[i] != nil && first.results[i].Output == r.Output
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

// fileName is a step's name as that of a file, in whatever script it is written.
func fileName(step string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, step)
	if r := []rune(clean); len(r) > 60 {
		clean = string(r[:60])
	}
	return clean + ".txt"
}

// escape makes a foreign text harmless in Slack's mrkdwn: no mention, no link.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// called is somebody who is mentioned.
var called = regexp.MustCompile(`<(?:@|!subteam\^)(\w+)>`)

// unescape is a text as it reads where nothing has to be escaped, and nobody is
// mentioned.
func unescape(s string) string {
	s = called.ReplaceAllString(s, "$1")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// plain is a foreign text on one line, cut, escaped, and without what Slack
// would take for formatting, an emoji, a link or a mention of the text's own
// making; nor does it keep what nobody sees.
func plain(s string, most int) string {
	s = strings.Join(strings.Fields(strings.Map(seen, s)), " ")
	s = NoEmoji(s)
	s = strings.NewReplacer("*", "∗", "~", "∼", "`", "'", "://", ":\u2060//", "@", "@\u2060").Replace(s)
	r := []rune(cut(s, most))
	word := func(i int) bool { return i >= 0 && i < len(r) && (unicode.IsLetter(r[i]) || unicode.IsDigit(r[i])) }
	for i := range r {
		if r[i] == '_' && !(word(i-1) && word(i+1)) {
			r[i] = 'ˍ' // inside a word it formats nothing
		}
		if i == 0 && r[i] == '>' {
			r[i] = '›' // a line of Slack that begins so is a quotation
		}
	}
	return escape(string(r))
}

// plainLines is plain for a text whose lines are to stay.
func plainLines(s string, most int) string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = plain(l, most); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// NoEmoji replaces the colons of a foreign text that Slack would make an emoji
// of, such as ":fire:". A time of day keeps its own: of the emoji only :100: and
// :1234: have a number for their name.
func NoEmoji(s string) string {
	r := []rune(s)
	named := func(c rune) bool {
		return c == '_' || c == '+' || c == '-' || c == '\'' || c < 0x80 && (unicode.IsLetter(c) || unicode.IsDigit(c))
	}
	for i := range r {
		if r[i] != ':' {
			continue
		}
		end := i + 1
		for end < len(r) && named(r[end]) {
			end++
		}
		if end == i+1 || end == len(r) || r[end] != ':' {
			continue
		}
		if name := string(r[i+1 : end]); strings.Trim(name, "0123456789") != "" || name == "100" || name == "1234" {
			r[i], r[end] = '∶', '∶'
		}
	}
	return string(r)
}

// seen leaves out what cannot be seen: control characters, and those that are
// invisible or turn the direction of writing.
func seen(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co), r >= 0xFE00 && r <= 0xFE0F, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164:
		return -1
	}
	return r
}

// cut shortens a text to a number of runes, with an ellipsis where it was longer.
func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}
