package app_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim/slack"
)

// The flags of random walks: `go test ./cmd/amsbot/app -run TestWalk -seed N` takes
// the walk of a seed again.
var (
	walkSeed  = flag.Uint64("seed", 0, "the seed of the random walk; 0: those of every run of the tests")
	walks     = flag.Int("walks", 3, "how many random walks are taken, without -seed")
	walkSteps = flag.Int("steps", 60, "how many steps a random walk has")
)

// walk is a random walk: whatever can happen to amsbot, in any order. Each step
// draws the same few numbers whatever it does with them, so that two walks of one
// seed stay side by side even where the world answered otherwise.
type walk struct {
	*stage
	random *rand.Rand
	told   []string // what happened
	raised int
	draw   [4]int
	lifts  []func() // of Slack's faults
	disk   walkDisk

	screens []slack.Message // cards as they stood when somebody pressed on them
}

// happening is something that can happen, and how often it does.
type happening struct {
	weight int
	name   string
	do     func(*walk) string
}

// moves are what can happen, with their weights.
var moves = []happening{
	{22, "raise", (*walk).raiseOne},
	{22, "click", (*walk).clickOne},
	{4, "dialogue", (*walk).sendOne},
	{8, "command", (*walk).commandOne},
	{8, "patient", (*walk).patientTurns},
	{8, "person", (*walk).personActs},
	{8, "slack fails", (*walk).slackFails},
	{8, "pagerduty fails", (*walk).pagerFails},
	{6, "webhook fails", (*walk).hookFails},
	{4, "socket", (*walk).socketFails},
	{4, "disk fails", (*walk).diskFails},
	{18, "kill", (*walk).killSoon},
	{3, "stop", (*walk).stopAndStart},
	{3, "time", (*walk).timeGoes},
	{6, "wait", func(*walk) string { return "" }},
}

// walkScenarios fit by the incident's title, and have guards that let much happen.
func walkScenarios() map[string]string {
	of := func(name, autonomy string, more ...string) string {
		return web(append([]string{"name: " + name, "autonomy: " + autonomy, restartOnce, "approval: 10m",
			"guards: {cooldown: 1m, runs: 20 per 1h, lock: target, breaker: 5, masking: none, storm: 6 per 5m}",
			"when: {service: shop-web, title: '/^" + name + "/'}"}, more...)...)
	}
	return map[string]string{
		"auto.yaml":  of("auto", "auto"),
		"acks.yaml":  of("acks", "auto", "acknowledge: true", gatherMetrics),
		"ask.yaml":   of("ask", "ask", gatherMetrics),
		"slow.yaml":  of("slow", "auto", slowCheck),
		"look.yaml":  of("look", "observe"),
		"clear.yaml": of("clear", "ask", "then: {ok: resolve}"),
	}
}

var kindsOfIncident = []string{"auto", "auto", "acks", "ask", "slow", "look", "clear", "nothing fits"}

func (w *walk) raiseOne() string {
	w.raised++
	title := fmt.Sprintf("%s %d", kindsOfIncident[w.draw[0]%len(kindsOfIncident)], w.raised)
	machine := fmt.Sprintf("web-%d.shop.example", 1+w.draw[1]%4)
	if w.draw[2]%3 > 0 {
		w.ail("errors")
	}
	w.raiseOn("shop-web", title, title, map[string]any{"host": machine})
	return title + " on " + machine
}

var people = []string{aiko, ben, chie, dan}

func (w *walk) clickOne() string {
	var cards []slack.Message
	for _, m := range w.sim.Slack.Messages(room) {
		if isCard(m) && len(elements(m)) > 0 {
			cards = append(cards, m)
		}
	}
	if len(cards) == 0 {
		return "no card"
	}
	m := cards[w.draw[0]%len(cards)]
	all := labels(elements(m))
	label, who := all[w.draw[1]%len(all)], people[w.draw[2]%len(people)]
	times := 1
	if w.draw[3]%4 == 0 {
		times = 2
	}
	for range times {
		w.pressed(who, label, m)
	}
	told := fmt.Sprintf("%s presses %s on %s, %d times", nameOf(who), label, m.Text, times)
	if w.draw[3]%3 > 0 { // else it stays open for later
		told += "; " + w.sends(who)
	}
	return told
}

// pressed is a click that may go wrong.
func (w *walk) pressed(who, label string, m slack.Message) {
	for _, e := range elements(m) {
		c := slack.Click{User: who, Channel: m.Channel, MessageTS: m.TS, BlockID: e.Block, ActionID: e.Action, Value: e.Value, Version: m.Version}
		if e.Type == "button" && e.Text.Text == label {
			_, _ = w.sim.Slack.Click(w.ctx, c)
		}
		for _, o := range e.Options {
			if o.Text.Text == label {
				c.Value, c.SelectedOption = "", o.Value
				_, _ = w.sim.Slack.Click(w.ctx, c)
			}
		}
	}
}

