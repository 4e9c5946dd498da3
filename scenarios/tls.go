package scenarios

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// The kind tls shakes hands with a port and looks at the certificate that it is
// shown: how long it is good for, for which names, who signed it, and by which
// version of TLS it came. It sends nothing that would have to be kept secret,
// so that it looks at certificates that no client should trust. A certificate
// that is not as expected is NG, no certificate at all UNKNOWN.
var tlsKind = kind{name: "tls", timeout: 10 * time.Second, keys: certificateKeys, rules: addressOrHost, short: []shape{aText},
	fields: fields{
		{"days_left", ofNumber, "Whole days until the certificate ends, below 0 once it has."},
		{"not_after", ofText, "When it ends, as `2026-03-01T09:30:00Z`."},
		{"subject", ofText, "Whose it is: `CN=web.shop.example`."},
		{"issuer", ofText, "Who signed it."},
		{"names", ofTexts, "The names and addresses that it is for."},
		{"chain", ofTexts, "The subjects of all certificates that were shown, the server's own first."},
		{"version", ofText, "The version of TLS that was spoken: `1.3`."},
		{"ms", ofNumber, "How long it took, in milliseconds."},
	},
	doc:     "Looks at the certificate of a TLS port. OK where it is good now, for the host's name, and signed by an authority that is trusted; NG where it is not; UNKNOWN where no certificate is shown.",
	example: "tls:\n  address: shop.example:443\n  expect: {days: 14}",
	compile: compileTLS}

// certificateKeys is every key of `tls`, the kind.
var certificateKeys = slices.Concat(endpointKeys("shop.example", "443", "443"), keys{
	{name: "server_name", shape: aText, example: "address: 10.20.0.5:443\nserver_name: shop.example",
		doc: "The name that is asked for, where it is not the host of the address. One of the incident's making has to be in `hosts`."},
	{name: "starttls", shape: aChoice(startWords...), example: "address: mail.shop.example:587\nstarttls: smtp",
		doc: "The protocol in which TLS is asked for first. Without it TLS begins with the first byte."},
	{name: "ca", shape: aPath, example: "address: shop.example:443\nca: /etc/ssl/shop-ca.pem",
		doc: "A file with the authorities (PEM) that are trusted, in place of the system's."},
	{name: "expect", shape: aMapping(certificateWishKeys), example: "address: shop.example:443\nexpect: {days: 14, names: [shop.example, www.shop.example]}",
		doc: "What the certificate has to be like."},
	{name: "unreachable", shape: aChoice("ng", "unknown"), fallback: "unknown", example: "address: shop.example:443\nunreachable: ng",
		doc: "What it means when nothing answers: no name, no route, refused, silent."},
})

// certificateWishKeys is every key of `expect` of the kind tls.
var certificateWishKeys = keys{
	{name: "days", shape: aNumber(0, 3650), fallback: "0", example: "days: 14",
		doc: "It is good for more than so many days. The certificates between it and the authority have to be, too."},
	{name: "names", shape: either(aText, aList(aText).orEmpty()), example: "names: [shop.example, \"${{ target }}\"]",
		doc: "The names and addresses that it is for, each of them. Without it, `server_name` or the host; with `[]` any name will do."},
	{name: "chain", shape: aTruth, fallback: "true", example: "chain: false",
		doc: "It is signed by an authority of the system, or of `ca`. `false` for certificates that nobody has signed."},
	{name: "version", shape: aChoice(tlsVersionWords...), example: "version: \"1.2\"",
		doc: "At least this version of TLS is spoken. Quoted: YAML reads a bare 1.2 as a number."},
}

// inspection looks at a certificate.
type inspection struct {
	endpoint
	name  *serverName
	start string // the protocol of starttls
	ca    string
	days  int
	names []*text // nil: the name that is asked for; empty: any
	chain bool
	least uint16
}

// compileTLS reads `tls: host:port` or its long form.
func compileTLS(c *compiler, n *yaml.Node, _ *Step) action {
	a := &inspection{chain: true}
	if n.Kind == yaml.ScalarNode {
		a.endpoint = c.endpoint(n, map[string]*yaml.Node{"address": n}, 443)
		a.strict = true
		return a
	}
	f := c.r.fields(n, "tls", certificateKeys)
	a.endpoint = c.endpoint(n, f, 443)
	a.strict, a.refusing = true, c.unreachableNG(f["unreachable"])
	a.name = c.serverName(f["server_name"])
	a.ca = c.r.path(f["ca"], "ca")
	if v := f["starttls"]; v != nil {
		a.start = c.r.oneOf(v, "starttls", startWords...)
	}
	if v := f["expect"]; v != nil {
		a.wishes(c, v)
	}
	if a.ca != "" && !a.chain {
		c.r.fail(f["ca"], "leave one of them out", "ca beside chain: false: nobody would ask the authority")
	}
	return a
}

func (a *inspection) wishes(c *compiler, n *yaml.Node) {
	f := c.r.fields(n, "expect", certificateWishKeys)
	if v := f["days"]; v != nil {
		a.days = c.r.integer(v, "days", 0, 3650)
	}
	if v := f["names"]; v != nil {
		a.names = []*text{}
		nodes := v.Content // [] is said on purpose
		if v.Kind != yaml.SequenceNode {
			nodes = []*yaml.Node{v}
		}
		for _, one := range nodes {
			t := c.text(one, "names")
			if t != nil && strings.Contains(t.raw, "*") {
				c.r.fail(one, "name one host that it is for", "names: %s is no name", clip(t.raw, 60))
			}
			if t != nil {
				a.names = append(a.names, t)
			}
		}
	}
	if v := f["chain"]; v != nil {
		a.chain = c.r.boolean(v, "chain")
	}
	if v := f["version"]; v != nil {
		a.least = tlsVersions[c.r.oneOf(v, "version", tlsVersionWords...)]
	}
}

// asked is an inspection with its values.
type asked struct {
	address string
	server  string   // the name that is asked for
	names   []string // that the certificate has to have
	roots   *x509.CertPool
}

func (a *inspection) show(w *world) (string, error) {
	address, err := a.fill(w)
	if err != nil {
		return "", err
	}
	line := "look at the certificate of " + address
	if a.name != nil {
		name, err := a.name.fill(w)
		if err != nil {
			return "", err
		}
		line += " for " + name
	}
	return line, nil
}
