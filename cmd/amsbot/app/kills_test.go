package app_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// kills is at how many points of each branch amsbot is killed; 0: at all.
var kills = flag.Int("kills", 1, "at how many points each branch is killed; 0 is all of them")

// branch is a way that an incident can take, told so that it gets there whenever
// amsbot dies: what the world does at which second, and what people do as soon as
// they see something.
type branch struct {
	name    string
	files   map[string]string
	options []option
	once    bool // its recovery may not run twice by itself
	each    func(s *stage, second int)
	lasts   time.Duration // of the telling; 0: two minutes
	dark    time.Duration // how long the power stays off
	ends    func(*past)   // what is so in the end wherever amsbot died
	says    string        // what is said in the end where it did not
}

// at does what a branch has at a second; a second comes once.
func at(second int, do func(*stage)) func(*stage, int) {
	return func(s *stage, now int) {
		if now == second {
			do(s)
		}
	}
}

// all does several things of a branch.
func all(each ...func(*stage, int)) func(*stage, int) {
	return func(s *stage, now int) {
		for _, do := range each {
			do(s, now)
		}
	}
}

func cardSays(text string) func(*stage) bool {
	return func(s *stage) bool { m, _ := s.card(); return strings.Contains(m.Text, text) }
}

func down(s *stage) { s.down() }

// ended is how the last incident may stand in PagerDuty.
func ended(ways ...string) func(*past) {
	return func(p *past) {
		p.Helper()
		status, who := p.status()
		if got := strings.Join(append([]string{status}, who...), " "); !slices.Contains(ways, got) {
			p.Errorf("in PagerDuty it is %s, none of %q", got, ways)
		}
	}
}

const (
	overNow = "resolved"
	atAiko  = "triggered " + aikoPD
	atChie  = "triggered " + chiePD
)

// branches are all ways of a first response, each to be told once.
func branches() []branch { return append(firstResponses(), decisions()...) }

// firstResponses are those in which amsbot alone, one person or the world decides.
func firstResponses() []branch {
	auto := one(web("autonomy: auto", gatherMetrics))
	autoOnce := one(web("autonomy: auto", restartOnce))
	stubborn := func(s *stage) { s.ail("stubborn"); s.raise("Health check of web-1 failed", nil) }
	fine := func(s *stage) { s.raise("Health check of web-1 failed", nil) }
	taken := slow(3 * time.Second)
	return []branch{
		{name: "ok", files: one(web()), each: at(0, fine), ends: ended(atAiko)},
		{name: "ok resolves", files: one(web("then: {ok: resolve}")), each: at(0, fine), ends: ended(overNow)},
		{name: "recovered", files: auto, each: at(0, down), ends: ended(overNow)},
		{name: "recovered once", files: autoOnce, once: true, options: []option{taken}, each: at(0, down), ends: ended(overNow, atAiko)},
		{name: "acknowledged and recovered", files: one(web("autonomy: auto", restartOnce, "acknowledge: true")), once: true, options: []option{taken},
			each: at(0, down), ends: ended(overNow, atAiko, "acknowledged "+aikoPD)},
		{name: "failed", files: autoOnce, once: true, each: at(0, stubborn), ends: ended(atChie, atAiko)},
		{name: "unknown", files: auto, each: at(0, func(s *stage) {
			s.ail("errors")
			s.raise("Health check of web-1 failed", map[string]any{"address": "web-9.shop.example:8080"})
		}), ends: ended(atAiko)},
		{name: "no scenario", files: auto, each: at(0, func(s *stage) { s.raise("Something else", nil) }), ends: ended(atAiko)},
		{name: "observed", files: one(web("autonomy: observe")), each: at(0, down), ends: ended(atAiko)},
		{name: "asked and pressed", files: one(web(restartOnce)), once: true, options: []option{taken},
			each: all(at(0, down), presses(aiko, "Run Recovery"), presses(aiko, "Run Again")), ends: ended(overNow, atAiko)},
		{name: "asked and expired", files: one(web("approval: 1m")), each: at(0, down), ends: ended(atAiko), lasts: 3 * time.Minute},
		{name: "held and overridden", files: one(web("autonomy: auto", restartOnce)), once: true,
			each: all(at(0, down), at(60, func(s *stage) { s.again("once more") }), presses(chie, "Run Recovery"), presses(chie, "Run Again")),
			ends: ended(overNow, atAiko), lasts: 4 * time.Minute},
		{name: "taken over", files: one(web("autonomy: auto", slowCheck)), each: all(at(0, down), presses(ben, "Take Over")), ends: ended("acknowledged "+benPD, "triggered "+benPD, overNow)},
		{name: "escalated by a person", files: one(web()), each: all(at(0, down), types(aiko, "escalate 1", cardSays("waits for a person"))), ends: ended(atChie)},
		{name: "note and resolve", files: one(web()), each: all(at(0, down), types(ben, "note 1 looks like the pool", cardSays("waits for a person")),
			at(30, func(*stage) {}), presses(aiko, "Resolve")), ends: ended(overNow)},
		{name: "interrupted", files: autoOnce, once: true, options: []option{slow(8 * time.Second)},
			each: all(at(0, down), at(4, func(s *stage) { s.fuse.cut() }), presses(aiko, "Run Again")), ends: ended(overNow, atAiko), lasts: 3 * time.Minute},
		{name: "deadline", files: one(web("autonomy: auto", strings.Replace(twoSteps, "20s", "40s", 2), "deadline: 100s", "guards: {cooldown: 0s, lock: target}")),
			options: []option{slow(55 * time.Second)}, each: at(0, stubborn), ends: ended(atChie, atAiko), lasts: 4 * time.Minute},
		{name: "storm", files: one(web("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"))), once: true,
			each:  all(at(0, func(s *stage) { s.on(1); s.on(2); s.on(3); s.on(4) }), presses(chie, "Run Recovery on All")),
			lasts: 3 * time.Minute},
		{name: "maintenance", files: planned(web("autonomy: auto")), each: all(types(aiko, "maintenance shop-web 2m", func(*stage) bool { return true }), at(8, down)),
			lasts: 4 * time.Minute},
		{name: "paused", files: auto, each: all(types(aiko, "pause project:shop", func(*stage) bool { return true }), at(8, down), types(aiko, "resume project:shop", cardSays("Held"))), ends: ended(atAiko, overNow)},
		{name: "merged", files: one(web("autonomy: auto", slowCheck)), each: all(at(0, func(s *stage) { s.raiseOn("shop-db", "Something bigger", "bigger", nil) }),
			at(6, down), at(10, func(s *stage) {
				incidents := s.sim.PagerDuty.State().Incidents
				s.must(s.sim.PagerDuty.Merge(aikoPD, incidents[1].ID, incidents[0].ID))
			})), ends: ended(overNow)},
		{name: "came back", files: one(web("autonomy: auto", unsafe)), each: all(at(0, down), at(90, func(s *stage) { s.ail("errors"); s.down() })), lasts: 4 * time.Minute, ends: ended(atAiko, overNow)},
		{name: "resolved by monitoring", files: one(web("autonomy: auto", slowCheck)), each: all(at(0, down),
			at(5, func(s *stage) { s.must(s.sim.PagerDuty.Clear("shop-web", host+"/health")) })), ends: ended(overNow)},
		{name: "reopened", files: one(web("autonomy: auto", restartOnce, unsafe)), once: true, each: all(at(0, down), func(s *stage, now int) {
			if now == 60 {
				s.ail("errors")
				if status, _ := s.status(); status == "resolved" {
					s.must(s.sim.PagerDuty.Reopen(aikoPD, s.incident))
				}
			}
		}), ends: ended(atAiko), lasts: 3 * time.Minute},
	}
}

