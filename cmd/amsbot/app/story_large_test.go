//go:build !race

package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim"
	"amsbot/cmd/amsbot/app"
)

// How many incidents come at once in the crowds, and within a minute in the largest; in
// a storm; of a noisy service; about few machines; and before amsbot is killed.
const (
	crowdAtOnce = 200
	crowdOf     = 1000
	stormAtOnce = 50
	noisyOf     = 500
	guardedOf   = 200
	unfinished  = 200
)

// More numbers than one message has room for: its thread names all, and at no moment is
// one named nowhere, however they move.
func TestCrowdOverflows(t *testing.T) {
	const before, most = 800_000_000_000_000_000, 350
	story(t, one(web()), func(s *stage) {
		s.flood(1, most, 10*time.Second)
		s.indexSays(fmt.Sprintf("%d incidents at once", most))
		pages := 0
		for range 60 {
			s.pass(time.Second)
			var text strings.Builder
			pages = 0
			for _, m := range s.sim.Slack.Messages(room) {
				switch page := strings.Contains(string(m.Metadata), "amsbot_page"); {
				case page && m.ThreadTS == s.indexes()[0].TS:
					pages++
					fallthrough
				case strings.Contains(string(m.Metadata), "amsbot_index"):
					text.WriteString(" " + m.Text + string(m.Attachments))
				}
			}
			for n := 1; n <= most; n++ {
				if !strings.Contains(text.String(), fmt.Sprint("#", before+n)) {
					t.Errorf("#%d is not named", before+n)
				}
			}
		}
		if pages != 2 {
			t.Errorf("%d pages in the thread of the index", pages)
		}
		s.indexSays("calm again")
		s.fewWrites(200)
	}, unhurried, func(o *sim.Options, _ *app.Config) { o.PagerDuty.Numbered = before })
}
