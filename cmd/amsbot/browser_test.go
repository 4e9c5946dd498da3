package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/chromedp"
)

// build makes the program once for all tests that start it as a process.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp(os.Getenv("AMSBOT_TESTS"), "amsbot-test-") // goes with it; see TestMain
	if err != nil {
		return "", err
	}
	exe := filepath.Join(dir, "amsbot")
	out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return exe, nil
})

// process is amsbot as a process of its own.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *bufio.Reader
	errs *safeText
}

type safeText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *safeText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *safeText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// start runs amsbot until the test ends; then it must stop in order.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	exe, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.Command(exe, args...), errs: &safeText{}}
	p.cmd.Stderr = p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Errorf("stop: %v\n%s", err, p.errs)
		return
	}
	go io.Copy(io.Discard, p.out)
	over := make(chan error, 1)
	go func() { over <- p.cmd.Wait() }()
	select {
	case err := <-over:
		if err != nil {
			p.t.Errorf("ended: %v\n%s", err, p.errs)
		}
	case <-time.After(25 * time.Second):
		p.cmd.Process.Kill()
		p.t.Errorf("SIGTERM did not end it within 25 s\n%s", p.errs)
	}
}

func (p *process) line() string {
	p.t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("no line: %v\n%s", err, p.errs)
	}
	return strings.TrimSpace(line)
}

// browser is a Chromium on the demo's page.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// patience is how long a test waits for what comes in seconds: machines that test
// are busy.
const patience = 2 * time.Minute

// chromium finds the browser. Without one the test is skipped, but not where CI
// is set: there it has to run.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("CI is set, and there is no Chromium")
	}
	t.Skip("there is no Chromium to press the buttons with")
	return ""
}

func browse(t *testing.T, address string) *browser {
	t.Helper()
	options := []cdp.ExecAllocatorOption{
		cdp.ExecPath(chromium(t)), cdp.Headless, cdp.NoSandbox, cdp.DisableGPU, cdp.NoFirstRun, cdp.UserDataDir(t.TempDir()), cdp.WindowSize(1440, 900),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, cdp.Flag(flag, true))
	}
	allocator, stop := cdp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := cdp.NewContext(allocator)
	t.Cleanup(func() { cdp.Cancel(ctx); closeTab(); stop() })
	b := &browser{t: t, ctx: ctx}
	if err := cdp.Do(ctx); err != nil {
		t.Fatalf("start a browser: %v", err)
	}
	b.size(1440, 900)
	b.do(cdp.Navigate(address), cdp.WaitVisible(cdp.CSS("html[data-ready]")))
	return b
}

func (b *browser) do(steps ...cdp.Action[cdp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := cdp.Do(ctx, steps...); err != nil {
		b.fail(err.Error())
	}
}

// fail ends the test with what is on the page.
func (b *browser) fail(why string) {
	b.t.Helper()
	b.picture("failed")
	text, err := cdp.Run(b.ctx, cdp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		text = err.Error()
	}
	b.t.Fatalf("%s\n%s", why, text)
}

// press is a turn of the page in which an element that is there to be pressed, on
// top and not greyed out, is pressed. Looking and pressing are one, for the page
// moves whenever somebody says something: whoever aims first presses what has
// come there since.
const press = `(n => {
	if (!n || n.disabled) return false;
	n.scrollIntoView({block: "center", behavior: "instant"});
	const r = n.getBoundingClientRect();
	if (!n.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2))) return false;
	n.click();
	return true;
})(document.querySelector(%q))`

func (b *browser) click(selectors ...string) {
	b.t.Helper()
	for _, s := range selectors {
		b.until(fmt.Sprintf(press, s))
	}
}

func (b *browser) visible(selector string) { b.t.Helper(); b.do(cdp.WaitVisible(cdp.CSS(selector))) }

// until waits until an expression of the page is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		ok, err := cdp.Run(b.ctx, cdp.Evaluate[bool]("!!("+expression+")"))
		if err != nil {
			b.t.Fatalf("%s: %v", expression, err)
		}
		if ok {
			return
		}
		if time.Now().After(end) {
			b.fail("never true: " + expression)
		}
	}
}

// says waits for a text within an element.
func (b *browser) says(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(n => n.innerText.replace(/\s+/g, " ").includes(%q))`, selector, text))
}

// say types into the channel and sends it.
func (b *browser) say(text string) {
	b.t.Helper()
	b.do(cdp.Focus(cdp.CSS(`[data-composer="channel"] textarea`)), cdp.SendKeys(cdp.CSS(`[data-composer="channel"] textarea`), text))
	b.click(`[data-composer="channel"] [data-send]`)
}

func (b *browser) size(width, height int64) {
	b.t.Helper()
	_, err := cdp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 500,
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// picture leaves a screenshot of the page, or of one element of it, behind
// where AMSBOT_PICTURES says.
func (b *browser) picture(name string, element ...string) {
	dir := os.Getenv("AMSBOT_PICTURES")
	if dir == "" {
		return
	}
	time.Sleep(300 * time.Millisecond) // the page's transitions
	shot := cdp.CaptureScreenshot()
	if len(element) > 0 {
		shot = cdp.Screenshot(cdp.CSS(element[0]))
	}
	png, err := cdp.Run(b.ctx, shot)
	if err != nil {
		b.t.Errorf("picture %s: %v", name, err)
		return
	}
	if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(b.t.Name(), "/", "-")+"-"+name+".png"), png, 0o600); err != nil {
		b.t.Error(err)
	}
}

// within waits until something is so, in real time.
func within(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
