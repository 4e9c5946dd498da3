package scenarios

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
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
)

// TestSSHKeys: how amsbot shows who it is.
func TestSSHKeys(t *testing.T) {
	m := newMachine(t)
	_, strange := newLogin(t)
	m.write("strange", strange)
	m.write("text", []byte("this is no key but a long enough text"))
	t.Setenv("AMSBOT_TEST_KEY", readFile(t, m.dir+"/id"))
	t.Setenv("SSH_AUTH_SOCK", "")
	for keys, want := range map[string]string{
		"key: file:DIR/id":          "",
		"key: env:AMSBOT_TEST_KEY":  "",
		"key: file:DIR/none":        "the SSH key: read secret: ",
		"key: env:AMSBOT_TEST_NONE": "the environment has no AMSBOT_TEST_NONE",
		"key: file:DIR/text":        "the SSH key file:DIR/text is no private key that can be read",
		"key: file:DIR/strange":     "web-1 takes none of amsbot's keys for amsbot",
		"agent: true":               "amsbot's environment has no SSH_AUTH_SOCK",
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
