package slack

import (
	"strings"
	"unicode/utf8"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// How much of a phase is shown: the rest is in the thread.
const (
	maxPhases     = 8
	maxLines      = 10
	maxPhaseText  = 2500 // a section takes 3,000
	maxStepName   = 80
	maxStepWords  = 200
	maxStepOutput = 200
)

// drawPhases is one section for each phase, with a line for each step.
func drawPhases(s *sheet, card bot.Card) []slack.Block {
	var blocks []slack.Block
	phases := card.Phases
	if hidden := len(phases) - maxPhases; hidden > 0 {
		phases, s.lost = phases[hidden:], true // the newest decide
	}
	for _, p := range phases {
		if text := phaseText(s, p); text != "" {
			blocks = append(blocks, s.section("phase", text))
		}
	}
	return blocks
}

// phaseText is a phase: its verdict in words, then its steps as far as there
// is room.
func phaseText(s *sheet, p bot.Phase) string {
	head := "*" + s.literal(p.Name, 60) + "*"
	if head == "**" {
		return ""
	}
	if v := s.verdictWords(p.Verdict, p.Words); v != "" {
		head += " · " + v
	}
	room := s.room(maxPhaseText) - utf8.RuneCountInString(head)
	if room < 0 {
		s.lost = true
		return ""
	}
	return head + stepLines(s, p.Lines, room)
}

// verdictWords is a verdict and what it means, the verdict standing out.
func (s *sheet) verdictWords(verdict, explained string) string {
	v, e := s.literal(verdict, 20), s.literal(explained, maxStepWords)
	if v != "" {
		v = "*" + v + "*"
	}
	return strings.Trim(v+": "+e, ": ")
}

// stepLines are as many steps as fit into room characters. What does not fit
// is counted, with room kept for saying so.
func stepLines(s *sheet, lines []bot.Line, room int) string {
	var out strings.Builder
	for i, l := range lines {
		rest := "\n" + escape(s.words.Say("slack.more", len(lines)-i))
		text := s.stepLine(l)
		need := utf8.RuneCountInString(text)
		if more := i+1 < len(lines); more {
			need += utf8.RuneCountInString(rest)
		}
		if i >= maxLines || need > room {
			if utf8.RuneCountInString(rest) <= room {
				out.WriteString(rest)
			} else {
				s.lost = true
			}
			break
		}
		out.WriteString(text)
		room -= utf8.RuneCountInString(text)
	}
	return out.String()
}

// stepLine is one step: verdict, name, words, and the one line of output that
// matters under it.
func (s *sheet) stepLine(l bot.Line) string {
	text := "\n• "
	if v := s.literal(l.Verdict, 20); v != "" {
		text += "*" + v + "* "
	}
	text += s.literal(l.Name, maxStepName)
	if w := s.literal(l.Words, maxStepWords); w != "" {
		text += ": " + w
	}
	if o := s.code(l.Output, maxStepOutput); o != "" {
		text += "\n      " + o
	}
	return text
}
