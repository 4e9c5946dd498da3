package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"amsbot/bot/pagerduty"
)

// childLines is how many of the bot's last lines the page shows.
const childLines = 200

// child is the bot as a process of its own, so that it can really be killed.
type child struct {
	ctx     context.Context
	program string
	args    []string
	env     []string
	errs    io.Writer

	mu    sync.Mutex
	cmd   *exec.Cmd
	gone  chan struct{} // closed when cmd has ended
	up    chan struct{} // closed when it said that it runs
	hooks string        // host:port where it takes in webhooks; "" where it does not, or not yet
	lines []string
}

// hooksAt finds where the bot takes in webhooks, in its line that it runs, in either
// form of log.
var hooksAt = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)` + regexp.QuoteMeta(pagerduty.WebhookPath))

// dial reaches the place where the bot takes in webhooks, which is another one each
// time it starts, whatever is asked for. While it does not run nobody answers.
func (c *child) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	c.mu.Lock()
	hooks, runs := c.hooks, c.running()
	c.mu.Unlock()
	if hooks == "" || !runs {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	var d net.Dialer
	return d.DialContext(ctx, network, hooks)
}

func newChild(ctx context.Context, program string, errs io.Writer) *child {
	return &child{ctx: ctx, program: program, errs: errs, up: make(chan struct{})}
}

// started waits until the bot says that it runs. One that ends instead has said
// why, and what to do.
func (c *child) started() error {
	c.mu.Lock()
	gone, up := c.gone, c.up
	c.mu.Unlock()
	select {
	case <-up:
		return nil
	case <-c.ctx.Done():
		return nil
	case <-gone:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	hint := "see what it says above"
	for _, line := range c.lines {
		if said, ok := strings.CutPrefix(line, "hint: "); ok {
			hint = said
		}
	}
	return trouble(errors.New("demo: the bot did not start; why stands above"), hint)
}

// Start starts the bot anew. It is no error when it runs already.
func (c *child) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return c.ctx.Err()
	}
	if c.running() {
		return nil
	}
	cmd := exec.Command(c.program, c.args...)
	cmd.Env = append(quiet(os.Environ()), c.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for us: we end it in order
	out, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("demo: start the bot: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("demo: start the bot: %w", err)
	}
	gone := make(chan struct{})
	c.cmd, c.gone, c.hooks = cmd, gone, ""
	go func() {
		c.read(out)
		err := cmd.Wait()
		if err != nil {
			c.say("amsbot has ended: " + err.Error())
		}
		close(gone)
	}()
	return nil
}

// quiet leaves the tokens of a real workspace out of the child's environment.
func quiet(env []string) []string {
	var out []string
	for _, e := range env {
		name, _, _ := strings.Cut(e, "=")
		switch name {
		case EnvSlackBot, EnvSlackApp, EnvPagerDuty, EnvWebhook, EnvHistory, EnvHistory + "_FILE",
			EnvSlackBot + "_FILE", EnvSlackApp + "_FILE", EnvPagerDuty + "_FILE", EnvWebhook + "_FILE":
		default:
			out = append(out, e)
		}
	}
	return out
}

func (c *child) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 4096), 1<<20)
	for lines.Scan() {
		c.say(lines.Text())
	}
	_, _ = io.Copy(io.Discard, r) // an overlong line must not block the bot
}

func (c *child) say(line string) {
	c.mu.Lock()
	if strings.Contains(line, runsLine) {
		if at := hooksAt.FindStringSubmatch(line); at != nil && c.hooks == "" { // later lines may be an alert's text
			c.hooks = at[1]
		}
		select {
		case <-c.up:
		default:
			close(c.up)
		}
	}
	c.lines = append(c.lines, line)
	if len(c.lines) > childLines {
		c.lines = c.lines[len(c.lines)-childLines:]
	}
	c.mu.Unlock()
	fmt.Fprintln(c.errs, line)
}

// Kill ends the bot with SIGKILL and returns when it is dead.
func (c *child) Kill() error { return c.end(syscall.SIGKILL, 5*time.Second) }

// stop ends it in order, and for sure.
func (c *child) stop() {
	if err := c.end(syscall.SIGTERM, 20*time.Second); err != nil {
		_ = c.Kill()
	}
}

func (c *child) end(s syscall.Signal, within time.Duration) error {
	c.mu.Lock()
	cmd, gone, runs := c.cmd, c.gone, c.running()
	c.mu.Unlock()
	if !runs {
		return nil
	}
	if err := cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("demo: end the bot: %w", err)
	}
	select {
	case <-gone:
		return nil
	case <-time.After(within):
		return errors.New("demo: end the bot: it still runs")
	}
}

// passOn gives the bot each signal that we get, until ctx ends.
func (c *child) passOn(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case s := <-signals:
			c.mu.Lock()
			if c.running() {
				_ = c.cmd.Process.Signal(s) // it may have ended just now
			}
			c.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

// Running says whether the bot runs now.
func (c *child) Running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running()
}

func (c *child) running() bool {
	if c.gone == nil {
		return false
	}
	select {
	case <-c.gone:
		return false
	default:
		return true
	}
}

// Lines are the last lines that it logged.
func (c *child) Lines() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.lines...)
}
