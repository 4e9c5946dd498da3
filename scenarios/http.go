package scenarios

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// request asks an HTTP server for something and holds the answer against what
// is expected.
type request struct {
	route
	method  string
	url     *text
	headers []header
	body    *text // as it is
	json    *tmpl // encoded
	tls     *tlsOptions
	expect  expectation
}

type header struct {
	name  string
	value *text
}

// compileHTTP reads `http: {url: …}`, or the bare URL.
func compileHTTP(c *compiler, n *yaml.Node, st *Step) action {
	a := &request{method: http.MethodGet}
	if n.Kind == yaml.ScalarNode {
		a.address(c, n)
		return a
	}
	f := c.r.fields(n, "http", httpKeys)
	if f["url"] != nil {
		a.address(c, f["url"])
	} else if n.Kind == yaml.MappingNode {
		c.r.fail(n, "", "http has no url")
	}
	if v := f["method"]; v != nil {
		if m := c.r.oneOf(v, "method", slices.Concat(readingMethods, writingMethods)...); m != "" {
			a.method = m
		}
	}
	readonly := f["readonly"] != nil && c.r.boolean(f["readonly"], "readonly")
	if st.Phase != Recover && slices.Contains(writingMethods, a.method) && !readonly {
		c.r.fail(f["method"], "say readonly: true if it changes nothing, or move it to recover",
			"%s changes things, %s only looks", a.method, st.Phase)
	}
	if v := f["headers"]; v != nil {
		a.headers = c.headers(v)
	}
	if v := f["body"]; v != nil {
		a.content(c, v)
	}
	if v := f["tls"]; v != nil {
		a.secure(c, v)
	}
	a.refusing = c.unreachableNG(f["unreachable"])
	if v := f["expect"]; v != nil {
		a.expect = c.expectation(v)
		if a.expect.within > st.Timeout {
			c.r.fail(v, "", "within (%s) is longer than the step's timeout (%s)", a.expect.within, st.Timeout)
		}
	}
	return a
}

// address reads the URL and finds out whether an incident chooses its host.
func (a *request) address(c *compiler, n *yaml.Node) {
	a.url = c.text(n, "url")
	if a.url == nil {
		return
	}
	c.urlStart(n, a.url)
	a.route = c.route(n, hostFromOutside(a.url))
	if a.url.whole() == nil && len(a.url.parts) == 1 {
		if _, err := fillURL(a.url, newWorld(nil, Facts{})); err != nil {
			c.r.fail(n, "", "url: %v", err)
		}
	}
}

// secure reads the TLS options, after all that may hold a secret.
func (a *request) secure(c *compiler, n *yaml.Node) {
	a.tls = c.tlsOptions(n)
	secret := a.url != nil && a.url.secret() || a.body != nil && a.body.secret() || a.json.secret()
	for _, h := range a.headers {
		secret = secret || h.value.secret()
	}
	c.secretOnBlind(n, a.tls, secret)
	if a.url != nil && strings.HasPrefix(a.url.parts[0].literal, "http://") {
		c.r.fail(n, "begin the url with https://", "tls says how, but the url begins with http://")
	}
}

// hostFromOutside reports whether a value of the incident stands in the
// address before its path begins.
func hostFromOutside(t *text) bool {
	before := ""
	for _, p := range t.parts {
		_, rest, begun := strings.Cut(before, "://")
		if begun && strings.ContainsAny(rest, "/?#") {
			return false
		}
		if p.expr != nil && (p.expr.tainted || p.expr.secret != "") {
			return true
		}
		if p.expr != nil {
			before += "x"
		}
		before += p.literal
	}
	return false
}

func (c *compiler) headers(n *yaml.Node) []header {
	var out []header
	seen := map[string]bool{}
	for _, e := range c.r.entries(n, "headers") {
		if strings.ContainsFunc(e.key.Value, func(r rune) bool { return r != '-' && !isName("a"+string(r)) }) || e.key.Value == "" {
			c.r.fail(e.key, "", "headers: %s is no name of a header", clip(e.key.Value, 40))
			continue
		}
		name := strings.ToLower(e.key.Value)
		if seen[name] {
			c.r.fail(e.key, "", "headers: %s is there twice, in other letters", clip(e.key.Value, 40))
			continue
		}
		seen[name] = true
		if t := c.text(e.value, e.key.Value); t != nil {
			if t.tainted() && strings.EqualFold(e.key.Value, "host") {
				c.r.fail(e.value, "", "the Host header cannot come from an incident")
				continue
			}
			out = append(out, header{e.key.Value, t})
		}
	}
	return out
}

// content reads the body: text is sent as it is, anything else as JSON.
func (a *request) content(c *compiler, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode {
		a.json = c.tmpl(n)
		return
	}
	a.body = c.text(n, "body")
	if a.body != nil && a.body.tainted() && a.body.whole() == nil {
		c.r.fail(n, "write the body as a mapping, body: {host: \"${{ target }}\"}: it is sent as JSON",
			"a value of the incident inside a text could change what the text says")
	}
}

// show is the method and the address; the body is left out, it may be long.
func (a *request) show(w *world) (string, error) {
	u, err := a.target(w)
	if err != nil {
		return "", err
	}
	return a.method + " " + u.String(), nil
}

// target works the address out and asks hosts about it.
func (a *request) target(w *world) (*url.URL, error) {
	u, err := fillURL(a.url, w)
	if err != nil {
		return nil, err
	}
	if err := a.allows(u.Hostname()); err != nil {
		return nil, err
	}
	return u, nil
}

// build makes the request.
func (a *request) build(ctx context.Context, w *world) (*http.Request, error) {
	u, err := a.target(w)
	if err != nil {
		return nil, err
	}
	body, kind := "", ""
	switch {
	case a.body != nil:
		if body, err = a.body.fill(w, nil); err != nil {
			return nil, err
		}
		kind = "text/plain; charset=utf-8"
	case a.json != nil:
		v, err := a.json.fill(w)
		if err != nil {
			return nil, err
		}
		coded, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("the body is no JSON: %w", err)
		}
		body, kind = string(coded), "application/json"
	}
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), strings.NewReader(body))
	if err != nil {
		return nil, errors.New("the request cannot be made: " + err.Error())
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("User-Agent", "amsbot")
	for _, h := range a.headers {
		v, err := h.value.fill(w, nil)
		if err != nil {
			return nil, err
		}
		if strings.ContainsAny(v, "\r\n\x00") {
			return nil, fmt.Errorf("the header %s would hold a line break", h.name)
		}
		if strings.EqualFold(h.name, "host") {
			req.Host = v
			continue
		}
		req.Header.Set(h.name, v)
	}
	return req, nil
}
