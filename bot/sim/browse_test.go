package sim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdp "github.com/chromedp/chromedp"

	"amsbot/bot/sim/pagerduty"
)

// browser is Chromium showing the page of a world that is served on loopback
// with the scripted bot beside it.
type browser struct {
	t    *testing.T
	ctx  context.Context
	sim  *Sim
	base string
	bot  *testBot
	kill *switched
}

// chromium finds the browser. Without one the test is skipped, but not where
// CI is set: there it has to run.
func chromium(t *testing.T) string {
	t.Helper()
	path, err := findChromium(exec.LookPath)
	if err != nil && mustBrowse(os.Getenv("CI")) {
		t.Fatalf("CI is set: %v", err)
	}
	if err != nil {
		t.Skip(err)
	}
	return path
}

func mustBrowse(ci string) bool { return ci != "" && ci != "0" && ci != "false" }

func findChromium(look func(string) (string, error)) (path string, err error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err = look(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium: %w", err)
}

// browse serves a world and opens its page.
func browse(t *testing.T) *browser {
	t.Helper()
	exe := chromium(t)
	b := &browser{t: t, kill: &switched{on: true}}
	b.serve()
	options := []cdp.ExecAllocatorOption{
		cdp.ExecPath(exe), cdp.Headless, cdp.NoSandbox, cdp.DisableGPU, cdp.NoFirstRun, cdp.UserDataDir(t.TempDir()), cdp.WindowSize(1440, 900),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage"} {
		options = append(options, cdp.Flag(flag, true))
	}
	allocator, stop := cdp.NewExecAllocator(t.Context(), options...)
	ctx, closeTab := cdp.NewContext(allocator)
	t.Cleanup(func() { cdp.Cancel(ctx); closeTab(); stop() })
	b.ctx = ctx
	if err := cdp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", exe, err)
	}
	b.watchConsole()
	b.do(cdp.Navigate(b.base+"/"), cdp.WaitVisible(cdp.CSS("html[data-ready]")))
	return b
}

// serve starts the world and the bot; both end with the test.
func (b *browser) serve() {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.t.Fatal(err)
		}
		return l
	}
	l, hooks := listen(), listen()
	b.base = "http://" + l.Addr().String()
	o := Shop()
	o.Bot, o.Slack.NoLimits = b.kill, true
	o.PagerDuty.Webhooks = []pagerduty.Webhook{{URL: "http://" + hooks.Addr().String() + "/"}}
	b.sim = New(o)
	transport := &http.Transport{}
	b.bot = newTestBot(b.sim.Access(b.base), &http.Client{Transport: transport}, b.sim.Patient.ControlAddress)
	server := &http.Server{Handler: b.bot}
	ctx, cancel := context.WithCancel(b.t.Context())
	var work sync.WaitGroup
	work.Go(func() {
		if err := b.sim.Serve(ctx, l); err != nil {
			b.t.Errorf("Serve: %v", err)
		}
	})
	work.Go(func() { server.Serve(hooks) })
	work.Go(func() { b.bot.run(ctx) })
	b.t.Cleanup(func() {
		cancel()
		server.Close()
		transport.CloseIdleConnections()
		work.Wait()
	})
	for end := time.Now().Add(10 * time.Second); b.sim.Slack.Connections() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatal("the bot does not connect")
		}
	}
}

// watchConsole fails the test at any error that the page reports, a violation
// of the policy too. A refusal of the control API is none.
func (b *browser) watchConsole() {
	messages := cdp.Console(b.ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if (m.IsException() || m.Type == "error") && !strings.Contains(m.Text, "status of 409") {
				b.t.Errorf("console: %s %s %s", m.Type, m.Text, m.URL)
			}
		}
	}()
}

// patience is how long the page has for anything.
const patience = 15 * time.Second

func (b *browser) do(steps ...cdp.Action[cdp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := cdp.Do(ctx, steps...); err != nil {
		b.picture()
		b.t.Fatal(err)
	}
}

// picture leaves a screenshot behind where AMSBOT_PICTURES says.
func (b *browser) picture() {
	dir := os.Getenv("AMSBOT_PICTURES")
	if dir == "" {
		return
	}
	if png, err := cdp.Run(b.ctx, cdp.CaptureScreenshot()); err == nil {
		os.WriteFile(fmt.Sprintf("%s/%s.png", dir, strings.ReplaceAll(b.t.Name(), "/", "-")), png, 0o600)
	}
}

func (b *browser) click(selectors ...string) {
	b.t.Helper()
	for _, s := range selectors {
		b.do(cdp.WaitVisible(cdp.CSS(s)), cdp.Click(cdp.CSS(s)))
	}
}

// iAm chooses who one is, again where a page that was moving when the mouse went
// down took the click elsewhere, as a person would.
func (b *browser) iAm(who string) {
	b.t.Helper()
	is := fmt.Sprintf(`document.querySelector("[data-who=%s]").getAttribute("aria-checked") === "true"`, who)
	for end := time.Now().Add(patience); !eval[bool](b, is); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("never %s", who)
		}
		b.click(fmt.Sprintf("[data-who=%q]", who))
	}
}

func (b *browser) visible(selector string) { b.t.Helper(); b.do(cdp.WaitVisible(cdp.CSS(selector))) }

// eval returns what an expression of the page comes to.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := cdp.Run(b.ctx, cdp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// hold keeps the answers to one kind of request from the page until they are
// released.
func (b *browser) hold(path string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => {
		const ask = window.fetch;
		window.held = [];
		window.fetch = async (to, how) => {
			const answer = await ask(to, how);
			if (String(to).includes(%q)) await new Promise((go) => window.held.push(go));
			return answer;
		};
		return true;
	})()`, path))
}

const release = `(window.held.splice(0).forEach((go) => go()), true)`

// until waits until an expression of the page is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(patience); !eval[bool](b, "!!("+expression+")"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.picture()
			b.t.Fatalf("never true: %s\n%s", expression, eval[string](b, "document.body.innerText"))
		}
	}
}

// says waits for a text within an element.
func (b *browser) says(selector, text string) {
	b.t.Helper()
	b.until(fmt.Sprintf("[...document.querySelectorAll(%q)].some(n => n.innerText.replace(/\\s+/g, \" \").includes(%q))", selector, text))
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
