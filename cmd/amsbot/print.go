package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"

	"amsbot/scenarios/secret"
)

// silent is the error of a command that has said all there is to say, and ends
// with a code of its own.
type silent int

func (s silent) Error() string { return fmt.Sprintf("it ends with %d", int(s)) }

// printer writes lines in which foreign text steers no terminal and no secret
// stands. The first error stays, and nothing is written after it.
type printer struct {
	out  io.Writer
	mask *secret.Masker
	err  error
}

// say writes one line, whatever stands in its values.
func (p *printer) say(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.out, tidy(p.mask.Mask(fmt.Sprintf(format, args...))))
	}
}

// tell is say for prose: it is wrapped, and its further lines are indented as its
// first is, and a little more.
func (p *printer) tell(format string, args ...any) {
	text := tidy(p.mask.Mask(fmt.Sprintf(format, args...)))
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))] + "    "
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.out, wrapped(text, indent))
	}
}

// json writes one value.
func (p *printer) json(v any) {
	data, err := encoded(v)
	text := p.mask.MaskBytes(data)
	switch {
	case p.err != nil:
	case err != nil:
		p.err = err
	case !json.Valid(text): // a secret may be one of the JSON's own words
		p.err = errors.New("with its secrets masked it is no JSON")
	default:
		_, p.err = p.out.Write(tame(text))
	}
}

func writeJSON(out io.Writer, v any) error {
	data, err := encoded(v)
	if err == nil {
		_, err = out.Write(tame(data))
	}
	return err
}

func encoded(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// tame escapes in JSON what would steer a terminal: encoding/json leaves all
// beyond ASCII as it is.
func tame(data []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(data) {
		switch {
		case r < 0x7f || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// tidy keeps foreign text from steering the terminal: it is one line, without
// what is invisible or turns the direction of writing.
func tidy(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		}
		return '·'
	}, s)
}

// tidyLines is tidy for a text of several lines.
func tidyLines(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = tidy(line)
	}
	return strings.Join(lines, "\n")
}
