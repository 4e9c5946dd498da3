//go:build linux

package bot

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// stubborn is a recovery whose program ignores what it is told, and whose check is
// never OK.
const stubborn = `name: web
autonomy: auto
when: {service: web}
target: web-1
check:
  - {name: health, exec: [/bin/false]}
recover:
  - {name: restart, exec: [/bin/sh, -c, "trap '' TERM; while :; do echo on; sleep 0.05; done"], timeout: WITHIN}
recheck: {settle: 0s, every: 1s, stable: 1, within: 1s}
guards: {cooldown: 0s}
`

// ailing is a PagerDuty with one incident, which amsbot has.
type ailing struct{ neighbours }

func (*ailing) Read(context.Context, Reading) (*Snapshot, error) {
	s := &Snapshot{Assignees: []Person{{ID: "PBOT"}}}
	s.Incident = scenarios.Incident{ID: "Q1", Number: 1, Title: "Health check failed", Status: "triggered", Urgency: "high",
		Service: scenarios.Ref{ID: "PWEB", Name: "web"}, CreatedAt: time.Now(), Alerts: []scenarios.Alert{{ID: "A1", Status: "triggered"}}}
	return s, nil
}

func (*ailing) Levels(context.Context, string) ([]Level, error) { return nil, nil }

// powerless are tools to which no program belongs: none can be ended.
var powerless = scenarios.Tools{Signal: func(int, syscall.Signal) error { return syscall.EPERM }}

// restarts starts a bot with these tools, and again on the same database, for a
// recovery that may take so long.
func restarts(t *testing.T, within string) func(scenarios.Tools) (b *Bot, stop func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amsbot.db")
	set := folder(t, map[string]string{
		"project.yaml": "name: shop\nservices: [web]\nchannel: C0SHOP\n", "web.yaml": strings.Replace(stubborn, "WITHIN", within, 1)})
	return func(tools scenarios.Tools) (*Bot, func()) {
		db, err := store.Open(path, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		var n ailing
		b, err := New(Options{DB: db, Scenarios: set, Incidents: &n, OnCalls: &n, Users: &n, Members: strangers{}, Tools: tools, Grace: 100 * time.Millisecond,
			Account: "shop", Self: Person{ID: "PBOT"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- b.Run(ctx) }()
		if err := b.Receive(ctx, firstHint); err != nil {
			t.Fatal(err)
		}
		return b, func() {
			cancel()
			if err := <-over; !errors.Is(err, context.Canceled) {
				t.Errorf("Run: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// says waits until the incident's history says something, and returns the incident.
func says(t *testing.T, b *Bot, want string) *incident {
	t.Helper()
	var all []string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		all = nil
		for _, e := range historyOf(t, b) {
			all = append(all, EventText(e, words.In("en")))
		}
		if strings.Contains(strings.Join(all, "\n"), want) {
			in, err := b.load(t.Context(), b.Key("Q1"))
			if err != nil {
				t.Fatal(err)
			}
			return in
		}
	}
	t.Fatalf("nothing says %q:\n%s", want, strings.Join(all, "\n"))
	return nil
}

// listed is the one program that is kept; when the test ends so does it.
func listed(t *testing.T, b *Bot) leftover {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		all, err := b.leftovers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			if l.Step == "restart" {
				t.Cleanup(func() { _ = syscall.Kill(-l.Group, syscall.SIGKILL) })
				return l
			}
		}
	}
	t.Fatal("no program is kept")
	return leftover{}
}

// A recovery's program cannot be ended when its time is over. The response goes on,
// nobody is told that it helped, people read what may still run, and it stays on
// the list: the next start, which may end it, does.
func TestProgramThatCannotBeEnded(t *testing.T) {
	start := restarts(t, "300ms")
	b, stop := start(powerless)
	group := listed(t, b).Group
	in := says(t, b, "could not be ended and may still be running")
	says(t, b, "Escalated")
	if l := listed(t, b); !l.Left || !l.Over || l.Group != group {
		t.Errorf("kept is %+v", l)
	}
	if v := in.pass.phases[scenarios.Recover].results[0].Outcome.Verdict; v != scenarios.Unknown {
		t.Errorf("the recovery is %s", v)
	}
	for lang, want := range map[string]string{
		"en": "The program of restart could not be ended and may still be running where amsbot runs. Please end it before anything is run again.",
		"ja": "restart で実行したプログラムを終了できませんでした。amsbot のサーバーで動作が続いている可能性があります。再実行の前に終了してください。",
	} {
		if got := in.needs(words.In(lang)); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	stop()
	b, stop = start(scenarios.Tools{})
	defer stop()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		all, err := b.leftovers(t.Context())
		gone := syscall.Kill(-group, 0)
		if err == nil && len(all) == 0 && errors.Is(gone, syscall.ESRCH) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("kept is %v, the program: %v, %v", all, gone, err)
		}
	}
	in = says(t, b, "The program of restart, which could not be ended, runs no more.")
	if got := strings.Join(in.needs(words.In("en")), " "); strings.Contains(got, "end it") {
		t.Errorf("people are still asked: %q", got)
	}
	if v, _, err := b.DB.View(t.Context(), CardKey(in.key)); err != nil || v.Wanted < in.log[len(in.log)-1].Pos {
		t.Errorf("the card is not drawn anew: %+v, %v", v, err)
	}
}

// amsbot is told to stop while such a program runs: it stops. The next start cannot
// end it either, does not start it a second time, and says so.
func TestStopBesideAProgramThatCannotBeEnded(t *testing.T) {
	start := restarts(t, "1m")
	b, stop := start(powerless)
	group := listed(t, b).Group
	began := time.Now()
	stop()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	b, stop = start(powerless)
	defer stop()
	says(t, b, "its program still runs where amsbot runs, and could not be ended")
	says(t, b, "Interrupted")
	if l := listed(t, b); !l.Left || !l.Over || l.Group != group {
		t.Errorf("kept is %+v", l)
	}
}

// A step hangs where nothing reaches it: amsbot stops all the same, and nothing is
// recorded of it any more.
func TestStopBesideAStepThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(t, map[string]string{
			"project.yaml": "name: shop\nservices: [web]\nchannel: C0SHOP\n",
			"web.yaml":     "name: web\nwhen: {service: web}\ntarget: web-1\ncheck:\n  - {name: health, tcp: \"192.0.2.1:80\"}\n"})
		b.Incidents = &ailing{}
		hangs, on := make(chan struct{}), make(chan struct{})
		b.Tools.Dial = func(context.Context, string, string) (net.Conn, error) {
			close(hangs)
			<-on
			return nil, errors.New("at last")
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- b.Run(ctx) }()
		if err := b.Receive(ctx, firstHint); err != nil {
			t.Fatal(err)
		}
		<-hangs
		began := time.Now()
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) || time.Since(began) > 20*time.Second {
			t.Errorf("Run: %v after %s", err, time.Since(began))
		}
		last := len(historyOf(t, b))
		close(on)
		synctest.Wait()
		if now := len(historyOf(t, b)); now != last {
			t.Errorf("%d events have become %d", last, now)
		}
	})
}

func historyOf(t *testing.T, b *Bot) []store.Event {
	t.Helper()
	events, err := b.DB.Events(t.Context(), b.Key("Q1"))
	if err != nil {
		t.Fatal(err)
	}
	return events
}
