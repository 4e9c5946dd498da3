package scenarios

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/scenarios/secret"
	"golang.org/x/crypto/ssh/knownhosts"
)

func factsOf(host string) Facts {
	return Facts{Incident: Incident{Alerts: open(map[string]any{"host": host})}}
}

// TestSSHHosts: a host that an alert names has to be in hosts, and the address
// that was allowed is the one that is dialled.
func TestSSHHosts(t *testing.T) {
	for _, c := range []struct{ hosts, host, dialled, why string }{
		{`["web-*"]`, "web-1", "192.0.2.9:22", "exit 0"},
		{`["web-*"]`, "WEB-1.", "192.0.2.9:22", "exit 0"},
		{`["web-*"]`, "db-1", "", "the host db-1 is not in hosts"},
		{`["web-*"]`, "192.0.2.9", "", "the address 192.0.2.9 is not in hosts"},
		{`["web-*", 192.0.2.0/28]`, "web-1", "192.0.2.9:22", "exit 0"},
		{`["web-*", 198.51.100.0/24]`, "web-1", "", "the address 192.0.2.9 lies in no network of hosts"},
		{`["web-*"]`, "web-2", "", "the address 127.0.0.1 is loopback, link-local or a metadata service, and hosts does not list it"},
		{`["web-*"]`, "-oProxyCommand=reboot", "", `"-oProxyCommand=reboot" is no host`},
		{`["web-*"]`, "root@web-1", "", `"root@web-1" is no host`},
		{`["web-*"]`, "web-1 -p 1", "", `"web-1 -p 1" is no host`},
		{`["web-*"]`, "web-1\nx", "", `is no host`},
	} {
		m := newMachine(t)
		step := strings.Replace(m.step("[say, hi]", ""), "host: web-1", `host: "${{ alert.details.host }}"`, 1)
		st := loadOne(t, head+"hosts: "+c.hosts+"\ncheck:\n  - name: c\n"+step, Options{}).Check[0]
		tools := m.tools()
		tools.Resolver = names{"web-1": {"192.0.2.9"}, "WEB-1.": {"192.0.2.9"}, "web-2": {"127.0.0.1"}, "db-1": {"192.0.2.7"}}
		o := st.Do(context.Background(), factsOf(c.host), tools)
		if !strings.Contains(o.Why, c.why) || strings.Join(m.asked, " ") != c.dialled || (o.Verdict == OK) != (c.dialled != "") {
			t.Errorf("%s %q: %s, %q, dialled %v; want %q, %q", c.hosts, c.host, o.Verdict, o.Why, m.asked, c.why, c.dialled)
		}
	}
}

// behind makes a bastion in front of the machine, and known_hosts that names
// both.
func behind(t *testing.T, m *machine) *machine {
	t.Helper()
	b := newMachine(t)
	b.config.PublicKeyCallback = m.config.PublicKeyCallback
	b.dialer = func(_, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "down") {
			return nil, errors.New("Connection refused")
		}
		return m.dial(context.Background(), "tcp", address)
	}
	b.forbidden = "closed-1:22"
	m.write("known_hosts", []byte(knownhosts.Line([]string{"web-1", "web-2", "192.0.2.9", "down-1", "closed-1"}, m.keys[0].PublicKey())+"\n"+
		knownhosts.Line([]string{"[bastion]:2222"}, b.keys[0].PublicKey())+"\n"))
	return b
}

// TestSSHJump: the jump host resolves the target's name, unless networks have
// to be held against its address.
func TestSSHJump(t *testing.T) {
	for _, c := range []struct{ hosts, host, asked, why string }{
		{`["web-*", "down-*"]`, "web-1", "web-1:22", "exit 0"},
		{`["web-*", "down-*"]`, "db-1", "", "the host db-1 is not in hosts"},
		{`["web-*", 192.0.2.0/28]`, "web-1", "192.0.2.9:22", "exit 0"},
		{`["web-*", 198.51.100.0/24]`, "web-1", "", "behind the jump host: the address 192.0.2.9 lies in no network of hosts"},
		{`["web-*", 192.0.2.9]`, "192.0.2.9", "192.0.2.9:22", "exit 0"},
		{`["web-*", 192.0.2.0/28]`, "web-2", "", "behind the jump host: the name web-2 cannot be resolved"},
		{`["down-*"]`, "down-1", "", "behind the jump host: not reached from there: Connection refused"},
		{`["closed-*"]`, "closed-1", "", "behind the jump host: the jump host does not forward there (AllowTcpForwarding, PermitOpen or permitopen forbid it)"},
	} {
		t.Run(c.host+" "+c.hosts, func(t *testing.T) {
			m := newMachine(t)
			b := behind(t, m)
			step := strings.Replace(m.step("[say, hi]", "      jump: {host: bastion, port: 2222}\n"), "host: web-1", `host: "${{ alert.details.host }}"`, 1)
			st := loadOne(t, head+"hosts: "+c.hosts+"\ncheck:\n  - name: c\n"+step, Options{}).Check[0]
			synctest.Test(t, func(t *testing.T) {
				o := st.Do(context.Background(), factsOf(c.host), Tools{Dial: b.dial, Resolver: m.tools().Resolver})
				if o.Why != c.why || strings.Join(m.asked, " ") != c.asked || (o.Verdict == OK) != (c.asked != "") {
					t.Errorf("%s, %q, asked for %v; want %q, %q", o.Verdict, o.Why, m.asked, c.why, c.asked)
				}
			})
			if c.why == "exit 0" && strings.Join(b.asked, " ") != "192.0.2.8:2222" {
				t.Errorf("dialled %v", b.asked)
			}
		})
	}
}

