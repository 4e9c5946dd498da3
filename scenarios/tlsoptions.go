package scenarios

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// aPath is an absolute path on amsbot's machine.
var aPath = aWordLike(regexp.MustCompile(`^/`))

// tlsKeys is every key of `tls` in a step of another kind.
var tlsKeys = keys{
	{name: "ca", shape: aPath, example: "ca: /etc/ssl/shop-ca.pem",
		doc: "A file with the authorities (PEM) that are trusted, in place of the system's: that of a private CA, or a self-signed certificate itself."},
	{name: "server_name", shape: aText, example: "server_name: shop.example",
		doc: "The name that is asked for and that the certificate has to have, where it is not the host of the address. One of the incident's making has to be in `hosts`."},
	{name: "client_cert", shape: aPath, example: "client_cert: /etc/amsbot/client.pem\nclient_key: /etc/amsbot/client.key",
		doc: "A file with the certificate (PEM) by which amsbot shows who it is."},
	{name: "client_key", shape: aText, example: "client_cert: /etc/amsbot/client.pem\nclient_key: \"${{ secrets.token }}\"",
		doc: "Its key (PEM): a file, or a secret. Never the key itself."},
	{name: "min", shape: aChoice(tlsVersionWords...), fallback: "\"1.2\"", example: "min: \"1.3\"",
		doc: "The lowest version of TLS that is spoken. Quoted: YAML reads a bare 1.2 as a number."},
	{name: "verify", shape: aTruth, fallback: "true", example: "verify: false",
		doc: "With `false` any certificate will do, so that whoever sits between can answer. A step that sends a secret cannot say it; `ca` is the better way for a self-signed certificate."},
}

// someTLS is a mapping of tlsKeys.
var someTLS = aMapping(tlsKeys).besides(map[string]any{"dependencies": map[string]any{
	"client_cert": []any{"client_key"}, "client_key": []any{"client_cert"}}})

// tlsOptions is what a step says about its own end of TLS. Files are read at
// every try: certificates change while scenarios stay pinned.
type tlsOptions struct {
	ca    string      // file of the authorities that are trusted instead of the system's
	name  *serverName // nil: the host of the address
	cert  string      // file
	key   *text       // a secret
	file  string      // of the key, where it is no secret
	least uint16      // protocol version
	blind bool        // verify: false
}