var commands = []string{"list", "show %d", "why %d", "history %d", "check %d", "recover %d", "take %d", "escalate %d", "resolve %d",
	"note %d it was the pool", "pause", "resume", "pause scenario:auto", "resume scenario:auto", "maintenance target web-2 10m", "maintenance end all", "stats"}

func (w *walk) commandOne() string {
	text := commands[w.draw[0]%len(commands)]
	if strings.Contains(text, "%d") {
		text = fmt.Sprintf(text, 1+w.draw[1]%max(w.raised, 1))
	}
	who := people[w.draw[2]%len(people)]
	_, _ = w.sim.Slack.Command(w.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: text})
	return nameOf(who) + " types " + text
}

var ailments = []string{"errors", "stubborn", "healthy", "healthy", "hangs", "unreachable"}

func (w *walk) patientTurns() string {
	a := ailments[w.draw[0]%len(ailments)]
	w.ail(a)
	return a
}

// personActs is a person, or the monitoring tool, in PagerDuty itself.
func (w *walk) personActs() string {
	all := w.sim.PagerDuty.State().Incidents
	if len(all) == 0 {
		return "nothing to act on"
	}
	i := all[len(all)-1-w.draw[0]%len(all)]
	pd := w.sim.PagerDuty
	acts := []struct {
		name string
		do   func() error
	}{
		{"Aiko acknowledges", func() error { return pd.Acknowledge(aikoPD, i.ID) }},
		{"Ben resolves", func() error { return pd.Resolve(benPD, i.ID) }},
		{"it is Chie's now", func() error { return pd.Reassign(aikoPD, i.ID, chiePD) }},
		{"Aiko reopens", func() error { return pd.Reopen(aikoPD, i.ID) }},
		{"Aiko notes", func() error { return pd.Note(aikoPD, i.ID, "a note of mine") }},
		{"monitoring clears", func() error { return pd.Clear("shop-web", i.Title) }},
		{"Chie merges", func() error { return pd.Merge(chiePD, all[len(all)-1].ID, i.ID) }},
	}
	a := acts[w.draw[1]%len(acts)]
	return fmt.Sprintf("%s #%d: %v", a.name, i.Number, a.do())
}

var slackMethods = []string{"chat.*", "chat.postMessage", "chat.update", "conversations.*", "users.*", "*", "socket", "apps.connections.open", "views.*"}

var pagerPaths = []string{"", "/incidents", "/incidents/*", "/incidents/*/notes", "/incidents/*/alerts", "/incidents/*/log_entries", "/users", "/oncalls"}

// step takes one step.
func (w *walk) step(n int) { w.Helper(); w.among(n, moves) }

// among takes one step of these.
func (w *walk) among(n int, moves []happening) {
	w.Helper()
	total := 0
	for _, m := range moves {
		total += m.weight
	}
	pick, rest := w.random.IntN(total), time.Duration(w.random.IntN(9))*time.Second
	for i := range w.draw {
		w.draw[i] = w.random.IntN(1 << 20)
	}
	for _, m := range moves {
		if pick -= m.weight; pick < 0 {
			now := time.Now().Format(time.TimeOnly)
			w.told = append(w.told, fmt.Sprintf("%3d %s %s: %s", n, now, m.name, m.do(w)))
			break
		}
	}
	w.pass(rest)
	if k := w.fuse.blownBy(); k != nil {
		w.told = append(w.told, fmt.Sprintf("    %s %s", time.Now().Format(time.TimeOnly), k))
		w.revive(newFuse(nil))
	}
}

// walkOnce takes the walk of a seed, then lets everything heal and come to rest,
// and judges what it came to.
func walkOnce(t *testing.T, seed uint64) {
	b := branch{files: walkScenarios()}
	dir, db := b.write(t), filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		w := &walk{stage: newStage(t, dir, db, []option{slow(2 * time.Second)}), random: rand.New(rand.NewPCG(seed, seed))}
		w.around = w.disk.around
		w.powered(newFuse(nil))
		w.pass(4 * time.Second)
		for n := range *walkSteps {
			w.step(n)
		}
		w.rest()
		p := w.judge(true)
		if t.Failed() {
			p.tell()
		}
		t.Logf("seed %d; go test ./cmd/amsbot/app -run TestWalk -seed %d -steps %d takes it again:\n%s", seed, seed, *walkSteps, strings.Join(w.told, "\n"))
	})
}

// rest takes all faults out and lets an hour go by.
func (w *walk) rest() {
	w.Helper()
	w.sim.PagerDuty.Heal(0)
	for _, lift := range w.lifts {
		lift()
	}
	w.disk.fail(0, nil, false)
	w.fuse.arm(0, false)
	for range 6 {
		if w.fuse.dead() {
			w.revive(newFuse(nil))
		}
		w.pass(10 * time.Minute)
	}
}

// TestWalk takes random walks through everything that can happen.
func TestWalk(t *testing.T) {
	seeds := []uint64{*walkSeed}
	if *walkSeed == 0 {
		seeds = nil
		for n := range *walks {
			seeds = append(seeds, uint64(n+1))
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			walkOnce(t, seed)
		})
	}
}
