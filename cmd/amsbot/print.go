package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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

// json writes one value.
func (p *printer) json(v any) {
	var b bytes.Buffer
	err := writeJSON(&b, v)
	text := p.mask.MaskBytes(b.Bytes())
	switch {
	case p.err != nil:
	case err != nil:
		p.err = err
	case !json.Valid(text): // a secret may be one of the JSON's own words
		p.err = errors.New("with its secrets masked it is no JSON")
	default:
		_, p.err = p.out.Write(text)
	}
}