// TestSSHJumpThatHangs: nothing of either connection is left when the target,
// or the jump host, says nothing any more.
func TestSSHJumpThatHangs(t *testing.T) {
	m := newMachine(t)
	b := behind(t, m)
	st := loadOne(t, head+"check:\n  - name: c\n"+m.step("[hang]", "      jump: {host: bastion, port: 2222}\n    timeout: 10s\n"), Options{}).Check[0]
	synctest.Test(t, func(t *testing.T) {
		o := st.Do(context.Background(), Facts{}, Tools{Dial: b.dial, Resolver: m.tools().Resolver})
		if o.Why != "not finished in time; it may still be running there" || o.Line != "begun" {
			t.Errorf("a command that hangs: %s, %q, %q", o.Verdict, o.Why, o.Line)
		}
	})
	b.dialer = func(string, string) (net.Conn, error) {
		near, far := connection()
		go func() { _, _ = far.Read(make([]byte, 1000)) }()
		return near, nil
	}
	synctest.Test(t, func(t *testing.T) {
		o := st.Do(context.Background(), Facts{}, Tools{Dial: b.dial, Resolver: m.tools().Resolver})
		if o.Why != "behind the jump host: connected to web-1, but the SSH login was not done in time" {
			t.Errorf("a target that says nothing: %s, %q", o.Verdict, o.Why)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan struct{})
		defer close(stuck)
		b.dialer = func(string, string) (net.Conn, error) {
			<-stuck
			return nil, errors.New("too late")
		}
		o := st.Do(context.Background(), Facts{}, Tools{Dial: b.dial, Resolver: m.tools().Resolver})
		if o.Why != "behind the jump host: no connection in time" {
			t.Errorf("a jump host that says nothing: %s, %q", o.Verdict, o.Why)
		}
	})
	m.know("web-1:22", m.keys[0].PublicKey())
	o := st.Do(context.Background(), Facts{}, Tools{Dial: b.dial, Resolver: m.tools().Resolver})
	if !strings.HasPrefix(o.Why, "jump host bastion: host key not known: ") || !strings.Contains(string(o.Output), "\n[bastion]:2222 ssh-ed25519 ") {
		t.Errorf("a jump host that is not known: %s, %q, %q", o.Verdict, o.Why, o.Output)
	}
}

// TestSSHHostileValues: whatever an alert says is one argument over there.
func TestSSHHostileValues(t *testing.T) {
	m := newMachine(t)
	st := loadOne(t, head+"check:\n  - name: c\n"+m.step(`[say, "${{ alert.details.host }}", "at:${{ alert.details.host }}"]`, ""), Options{}).Check[0]
	for _, x := range []string{"a b", "$(reboot)", "`reboot`", "; reboot", "'\"\\", "*", "~", "a\tb", "é"} {
		f := factsOf(x)
		m.lines = nil
		if o := st.Do(context.Background(), f, m.tools()); o.Verdict != OK || len(m.lines) != 1 || m.lines[0] != quoteForShell([]string{"say", x, "at:" + x}) {
			t.Errorf("%q: %s, %q, ran %q", x, o.Verdict, o.Why, m.lines)
		}
		if line, err := st.Show(f); err != nil || !strings.HasPrefix(line, "ssh amsbot@web-1 -- say ") {
			t.Errorf("%q is shown as %q, %v", x, line, err)
		}
	}
	for x, want := range map[string]string{"-rf": "begins with -", "a\nb": "has more than one line; write trim(…) around it", "a\r": "more than one line",
		"a\x00b": "NUL", strings.Repeat("'", 40000): "longer than 128 KiB"} {
		m.asked = nil
		if o := st.Do(context.Background(), factsOf(x), m.tools()); o.Verdict != Unknown || !strings.Contains(o.Why, want) || len(m.asked) > 0 {
			t.Errorf("%q: %s, %q, dialled %v", clip(x, 20), o.Verdict, o.Why, m.asked)
		}
		if _, err := st.Show(factsOf(x)); err == nil {
			t.Errorf("%q is shown", clip(x, 20))
		}
	}
}

