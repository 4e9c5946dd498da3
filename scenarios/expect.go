package scenarios

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// expectation is what an answer has to be like. The zero value wants a status
// from 200 to 299.
type expectation struct {
	status  []int
	within  time.Duration // from the connection to the end of the answer; 0: the step's timeout
	body    *pattern      // a text that the body holds, or a regular expression
	headers []headerWish
	json    []jsonWish
}

type headerWish struct {
	name string
	want pattern
}

// jsonWish is about one value of a JSON body.
type jsonWish struct {
	path                string
	value, below, above *tmpl
}

func (c *compiler) expectation(n *yaml.Node) expectation {
	var e expectation
	f := c.r.fields(n, "expect", expectKeys)
	if v := f["status"]; v != nil {
		for _, s := range c.r.list(v, "status") {
			e.status = append(e.status, c.r.integer(s, "status", 100, 599))
		}
	}
	c.r.setSpan(f["within"], "within", false, &e.within)
	if v := f["body"]; v != nil {
		if s, ok := c.r.word(v, "body"); ok {
			if p, ok := c.pattern(v, s); ok {
				e.body = &p
			}
		}
	}
	if v := f["header"]; v != nil {
		for _, h := range c.r.entries(v, "header") {
			if s, ok := c.r.word(h.value, h.key.Value); ok {
				if p, ok := c.pattern(h.value, s); ok {
					e.headers = append(e.headers, headerWish{h.key.Value, p})
				}
			}
		}
	}
	if v := f["json"]; v != nil {
		for _, w := range c.r.list(v, "json") {
			e.json = append(e.json, c.jsonWish(w))
		}
	}
	return e
}

func (c *compiler) jsonWish(n *yaml.Node) jsonWish {
	var w jsonWish
	f := c.r.fields(n, "json", jsonKeys)
	if f["path"] != nil {
		w.path, _ = c.r.word(f["path"], "path")
	} else if n.Kind == yaml.MappingNode {
		c.r.fail(n, "", "json has no path")
	}
	for key, into := range map[string]**tmpl{"value": &w.value, "below": &w.below, "above": &w.above} {
		v := f[key]
		if v == nil {
			continue
		}
		*into = c.tmpl(v)
		if key != "value" && !isBound(v) {
			c.r.fail(v, "", "%s is %s, a number is needed", key, kindOf(v))
		}
	}
	if n.Kind == yaml.MappingNode && w.value == nil && w.below == nil && w.above == nil {
		c.r.fail(n, "say value, below or above", "json expects nothing")
	}
	return w
}

// isBound says whether a value can be a number when it is held against one.
func isBound(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float" || n.Tag == "!!str" && strings.HasPrefix(n.Value, "${{"))
}

// answer is what came back, already masked and cleaned where it is shown.
type answer struct {
	status int
	header http.Header
	body   string
	cut    bool // the body is longer than what was read
	json   any
	jsonOK bool
}

// judge holds an answer against the expectation. An error is amsbot's own: an
// expected value that could not be worked out.
func (e expectation) judge(a answer, w *world) (Verdict, string) {
	if why := e.statusWhy(a.status); why != "" {
		return NG, why
	}
	if e.body != nil && !e.body.inside(a.body) {
		if a.cut {
			return Unknown, fmt.Sprintf("the body has more than %d bytes, what is expected is not among the first", maxBody)
		}
		return NG, "the body does not have what is expected"
	}
	for _, h := range e.headers {
		values := a.header.Values(h.name)
		if !slices.ContainsFunc(values, func(v string) bool { _, ok := h.want.match(v); return ok }) {
			if len(values) == 0 {
				return NG, "there is no header " + h.name
			}
			return NG, fmt.Sprintf("header %s is %q", h.name, clip(values[0], 80))
		}
	}
	for _, j := range e.json {
		if v, why := j.judge(a, w); v != OK {
			return v, why
		}
	}
	return OK, fmt.Sprintf("status %d", a.status)
}

func (e expectation) statusWhy(status int) string {
	if len(e.status) == 0 {
		if status >= 200 && status < 300 {
			return ""
		}
		return fmt.Sprintf("status %d, expected 200 to 299", status)
	}
	if slices.Contains(e.status, status) {
		return ""
	}
	words := make([]string, len(e.status))
	for i, s := range e.status {
		words[i] = strconv.Itoa(s)
	}
	return fmt.Sprintf("status %d, expected %s", status, joinWords(words))
}

func (p pattern) inside(s string) bool {
	if p.re != nil {
		return p.re.MatchString(s)
	}
	return strings.Contains(s, p.literal)
}

func (j jsonWish) judge(a answer, w *world) (Verdict, string) {
	if !a.jsonOK {
		if a.cut {
			return Unknown, fmt.Sprintf("the body has more than %d bytes, too many to read JSON from", maxBody)
		}
		return NG, "the body is no JSON"
	}
	got, ok := jsonAt(a.json, j.path)
	if !ok {
		return NG, "the body has no " + j.path
	}
	if j.value != nil {
		want, err := j.value.fill(w)
		if err != nil {
			return Unknown, err.Error()
		}
		if !sameJSON(got, want) {
			return NG, fmt.Sprintf("%s is %s, expected %s", j.path, short(got), short(want))
		}
	}
	for _, bound := range []struct {
		word string
		want *tmpl
		ok   func(got, want float64) bool
	}{
		{"below", j.below, func(got, want float64) bool { return got < want }},
		{"above", j.above, func(got, want float64) bool { return got > want }},
	} {
		if bound.want == nil {
			continue
		}
		v, err := bound.want.fill(w)
		if err != nil {
			return Unknown, err.Error()
		}
		limit, ok := number(v)
		if !ok {
			return Unknown, fmt.Sprintf("%s: %s is no number", bound.word, short(v))
		}
		n, ok := number(got)
		if !ok {
			return NG, fmt.Sprintf("%s is %s, a number is expected", j.path, short(got))
		}
		if !bound.ok(n, limit) {
			return NG, fmt.Sprintf("%s is %s, expected %s %s", j.path, short(got), bound.word, short(v))
		}
	}
	return OK, ""
}

// jsonAt follows a path like disks.0.used through decoded JSON.
func jsonAt(v any, path string) (any, bool) {
	for _, key := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[key]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

func sameJSON(a, b any) bool {
	x, xOK := number(a)
	y, yOK := number(b)
	if xOK && yOK {
		return x == y
	}
	return reflect.DeepEqual(a, b)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

func short(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	return clip(string(b), 60)
}
