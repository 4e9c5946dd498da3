package slack

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"amsbot/bot"
)

// Everything that is drawn may be of an alert's making. The functions here turn
// foreign text into text that Slack shows as exactly itself. All lengths are
// code points, as Slack counts, of the text as it is sent.

// cut marks where text was left out.
const cut = "…"

// clean keeps what can be seen: no control characters but line ends, nothing
// that is invisible or turns the direction of writing, and valid UTF-8. It reads
// no more of s than it needs for n characters.
func clean(s string, n int) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case n <= 0:
			return out.String()
		case r == '\n':
		case r == '\t', r == '\u2028', r == '\u2029', r == '\u0085', r == '\v', r == '\f':
			r = ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Noncharacter_Code_Point):
			continue
		case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164:
			continue // they change or are characters that nobody sees
		}
		out.WriteRune(r)
		n--
	}
	return out.String()
}

// clip cuts s to n characters and says so.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n <= 0 {
		return ""
	}
	return strings.TrimRightFunc(string([]rune(s)[:n-1]), unicode.IsSpace) + cut
}

// line is s as one line of at most n characters, for plain_text.
func line(s string, n int) string {
	// Spaces may collapse, so more than n characters are looked at.
	return clip(strings.Join(strings.Fields(clean(s, 4*n+16)), " "), n)
}

// para is s with its line ends, at most n characters, for plain_text.
func para(s string, n int) string {
	return clip(strings.TrimSpace(clean(s, n+16)), n)
}

// defused replaces the characters that mrkdwn would make formatting of by ones
// that look the same: escaping alone leaves *bold*, _italic_, ~strike~, `code`,
// :emoji: and a quote at the beginning of a line.
func defused(s string) string {
	runes := []rune(bot.NoEmoji(s))
	word := func(i int) bool {
		return i >= 0 && i < len(runes) && (unicode.IsLetter(runes[i]) || unicode.IsDigit(runes[i]) || runes[i] == '_')
	}
	var out strings.Builder
	for i, r := range runes {
		switch {
		case r == '*':
			r = '∗'
		case r == '~':
			r = '∼'
		case r == '`':
			r = 'ˋ'
		case r == '_' && !(word(i-1) && word(i+1)):
			r = 'ˍ' // inside a word it formats nothing, and names are full of it
		case r == '>' && i == 0:
			r = '›'
		}
		out.WriteRune(r)
	}
	return out.String()
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape is the escaping that Slack asks for, of exactly three characters.
func escape(s string) string { return entities.Replace(s) }

// fitted escapes s and cuts it to n characters, never inside an entity.
func fitted(s string, n int) string {
	whole := escape(s)
	if utf8.RuneCountInString(whole) <= n {
		return whole
	}
	var out strings.Builder
	used := 0
	for _, r := range s {
		piece := escape(string(r))
		used += utf8.RuneCountInString(piece)
		if used > n-1 {
			break
		}
		out.WriteString(piece)
	}
	if n < 1 {
		return ""
	}
	return out.String() + cut
}

// literal is s as one line of mrkdwn that says exactly itself, at most n
// characters long.
func literal(s string, n int) string { return fitted(defused(line(s, n)), n) }

// code is s in a code span of at most n characters, or nothing: Slack formats,
// links and mentions nothing in there once the backticks are gone.
func code(s string, n int) string {
	s = fitted(strings.ReplaceAll(line(s, n), "`", "ˋ"), n-2)
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// pre is s as a preformatted block of at most n characters, or nothing.
func pre(s string, n int) string {
	const fences = len("```\n\n```")
	s = strings.Trim(strings.ReplaceAll(clean(s, n), "`", "ˋ"), "\n")
	if s = fitted(s, n-fences); strings.TrimSpace(s) == "" {
		return ""
	}
	return "```\n" + s + "\n```"
}

// clippedMrkdwn cuts mrkdwn of our own making to n characters, and not inside
// a mention, a link or an entity.
func clippedMrkdwn(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	head := string(runes[:n-1])
	if open := strings.LastIndexByte(head, '<'); open > strings.LastIndexByte(head, '>') {
		head = head[:open]
	}
	if amp := strings.LastIndexByte(head, '&'); amp > strings.LastIndexByte(head, ';') && len(head)-amp < len("&amp;") {
		head = head[:amp]
	}
	return head + cut
}