// TestSSHOutput: capped at both ends, cleaned and masked, the key included.
func TestSSHOutput(t *testing.T) {
	m := newMachine(t)
	shared := &secret.Masker{}
	st := loadOne(t, head+"secrets: {token: \"env:AMSBOT_TEST_TOKEN\"}\ncheck:\n  - name: c\n"+m.step("[flood, \"50000000\"]", ""), Options{}).Check[0]
	t.Setenv("AMSBOT_TEST_TOKEN", "s3cr3t-value-9")
	tools := m.tools()
	tools.Mask = shared
	o := st.Do(context.Background(), Facts{}, tools)
	if o.Verdict != OK || len(o.Output) > maxOutput || o.Line != "last" || !strings.HasPrefix(string(o.Output), "first\n") || !strings.Contains(string(o.Output), gap) {
		t.Errorf("%s, %q, %d bytes, line %q", o.Verdict, o.Why, len(o.Output), o.Line)
	}
	key := strings.Split(readFile(t, m.dir+"/id"), "\n")
	for _, said := range []string{"s3cr3t-value-9", key[1]} {
		if got := shared.Mask("x " + said); got != "x [redacted]" {
			t.Errorf("%q is not masked: %q", said, got)
		}
	}
	o = loadOne(t, head+"secrets: {token: \"env:AMSBOT_TEST_TOKEN\"}\ncheck:\n  - name: c\n"+
		m.step(`[say, "\e[31ms3cr3t-value-9\e[0m \u202ered `+key[1]+`"]`, ""), Options{}).Check[0].Do(context.Background(), Facts{}, m.tools())
	if o.Line != "'[redacted] red [redacted]'" {
		t.Errorf("%q, %q", o.Line, o.Why)
	}
}

// TestSSHFloodWithoutEnd: a command that never stops to print is stopped, and
// memory holds no more than both ends of what it said.
func TestSSHFloodWithoutEnd(t *testing.T) {
	m := newMachine(t)
	began := time.Now()
	o := m.do(m.step("[flood, \"1000000000000\"]", "    timeout: 1s\n"), "", Facts{})
	if o.Verdict != Unknown || o.Why != "not finished in time; it may still be running there" || len(o.Output) > maxOutput || !strings.HasPrefix(string(o.Output), "first\n") {
		t.Errorf("%s, %q, %d bytes", o.Verdict, o.Why, len(o.Output))
	}
	if took := time.Since(began); took > sshGrace+5*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestSSHProject: a project says how its machines are reached, a step what
// differs.
func TestSSHProject(t *testing.T) {
	load := func(project, step string) *remote {
		t.Helper()
		folder := folderOf("-- project.yaml --\nname: p\nservices: [s]\n" + project + "-- s.yaml --\n" + head + "check:\n  - name: c\n    " + step + "\n")
		set, err := LoadFS(folder, Options{Secrets: noSecrets})
		if err != nil {
			t.Fatal(err)
		}
		s, err := Pin(set.Scenarios[0].Sources(), Options{Secrets: noSecrets})
		if err != nil {
			t.Fatal(err)
		}
		return s.Check[0].action.(*remote)
	}
	const all = "ssh: {user: amsbot, key: file:/id, passphrase: env:P, known_hosts: /known, port: 2222, jump: {host: bastion, user: hop}}\n"
	a := load(all, "ssh: {host: web-1, command: [ls]}")
	if a.user != "amsbot" || a.key != "file:/id" || a.passphrase != "env:P" || a.knownHosts != "/known" || a.access.port != 2222 {
		t.Errorf("%+v", a.access)
	}
	if j := a.jump; j.host != "bastion" || j.user != "hop" || j.port != 22 || j.key != "file:/id" || j.passphrase != "env:P" || j.knownHosts != "/known" {
		t.Errorf("%+v", a.jump)
	}
	a = load(all, "ssh: {host: web-1, command: [ls], user: root, agent: true, jump: none}")
	if a.user != "root" || a.key != "" || a.passphrase != "" || !a.agent || a.jump != nil || a.knownHosts != "/known" {
		t.Errorf("%+v", a.access)
	}
	for step, want := range map[string]string{
		"ssh: {host: web-1, command: [ls, \"a b\"]}":                        "ssh -J bastion -p 2222 amsbot@web-1 -- ls 'a b'",
		"ssh: {host: web-1, port: 22, jump: none, command: [ls]}":           "ssh amsbot@web-1 -- ls",
		"ssh: {host: \"2001:db8::1\", port: 22, jump: none, command: [ls]}": "ssh amsbot@2001:db8::1 -- ls",
	} {
		if got, err := load(all, step).show(newWorld(nil, Facts{})); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", step, got, err, want)
		}
	}
}
