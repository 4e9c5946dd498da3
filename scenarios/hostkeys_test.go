package scenarios

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

func signerOf(t *testing.T, key any) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hostKeyCase is one known_hosts file and what comes of it.
type hostKeyCase struct {
	prepare func(m *machine)
	want    string // "" for a login
	note    string
}

func hostKeyCases(t *testing.T) map[string]hostKeyCase {
	t.Helper()
	other, _ := newLogin(t)
	third, _ := newLogin(t)
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ec, rs := signerOf(t, elliptical), signerOf(t, long)
	authority := signerOf(t, func() any { _, k, _ := ed25519.GenerateKey(rand.Reader); return k }())
	return map[string]hostKeyCase{
		"known":           {func(m *machine) {}, "", ""},
		"second of one":   {func(m *machine) { m.know("web-1:22", other.PublicKey(), m.keys[0].PublicKey()) }, "", ""},
		"only the ecdsa":  {func(m *machine) { m.addHostKey(ec); m.addHostKey(rs); m.know("web-1:22", ec.PublicKey()) }, "", ""},
		"only the rsa":    {func(m *machine) { m.addHostKey(rs); m.know("web-1:22", rs.PublicKey()) }, "", ""},
		"hashed":          {func(m *machine) { m.write("known_hosts", []byte(hashed(m))) }, "", ""},
		"not known":       {func(m *machine) { m.know("web-2:22", m.keys[0].PublicKey()) }, "DIR/known_hosts has no line for web-1.", "web-1 ssh-ed25519 "},
		"empty":           {func(m *machine) { m.know("web-1:22") }, "has no line for web-1.", "SHA256:"},
		"other port":      {func(m *machine) { m.know("web-1:2222", m.keys[0].PublicKey()) }, "has no line for web-1.", "web-1 ssh-ed25519"},
		"changed":         {func(m *machine) { m.know("web-1:22", other.PublicKey()) }, "host key changed: DIR/known_hosts:2 has another key for web-1 than the SHA256:", ""},
		"both changed":    {func(m *machine) { m.know("web-1:22", other.PublicKey(), third.PublicKey()) }, "host key changed: DIR/known_hosts:2", ""},
		"of another kind": {func(m *machine) { m.know("web-1:22", ec.PublicKey()) }, "has no key of a kind that DIR/known_hosts lists for it (ecdsa-sha2-nistp256); it offers ssh-ed25519", ""},
		"revoked": {func(m *machine) {
			m.write("known_hosts", []byte("@revoked * "+string(ssh.MarshalAuthorizedKey(m.keys[0].PublicKey()))+knownhosts.Line([]string{"web-1"}, m.keys[0].PublicKey())))
		}, "host key revoked: DIR/known_hosts:1", ""},
		"certified": {func(m *machine) {
			m.certify(authority, "web-1")
			m.write("known_hosts", []byte("@cert-authority web-* "+string(ssh.MarshalAuthorizedKey(authority.PublicKey()))))
		}, "", ""},
		"certified for another": {func(m *machine) {
			m.certify(authority, "web-2")
			m.write("known_hosts", []byte("@cert-authority web-* "+string(ssh.MarshalAuthorizedKey(authority.PublicKey()))))
		}, "host certificate not accepted", ""},
		"no file":   {func(m *machine) { m.dir += "/none" }, "", ""},
		"malformed": {func(m *machine) { m.write("known_hosts", []byte("web-1 ssh-ed25519 AAAA\n")) }, "known_hosts cannot be used: DIR/known_hosts:1: ", ""},
	}
}

// TestSSHHostKeys: a machine is talked to only when it shows a key that
// known_hosts has for it, and who has to mend that is told how.
func TestSSHHostKeys(t *testing.T) {
	for name, c := range hostKeyCases(t) {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			if name == "no file" {
				o := m.do(strings.Replace(m.step("[say, hi]", ""), "/known_hosts", "/none", 1), "", Facts{})
				if o.Verdict != Unknown || !strings.Contains(o.Why, "/none does not exist") || len(m.asked) > 0 {
					t.Errorf("%s, %q, asked %v", o.Verdict, o.Why, m.asked)
				}
				return
			}
			c.prepare(m)
			synctest.Test(t, func(t *testing.T) {
				o := m.do(m.step("[say, hi]", ""), "", Facts{})
				want := strings.ReplaceAll(c.want, "DIR", m.dir)
				if c.want == "" && o.Verdict != OK || c.want != "" && (o.Verdict != Unknown || !strings.Contains(o.Why, want)) {
					t.Errorf("%s, %q, want %q", o.Verdict, o.Why, want)
				}
				if !strings.Contains(string(o.Output), c.note) {
					t.Errorf("the output %q does not say %q", o.Output, c.note)
				}
				if c.want != "" && len(m.lines) > 0 {
					t.Errorf("it ran %q", m.lines)
				}
			})
		})
	}
}

// certify makes a certificate the machine's only host key.
func (m *machine) certify(authority ssh.Signer, principal string) {
	m.t.Helper()
	c := &ssh.Certificate{Key: m.keys[0].PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{principal}, ValidBefore: ssh.CertTimeInfinity}
	if err := c.SignCert(rand.Reader, authority); err != nil {
		m.t.Fatal(err)
	}
	s, err := ssh.NewCertSigner(c, m.keys[0])
	if err != nil {
		m.t.Fatal(err)
	}
	config := &ssh.ServerConfig{PublicKeyCallback: m.config.PublicKeyCallback}
	config.AddHostKey(s)
	m.config = config
}

func hashed(m *machine) string {
	return knownhosts.Line([]string{knownhosts.HashHostname("web-1")}, m.keys[0].PublicKey()) + "\n"
}

// TestSSHUnknownKeyCanBeAdded: what the output shows is the line that was
// missing.
func TestSSHUnknownKeyCanBeAdded(t *testing.T) {
	m := newMachine(t)
	m.know("other:22")
	o := m.do(m.step("[say, hi]", ""), "", Facts{})
	for line := range strings.Lines(string(o.Output)) {
		if strings.HasPrefix(line, "web-1 ") {
			m.write("known_hosts", []byte(line))
		}
	}
	if o := m.do(m.step("[say, hi]", ""), "", Facts{}); o.Verdict != OK {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// TestKnownHostsThatIsNoFile: a pipe is not waited for.
func TestKnownHostsThatIsNoFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "known_hosts")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{pipe, "/dev/zero"} {
		if _, err := readHostKeys(file, "192.0.2.1:22"); err == nil || err.Error() != "known_hosts "+file+" is no file of at most 16 MiB" {
			t.Errorf("%v", err)
		}
	}
}
