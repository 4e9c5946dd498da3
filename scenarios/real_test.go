package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// installed is a program of another Debian package. Where it is absent the
// test is left out, but not where CI is set: there nothing is skipped.
func installed(t *testing.T, path, pkg string) string {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("CI is set, and there is no %s: install %s", path, pkg)
	}
	t.Skipf("there is no %s: install %s", path, pkg)
	return ""
}

func plugins(t *testing.T, name string) string {
	t.Helper()
	return installed(t, "/usr/lib/nagios/plugins/"+name, "monitoring-plugins-basic")
}

// TestRealPlugins runs Debian's monitoring plugins.
func TestRealPlugins(t *testing.T) {
	for _, c := range []struct {
		name, args string
		verdict    Verdict
		why, text  string
		labels     string
	}{
		{"check_dummy", `, 0, all is well`, OK, "OK", "OK: all is well", ""},
		{"check_dummy", `, 1, "soon | full=91%;90;95"`, NG, "WARNING", "WARNING: soon", "full"},
		{"check_dummy", `, 2`, NG, "CRITICAL", "CRITICAL", ""},
		{"check_dummy", `, 3, who knows`, Unknown, "the plugin says UNKNOWN", "UNKNOWN: who knows", ""},
		{"check_dummy", ``, Unknown, "the plugin says UNKNOWN", "check_dummy: Could not parse arguments", ""},
		{"check_disk", `, -w, "0%", -c, "0%", -p, /`, OK, "OK", "DISK OK", "/"},
		{"check_disk", `, -w, "100%", -c, "0%", -p, /`, NG, "WARNING", "DISK WARNING", "/"},
		{"check_disk", `, -w, "0%", -c, "0%", -p, /no/such/path`, NG, "CRITICAL", "DISK CRITICAL", ""},
		{"check_procs", `, -c, "1:1", -C, no-such-program`, NG, "CRITICAL", "PROCS CRITICAL", "procs"},
		{"check_load", `, -w, "99999,99999,99999", -c, "99999,99999,99999"`, OK, "OK", "LOAD OK", "load1 load15 load5"},
	} {
		o := stepOf(t, "    nagios: ["+plugins(t, c.name)+c.args+"]\n", "").Do(context.Background(), Facts{}, Tools{})
		if text, _ := o.Fields["text"].(string); o.Verdict != c.verdict || !strings.HasPrefix(o.Why, c.why) || !strings.HasPrefix(text, c.text) {
			t.Errorf("%s%s: %s, %q, text %q (%s)", c.name, c.args, o.Verdict, o.Why, text, o.Output)
		}
		data, _ := o.Fields["perfdata"].(map[string]any)
		if got := labelsOf(data); got != c.labels {
			t.Errorf("%s%s: labels %q, want %q", c.name, c.args, got, c.labels)
		}
		for label, v := range data {
			if _, ok := v.(map[string]any)["value"].(float64); !ok {
				t.Errorf("%s%s: %s is %v", c.name, c.args, label, v)
			}
		}
	}
}

