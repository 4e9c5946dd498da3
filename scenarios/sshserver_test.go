package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// machine is an SSH server of a test. It does what the command line says.
type machine struct {
	t      *testing.T
	config *ssh.ServerConfig
	keys   []ssh.Signer
	client ssh.Signer
	dir    string // id and known_hosts
	dialer func(network, address string) (net.Conn, error)

	forbidden string // to forward to

	mu      sync.Mutex
	asked   []string // addresses
	lines   []string // commands
	signals []string
	odd     []string // requests that amsbot must not make
}

// newMachine makes a server that lets one key in, and the files that a step
// needs for it: dir/id and dir/known_hosts, which names it web-1.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, dir: t.TempDir()}
	host, _ := newLogin(t)
	client, private := newLogin(t)
	m.client = client
	m.config = &ssh.ServerConfig{PublicKeyCallback: func(meta ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if meta.User() != "amsbot" || string(key.Marshal()) != string(client.PublicKey().Marshal()) {
			return nil, errors.New("not known")
		}
		return nil, nil
	}}
	m.addHostKey(host)
	m.write("id", private)
	m.know("web-1:22", host.PublicKey())
	return m
}

func (m *machine) addHostKey(key ssh.Signer) {
	m.keys = append(m.keys, key)
	m.config.AddHostKey(key)
}

func (m *machine) write(name string, data []byte) string {
	m.t.Helper()
	path := filepath.Join(m.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		m.t.Fatal(err)
	}
	return path
}

// know makes keys the only ones that known_hosts has.
func (m *machine) know(address string, keys ...ssh.PublicKey) {
	m.t.Helper()
	text := "# the machines of the test\n"
	for _, key := range keys {
		text += knownhosts.Line([]string{address}, key) + "\n"
	}
	m.write("known_hosts", []byte(text))
}

// dial is the network: everything leads to the machine.
func (m *machine) dial(_ context.Context, _, address string) (net.Conn, error) {
	m.mu.Lock()
	m.asked = append(m.asked, address)
	m.mu.Unlock()
	near, far := connection()
	go m.serve(far)
	return near, nil
}

func (m *machine) serve(conn net.Conn) {
	defer conn.Close()
	c, channels, requests, err := ssh.NewServerConn(conn, m.config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	var all sync.WaitGroup
	for n := range channels {
		switch n.ChannelType() {
		case "session":
			ch, reqs, err := n.Accept()
			if err == nil {
				all.Go(func() { m.session(c, ch, reqs) })
			}
		case "direct-tcpip":
			all.Go(func() { m.forward(n) })
		default:
			m.note(&m.odd, n.ChannelType())
			_ = n.Reject(ssh.UnknownChannelType, "no")
		}
	}
	all.Wait()
}

func (m *machine) note(to *[]string, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*to = append(*to, what)
}

// forward is what makes a machine a jump host.
func (m *machine) forward(n ssh.NewChannel) {
	var to struct {
		Host string
		Port uint32
		From string
		Own  uint32
	}
	err := ssh.Unmarshal(n.ExtraData(), &to)
	address := net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port)))
	if err != nil || m.dialer == nil || address == m.forbidden {
		_ = n.Reject(ssh.Prohibited, "open failed")
		return
	}
	conn, err := m.dialer("tcp", address)
	if err != nil {
		_ = n.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	ch, reqs, err := n.Accept()
	if err != nil {
		_ = conn.Close()
		return
	}
	go ssh.DiscardRequests(reqs)
	go func() {
		_, _ = io.Copy(conn, ch)
		_ = conn.Close()
	}()
	_, _ = io.Copy(ch, conn)
	_ = ch.Close()
}

// session runs one command.
func (m *machine) session(c ssh.Conn, ch ssh.Channel, reqs <-chan *ssh.Request) {
	defer ch.Close()
	signals := make(chan string, 10)
	ran := make(chan struct{})
	begun := false
	for r := range reqs {
		var p struct{ Text string }
		switch {
		case r.Type == "exec" && !begun && ssh.Unmarshal(r.Payload, &p) == nil:
			m.note(&m.lines, p.Text)
			if p.Text == "forbidden" {
				_ = r.Reply(false, nil)
				continue
			}
			begun = true
			_ = r.Reply(true, nil)
			go func() {
				defer close(ran)
				m.act(c, ch, p.Text, signals)
			}()
		case r.Type == "signal" && ssh.Unmarshal(r.Payload, &p) == nil:
			m.note(&m.signals, p.Text)
			signals <- p.Text
		default:
			m.note(&m.odd, r.Type)
			_ = r.Reply(false, nil)
		}
	}
	close(signals)
	if begun {
		<-ran
	}
}

func status(ch ssh.Channel, code int) {
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(code)}))
}

func signalled(ch ssh.Channel, name string) {
	_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
		Signal    string
		Core      bool
		Text, Tag string
	}{Signal: name}))
}

// act is a program of the machine.
func (m *machine) act(c ssh.Conn, ch ssh.Channel, line string, signals <-chan string) {
	defer ch.Close()
	name, rest, _ := strings.Cut(line, " ")
	switch name {
	case "say":
		fmt.Fprint(ch, rest+"\n")
		status(ch, 0)
	case "exit":
		fmt.Fprint(ch, "one\ntwo\n")
		fmt.Fprint(ch.Stderr(), "complaint\n")
		code, _ := strconv.Atoi(rest)
		status(ch, code)
	case "die":
		fmt.Fprint(ch, "half\n")
		signalled(ch, "SEGV")
	case "silent-end":
		fmt.Fprint(ch, "half\n")
	case "cut":
		fmt.Fprint(ch, "half\n")
		_ = c.Close()
	case "hang":
		fmt.Fprint(ch, "begun\n")
		for range signals {
		}
	case "polite", "stubborn":
		fmt.Fprint(ch, "begun\n")
		for s := range signals {
			if name == "polite" || s == "KILL" {
				fmt.Fprint(ch, "ended by "+s+"\n")
				signalled(ch, s)
				return
			}
		}
	case "drip":
		for {
			if _, err := fmt.Fprint(ch, "."); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	case "daemon":
		fmt.Fprint(ch, "started\n")
		status(ch, 0)
		for range signals {
		}
	case "late":
		status(ch, 0)
		for i := range 5 {
			time.Sleep(pipeGrace / 2)
			fmt.Fprintln(ch, i)
		}
	case "flood":
		m.flood(ch, rest)
	}
}

func (m *machine) flood(ch ssh.Channel, size string) {
	n, _ := strconv.Atoi(size)
	fmt.Fprint(ch, "first\n")
	chunk := []byte(strings.Repeat("x", 32<<10))
	for ; n > 0; n -= len(chunk) {
		if _, err := ch.Write(chunk); err != nil {
			return
		}
	}
	fmt.Fprint(ch, "\nlast\n")
	status(ch, 0)
}

// step is a step that runs a command on web-1.
func (m *machine) step(command, more string) string {
	return "    ssh:\n      host: web-1\n      user: amsbot\n      key: file:" + m.dir + "/id\n      known_hosts: " + m.dir + "/known_hosts\n      command: " + command + "\n" + more
}

// tools lead to the machine.
func (m *machine) tools() Tools {
	return Tools{Dial: m.dial, Resolver: names{"web-1": {"192.0.2.9"}, "bastion": {"192.0.2.8"}}}
}

// do runs a step with the machine as the world.
func (m *machine) do(step, more string, f Facts) Outcome {
	m.t.Helper()
	return loadOne(m.t, head+more+"check:\n  - name: c\n"+step, Options{}).Check[0].Do(context.Background(), f, m.tools())
}
