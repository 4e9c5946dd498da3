package scenarios

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// dnsWish is what an answer has to be like. The zero value wants a record.
type dnsWish struct {
	all, any, only []dnsValue
	least          int    // 0: 1, unless there is an rcode
	rcode          string // "": NOERROR
	within         time.Duration
}

// dnsValue is one value that a record may have.
type dnsValue struct {
	text *text // nil: like
	like pattern
}

func (c *compiler) dnsWish(n *yaml.Node, st *Step) (e dnsWish) {
	if n.Kind != yaml.MappingNode {
		e.all = c.dnsValues(n, "expect")
		return e
	}
	f := c.r.fields(n, "expect", dnsWishKeys)
	for key, into := range map[string]*[]dnsValue{"all": &e.all, "any": &e.any, "only": &e.only} {
		if v := f[key]; v != nil {
			*into = c.dnsValues(v, key)
		}
	}
	if v := f["least"]; v != nil {
		e.least = c.r.integer(v, "least", 1, 1000)
	}
	if v := f["rcode"]; v != nil {
		e.rcode = c.r.oneOf(v, "rcode", rcodes...)
		for _, key := range []string{"all", "any", "only", "least"} {
			if f[key] != nil && e.rcode != "" && e.rcode != "NOERROR" {
				c.r.fail(f[key], "leave one of them out", "%s beside rcode %s, which comes without records", key, e.rcode)
			}
		}
	}
	if v := f["within"]; v != nil {
		e.within = c.within(v, st)
	}
	return e
}

func (c *compiler) dnsValues(n *yaml.Node, what string) (out []dnsValue) {
	for _, v := range c.r.list(n, what) {
		if v.Kind == yaml.ScalarNode && strings.HasPrefix(v.Value, "/") {
			if p := c.expected(v, what); p != nil {
				out = append(out, dnsValue{like: *p})
			}
			continue
		}
		if t := c.text(v, what); t != nil {
			out = append(out, dnsValue{text: t})
		}
	}
	return out
}

// filled is the value as a pattern, its expressions worked out.
func (v dnsValue) filled(w *world) (pattern, error) {
	if v.text == nil {
		return v.like, nil
	}
	s, err := v.text.fill(w, nil)
	return pattern{literal: s}, err
}

// told is what a name server answered.
type told struct {
	answers []string
	rcode   string
	took    time.Duration
}

// judge holds an answer against the wish.
func (e dnsWish) judge(got told, w *world) (Verdict, string) {
	want := e.rcode
	if want == "" {
		want = "NOERROR"
	}
	if got.rcode != want {
		return NG, fmt.Sprintf("answered %s, expected %s", got.rcode, want)
	}
	least := max(e.least, 1)
	if e.rcode != "" {
		least = e.least
	}
	if len(got.answers) < least {
		return NG, fmt.Sprintf("%s, expected at least %d", records(len(got.answers)), least)
	}
	why, err := e.compare(got, w)
	switch {
	case err != nil:
		return Unknown, err.Error()
	case why != "":
		return NG, why
	case e.within > 0 && got.took > e.within:
		return NG, fmt.Sprintf("answered after %s, expected within %s", got.took.Round(time.Millisecond), e.within)
	case len(got.answers) == 0:
		return OK, "answered " + got.rcode
	}
	return OK, records(len(got.answers))
}

// compare says in words which value is missing or too many, "" for none.
func (e dnsWish) compare(got told, w *world) (string, error) {
	sets := map[string][]pattern{}
	for key, values := range map[string][]dnsValue{"all": e.all, "any": e.any, "only": e.only} {
		for _, v := range values {
			p, err := v.filled(w)
			if err != nil {
				return "", err
			}
			sets[key] = append(sets[key], p)
		}
	}
	answered := func(p pattern) bool { return slices.ContainsFunc(got.answers, p.answers) }
	for _, p := range sets["all"] {
		if !answered(p) {
			return p.words() + " is not answered", nil
		}
	}
	if any := sets["any"]; len(any) > 0 && !slices.ContainsFunc(any, answered) {
		return "none of what is expected is answered", nil
	}
	if only := sets["only"]; len(only) > 0 {
		for _, a := range got.answers {
			if !slices.ContainsFunc(only, func(p pattern) bool { return p.answers(a) }) {
				return clip(a, 100) + " is answered, which is not expected", nil
			}
		}
	}
	return "", nil
}

// answers reports whether a record has the value: addresses are compared as
// such, names without regard to case and to a dot at their end.
func (p pattern) answers(record string) bool {
	if p.re != nil {
		return p.re.MatchString(record)
	}
	a, err := netip.ParseAddr(record)
	b, err2 := netip.ParseAddr(p.literal)
	if errors.Join(err, err2) == nil {
		return a == b
	}
	return strings.EqualFold(record, strings.TrimSuffix(p.literal, "."))
}

// words is the pattern as its author wrote it.
func (p pattern) words() string {
	if p.re != nil {
		return "/" + clip(p.re.String(), 80) + "/"
	}
	return clip(p.literal, 80)
}

func records(n int) string {
	switch n {
	case 0:
		return "no record"
	case 1:
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
