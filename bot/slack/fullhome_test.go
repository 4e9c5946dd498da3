package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// fullHome holds so many of everything, each as long as it can be.
func fullHome(open, stops, windows int, language string) bot.Home {
	long := strings.Repeat("the <web> & ", 60)
	h := bot.Home{User: alice, Language: language, Updated: moment0, More: 999, Refused: &bot.HomeRefusal{Folder: long, What: long, At: moment0}}
	for range 5 {
		h.Down = append(h.Down, long)
	}
	for i := range open {
		l := bot.HomeLine{Incident: key, Place: bot.HomePlace(i * 3 / open), Number: 100000 + i, Title: long, Status: long, Holder: long, Service: long, Waits: long,
			Until: moment0, Channel: ops, CardTS: "1700000000.000100", At: moment0}
		for _, act := range []string{bot.DoTake, bot.DoCheck, bot.DoEscalate, bot.DoNote} {
			l.Acts = append(l.Acts, bot.Button{Act: act, Offer: 7, Label: long})
		}
		h.Open = append(h.Open, l)
	}
	for i := range stops {
		h.Paused = append(h.Paused, bot.HomeStop{Text: long, Scope: fmt.Sprintf("scenario:shop/%s%d", strings.Repeat("x", 140), i)})
	}
	for i := range windows {
		h.Planned = append(h.Planned, bot.HomeWindow{Text: long, From: moment0.Add(time.Hour), Until: moment0.Add(2 * time.Hour), End: i + 1})
	}
	for range 15 {
		h.Numbers = append(h.Numbers, bot.Field{Name: long, Value: long})
	}
	return h
}

// However much of everything there is, Home is within Slack's limits, and has room
// for some of each: what it leaves out it counts.
func TestFullHome(t *testing.T) {
	for _, language := range []string{"en", "ja"} {
		for _, n := range [][3]int{{30, 10, 10}, {30, 10, 0}, {30, 0, 10}, {30, 0, 0}, {0, 10, 10}, {1, 10, 10}, {30, 1, 1}, {30, 3, 10}} {
			v := HomeView(fullHome(n[0], n[1], n[2], language), "https://pretend.slack.com/archives/")
			if chars := chars(t, "", v); chars > textLimit || len(v.Blocks.BlockSet) > 100 {
				t.Errorf("%s %v: %d characters, %d blocks", language, n, chars, len(v.Blocks.BlockSet))
			}
			names := map[string]int{}
			for _, b := range v.Blocks.BlockSet {
				names[strings.Split(b.ID(), ".")[1]]++
			}
			if n[0] > 0 && (names["open"] < min(n[0], 3) || names["open"] < n[0] && names["more"] != 1) || names["paused"]+names["planned"] < min(n[1]+n[2], 2) ||
				names["paused"]+names["planned"] < n[1]+n[2] && names["rest"] == 0 || names["updated"] != 1 || names["numbers"] != 1 {
				t.Errorf("%s %v: %v", language, n, names)
			}
			if raw, err := json.Marshal(v); err != nil || strings.Contains(string(raw), "%!") {
				t.Errorf("%s, %v", raw, err)
			}
		}
	}
}

// What Slack refuses for good is not put off as if there were no room for it: the
// person is told that what stands there is old.
func TestHomeIsRefused(t *testing.T) {
	for code, told := range map[string]bool{"invalid_blocks": true, "ratelimited": false, "internal_error": false} {
		for _, refresh := range []error{nil, errors.New("disk full")} {
			in(t, simslack.Options{}, func(w *world) {
				_, stop := w.read(&doors{refresh: refresh})
				w.sim.Fault(simslack.Fault{Method: "views.publish", Error: code, Times: 9})
				if err := w.sim.OpenHome(alice); err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				time.Sleep(time.Minute)
				said := false
				for _, c := range w.sim.State(alice).Channels {
					for _, m := range w.sim.Messages(c.ID) {
						said = said || c.IM && m.Text == english.Say("slack.home.unshown")
					}
				}
				if want := told || refresh != nil; said != want {
					t.Errorf("%s, %v: told: %v", code, refresh, said)
				}
				stop()
			})
		}
	}
}
