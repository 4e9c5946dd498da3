package scenarios

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"time"
)

const day = 24 * time.Hour

func (a *inspection) prepare(w *world) (p asked, err error) {
	if p.address, err = a.fill(w); err != nil {
		return p, err
	}
	p.server, _, _ = net.SplitHostPort(p.address)
	if a.name != nil {
		if p.server, err = a.name.fill(w); err != nil {
			return p, err
		}
	}
	p.names = []string{p.server}
	if a.names != nil {
		p.names = nil
	}
	for _, t := range a.names {
		name, err := t.fill(w, nil)
		if err != nil {
			return p, err
		}
		p.names = append(p.names, name)
	}
	p.roots, err = authorities(a.ca)
	return p, err
}

func (a *inspection) try(ctx context.Context, w *world, t Tools) Outcome {
	began := time.Now()
	p, err := a.prepare(w)
	if err != nil {
		return Outcome{Verdict: Unknown, Why: err.Error()}
	}
	way := a.open(ctx, t, 0)
	defer way.end()
	conn, err := way.dial(way.ctx, "tcp", p.address)
	if err == nil && a.start != "" {
		err = startTLS(conn, a.start)
	}
	if err != nil {
		return refusal(way, err)
	}
	// What is shown is looked at below, with the reason for every refusal.
	// A server that goes on to ask for amsbot's certificate has signed with the
	// key of its own by then; before that anybody may show a certificate.
	var shown *tls.ConnectionState
	signed := false
	conf := &tls.Config{ServerName: p.server, InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
		VerifyConnection: func(s tls.ConnectionState) error { shown = &s; return nil },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			signed = true
			return new(tls.Certificate), nil
		}}
	err = tls.Client(conn, conf).HandshakeContext(way.ctx)
	if shown == nil || len(shown.PeerCertificates) == 0 {
		return refusal(way, err)
	}
	o := a.judge(*shown, p, time.Now())
	if err != nil && !signed && o.Verdict == OK {
		o = refusal(way, err)
	}
	o.Line, o.Fields = describe(*shown, time.Now())
	o.Fields["ms"] = int(time.Since(began).Milliseconds())
	return o
}

// refusal judges a handshake that came to no certificate.
func refusal(way *wire, err error) Outcome {
	if o, ok := way.judge(err); ok {
		return o
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return Outcome{Verdict: way.away(), Why: "connected, but the connection was closed before a certificate came"}
	}
	return Outcome{Verdict: NG, Why: "connected, but no TLS: " + inner(err)}
}

// judge holds a certificate against what is expected, the worst first.
func (a *inspection) judge(shown tls.ConnectionState, p asked, now time.Time) Outcome {
	leaf := shown.PeerCertificates[0]
	ng := func(format string, args ...any) Outcome {
		return Outcome{Verdict: NG, Why: fmt.Sprintf(format, args...)}
	}
	switch {
	case now.After(leaf.NotAfter):
		return ng("expired %s ago, on %s", days(now.Sub(leaf.NotAfter)), leaf.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(leaf.NotBefore):
		return ng("not good before %s", leaf.NotBefore.UTC().Format(time.DateTime))
	}
	for _, name := range p.names {
		if err := leaf.VerifyHostname(name); err != nil {
			return ng("it is not for %s, but for %s", name, oneLine(strings.Join(namesOf(leaf), ", "), 150))
		}
	}
	ends := leaf
	if a.chain {
		chains, err := leaf.Verify(x509.VerifyOptions{Roots: p.roots, Intermediates: intermediates(shown.PeerCertificates), CurrentTime: now})
		if err != nil {
			return unsigned(err)
		}
		ends = firstToEnd(chains)
	}
	if left := ends.NotAfter.Sub(now); left <= time.Duration(a.days)*day {
		which := "it"
		if ends != leaf {
			which = "the certificate " + clip(ends.Subject.String(), 80) + " above it"
		}
		return ng("%s ends in %s, on %s, expected more than %s", which, days(left), ends.NotAfter.UTC().Format(time.DateOnly), days(time.Duration(a.days)*day))
	}
	if shown.Version < a.least {
		return ng("%s is spoken, expected at least %s", tls.VersionName(shown.Version), tls.VersionName(a.least))
	}
	return Outcome{Verdict: OK, Why: days(ends.NotAfter.Sub(now)) + " left"}
}

// unsigned judges a certificate that no authority answers for.
func unsigned(err error) Outcome {
	var system x509.SystemRootsError
	var nobody x509.UnknownAuthorityError
	switch {
	case errors.As(err, &system):
		return Outcome{Verdict: Unknown, Why: "the system's authorities cannot be read"}
	case errors.As(err, &nobody):
		return Outcome{Verdict: NG, Why: "it leads to no authority whom amsbot knows"}
	}
	return Outcome{Verdict: NG, Why: "its chain is not good: " + strings.TrimPrefix(err.Error(), "x509: ")}
}

func intermediates(shown []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range shown[1:] {
		pool.AddCert(c)
	}
	return pool
}

// firstToEnd is the certificate with which the longest-lived chain ends, its
// authority apart, which clients keep for themselves.
func firstToEnd(chains [][]*x509.Certificate) *x509.Certificate {
	var best *x509.Certificate
	for _, chain := range chains {
		first := chain[0]
		for _, c := range chain[1:max(1, len(chain)-1)] {
			if c.NotAfter.Before(first.NotAfter) {
				first = c
			}
		}
		if best == nil || first.NotAfter.After(best.NotAfter) {
			best = first
		}
	}
	return best
}

// describe is a certificate in one line, and what later steps may read of it.
func describe(shown tls.ConnectionState, now time.Time) (string, map[string]any) {
	leaf := shown.PeerCertificates[0]
	names := namesOf(leaf)
	read := map[string]any{
		"days_left": int(math.Floor(leaf.NotAfter.Sub(now).Hours() / 24)),
		"not_after": leaf.NotAfter.UTC().Format(time.RFC3339),
		"subject":   leaf.Subject.String(), "issuer": leaf.Issuer.String(), "names": texts(names),
		"version": strings.TrimPrefix(tls.VersionName(shown.Version), "TLS "),
	}
	var chain []string
	for _, c := range shown.PeerCertificates {
		chain = append(chain, c.Subject.String())
	}
	read["chain"] = texts(chain)
	line := fmt.Sprintf("%s, until %s, signed by %s", strings.Join(names, " "), leaf.NotAfter.UTC().Format(time.DateOnly), leaf.Issuer.String())
	return oneLine(line, maxLine), read
}

// namesOf lists what a certificate is for.
func namesOf(c *x509.Certificate) []string {
	names := append([]string{}, c.DNSNames...)
	for _, a := range c.IPAddresses {
		names = append(names, a.String())
	}
	if len(names) == 0 {
		names = append(names, "no name at all")
	}
	return names
}

// texts is a list as later steps read it.
func texts(list []string) []any {
	out := make([]any, 0, len(list))
	for _, s := range list[:min(len(list), 100)] {
		out = append(out, s)
	}
	return out
}

// days is a span in words.
func days(d time.Duration) string {
	switch n := int(d / day); {
	case d < time.Hour && d > 0:
		return "less than an hour"
	case d < day && d > 0:
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	case n == 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}
