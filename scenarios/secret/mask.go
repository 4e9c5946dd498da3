package secret

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Shortest is the length in bytes below which a value is not masked: so
// short a text is no secret, and masking it would tear foreign text apart.
const Shortest = 4

// Masker takes secrets out of text: the values that it was told, and the
// forms in which they usually turn up (base64 at any offset, hex, escaped for
// URLs and JSON, single lines of a longer one). The zero value knows none. A
// nil *Masker masks nothing. It may be used from any goroutine.
type Masker struct {
	mu    sync.RWMutex
	forms []string // longest first, no two alike
}

// Add makes further values known. Values shorter than Shortest are ignored.
func (m *Masker) Add(values ...string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range values {
		for _, form := range formsOf(v) {
			if !slices.Contains(m.forms, form) {
				// Never in place: a Mask under way reads the old slice.
				m.forms = append(slices.Clip(m.forms), form)
			}
		}
	}
	forms := slices.Clone(m.forms)
	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })
	m.forms = forms
}

// Mask returns text with every known secret replaced by [redacted].
func (m *Masker) Mask(text string) string {
	spans := m.spans(text)
	if len(spans) == 0 {
		return text
	}
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(text[at:s.from])
		b.WriteString(Redacted)
		at = s.to
	}
	b.WriteString(text[at:])
	return b.String()
}

// MaskBytes is Mask for bytes. The result may share memory with text.
func (m *Masker) MaskBytes(text []byte) []byte {
	if len(m.spans(string(text))) == 0 {
		return text
	}
	return []byte(m.Mask(string(text)))
}

// MaskCut masks text that was cut off at its end, where the beginning of a
// secret may be left, or at its start, where the end of one may be.
func (m *Masker) MaskCut(text string, atStart, atEnd bool) string {
	forms := m.known()
	// Again and again: the end of a whole secret may be the beginning of one,
	// and what is left of it then is a piece, too.
	for n := 1; atEnd && n > 0; {
		n = longestEdge(forms, text, true)
		text = text[:len(text)-n]
	}
	for n := 1; atStart && n > 0; {
		n = longestEdge(forms, text, false)
		text = text[n:]
	}
	return m.Mask(text)
}

// longestEdge is the length of the longest piece at the end (or start) of
// text that is the beginning (or end) of a secret.
func longestEdge(forms []string, text string, atEnd bool) int {
	longest := 0
	for _, form := range forms {
		for n := min(len(form)-1, len(text)); n > longest; n-- {
			if atEnd && strings.HasSuffix(text, form[:n]) || !atEnd && strings.HasPrefix(text, form[len(form)-n:]) {
				longest = n
			}
		}
	}
	return longest
}

type span struct{ from, to int }

// spans finds all places of all forms, merged where they touch, so that two
// overlapping secrets leave no remainder of either.
func (m *Masker) spans(text string) []span {
	var all []span
	for _, form := range m.known() {
		for at := 0; ; {
			i := strings.Index(text[at:], form)
			if i < 0 {
				break
			}
			all = append(all, span{at + i, at + i + len(form)})
			_, size := utf8.DecodeRuneInString(form)
			at += i + size
		}
	}
	slices.SortFunc(all, func(a, b span) int { return a.from - b.from })
	merged := all[:0]
	for _, s := range all {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func (m *Masker) known() []string {
	if m == nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.forms
}

// formsOf lists the ways in which a value turns up in foreign text.
func formsOf(value string) []string {
	trimmed := strings.TrimSpace(value)
	texts := []string{value, trimmed}
	for line := range strings.Lines(trimmed) {
		// A key file's lines are printed one by one; its short and
		// ornamental lines would mask half of every log.
		if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "-----") {
			texts = append(texts, line)
		}
	}
	var forms []string
	for _, t := range texts {
		if len(t) < Shortest {
			continue
		}
		forms = append(forms, t, hex.EncodeToString([]byte(t)), strings.ToUpper(hex.EncodeToString([]byte(t))),
			html.EscapeString(t), pythonHTML.Replace(t))
		forms = append(forms, urlForms(t)...)
		forms = append(forms, jsonForms(t)...)
		forms = append(forms, base64Forms(t)...)
	}
	return slices.DeleteFunc(forms, func(f string) bool { return len(f) < Shortest })
}

// pythonHTML escapes as Python and many more do, otherwise than Go.
var pythonHTML = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;")

// urlForms escapes for URLs as Go, JavaScript and Python do.
func urlForms(t string) []string {
	query := url.QueryEscape(t)
	spaced := strings.ReplaceAll(query, "+", "%20")
	forms := []string{query, url.PathEscape(t), spaced, strings.ReplaceAll(spaced, "%2F", "/"),
		strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(spaced)}
	for _, f := range forms {
		forms = append(forms, escaped.ReplaceAllStringFunc(f, strings.ToLower))
	}
	return forms
}

var escaped = regexp.MustCompile(`%[0-9A-F]{2}`)

// jsonForms escapes for JSON: as Go does, and with what others do besides, PHP
// to each / and Python to all that is not ASCII.
func jsonForms(t string) []string {
	quoted, err := json.Marshal(t)
	if err != nil || len(quoted) < 2 {
		return nil
	}
	html := string(quoted[1 : len(quoted)-1])
	plain := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(html)
	var ascii strings.Builder
	for _, r := range plain {
		switch {
		case r < utf8.RuneSelf:
			ascii.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&ascii, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&ascii, `\u%04x`, r)
		}
	}
	forms := []string{html, plain, ascii.String()}
	for _, f := range forms {
		forms = append(forms, strings.ReplaceAll(f, "/", `\/`))
	}
	return forms
}

// base64Forms gives the text that is common to every base64 in which the
// value lies, for each of the three offsets at which it may begin there (in
// "user:secret" of an Authorization header, for one).
func base64Forms(t string) []string {
	var forms []string
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			coded := enc.EncodeToString([]byte(strings.Repeat("\x00", offset) + t))
			// The first characters also hold bits of what stands before,
			// the last one bits of what follows.
			from := (offset*8 + 5) / 6
			to := (offset + len(t)) * 8 / 6
			// At most eight characters of base64 would hit chance.
			if to-from >= 8 {
				forms = append(forms, coded[from:to])
			}
		}
	}
	return forms
}