var tlsVersions = map[string]uint16{"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

var tlsVersionWords = []string{"1.0", "1.1", "1.2", "1.3"}

// tlsOptions reads the mapping below `tls` of a step of another kind.
func (c *compiler) tlsOptions(n *yaml.Node) *tlsOptions {
	o := &tlsOptions{least: tls.VersionTLS12}
	f := c.r.fields(n, "tls", tlsKeys)
	o.ca = c.r.path(f["ca"], "ca")
	o.name = c.serverName(f["server_name"])
	o.cert = c.r.path(f["client_cert"], "client_cert")
	c.clientKey(f["client_key"], o)
	for key, other := range map[string]string{"client_cert": "client_key", "client_key": "client_cert"} {
		if f[key] != nil && f[other] == nil {
			c.r.fail(f[key], "", "%s without %s: the one is nothing without the other", key, other)
		}
	}
	if v := f["min"]; v != nil {
		o.least = tlsVersions[c.r.oneOf(v, "min", tlsVersionWords...)]
	}
	if v := f["verify"]; v != nil {
		o.blind = !c.r.boolean(v, "verify")
	}
	if o.blind && f["ca"] != nil {
		c.r.fail(f["verify"], "leave verify out: ca is enough to trust a private authority", "verify: false beside ca: nobody would ask the authority")
	}
	return o
}

// clientKey reads the key's file, or the secret that is the key.
func (c *compiler) clientKey(n *yaml.Node, o *tlsOptions) {
	if n == nil {
		return
	}
	if n.Kind == yaml.ScalarNode && strings.HasPrefix(strings.TrimSpace(n.Value), "-----BEGIN") {
		c.r.fail(n, "write its file or \"${{ secrets.key }}\"", "client_key: a key never stands in YAML")
		return
	}
	if n.Kind != yaml.ScalarNode || !strings.HasPrefix(n.Value, "${{") {
		o.file = c.r.path(n, "client_key")
		return
	}
	if o.key = c.text(n, "client_key"); o.key != nil && (o.key.whole() == nil || !o.key.secret()) {
		c.r.fail(n, "write \"${{ secrets.key }}\" or a path", "client_key is neither a secret nor a file")
	}
}

// secretOnBlind refuses to hand a secret to whoever answers.
func (c *compiler) secretOnBlind(n *yaml.Node, o *tlsOptions, secret bool) {
	if o != nil && o.blind && secret {
		c.r.fail(valueNode(n, "verify", ""), "trust the one who signed its certificate: tls: {ca: /path/to/ca.pem}",
			"verify: false would hand the step's secret to whoever answers")
	}
}

// path reads an absolute path, "" where none is said.
func (r *reader) path(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	s, ok := r.word(n, what)
	if ok && !filepath.IsAbs(s) {
		r.fail(n, "", "%s has to be an absolute path, not %s", what, clip(s, 60))
	}
	return s
}

// serverName is the name that is asked for and that the certificate has to
// have. Where it comes from the incident, hosts decides about it too.
type serverName struct {
	text  *text
	route route
}

func (c *compiler) serverName(n *yaml.Node) *serverName {
	if n == nil {
		return nil
	}
	t := c.text(n, "server_name")
	if t == nil {
		return nil
	}
	s := &serverName{text: t, route: c.route(n, t.tainted() || t.secret())}
	if t.whole() == nil && len(t.parts) == 1 {
		if _, err := s.fill(newWorld(nil, Facts{})); err != nil {
			c.r.fail(n, "", "server_name: %v", err)
		}
	}
	return s
}

func (s *serverName) fill(w *world) (string, error) {
	name, err := s.text.fill(w, nil)
	if err != nil {
		return "", err
	}
	if !isHostName(name) {
		return "", fmt.Errorf("%q is no host name", clip(name, 60))
	}
	return name, s.route.allows(name)
}

// config makes the configuration of one try for a host; nil options are the
// defaults.
func (o *tlsOptions) config(w *world, host string) (*tls.Config, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if o == nil {
		return conf, nil
	}
	conf.MinVersion, conf.InsecureSkipVerify = o.least, o.blind
	var err error
	if o.name != nil {
		if conf.ServerName, err = o.name.fill(w); err != nil {
			return nil, err
		}
	}
	if conf.RootCAs, err = authorities(o.ca); err != nil {
		return nil, err
	}
	if o.cert == "" {
		return conf, nil
	}
	pair, err := o.pair(w)
	if err != nil {
		return nil, err
	}
	conf.Certificates = []tls.Certificate{pair}
	return conf, nil
}

// pair reads the client's certificate and key. What is wrong with a key is
// said without quoting it.
func (o *tlsOptions) pair(w *world) (tls.Certificate, error) {
	cert, err := readPEM("client_cert", o.cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	var key []byte
	if o.key != nil {
		var s string
		if s, err = o.key.fill(w, nil); err != nil {
			return tls.Certificate{}, err
		}
		key = []byte(s)
	} else if key, err = readPEM("client_key", o.file); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return tls.Certificate{}, errors.New("client_cert and client_key are no pair of a certificate and its key")
	}
	return pair, nil
}

// authorities reads the file of a private CA; nil, the system's, for none.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := readPEM("ca", file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("ca: %s holds no certificate", file)
	}
	return pool, nil
}

func readPEM(what, file string) ([]byte, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return nil, fmt.Errorf("%s: %s is no file of at most %d bytes", what, file, maxFile)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return data, nil
}
