package app_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// crowdOfPressers are who presses on the walk of two: with permissions and without,
// and Eri, who is Aiko by another account.
var crowdOfPressers = []string{aiko, ben, chie, dan, eri}

// movesOfTwo are what can happen on the walk of two, with their weights.
var movesOfTwo = []happening{
	{9, "raise", (*walk).raiseForTwo},
	{40, "click", (*walk).clickForTwo},
	{14, "stale click", (*walk).clickStale},
	{6, "dialogue", (*walk).sendOne},
	{16, "command", (*walk).commandForTwo},
	{2, "person", (*walk).personActs},
	{5, "patient", (*walk).patientTurns},
	{8, "kill", (*walk).killSoon},
	{4, "stop", (*walk).stopAndStart},
	{4, "permissions", (*walk).permissionsChange},
	{2, "time", (*walk).timeGoes},
}

func (w *walk) raiseForTwo() string {
	w.raised++
	title := fmt.Sprintf("Health check %d failed", w.raised)
	machine := fmt.Sprintf("web-%d.shop.example", 1+w.draw[1]%5)
	w.ail([]string{"errors", "stubborn"}[w.draw[2]%2])
	w.raiseOn("shop-web", title, title, map[string]any{"host": machine})
	return title + " on " + machine
}

// cards are the messages of amsbot's on which something can be pressed.
func (w *walk) cards() []slack.Message {
	return slices.DeleteFunc(w.sim.Slack.Messages(room), func(m slack.Message) bool { return !isCard(m) || len(elements(m)) == 0 })
}

// likely are the buttons that a walk of two is about, where a card has any.
func likely(all []string) []string {
	some := slices.DeleteFunc(slices.Clone(all), func(l string) bool {
		return l != "Approve" && l != "Break Glass" && l != "Run Again" && !strings.HasPrefix(l, "Run Recovery")
	})
	if len(some) == 0 {
		return all
	}
	return some
}

func (w *walk) clickForTwo() string {
	cards := w.cards()
	if len(cards) == 0 {
		return "no card"
	}
	if w.draw[3]%4 > 0 { // mostly what the walk is about
		if some := slices.DeleteFunc(slices.Clone(cards), func(m slack.Message) bool {
			all := labels(elements(m))
			return len(likely(all)) == len(all)
		}); len(some) > 0 {
			cards = some
		}
	}
	m := cards[w.draw[0]%len(cards)]
	all := labels(elements(m))
	if w.draw[3]%4 > 0 {
		all = likely(all)
	}
	label, who := all[w.draw[1]%len(all)], crowdOfPressers[w.draw[2]%len(crowdOfPressers)]
	w.screens = append(w.screens, m)
	for range 1 + w.draw[3]%2 {
		w.pressed(who, label, m)
	}
	told := fmt.Sprintf("%s presses %s on %s", nameOf(who), label, m.Text)
	if w.draw[1]%3 > 0 { // else it stays open for later
		told += "; " + w.sends(who)
	}
	return told
}

// clickStale presses on a card as somebody had it on their screen some time ago.
func (w *walk) clickStale() string {
	if len(w.screens) == 0 {
		return "no card"
	}
	m := w.screens[w.draw[0]%len(w.screens)]
	all := likely(labels(elements(m)))
	label, who := all[w.draw[1]%len(all)], crowdOfPressers[w.draw[2]%len(crowdOfPressers)]
	w.pressed(who, label, m)
	return fmt.Sprintf("%s presses %s on %s of before", nameOf(who), label, m.Text)
}

var commandsForTwo = []string{"recover %d", "recover %d", "approve %d", "approve %d", "recover %d break glass: nobody is here", "recover %d break glass", "check %d", "take %d"}

func (w *walk) commandForTwo() string {
	text := fmt.Sprintf(commandsForTwo[w.draw[0]%len(commandsForTwo)], 1+w.draw[1]%max(w.raised, 1))
	who := crowdOfPressers[w.draw[2]%len(crowdOfPressers)]
	_, _ = w.sim.Slack.Command(w.ctx, slack.Command{User: who, Channel: room, Command: "/ams", Text: text})
	return nameOf(who) + " types " + text
}

// permissionsChange gives and takes, as amsbot.yaml does at a start.
func (w *walk) permissionsChange() string {
	if w.fuse.dead() {
		return "dead already"
	}
	p := &w.config.Permissions
	p.Run = [][]string{{"everyone"}, {aiko, ben, chie, eri}, {"S0SHOPOPS1"}}[w.draw[0]%3]
	p.Approve = [][]string{nil, {"everyone"}, {chie, ben}}[w.draw[1]%3]
	p.BreakGlass = [][]string{nil, {chie}, {chie, aiko}}[w.draw[2]%3]
	w.stop()
	w.powered(newFuse(nil))
	return fmt.Sprintf("%+v", *p)
}

// voice is what the model reads of events in which people speak.
type voice struct {
	Act, User, Glass, Storm, Rule string
	Reason                        string
	Offer, Batch                  uint64
	As                            struct{ ID string }
	Approved                      *struct {
		User string
		As   struct{ ID string }
	}
	Phase string
	Step  int
	Round int
}

