package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	simslack "amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// diskEnv makes this test binary an amsbot on a disk with little room, "room 3000000"
// bytes, until it gets SIGUSR2; on one that is slow from SIGUSR1 until SIGUSR2,
// "slow 2s"; or of a user who may not write to its folder, "user 65532".
const diskEnv = "AMSBOT_TEST_DISK"

func runOnDisk(config, what string) int {
	var n uint64
	var network app.Network
	kind, rest, _ := strings.Cut(what, " ")
	slow, _ := time.ParseDuration(rest)
	_, _ = fmt.Sscan(rest, &n)
	switch kind {
	case "room":
		if err := littleRoom(n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	case "slow":
		network.Around = slowly(slow)
	case "user":
		if err := syscall.Setuid(int(n)); err != nil && os.Getuid() == 0 {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return runApart(config, network)
}

// littleRoom has the kernel refuse every write behind so many bytes of a file, as
// a full disk does, until SIGUSR2.
func littleRoom(bytes uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	room := make(chan os.Signal, 1)
	signal.Notify(room, syscall.SIGUSR2)
	go func() {
		<-room
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: limit.Max})
}

// slowly has each commit take so long from SIGUSR1 until SIGUSR2.
func slowly(each time.Duration) func(string, func() error) error {
	var on atomic.Bool
	turn := make(chan os.Signal, 2)
	signal.Notify(turn, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		for s := range turn {
			on.Store(s == syscall.SIGUSR1)
			fmt.Fprintln(os.Stderr, "the disk is slow:", on.Load())
		}
	}()
	return func(_ string, commit func() error) error {
		if on.Load() {
			time.Sleep(each)
		}
		return commit()
	}
}

// process tells what happens to one amsbot on such a disk, of a world of its own.
func process(t *testing.T, autonomy, disk string, tell func(*target)) {
	var story, worlds sync.WaitGroup
	story.Go(func() { // a target that fails ends its goroutine
		g := newTarget(t, disk, killScenario(autonomy))
		defer g.end(&worlds)
		g.startAs(diskEnv + "=" + disk)
		tell(g)
	})
	story.Wait()
	worlds.Wait()
}

// ping sends amsbot a signed webhook that is about no incident, and says how it
// was answered.
func (g *target) ping(id string) (status int, took time.Duration) {
	body := fmt.Sprintf(`{"event":{"id":%q,"event_type":"pagey.ping","resource_type":"pagey","occurred_at":"2026-01-01T00:00:00Z","data":{"type":"ping"}}}`, id)
	secret := ""
	for _, e := range g.env {
		if v, ok := strings.CutPrefix(e, app.EnvWebhook+"="); ok {
			secret = v
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	r, err := http.NewRequest(http.MethodPost, "http://"+g.listen+"/pagerduty/webhook", strings.NewReader(body))
	g.must(err)
	r.Header.Set("X-PagerDuty-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	began := time.Now()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, time.Since(began)
	}
	answer.Body.Close()
	return answer.StatusCode, time.Since(began)
}

// healthcheck is what the command says, and ends with.
func (g *target) healthcheck() (text string, code int) {
	var out bytes.Buffer
	code = run([]string{"healthcheck", "--config", g.dir + "/amsbot.yaml"}, &out, &out)
	return out.String(), code
}

// The kernel refuses to write: webhooks are answered 503, and amsbot says why. When
// there is room again it goes on by itself, with what PagerDuty has kept. Whatever
// was answered 202 is in the history, and nothing else.
func TestDiskIsReallyFull(t *testing.T) {
	process(t, "auto", "room 3000000", (*target).fillsUp)
}

func (g *target) fillsUp() {
	g.until("it runs", func() bool { _, code := g.healthcheck(); return code == 0 })
	taken, refused := map[string]bool{}, 0
	for n := 0; refused < 20; n++ {
		if n == 50_000 {
			g.Fatalf("the disk is never full")
		}
		id := fmt.Sprint("E", n)
		switch status, _ := g.ping(id); status {
		case http.StatusAccepted:
			taken[id] = true
		case http.StatusServiceUnavailable:
			refused++
		default:
			g.Fatalf("%s: answered %d\n%s", id, status, g.current().text())
		}
	}
	if text, code := g.healthcheck(); code != 1 || !strings.Contains(text, syscall.EFBIG.Error()) {
		g.Errorf("health: %d\n%s", code, text)
	}
	g.down()
	// Little may still fit into what the file has; what came of it does not.
	g.until("it cannot be written down", func() bool {
		return strings.Contains(g.sim.PagerDuty.State().Webhooks[0].Last, "503") || strings.Contains(g.current().text(), "record a read")
	})
	if n := len(g.sim.Patient.Recoveries()); n > 0 {
		g.Errorf("%d recoveries that nobody has written down", n)
	}

	g.must(g.current().cmd.Process.Signal(syscall.SIGUSR2))
	g.until("it is well", func() bool { _, code := g.healthcheck(); return code == 0 })
	if status, _ := g.ping("Elast"); status != http.StatusAccepted {
		g.Errorf("with room again: answered %d", status)
	}
	taken["Elast"] = true
	g.until("the recovery", func() bool { return g.sim.PagerDuty.State().Incidents[0].Status == "resolved" })
	if n := len(g.sim.Patient.Recoveries()); n != 1 {
		g.Errorf("%d recoveries", n)
	}
	g.current().kill()
	g.mustHave(taken)
}

// mustHave compares the pings in the history with those that were answered 202.
func (g *target) mustHave(taken map[string]bool) {
	g.Helper()
	db, err := store.Open(g.dir+"/amsbot.db", store.Options{})
	g.must(err)
	defer func() { g.must(db.Close()) }()
	g.must(db.Check(context.Background()))
	events, err := db.Events(context.Background(), store.BotStream)
	g.must(err)
	found := 0
	for _, e := range events {
		var said struct {
			Hint struct{ Event, Type string }
		}
		if e.Kind != "news" || json.Unmarshal(e.Data, &said) != nil || said.Hint.Type != "pagey.ping" {
			continue
		}
		found++
		if !taken[said.Hint.Event] {
			g.Errorf("%s was refused, and is in the history", said.Hint.Event)
		}
	}
	if found != len(taken) {
		g.Errorf("%d of %d that were answered 202 are in the history", found, len(taken))
	}
}

// Each commit takes 2 s: webhooks are answered all the same within the 5 s that
// PagerDuty waits, clicks within the 3 s that Slack does.
func TestSlowDisk(t *testing.T) {
	process(t, "ask", "slow 2s", (*target).goesSlow)
}

func (g *target) goesSlow() {
	g.until("it runs", func() bool { _, code := g.healthcheck(); return code == 0 })
	g.down()
	g.until("the button", func() bool { return g.button("Take Over") != nil })
	g.until("the offer", func() bool { return g.button("Run Recovery") != nil })
	g.must(g.current().cmd.Process.Signal(syscall.SIGUSR1))
	g.until("the disk is slow", func() bool { return strings.Contains(g.current().text(), "the disk is slow: true") })
	var sent sync.WaitGroup
	for i := range 40 {
		sent.Go(func() {
			status, took := g.ping(fmt.Sprint("E", i))
			if took > 5*time.Second || status != http.StatusAccepted && status != http.StatusServiceUnavailable {
				g.Errorf("webhook %d: %d after %v", i, status, took)
			}
		})
	}
	click := g.button("Take Over")
	pressed, err := g.sim.Slack.Click(g.Context(), *click)
	if err != nil || !pressed.Acked || pressed.After > 2500*time.Millisecond {
		g.Errorf("the click: %+v, %v", pressed, err)
	}
	sent.Wait()
	if status, took := g.ping("Ealone"); status != http.StatusAccepted || took > 5*time.Second {
		g.Errorf("alone: %d after %v", status, took)
	}
	g.must(g.current().cmd.Process.Signal(syscall.SIGUSR2))
	g.until("it is taken over", func() bool { return g.says("Aiko") && g.sim.PagerDuty.State().Incidents[0].Status == "acknowledged" })
}

// button is a press of a button wherever it is; nil where it is not.
func (g *target) button(label string) *simslack.Click {
	for _, m := range g.sim.Slack.Messages("C0SHOPOPS1") {
		for _, e := range buttonsOf(m) {
			if e.Text.Text == label {
				return &simslack.Click{User: "U0AIKO0001", Channel: m.Channel, MessageTS: m.TS,
					BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
			}
		}
	}
	return nil
}

// Its user may not write to the folder: amsbot does not start, and says what to do.
func TestFolderIsReadOnly(t *testing.T) {
	for name, there := range map[string]bool{"no database yet": false, "a database": true} {
		t.Run(name, func(t *testing.T) {
			g := newTarget(t, "folder", killScenario("ask"))
			var worlds sync.WaitGroup
			defer worlds.Wait()
			defer g.end(&worlds)
			if there {
				db, err := store.Open(g.dir+"/amsbot.db", store.Options{})
				if err == nil {
					err = errors.Join(db.Close(), os.Chmod(g.dir+"/amsbot.db", 0o666))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.Chmod(filepath.Dir(g.dir), 0o755), os.Chmod(g.dir, 0o555)); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.Chmod(g.dir, 0o755) }() // so that it can be removed
			g.startAs(diskEnv + "=user 65532")
			<-g.current().over
			if said := g.current().text(); !strings.Contains(said, "permission denied") || !strings.Contains(said, "hint: see that the folder of the database exists and is writable") {
				t.Errorf("said: %s", said)
			}
		})
	}
}

// The disk is full when amsbot starts for the first time: it says so, and leaves no
// half of a database behind, from which the next start would go on.
func TestDiskIsFullAtTheStart(t *testing.T) {
	for _, room := range []string{"0", "5000", "20000"} {
		process(t, "ask", "room "+room, func(g *target) {
			<-g.current().over
			said := g.current().text()
			if !strings.Contains(said, syscall.EFBIG.Error()) || !strings.Contains(said, "hint: see that the folder of the database exists and is writable, and that its disk has room") {
				g.Errorf("said: %s", said)
			}
			left, err := filepath.Glob(g.dir + "/amsbot.db*")
			if err != nil || len(left) > 0 {
				g.Errorf("left behind: %v, %v", left, err)
			}
			g.startAs(diskEnv + "=room 100000000")
			g.until("it runs with room", func() bool { _, code := g.healthcheck(); return code == 0 })
		})
	}
}
