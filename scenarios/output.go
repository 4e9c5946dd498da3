package scenarios

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"amsbot/scenarios/secret"
)

const (
	maxOutput = 64 << 10 // bytes of one step's output
	maxLine   = 300      // runes of the line that matters
	maxWhy    = 300      // runes
)

// capture keeps the beginning and the end of what is written to it and counts
// the rest. It never refuses and never waits, so that whoever writes goes on,
// also beside whoever reads: a program that cannot be ended prints on.
type capture struct {
	mu         sync.Mutex
	head, tail []byte
	at         int  // where the next byte of a full tail goes
	wrapped    bool // the tail has begun to lose bytes
	total      int64
}

// gap stands where the middle of a long output was left out.
const gap = "\n[…]\n"

const (
	headSize = maxOutput * 3 / 8
	tailSize = maxOutput / 8
)

// Write implements io.Writer.
func (c *capture) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(p)
	c.total += int64(n)
	if room := headSize - len(c.head); room > 0 {
		take := min(room, len(p))
		c.head = append(c.head, p[:take]...)
		p = p[take:]
	}
	if len(p) > tailSize {
		p = p[len(p)-tailSize:]
		c.wrapped = c.wrapped || c.total > headSize+tailSize
	}
	for len(p) > 0 {
		if len(c.tail) < tailSize {
			take := min(tailSize-len(c.tail), len(p))
			c.tail = append(c.tail, p[:take]...)
			p = p[take:]
			continue
		}
		c.wrapped = true
		take := copy(c.tail[c.at:], p)
		c.at = (c.at + take) % tailSize
		p = p[take:]
	}
	return n, nil
}

// text returns what was kept, cleaned and masked: a secret that was cut in
// two at the gap is masked on both sides of it, and where more may still come
// one of which only the beginning is there.
func (c *capture) text(mask masks, more bool) string {
	c.mu.Lock()
	head, tail := string(c.head), string(c.tail[c.at:])+string(c.tail[:c.at])
	wrapped := c.wrapped
	c.mu.Unlock()
	if !wrapped {
		return mask.clean(mask.cut(head+tail, false, more))
	}
	return mask.clean(mask.cut(head, false, true)) + gap + mask.clean(mask.cut(tail, true, more))
}

// masks is applied one after the other.
type masks []*secret.Masker

func (m masks) mask(s string) string {
	for _, one := range m {
		s = one.Mask(s)
	}
	return s
}

func (m masks) cut(s string, atStart, atEnd bool) string {
	for _, one := range m {
		s = one.MaskCut(s, atStart, atEnd)
	}
	return s
}

// clean masks before and after the cleaning: a secret may be torn apart by
// characters that the cleaning takes out.
func (m masks) clean(s string) string { return m.mask(clean(m.mask(s))) }

// value cleans all texts in a decoded value.
func (m masks) value(v any) any {
	switch v := v.(type) {
	case string:
		return m.clean(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = m.value(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[m.clean(k)] = m.value(e)
		}
		return out
	case int, float64:
		if s, err := textOf(v); err == nil && m.mask(s) == secret.Redacted {
			return secret.Redacted // all of it is a secret, as a PIN may be
		}
	}
	return v
}

// escapes are terminal sequences: CSI, OSC and other strings, and short ones.
var escapes = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)`)

// clean makes foreign text safe to show: valid UTF-8, lines that end in \n,
// no control, invisible or direction-changing characters.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = escapes.ReplaceAllString(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return '\n'
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			return -1
		case r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0' || r == '\u2800':
			return ' ' // letters that show nothing
		}
		return r
	}, s)
}

// lastLine picks the line that matters: the last that says anything.
func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if line := strings.TrimSpace(lines[i]); line != "" {
			return oneLine(line, maxLine)
		}
	}
	return ""
}

// oneLine joins a text into one line of at most n runes.
func oneLine(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// clipBytes cuts text to at most n bytes without tearing a character.
func clipBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
