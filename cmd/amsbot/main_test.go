package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"amsbot/cmd/amsbot/app"
)

func TestMain(m *testing.M) {
	if where, ok := os.LookupEnv(killEnv); ok {
		os.Exit(runApart(os.Args[2], app.Network{NoSocket: true, Around: killer(where)}))
	}
	if what, ok := os.LookupEnv(diskEnv); ok {
		os.Exit(runOnDisk(os.Args[2], what))
	}
	testscript.Main(tests{m}, map[string]func(){
		"amsbot": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// tests gives all tests a folder for what they share, such as the program that they
// build, and takes it away again.
type tests struct{ *testing.M }

func (t tests) Run() int {
	dir, err := os.MkdirTemp("", "amsbot-tests-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		err = os.Setenv("AMSBOT_TESTS", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return t.M.Run()
}

// TestScripts are the behaviours of the command line, one a file.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("GORACE", "atexit_sleep_ms=0") // or each command ends a second late under the race detector
			e.Values[processes{}] = map[string]*background{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "starts": starts, "stops": stops, "until": until, "world": world, "raise": raise,
			"hangs-up": hangsUp, "says": says, "kills": kills, "signals": signals, "ends": ends, "says-at-the-end": saysAtTheEnd, "appears": appears, "lives": lives, "keeps": keeps,
			"spoils": spoils, "subscribes": subscribes, "spoils-page": spoilsPage, "cuts": cuts,
		},
	})
}

// exits CODE COMMAND… runs a command that has to end with exactly this code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("it ended with %d, not %s", code, args[0])
	}
}

// processes is the key of a script's background processes, by name.
type processes struct{}

// background is a process that runs beside the script.
type background struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	text bytes.Buffer
	over chan error
}

func (b *background) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *background) said() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

const patient = 20 * time.Second

// starts NAME REGEXP COMMAND… starts a process and goes on when it has printed
// what the expression says.
func starts(ts *testscript.TestScript, _ bool, args []string) {
	b := &background{over: make(chan error, 1)}
	b.cmd = exec.Command(program(ts, args[2]), args[3:]...)
	b.cmd.Dir, b.cmd.Stdout, b.cmd.Stderr = ts.MkAbs("."), b, b
	for _, name := range []string{"PATH", "HOME", "TMPDIR", app.EnvSlackBot, app.EnvSlackApp, app.EnvPagerDuty, app.EnvWebhook, app.EnvHistory} {
		b.cmd.Env = append(b.cmd.Env, name+"="+ts.Getenv(name))
	}
	ts.Check(b.cmd.Start())
	go func() { b.over <- b.cmd.Wait() }()
	ts.Value(processes{}).(map[string]*background)[args[0]] = b
	ts.Defer(func() { _ = b.cmd.Process.Kill() })
	says(ts, false, args[:2])
}

// says NAME REGEXP waits until a process has printed what the expression says.
func says(ts *testscript.TestScript, _ bool, args []string) {
	b := ts.Value(processes{}).(map[string]*background)[args[0]]
	want := regexp.MustCompile(args[1])
	for end := time.Now().Add(patient); !want.MatchString(b.said()); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-b.over:
			ts.Fatalf("%s has ended: %v\n%s", args[0], err, b.said())
		default:
		}
		if time.Now().After(end) {
			ts.Fatalf("%s has not said %s:\n%s", args[0], args[1], b.said())
		}
	}
}

// hangs-up NAME sends a process SIGHUP.
func hangsUp(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Value(processes{}).(map[string]*background)[args[0]].cmd.Process.Signal(syscall.SIGHUP))
}

// program is where the script's PATH has a command.
func program(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path := filepath.Join(dir, name); isFile(path) {
			return path
		}
	}
	ts.Fatalf("no %s", name)
	return ""
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// stops NAME ends a process as a service manager does; it has to end by itself,
// with 0.
func stops(ts *testscript.TestScript, _ bool, args []string) {
	b := ts.Value(processes{}).(map[string]*background)[args[0]]
	ts.Check(b.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-b.over:
		if err != nil {
			ts.Fatalf("%s ended with %v:\n%s", args[0], err, b.said())
		}
	case <-time.After(patient):
		ts.Fatalf("%s goes on after SIGTERM:\n%s", args[0], b.said())
	}
}

// until REGEXP COMMAND… repeats a command until its output says so.
func until(ts *testscript.TestScript, _ bool, args []string) {
	want := regexp.MustCompile(args[0])
	for end := time.Now().Add(patient); ; time.Sleep(50 * time.Millisecond) {
		err := ts.Exec(args[1], args[2:]...)
		if out := ts.ReadFile("stdout"); err == nil && want.MatchString(out) {
			return
		} else if time.Now().After(end) {
			ts.Fatalf("%v never said %s: %v\n%s%s", args[1:], args[0], err, out, ts.ReadFile("stderr"))
		}
	}
}

// world starts a simulator, puts its tokens into the environment, and writes a
// configuration that uses it: amsbot.yaml, with the example scenarios or those
// of a folder.
func world(ts *testscript.TestScript, _ bool, args []string) {
	folder := "examples"
	if len(args) > 0 {
		folder = args[0]
	}
	starts(ts, false, []string{"sim", "Events API v2.*\n(?s:.*)routing key shop-web", "amsbot", "sim", "--listen", "127.0.0.1:0"})
	b := ts.Value(processes{}).(map[string]*background)["sim"]
	said := map[string]string{}
	for lines := bufio.NewScanner(strings.NewReader(b.said())); lines.Scan(); {
		name, value := lines.Text(), ""
		if i := strings.LastIndexByte(name, ' '); i > 0 {
			name, value = strings.TrimSpace(name[:i]), name[i+1:]
		}
		said[name] = value
	}
	for _, name := range []string{app.EnvSlackBot, app.EnvSlackApp, app.EnvPagerDuty, app.EnvWebhook} {
		ts.Setenv(name, said[name])
	}
	ts.Setenv("CONTROL", said["control API"])
	at, err := url.Parse(said["control API"])
	ts.Check(err)
	ts.Setenv("ADDRESS", at.Host)
	config := string(app.Example())
	for _, c := range [][2]string{
		{`api_url: ""                       # "" is Slack's own`, "api_url: " + said["Slack Web API"]},
		{`api_url: ""                       # "" is PagerDuty's own`, "api_url: " + said["PagerDuty REST API"]},
		{"scenarios: scenarios", "scenarios: " + folder}, {"127.0.0.1:8081", "127.0.0.1:0"}, {"poll: 30s", "poll: 1s"},
	} {
		if !strings.Contains(config, c[0]) {
			ts.Fatalf("the example has no %s", c[0])
		}
		config = strings.Replace(config, c[0], c[1], 1)
	}
	ts.Check(os.WriteFile(ts.MkAbs("amsbot.yaml"), []byte(config), 0o644))
}

// raise JSON raises an alert in the simulator.
func raise(ts *testscript.TestScript, _ bool, args []string) {
	where := strings.TrimSuffix(ts.Getenv("CONTROL"), "/") + "/raise"
	answer, err := http.Post(where, "application/json", strings.NewReader(args[0]))
	ts.Check(err)
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		ts.Fatalf("raise: %s", answer.Status)
	}
}