// twoVoices: a recovery at a person's word has two different people behind it, or
// one who has broken the glass on record, and none of them lets it begin twice.
func (p *past) twoVoices() (approved, alone, refused int) {
	glass := map[string]bool{} // by stream and person
	for _, key := range sortedStreams(p.streams) {
		asked, spent := map[uint64]voice{}, map[uint64]bool{}
		var now *voice // the press of the pass under way
		began := false
		for _, e := range p.streams[key] {
			var v voice
			if slices.Contains([]string{"requested", "clicked", "glass", "intent", "started", "refused", "pass", "run"}, e.Kind) {
				p.must(e.Into(&v))
			}
			switch e.Kind {
			case "requested":
				asked[e.Seq] = v
			case "glass":
				glass[key+v.User] = true
			case "refused":
				refused++
			case "clicked":
				if !slices.Contains([]string{"recover", "again", "approve", "recover_all"}, v.Act) {
					break
				}
				if v.Act == "approve" {
					r, ok := asked[v.Offer]
					if !ok || spent[v.Offer] || r.User == v.User || r.As.ID == v.As.ID || v.As.ID == "" {
						p.Errorf("%s#%d: %s approves what %s asked for (%v, spent %v)", key, e.Seq, v.User, r.User, ok, spent[v.Offer])
					}
					spent[v.Offer] = true
					r.Approved = &struct {
						User string
						As   struct{ ID string }
					}{v.User, v.As}
					v = r
				}
				if v.Glass != "" && !glass[key+v.User] && !glass[v.Storm+v.User] {
					p.Errorf("%s#%d: %s goes alone, and no glass is broken", key, e.Seq, v.User)
				}
				now, began = &v, false
			case "pass", "run":
				if v.Reason != "lock" { // whoever waited for a target goes on, at the same word
					now = nil
				}
			case "intent":
				if v.Rule != "click" || now == nil {
					p.Errorf("%s#%d: a recovery begins by %q, and nobody pressed", key, e.Seq, v.Rule)
					break
				}
				two := now.Approved != nil && now.Approved.User != now.User && now.Approved.As.ID != now.As.ID
				switch {
				case two:
					approved++
				case now.Glass != "":
					alone++
				default:
					p.Errorf("%s#%d: %s alone lets a recovery begin", key, e.Seq, now.User)
				}
				if began {
					p.Errorf("%s#%d: a second recovery begins at the same word", key, e.Seq)
				}
				began = true
			}
		}
	}
	if did := len(p.sim.Patient.Recoveries()); did > approved+alone {
		p.Errorf("the patient was recovered %d times, at %d approved words and %d of one alone", did, approved, alone)
	}
	return approved, alone, refused
}

func sortedStreams(all map[string][]store.Event) []string {
	var keys []string
	for key := range all {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int { // storms first: what they decide is asked for there
		return strings.Compare(strings.TrimPrefix(a, "storm"), strings.TrimPrefix(b, "storm"))
	})
	return keys
}

// openToAll lets everybody do in the walk's project what amsbot.yaml lets them.
func openToAll(c *app.Config) {
	c.Permissions.Run, c.Permissions.Override = []string{"everyone"}, []string{"everyone"}
}

// walkForTwo takes the walk of a seed.
func walkForTwo(t *testing.T, seed uint64) (approved, alone, refused int) {
	files := map[string]string{
		"project.yaml": allowing(""),
		"two.yaml":     web("approval: {expires: 10m, second_person: true}", restartOnce, brakes("storm: 4 per 5m")),
	}
	b := branch{files: files}
	dir, db := b.write(t), filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		options := []option{slow(2 * time.Second), unhurried, withEri, configured(glass), configured(openToAll), knownAs(map[string]string{eri: aikoPD})}
		w := &walk{stage: newStage(t, dir, db, options), random: rand.New(rand.NewPCG(seed, seed))}
		w.powered(newFuse(nil))
		w.pass(4 * time.Second)
		for n := range *walkSteps {
			w.among(n, movesOfTwo)
		}
		w.rest()
		p := w.judge(false)
		approved, alone, refused = p.twoVoices()
		if t.Failed() {
			p.tell()
		}
		t.Logf("seed %d: %d approved, %d alone, %d refused:\n%s", seed, approved, alone, refused, strings.Join(w.told, "\n"))
	})
	return approved, alone, refused
}

// TestWalkOfTwo has several people press whatever they see, some of them without
// permission and one with two accounts, while amsbot is killed and started again.
func TestWalkOfTwo(t *testing.T) {
	t.Parallel()
	seeds := []uint64{*walkSeed}
	if *walkSeed == 0 {
		seeds = nil
		for n := range *walks {
			seeds = append(seeds, uint64(100+n))
		}
	}
	var approved, alone, refused atomic.Int64
	t.Run("walks", func(t *testing.T) { // ends when all of them have
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				a, b, c := walkForTwo(t, seed)
				approved.Add(int64(a))
				alone.Add(int64(b))
				refused.Add(int64(c))
			})
		}
	})
	if *walkSeed == 0 && (approved.Load() == 0 || alone.Load() == 0 || refused.Load() == 0) {
		t.Errorf("the walks are too tame: %d approved, %d alone, %d refused", approved.Load(), alone.Load(), refused.Load())
	}
}