// sshServer starts Debian's sshd as the current user, with host keys, its own
// configuration and authorized keys, and returns the project that reaches it.
func sshServer(t *testing.T) (project string) {
	t.Helper()
	sshd := installed(t, "/usr/sbin/sshd", "openssh-server")
	if os.Geteuid() == 0 {
		// An sshd that root starts separates its privileges in there.
		installed(t, "/run/sshd", "openssh-server, and make the folder")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	client, private := newLogin(t)
	file("id", string(private))
	authorized := file("authorized_keys", string(ssh.MarshalAuthorizedKey(client.PublicKey())))
	port := freePort(t)
	config := fmt.Sprintf("ListenAddress 127.0.0.1:%s\nPidFile none\nAuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUseDNS no\n",
		port, authorized)
	known := ""
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		path := filepath.Join(dir, "host_"+kind)
		if out, err := exec.Command("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		config += "HostKey " + path + "\n"
		if kind == "ecdsa" { // the one of three that amsbot knows
			public, err := os.ReadFile(path + ".pub")
			if err != nil {
				t.Fatal(err)
			}
			known = "[127.0.0.1]:" + port + " " + string(public)
		}
	}
	var log lockedText
	cmd := exec.Command(sshd, "-D", "-e", "-f", file("sshd_config", config))
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	answers(t, "127.0.0.1:"+port, &log)
	return "-- project.yaml --\nname: p\nservices: [s]\nssh: {user: " + me.Username + ", key: file:" + dir + "/id, known_hosts: " + file("known_hosts", known) + ", port: " + port + "}\n"
}

// freePort is one that nothing listens on, from below those that systems give out
// by themselves: nobody comes by it before its server does.
func freePort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// answers waits until a server says something.
func answers(t *testing.T, address string, log fmt.Stringer) {
	t.Helper()
	for range 100 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_, err = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
		if err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("sshd does not answer: %s", log)
}

type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// realStep is the one step of a scenario in a project.
func realStep(t *testing.T, project, step string) *Step {
	t.Helper()
	set, err := LoadFS(folderOf(project+"-- s.yaml --\n"+head+"check:\n  - name: c\n"+step), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set.Scenarios[0].Check[0]
}

// TestRealSSH runs commands through Debian's sshd.
func TestRealSSH(t *testing.T) {
	project := sshServer(t)
	for _, c := range []struct {
		command string
		verdict Verdict
		why     string
		line    string
	}{
		{`[echo, hello]`, OK, "exit 0", "hello"},
		{`[sh, -c, "echo out; echo err >&2; exit 3"]`, NG, "exit 3", "err"},
		{`[sh, -c, "exit 255"]`, Unknown, "exit 255", ""},
		{`[no-such-program-here]`, Unknown, "exit 127: command not found", ""},
		{`[/etc]`, Unknown, "exit 126: cannot be executed", ""},
		{`[sh, -c, "kill -KILL $$"]`, Unknown, "ended by signal KILL", ""},
		{`[sh, -c, "tty; env | grep -c -e AGENT -e AMSBOT; cat"]`, OK, "exit 0", "0"},
		{`[sh, -c, "sleep 20 & echo started"]`, OK, "exit 0", "started"},
		{`[sh, -c, "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last"]`, OK, "exit 0", "last"},
		{`[printf, "<%s>", "", "a b", "$(reboot)", "it's", "\\", "*", "-n", "a\nb"]`, OK, "exit 0", `b>`},
	} {
		began := time.Now()
		o := realStep(t, project, "    ssh: {host: 127.0.0.1, command: "+c.command+"}\n").Do(context.Background(), Facts{}, Tools{})
		if o.Verdict != c.verdict || !strings.HasPrefix(o.Why, c.why) || c.line != "" && o.Line != c.line {
			t.Errorf("%s: %s, %q, %q; want %s, %q, %q", c.command, o.Verdict, o.Why, o.Line, c.verdict, c.why, c.line)
		}
		if len(o.Output) > maxOutput || time.Since(began) > 15*time.Second {
			t.Errorf("%s: %d bytes after %s", c.command, len(o.Output), time.Since(began))
		}
		if strings.HasPrefix(c.command, "[printf") && string(o.Output) != "<><a b><$(reboot)><it's><\\><*><-n><a\nb>" {
			t.Errorf("%s: %q", c.command, o.Output)
		}
	}
}

// TestRealSSHTimeout: sshd passes signals on to all but root, and the command
// is over when the words say so.
func TestRealSSHTimeout(t *testing.T) {
	project := sshServer(t)
	mark := filepath.Join(t.TempDir(), "pid")
	began := time.Now()
	o := realStep(t, project, "    ssh: {host: 127.0.0.1, command: [sh, -c, \"echo $$ > "+mark+"; echo begun; exec sleep 60\"]}\n    timeout: 4s\n").
		Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || !strings.HasPrefix(o.Why, "not finished in time") || o.Line != "begun" {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Line)
	}
	if took := time.Since(began); took > 4*time.Second+sshGrace+5*time.Second {
		t.Errorf("it took %s", took)
	}
	pid, err := strconv.Atoi(readFile(t, mark))
	if err != nil {
		t.Fatal(err)
	}
	if stopped := strings.HasSuffix(o.Why, ", stopped"); stopped != (os.Geteuid() != 0) || stopped && !gone(pid) {
		t.Errorf("as user %d: %q", os.Geteuid(), o.Why)
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}

// TestRealSSHJump goes through one sshd to another.
func TestRealSSHJump(t *testing.T) {
	target, bastion := sshServer(t), sshServer(t)
	host := func(project string) string { // {user: …, key: …, known_hosts: …, port: …}
		return strings.TrimSuffix(project[strings.Index(project, "ssh: {")+len("ssh: {"):], "}\n")
	}
	o := realStep(t, target, "    ssh: {host: 127.0.0.1, command: [printenv, SSH_CONNECTION], jump: {host: 127.0.0.1, "+host(bastion)+"}}\n").
		Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != OK || !strings.HasPrefix(o.Line, "127.0.0.1 ") {
		t.Errorf("%s, %q, %q", o.Verdict, o.Why, o.Line)
	}
}

// TestRealSSHPlugin runs a plugin on the other machine.
func TestRealSSHPlugin(t *testing.T) {
	project, disk := sshServer(t), plugins(t, "check_disk")
	for args, want := range map[string]Verdict{`-w, "0%", -c, "0%"`: OK, `-w, "100%", -c, "0%"`: NG, `--no-such-option`: Unknown} {
		o := realStep(t, project, "    nagios: {command: ["+disk+", "+args+", -p, /], ssh: {host: 127.0.0.1}}\n").Do(context.Background(), Facts{}, Tools{})
		data, _ := o.Fields["perfdata"].(map[string]any)
		if _, has := data["/"]; o.Verdict != want || has != (want != Unknown) {
			t.Errorf("%s: %s, %q, %v", args, o.Verdict, o.Why, o.Fields)
		}
	}
	o := realStep(t, project, "    nagios: {command: [/usr/lib/nagios/plugins/check_no_such_thing], ssh: {host: 127.0.0.1}}\n").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || o.Why != "exit 127: there is no such plugin" || o.Fields["state"] != "UNKNOWN" {
		t.Errorf("%s, %q, %v", o.Verdict, o.Why, o.Fields)
	}
}
