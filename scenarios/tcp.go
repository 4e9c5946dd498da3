package scenarios

import (
	"slices"
	"time"

	"gopkg.in/yaml.v3"
)

// The kind tcp connects to a port, sends a text if it has one, and reads until
// what is expected has come back. It is OK as soon as it has; where nothing is
// expected, the connection itself is OK. What is not expected, a refused or
// broken connection and silence are NG; a name or a route that is not found is
// UNKNOWN, unless the step says unreachable: ng.
var tcpKind = kind{name: "tcp", timeout: 10 * time.Second, keys: tcpKeys, rules: addressOrHostAndPort, short: []shape{aText},
	fields: fields{
		{"ms", ofNumber, "How long it took, in milliseconds."},
		{"received", ofText, "What came back, up to 16 KiB."},
	},
	doc:     "Connects to a TCP port. OK where the connection stands and what comes back is as expected; NG where it is not, or the connection is refused; UNKNOWN where the name or the route is not found.",
	example: "tcp:\n  address: redis-1.shop.example:6379\n  send: \"PING\\r\\n\"\n  expect: '+PONG'",
	compile: compileTCP}

// tcpKeys is every key of `tcp`.
var tcpKeys = slices.Concat(endpointKeys("db-1.shop.example", "5432", ""), keys{
	{name: "send", shape: aText, example: "address: redis-1.shop.example:6379\nsend: \"PING\\r\\n\"\nexpect: '+PONG'",
		doc: "A text that is sent, as it is: for line breaks write it in double quotes, with `\\r\\n`. A value of the incident in it may hold letters, digits and `.-_:/@+=,` alone."},
	{name: "expect", shape: aPattern, example: "address: mail.shop.example:25\nexpect: '/^220 /'",
		doc: "A text that comes back, or a regular expression. It is looked for in all that has come so far, so that `$` may match too early."},
	{name: "within", shape: aSpan, example: "address: mail.shop.example:25\nexpect: '/^220 /'\nwithin: 2s",
		doc: "How long what is expected may take once the connection stands, at most the step's timeout."},
	{name: "tls", shape: either(aTruth, someTLS), fallback: "false", example: "address: mail.shop.example:465\ntls: true\nexpect: '/^220 /'",
		doc: "Speaks TLS from the first byte on, with the same options as `http`."},
	{name: "unreachable", shape: aChoice("ng", "unknown"), fallback: "unknown", example: "address: db-1.shop.example:5432\nunreachable: ng",
		doc: "What it means when there is no name, no route or no connection."},
})

// exchange is one connection and what is said on it.
type exchange struct {
	endpoint
	send   *text
	expect *pattern
	within time.Duration
	secure bool
	tls    *tlsOptions
}

// compileTCP reads `tcp: host:port` or its long form.
func compileTCP(c *compiler, n *yaml.Node, st *Step) action {
	a := &exchange{}
	if n.Kind == yaml.ScalarNode {
		a.endpoint = c.endpoint(n, map[string]*yaml.Node{"address": n}, 0)
		return a
	}
	f := c.r.fields(n, "tcp", tcpKeys)
	a.endpoint = c.endpoint(n, f, 0)
	a.refusing = c.unreachableNG(f["unreachable"])
	if v := f["send"]; v != nil {
		a.send = c.text(v, "send")
	}
	if v := f["expect"]; v != nil {
		a.expect = c.expected(v, "expect")
	}
	if v := f["tls"]; v != nil {
		a.secured(c, v)
	}
	if v := f["within"]; v != nil {
		a.within = c.within(v, st)
		if f["expect"] == nil && f["tls"] == nil {
			c.r.fail(v, "say expect too", "within without expect: nothing is waited for")
		}
	}
	return a
}

// secured reads tls: true, or its options.
func (a *exchange) secured(c *compiler, n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		a.secure = c.r.boolean(n, "tls")
		return
	}
	a.secure, a.tls = true, c.tlsOptions(n)
	c.secretOnBlind(n, a.tls, a.send != nil && a.send.secret())
}

// expected reads a text that has to come, or a regular expression; nil where
// there is a problem.
func (c *compiler) expected(n *yaml.Node, what string) *pattern {
	s, ok := c.r.word(n, what)
	if !ok {
		return nil
	}
	p, ok := c.pattern(n, s)
	if !ok {
		return nil
	}
	return &p
}

// within reads how long an answer may take, which is at most the step's time.
func (c *compiler) within(n *yaml.Node, st *Step) time.Duration {
	d := c.r.span(n, "within", false)
	if d > st.Timeout {
		c.r.fail(n, "", "within (%s) is longer than the step's timeout (%s)", d, st.Timeout)
	}
	return d
}
