package scenarios

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
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

// TestSSHHostKeys: a machine is talked to only when it shows a key that
// known_hosts has for it, and who has to mend that is told how.
func TestSSHHostKeys(t *testing.T) {
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
	for name, c := range map[string]struct {
		prepare func(m *machine)
		want    string // "" for a login
		note    string
	}{
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
	} {
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

// TestSSHKeys: how amsbot shows who it is.
func TestSSHKeys(t *testing.T) {
	m := newMachine(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("open sesame"))
	if err != nil {
		t.Fatal(err)
	}
	m.write("locked", pem.EncodeToMemory(block))
	m.write("passphrase", []byte("open sesame\n"))
	m.write("wrong", []byte("open barley\n"))
	_, strange := newLogin(t)
	m.write("strange", strange)
	m.write("text", []byte("this is no key but a long enough text"))
	t.Setenv("AMSBOT_TEST_KEY", readFile(t, m.dir+"/id"))
	t.Setenv("SSH_AUTH_SOCK", "")
	for keys, want := range map[string]string{
		"key: file:DIR/id":                                       "",
		"key: env:AMSBOT_TEST_KEY":                               "",
		"key: file:DIR/none":                                     "the SSH key: read secret: ",
		"key: env:AMSBOT_TEST_NONE":                              "the environment has no AMSBOT_TEST_NONE",
		"key: file:DIR/text":                                     "the SSH key file:DIR/text is no private key that can be read",
		"key: file:DIR/locked":                                   "the SSH key file:DIR/locked is encrypted; say passphrase: env:NAME beside it",
		"key: file:DIR/locked, passphrase: file:DIR/wrong":       "the passphrase file:DIR/wrong does not open the SSH key file:DIR/locked",
		"key: file:DIR/locked, passphrase: env:AMSBOT_TEST_NONE": "the passphrase of the SSH key: the environment has no AMSBOT_TEST_NONE",
		"key: file:DIR/locked, passphrase: file:DIR/passphrase":  "web-1 takes none of amsbot's keys for amsbot: add its public key to the authorized_keys of amsbot there",
		"key: file:DIR/strange":                                  "web-1 takes none of amsbot's keys for amsbot",
		"agent: true":                                            "amsbot's environment has no SSH_AUTH_SOCK",
	} {
		keys, want = strings.ReplaceAll(keys, "DIR", m.dir), strings.ReplaceAll(want, "DIR", m.dir)
		step := "    ssh: {host: web-1, user: amsbot, known_hosts: " + m.dir + "/known_hosts, command: [say, hi], " + keys + "}\n"
		o := m.do(step, "", Facts{})
		if want == "" && o.Verdict != OK || want != "" && (o.Verdict != Unknown || !strings.Contains(o.Why, want)) {
			t.Errorf("%s: %s, %q, want %q", keys, o.Verdict, o.Why, want)
		}
		if strings.Contains(o.Why, "sesame") || strings.Contains(o.Why, "PRIVATE") {
			t.Errorf("%s: %q tells a secret", keys, o.Why)
		}
		if strings.Contains(want, "takes none") && !strings.Contains(string(o.Output), "amsbot's public key is\nssh-ed25519 ") {
			t.Errorf("%s: the output %q does not say which key to add", keys, o.Output)
		}
	}
	m.authorize(signerOf(t, private).PublicKey())
	step := "    ssh: {host: web-1, user: amsbot, known_hosts: " + m.dir + "/known_hosts, command: [say, open sesame], key: file:" + m.dir + "/locked, passphrase: file:" + m.dir + "/passphrase}\n"
	if o := m.do(step, "", Facts{}); o.Verdict != OK || o.Line != "'[redacted]'" {
		t.Errorf("with the passphrase: %s, %q, %q", o.Verdict, o.Why, o.Line)
	}
}

// authorize lets one key in, whoever shows it.
func (m *machine) authorize(public ssh.PublicKey) {
	m.config.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if string(key.Marshal()) != string(public.Marshal()) {
			return nil, fmt.Errorf("not known")
		}
		return nil, nil
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	s, err := readSecret("file:" + path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSSHAgent: keys of an agent are used, also beside one of a file, and the
// agent is not forwarded.
func TestSSHAgent(t *testing.T) {
	m := newMachine(t)
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m.authorize(signerOf(t, private).PublicKey())
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(t.TempDir(), "agent")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = agent.ServeAgent(ring, conn) // ends when amsbot closes it
		}
	}()
	t.Setenv("SSH_AUTH_SOCK", socket)
	for _, keys := range []string{"agent: true", "agent: true, key: file:" + m.dir + "/id"} {
		o := m.do("    ssh: {host: web-1, user: amsbot, known_hosts: "+m.dir+"/known_hosts, command: [say, hi], "+keys+"}\n", "", Facts{})
		if o.Verdict != OK || o.Line != "hi" {
			t.Errorf("%s: %s, %q", keys, o.Verdict, o.Why)
		}
	}
	_ = l.Close()
	<-served
	if len(m.odd) > 0 {
		t.Errorf("asked for %v", m.odd)
	}
	o := m.do("    ssh: {host: web-1, user: amsbot, known_hosts: "+m.dir+"/known_hosts, command: [say, hi], agent: true}\n", "", Facts{})
	if o.Verdict != Unknown || !strings.HasPrefix(o.Why, "the SSH agent cannot be asked: ") {
		t.Errorf("%s, %q", o.Verdict, o.Why)
	}
}

// TestSSHNoLogin: what is no SSH server, or one in trouble, is UNKNOWN in words
// of its own.
func TestSSHNoLogin(t *testing.T) {
	const banner = "SSH-2.0-OpenSSH_9.2\r\n"
	for name, c := range map[string]struct {
		serve func(conn net.Conn)
		why   string
		took  time.Duration
	}{
		"says nothing":        {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, "connected to web-1, but the SSH login was not done in time", 10 * time.Second},
		"hangs after banner":  {func(conn net.Conn) { _, _ = conn.Write([]byte(banner)); _, _ = io.Copy(io.Discard, conn) }, "connected to web-1, but the SSH login was not done in time", 10 * time.Second},
		"drips":               {drip, "connected to web-1, but the SSH login was not done in time", 10 * time.Second},
		"closes":              {func(conn net.Conn) { _ = conn.Close() }, "connected to web-1, but it closed the connection during the SSH login", 0},
		"closes after banner": {func(conn net.Conn) { _, _ = conn.Write([]byte(banner)); _ = conn.Close() }, "connected to web-1, but it closed the connection during the SSH login", 0},
		"a web server": {func(conn net.Conn) {
			_, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n" + strings.Repeat("x\n", 500)))
			_ = conn.Close()
		}, "connected to web-1, but it closed the connection during the SSH login", 0},
		"noise": {func(conn net.Conn) {
			_, _ = conn.Write([]byte(banner + strings.Repeat("\xff", 5000)))
			_, _ = io.Copy(io.Discard, conn)
		}, "connected to web-1, but the SSH login failed: ", 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			st := loadOne(t, head+"check:\n  - name: c\n"+m.step("[say, hi]", "    timeout: 10s\n"), Options{}).Check[0]
			synctest.Test(t, func(t *testing.T) {
				tools := m.tools()
				tools.Dial = func(context.Context, string, string) (net.Conn, error) {
					near, far := connection()
					go func() {
						defer far.Close()
						c.serve(far)
					}()
					return near, nil
				}
				began := time.Now()
				o := st.Do(context.Background(), Facts{}, tools)
				if o.Verdict != Unknown || !strings.HasPrefix(o.Why, c.why) || time.Since(began) != c.took {
					t.Errorf("%s, %q after %s; want %q", o.Verdict, o.Why, time.Since(began), c.why)
				}
				time.Sleep(2 * time.Second)
			})
		})
	}
}

// drip sends a banner that never ends.
func drip(conn net.Conn) {
	for {
		if _, err := conn.Write([]byte("S")); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// TestSSHNoConnection: no connection is never NG.
func TestSSHNoConnection(t *testing.T) {
	m := newMachine(t)
	for _, c := range []struct {
		err error
		why string
	}{
		{syscall.ECONNREFUSED, "connection refused"},
		{syscall.EHOSTUNREACH, "no route to the host"},
		{syscall.ECONNRESET, "connection reset"},
		{&net.DNSError{Err: "no such host", Name: "web-1", IsNotFound: true}, "the name web-1 cannot be resolved"},
		{nil, "no connection in time"},
	} {
		synctest.Test(t, func(t *testing.T) {
			st := loadOne(t, head+"check:\n  - name: c\n"+m.step("[say, hi]", ""), Options{}).Check[0]
			d := &dialer{err: map[string]error{"192.0.2.9:22": c.err}}
			o := st.Do(context.Background(), Facts{}, Tools{Dial: d.dial, Resolver: m.tools().Resolver})
			if o.Verdict != Unknown || o.Why != c.why {
				t.Errorf("%s, %q, want %q", o.Verdict, o.Why, c.why)
			}
		})
	}
}
