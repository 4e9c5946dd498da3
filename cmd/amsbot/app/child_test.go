package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// said keeps what a child printed.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

// shell is a child that runs a script until the test ends.
func shell(t *testing.T, ctx context.Context, script string) *child {
	t.Helper()
	c := newChild(ctx, "/bin/sh", &said{})
	c.args = []string{"-c", script}
	t.Cleanup(func() { _ = c.Kill() })
	return c
}

// soon waits for something real.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// The switch of the demo: the bot really dies, and starts anew.
func TestChildIsKilledAndStarted(t *testing.T) {
	c := shell(t, t.Context(), "echo alive $$ >&2; trap '' TERM; while :; do sleep 1; done")
	if c.Running() || c.Kill() != nil {
		t.Error("it runs before it was started, or cannot be killed then")
	}
	for n := range 2 {
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Errorf("started twice: %v", err)
		}
		soon(t, "its line", func() bool { return len(c.Lines()) == 1+2*n })
		if !c.Running() {
			t.Error("it does not run")
		}
		if err := c.Kill(); err != nil {
			t.Error(err)
		}
		if c.Running() {
			t.Error("it runs after it was killed")
		}
	}
	if lines := c.Lines(); !strings.HasPrefix(lines[0], "alive ") || !strings.Contains(lines[1], "killed") || lines[0] == lines[2] {
		t.Errorf("it said %q", lines)
	}
}

// Webhooks find the bot wherever it listens since it was started, and nobody while
// it does not: a port that was chosen for it could be another's by then.
func TestChildIsFoundWhereItListens(t *testing.T) {
	for _, line := range []string{
		`time=x level=INFO msg="amsbot runs" webhook=http://%s/pagerduty/webhook database=x`,
		`{"msg":"amsbot runs","webhook":"http://%s/pagerduty/webhook","database":"x"}`,
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		c := shell(t, t.Context(), `echo "$RUNS" >&2; echo "$FORGED" >&2; echo "$ELSE" >&2; exec sleep 60`)
		elsewhere := fmt.Sprintf(line, "192.0.2.1:80")
		c.env = []string{"RUNS=" + fmt.Sprintf(line, l.Addr()), "FORGED=" + fmt.Sprintf(line, "127.0.0.1:1"), "ELSE=" + elsewhere}
		dial := func() error {
			conn, err := c.dial(t.Context(), "tcp", "amsbot:80")
			if err == nil {
				defer conn.Close()
				if got, want := conn.RemoteAddr().String(), l.Addr().String(); got != want {
					t.Errorf("it is looked for at %s, and listens on %s", got, want)
				}
			}
			return err
		}
		if err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("before it runs: %v", err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		soon(t, "its lines", func() bool { return len(c.Lines()) == 3 })
		if err := dial(); err != nil {
			t.Error(err)
		}
		c.env = []string{"RUNS=" + elsewhere}
		for _, change := range []func() error{c.Kill, c.Start} { // it does not run; it does, and does not listen yet
			if err := change(); err != nil {
				t.Fatal(err)
			}
			if err := dial(); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("it is found where it was: %v", err)
			}
		}
	}
}

// A child that ends by itself is seen, and one that does not want to end ends
// all the same.
func TestChildEndsByItself(t *testing.T) {
	c := shell(t, t.Context(), "exit 3")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "its end", func() bool { return !c.Running() })
	if lines := c.Lines(); len(lines) != 1 || !strings.Contains(lines[0], "exit status 3") {
		t.Errorf("it said %q", lines)
	}
	polite := shell(t, t.Context(), "trap 'exit 0' TERM; echo ready >&2; while :; do sleep 0.01; done")
	if err := polite.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "ready", func() bool { return len(polite.Lines()) == 1 })
	polite.stop()
	if polite.Running() || len(polite.Lines()) != 1 {
		t.Errorf("after stopping: %q", polite.Lines())
	}
}

// The page shows the last lines only, and one without an end does not block.
func TestChildLines(t *testing.T) {
	c := shell(t, t.Context(), "i=0; while [ $i -lt 300 ]; do echo line $i >&2; i=$((i+1)); done")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "its end", func() bool { return !c.Running() })
	lines := c.Lines()
	if len(lines) != childLines || lines[0] != "line 100" || lines[childLines-1] != "line 299" {
		t.Errorf("%d lines: %s … %s", len(lines), lines[0], lines[len(lines)-1])
	}
	long := shell(t, t.Context(), "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 0")
	if err := long.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "the end of the long line", func() bool { return !long.Running() })
}

// The tokens of a real workspace do not reach the demo's bot, and Ctrl-C, which
// the terminal sends to the whole group, does not either.
func TestChildIsApart(t *testing.T) {
	out := filepath.Join(t.TempDir(), "env")
	t.Setenv(EnvSlackBot, "xoxb-real")
	t.Setenv(EnvPagerDuty+"_FILE", "/run/secrets/real")
	c := shell(t, t.Context(), `env > "$OUT.new"; mv "$OUT.new" "$OUT"; echo $$ >&2; while :; do sleep 1; done`)
	c.env = []string{"OUT=" + out, EnvWebhook + "=pretend"}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	soon(t, "its number", func() bool { return len(c.Lines()) == 1 })
	env, err := os.ReadFile(out)
	if err != nil || strings.Contains(string(env), "real") || !strings.Contains(string(env), EnvWebhook+"=pretend") || !strings.Contains(string(env), "PATH=") {
		t.Errorf("%v:\n%s", err, env)
	}
	pid, err := strconv.Atoi(c.Lines()[0])
	if err != nil {
		t.Fatal(err)
	}
	group, err := syscall.Getpgid(pid)
	if err != nil || group != pid {
		t.Errorf("its group is %d: %v", group, err)
	}
}

// After the end of the demo no bot starts any more.
func TestChildAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := shell(t, ctx, "exit 0")
	cancel()
	if err := c.Start(); err == nil || c.Running() {
		t.Errorf("it started: %v", err)
	}
	missing := newChild(t.Context(), filepath.Join(t.TempDir(), "nothing"), &said{})
	if err := missing.Start(); err == nil || !strings.HasPrefix(err.Error(), "demo: start the bot: ") || missing.Running() {
		t.Errorf("it started: %v", err)
	}
}
