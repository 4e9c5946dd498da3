package scenarios

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// endpoint is a host with a port, as steps name it: address: "host:port", or
// host and port by themselves.
type endpoint struct {
	route
	address, host, port *text
	standard            int // the port where none is said; 0: one has to be said
}

// endpointKeys is the keys that endpoint reads, with a host and a port for the
// examples. standard is the port where none is said, "" for none.
func endpointKeys(host, port, standard string) keys {
	with, beside := "The host with its port", "Its port."
	if standard != "" {
		with, beside = "The host, with its port where that is not "+standard, "Its port, where it is not "+standard+"."
	}
	return keys{
		{name: "address", shape: aText, telling: true, example: "address: " + host + ":" + port,
			doc: with + ", an IPv6 address in `[ ]`. It is said or `host` is. Where a value of the incident is in it, `hosts` decides. The address alone may stand for the whole mapping."},
		{name: "host", shape: aText, telling: true, example: "host: \"${{ target }}\"\nport: " + port,
			doc: "The host by itself: a name or an address."},
		{name: "port", shape: either(aNumber(1, 65535), aText), telling: true, fallback: standard, example: "host: " + host + "\nport: \"${{ vars.port }}\"",
			doc: beside},
	}
}

// What the keys of an endpoint have to do with each other, as JSON Schema.
var (
	addressAlone = map[string]any{"required": []any{"address"}, "not": map[string]any{"anyOf": []any{
		map[string]any{"required": []any{"host"}}, map[string]any{"required": []any{"port"}}}}}
	addressOrHost = map[string]any{"oneOf": []any{addressAlone,
		map[string]any{"required": []any{"host"}, "not": map[string]any{"required": []any{"address"}}}}}
	addressOrHostAndPort = map[string]any{"oneOf": []any{addressAlone,
		map[string]any{"required": []any{"host", "port"}, "not": map[string]any{"required": []any{"address"}}}}}
)

// endpoint reads where a step goes from the keys of its mapping n. A step's
// short form is {"address": n}.
func (c *compiler) endpoint(n *yaml.Node, f map[string]*yaml.Node, standard int) endpoint {
	e := endpoint{standard: standard}
	at := n
	switch {
	case f["address"] != nil:
		at = f["address"]
		e.address = c.text(at, "address")
		for _, key := range []string{"host", "port"} {
			if f[key] != nil {
				c.r.fail(f[key], "", "address says it already: %s beside it", key)
			}
		}
	case f["host"] != nil:
		at = f["host"]
		e.host = c.text(at, "host")
		e.port = c.port(f["port"])
		if f["port"] == nil && standard == 0 {
			c.r.fail(at, "say port too", "a host without a port")
		}
	case f["port"] != nil:
		c.r.fail(f["port"], "say host too", "a port without a host")
	case n.Kind == yaml.MappingNode:
		c.r.fail(n, "say address: \"host:port\"", "the step goes nowhere")
	}
	outside, fixed := false, true
	for _, t := range []*text{e.address, e.host, e.port} {
		if t != nil {
			outside = outside || t.tainted() || t.secret()
			fixed = fixed && t.whole() == nil && len(t.parts) == 1
		}
	}
	e.route = c.route(at, outside)
	if fixed && (e.address != nil || e.host != nil) {
		if _, err := e.fill(newWorld(nil, Facts{})); err != nil {
			c.r.fail(at, "", "%v", err)
		}
	}
	return e
}

// port reads a port, which may be worked out.
func (c *compiler) port(n *yaml.Node) *text {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode && n.Tag == "!!int":
		s := strconv.Itoa(c.r.integer(n, "port", 1, 65535))
		return &text{raw: s, parts: []part{{literal: s}}}
	}
	return c.text(n, "port")
}

// fill works out host:port and asks hosts about the host.
func (e endpoint) fill(w *world) (string, error) {
	var host, port string
	if e.address != nil {
		raw, err := e.address.fill(w, nil)
		if err != nil {
			return "", err
		}
		if host, port, err = e.split(raw); err != nil {
			return "", err
		}
	} else {
		var err error
		if host, err = e.host.fill(w, nil); err != nil {
			return "", err
		}
		port = strconv.Itoa(e.standard)
		if e.port != nil {
			if port, err = e.port.fill(w, nil); err != nil {
				return "", err
			}
		}
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if _, err := netip.ParseAddr(host); err != nil && !isHostName(host) {
		return "", fmt.Errorf("%q is no host", clip(host, 60))
	}
	if !isPort(port) {
		return "", fmt.Errorf("%q is no port", clip(port, 20))
	}
	if err := e.allows(host); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, port), nil
}

// split takes an address apart. One without a port gets the standard one.
func (e endpoint) split(raw string) (host, port string, err error) {
	if strings.Contains(raw, "/") {
		return "", "", fmt.Errorf("%q is no address: host:port is needed, without anything before or behind", clip(raw, 60))
	}
	if host, port, err = net.SplitHostPort(raw); err == nil {
		return host, port, nil
	}
	if e.standard == 0 {
		return "", "", fmt.Errorf("%q is no address: host:port is needed", clip(raw, 60))
	}
	if _, err := netip.ParseAddr(strings.Trim(raw, "[]")); err != nil && strings.Contains(raw, ":") {
		return "", "", errors.New("the address has more than a host and a port; an IPv6 address stands in [ ]")
	}
	return raw, strconv.Itoa(e.standard), nil
}
