package scenarios

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// authority is a private CA, made for one test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	over []*x509.Certificate // those above it, the root last
	file string              // its root's certificate
}

// certificate is what a server or a client shows.
type certificate struct {
	chain []*x509.Certificate
	key   *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// newAuthority makes a root and writes its file.
func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	now := time.Now()
	a := &authority{t: t, key: newKey(t)}
	a.cert = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(10 * 365 * 24 * time.Hour)}, nil, a.key)
	a.file = write(t, "ca.pem", pemOf(a.cert))
	return a
}

// below makes an authority that this one has signed.
func (a *authority) below(name string, left time.Duration) *authority {
	a.t.Helper()
	b := &authority{t: a.t, key: newKey(a.t), over: append([]*x509.Certificate{a.cert}, a.over...), file: a.file}
	now := time.Now()
	b.cert = a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-1000 * time.Hour), NotAfter: now.Add(left)}, a.cert, b.key)
	return b
}

// sign signs a certificate; without a parent it is signed by itself.
func (a *authority) sign(c, parent *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	a.t.Helper()
	if parent == nil {
		parent = c
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// issue makes a certificate for some names and addresses.
func (a *authority) issue(left time.Duration, names ...string) certificate {
	a.t.Helper()
	now := time.Now()
	c := &x509.Certificate{Subject: pkix.Name{CommonName: names[0]}, NotBefore: now.Add(-1000 * time.Hour), NotAfter: now.Add(left),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else {
			c.DNSNames = append(c.DNSNames, n)
		}
	}
	key := newKey(a.t)
	chain := []*x509.Certificate{a.sign(c, a.cert, key)}
	if len(a.over) > 0 {
		chain = append(chain, a.cert)
	}
	return certificate{chain, key}
}

// config is that of a server which shows the certificate.
func (c certificate) config() *tls.Config {
	pair := tls.Certificate{PrivateKey: c.key}
	for _, one := range c.chain {
		pair.Certificate = append(pair.Certificate, one.Raw)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10}
}

// keyPEM is the private key.
func (c certificate) keyPEM(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalECPrivateKey(c.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
}

func pemOf(certs ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return b.Bytes()
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serve answers every connection on loopback with say, and returns where.
func serve(t *testing.T, say func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				say(conn)
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// towards lets every name be resolved to an address of documentation, and
// connects to one server whatever is dialled.
func towards(server string) Tools {
	return Tools{Resolver: anyName{}, Dial: (&steady{server}).dial}
}