// play tells a branch once, with a fuse that blows where it says, and judges what
// it came to. It answers the effects of the first life, and
// whether that was ended so, and not by the branch itself.
func (b branch) play(t *testing.T, blows func(kill) bool) (trace []effect, killed bool) {
	t.Helper()
	dir, db := b.write(t), filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, dir, db, append([]option{unhurried}, b.options...))
		first := newFuse(func(k kill) bool {
			killed = blows != nil && blows(k)
			return killed
		})
		s.powered(first)
		s.tellOut(b)
		p := s.judge(b.once)
		if b.ends != nil {
			b.ends(p)
		}
		if !first.dead() && !strings.Contains(p.slackLines(), b.says) {
			p.Errorf("nobody said %q", b.says)
		}
		if t.Failed() {
			p.tell()
			var all []string
			for _, e := range first.trace {
				all = append(all, fmt.Sprintf("%s %d", e.name, e.nth))
			}
			t.Logf("effects of the first life:\n%s", strings.Join(all, "\n"))
		}
		trace = first.trace[:first.telling]
	})
	return trace, killed
}

func (b branch) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := maps.Clone(b.files) // branches share some, and run beside each other
	if files["project.yaml"] == "" {
		files["project.yaml"] = project
	}
	if err := os.MkdirAll(filepath.Join(dir, "shop"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "shop", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tellOut lets the seconds of a branch go by, reviving amsbot whenever it died,
// and then half an hour in which all that waits comes to its end.
func (s *stage) tellOut(b branch) {
	s.Helper()
	if b.lasts == 0 {
		b.lasts = 2 * time.Minute
	}
	s.pass(4 * time.Second) // it connects
	for second := range int(b.lasts / time.Second) {
		s.live(b.dark)
		b.each(s, second)
		s.pass(time.Second)
	}
	s.fuse.calm()
	for range 30 {
		s.live(b.dark)
		s.pass(time.Minute)
	}
	s.live(b.dark)
	s.pass(time.Minute)
}

// live revives amsbot if it died, once the power is back.
func (s *stage) live(dark time.Duration) {
	s.Helper()
	if s.fuse.dead() {
		s.pass(dark)
		s.revive(newFuse(nil))
	}
}

// TestKills plays every branch, then kills amsbot at its effects, one after the
// other, on either side. Where that is one effect of each, a branch is not played
// without a kill before, unless it has ended before it comes to that one.
func TestKills(t *testing.T) {
	for n, b := range branches() {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			var blows func(kill) bool
			if *kills == 1 {
				blows = nth(3+n*37%90, n%2 == 1) // most have some hundred effects
			}
			trace, killed := b.play(t, blows)
			if killed || t.Failed() {
				return
			}
			for _, k := range chosen(trace, n) {
				t.Run(k.String(), func(t *testing.T) {
					if _, killed := branches()[n].play(t, func(now kill) bool { return now == k }); !killed {
						t.Log("it went another way, and never came to the point where it was to be killed")
					}
				})
			}
		})
	}
}

// chosen are the points at which a branch is killed: all, or so many as -kills
// says, others for each branch.
func chosen(trace []effect, salt int) []kill {
	var points []kill
	for _, e := range trace {
		points = append(points, kill{e, false}, kill{e, true})
	}
	if *kills <= 0 || *kills >= len(points) {
		return points
	}
	var some []kill
	step := float64(len(points)) / float64(*kills)
	for n := range *kills {
		some = append(some, points[int(step*(float64(n)+float64(salt%7)/7))])
	}
	return some
}
