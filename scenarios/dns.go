package scenarios

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/miekg/dns"
	"gopkg.in/yaml.v3"
)

// The kind dns asks a name server for the records of a name and holds them
// against what is expected: by default, that there are any. The name is asked
// for as it is written, without search domains and without the machine's hosts
// file. It asks by UDP, again where no answer comes, and by TCP where an answer
// does not fit. Any answer that is not as expected is NG, also that the server
// itself is at a loss; no answer is UNKNOWN.
var dnsKind = kind{name: "dns", timeout: 10 * time.Second, keys: dnsKeys, short: []shape{aText},
	fields: fields{
		{"answers", ofTexts, "What was answered, as in `expect`."},
		{"rcode", ofText, "How: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED` or another."},
		{"ttl", ofNumber, "How long the answer may be kept, in seconds: the lowest of all records. Missing where there are none."},
		{"server", ofText, "Who answered."},
		{"ms", ofNumber, "How long it took, in milliseconds."},
	},
	doc:     "Asks a name server. OK where the answer is as expected, by default where there is one; NG where it is otherwise; UNKNOWN where none comes.",
	example: "dns:\n  name: shop.example\n  type: A\n  expect: {all: [192.0.2.10]}",
	compile: compileDNS}

var recordTypes = []string{"A", "AAAA", "CNAME", "MX", "NS", "TXT", "SRV", "PTR", "SOA", "CAA"}

// dnsKeys is every key of `dns`.
var dnsKeys = keys{
	{name: "name", shape: aText, required: true, example: "name: shop.example",
		doc: "The name that is asked about; for `PTR` it may be an address. Where a value of the incident is in it, `hosts` decides. The name alone may stand for the whole mapping."},
	{name: "type", shape: aChoice(recordTypes...), fallback: "A", example: "name: shop.example\ntype: MX",
		doc: "The type of the records."},
	{name: "server", shape: aText, example: "name: shop.example\nserver: 10.20.0.53",
		doc: "The name server that is asked, with a port where it is not 53. Without it those of the system, one after the other. One of the incident's making has to be in `hosts`."},
	{name: "expect", shape: either(aDNSValue, aList(aDNSValue), aMapping(dnsWishKeys)), example: "name: shop.example\nexpect: {any: [192.0.2.10, 192.0.2.11]}",
		doc: "What the answer has to be like. A value, or a list of them, is short for `all`. Without it, at least one record."},
	{name: "unreachable", shape: aChoice("ng", "unknown"), fallback: "unknown", example: "name: shop.example\nserver: 10.20.0.53\nunreachable: ng",
		doc: "What it means when no answer comes."},
}

// aDNSValue is a value that a record is compared with, or a regular expression.
var aDNSValue = aText

// dnsWishKeys is every key of `expect` of the kind dns.
var dnsWishKeys = keys{
	{name: "all", shape: oneOrMore(aDNSValue), example: "all: [192.0.2.10, 192.0.2.11]",
		doc: "Each of these is answered, whatever else is: an address, a name, `10 mail.shop.example` for `MX`, `10 5 5060 sip.shop.example` for `SRV`, the text for `TXT`, or `'/a regular expression/'`, in which nothing is filled in."},
	{name: "any", shape: oneOrMore(aDNSValue), example: "any: '/^192\\.0\\.2\\./'",
		doc: "At least one of these is answered."},
	{name: "only", shape: oneOrMore(aDNSValue), example: "only: [192.0.2.10, 192.0.2.11]",
		doc: "Nothing but these is answered."},
	{name: "least", shape: aNumber(1, 1000), fallback: "1", example: "least: 2",
		doc: "At least so many records are answered."},
	{name: "rcode", shape: aChoice(rcodes...), fallback: "NOERROR", example: "rcode: NXDOMAIN",
		doc: "How it is answered. `NXDOMAIN`: there is no such name. Where it is said, there need be no records."},
	{name: "within", shape: aSpan, example: "within: 200ms",
		doc: "How long the answer may take, at most the step's timeout. One that comes later is NG."},
}

var rcodes = []string{"NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED"}

// question asks a name server about a name.
type question struct {
	server endpoint // the zero one: those of the system
	name   *text
	where  route // what hosts says about the name
	kind   string
	system string // the file that names the system's servers
	expect dnsWish
}

// compileDNS reads `dns: name` or its long form.
func compileDNS(c *compiler, n *yaml.Node, st *Step) action {
	a := &question{kind: "A", system: "/etc/resolv.conf"}
	a.server.strict = true
	if n.Kind == yaml.ScalarNode {
		a.about(c, n)
		return a
	}
	f := c.r.fields(n, "dns", dnsKeys)
	if v := f["type"]; v != nil {
		a.kind = c.r.oneOf(v, "type", recordTypes...)
	}
	if f["name"] != nil {
		a.about(c, f["name"])
	} else if n.Kind == yaml.MappingNode {
		c.r.fail(n, "", "dns has no name")
	}
	if v := f["server"]; v != nil {
		a.server = c.endpoint(v, map[string]*yaml.Node{"address": v}, 53)
		a.server.strict = true
	}
	a.server.refusing = c.unreachableNG(f["unreachable"])
	if v := f["expect"]; v != nil {
		a.expect = c.dnsWish(v, st)
	}
	return a
}

// about reads the name.
func (a *question) about(c *compiler, n *yaml.Node) {
	if a.name = c.text(n, "name"); a.name == nil {
		return
	}
	a.where = c.route(n, a.name.tainted() || a.name.secret())
	if a.name.whole() == nil && len(a.name.parts) == 1 && a.kind != "" {
		if _, err := a.asks(newWorld(nil, Facts{})); err != nil {
			c.r.fail(n, "", "%v", err)
		}
	}
}

// asks works out the name that is asked about.
func (a *question) asks(w *world) (string, error) {
	name, err := a.name.fill(w, nil)
	if err != nil {
		return "", err
	}
	if err := a.where.allows(name); err != nil {
		return "", err
	}
	if addr, err := netip.ParseAddr(name); err == nil && a.kind == "PTR" {
		return reverse(addr), nil
	}
	return name, dnsName(name, a.kind)
}

// show is the type, the name and whoever is asked.
func (a *question) show(w *world) (string, error) {
	name, err := a.asks(w)
	if err != nil {
		return "", err
	}
	line := "look up " + a.kind + " " + name
	if a.server.address == nil {
		return line, nil
	}
	server, err := a.server.fill(w)
	if err != nil {
		return "", err
	}
	return line + " at " + server, nil
}

func reverse(a netip.Addr) string {
	name, _ := dns.ReverseAddr(a.Unmap().WithZone("").String())
	return strings.TrimSuffix(name, ".")
}

// dnsLabels is what a name consists of: those of hosts and services, and those
// under which mail keeps its keys.
var dnsLabels = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$`)
