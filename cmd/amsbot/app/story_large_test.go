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
	stormOf     = 50
	noisyOf     = 500
	guardedOf   = 200
	unfinished  = 200
)

// More numbers than one message has room for: its thread names the rest.
func TestCrowdOverflows(t *testing.T) {
	const before, most = 800_000_000_000_000_000, 350
	story(t, one(web()), func(s *stage) {
		s.flood(1, most, 10*time.Second)
		s.indexSays(fmt.Sprintf("%d incidents at once", most))
		s.pass(time.Minute)
		var text []string
		for _, m := range s.indexes() {
			text = append(text, m.Text, string(m.Attachments))
		}
		pages := 0
		for _, m := range s.sim.Slack.Messages(room) {
			if strings.Contains(string(m.Metadata), "amsbot_page") && m.ThreadTS == s.indexes()[0].TS {
				pages++
				text = append(text, m.Text)
			}
		}
		if pages != 1 {
			t.Errorf("%d pages in the thread of the index", pages)
		}
		for n := 1; n <= most; n++ {
			if !strings.Contains(strings.Join(text, " "), fmt.Sprint("#", before+n)) {
				t.Errorf("#%d is not named", before+n)
			}
		}
		s.indexSays("calm again")
		s.fewWrites(200)
	}, unhurried, func(o *sim.Options, _ *app.Config) { o.PagerDuty.Numbered = before })
}
