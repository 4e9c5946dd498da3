package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"amsbot/bot"
	"amsbot/store"
)

// hand is one way in which an incident gets to somebody: who did what to it.
type hand struct{ key, name, act string }

// trails are the lines that this leaves in PagerDuty's log: whichever way an incident
// is escalated, its log says once to whom it is assigned then.
var trails = map[string]string{"acknowledge_log_entry": bot.ActAcknowledge, "assign_log_entry": bot.ActEscalate}

// moved: I5, who acknowledged and who escalated through amsbot, and how often.
func (p *past) moved() {
	for _, problem := range p.unmoved() {
		p.Error("I5: " + problem)
	}
}

// unmoved is where the record and PagerDuty's log differ. What came through amsbot's
// key is on record as done; and what is on record as done is in the log, whoever did
// it: somebody who has acknowledged by themselves need not do so once more.
func (p *past) unmoved() (problems []string) {
	done, seen, ours := map[hand]int{}, map[hand]int{}, map[hand]int{}
	for key, events := range p.streams {
		wanted := map[uint64]hand{}
		for _, e := range events {
			switch t := p.read(e); {
			case e.Kind == "wanted" && (t.Kind == bot.ActAcknowledge || t.Kind == bot.ActEscalate):
				var args struct{ From string }
				p.must(json.Unmarshal(t.Args, &args))
				wanted[e.Seq] = hand{key, e.By, t.Kind}
				if args.From == "amsbot@shop.example" { // also where a person has no user of their own
					wanted[e.Seq] = hand{key, "amsbot", t.Kind}
				}
			case e.Kind == "done" && wanted[t.Wanted].key != "":
				done[wanted[t.Wanted]]++
			}
		}
		for _, l := range p.pager[key].Log {
			h := hand{key, l.By, trails[l.Type]}
			if seen[h]++; l.Channel == "api" {
				ours[h]++
			}
		}
	}
	for h, n := range ours {
		if h.act != "" && n > done[h] {
			problems = append(problems, fmt.Sprintf("%s: %s %d times through amsbot in the name of %s, and %d times on record", h.key, h.act, n, h.name, done[h]))
		}
	}
	for h, n := range done {
		if seen[h] == 0 || h.act == bot.ActEscalate && n > seen[h] {
			problems = append(problems, fmt.Sprintf("%s: %s %d times in the name of %s, says the record, and %d times, says PagerDuty", h.key, h.act, n, h.name, seen[h]))
		}
	}
	return problems
}

// The model sees what is on record and nowhere else, what is not on record, and what
// was done once too often.
func TestTheModelSeesWhoHasIt(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.ail("stubborn")
		s.raise("Health check of web-1 failed", nil)
		s.says("Escalated")
		s.settle()
		s.press(aiko, "Take Over")
		s.settle()
		p := s.judge(true)
		key := "pd:shop:" + s.incident
		events, is := p.streams[key], p.pager[key]
		doctored := func(forget, twice, lost string) []string {
			p.streams[key] = slices.DeleteFunc(slices.Clone(events), func(e store.Event) bool { return e.Kind == "done" && p.read(e).Kind == forget })
			now := is
			now.Log = nil
			for _, l := range is.Log {
				switch act := trails[l.Type]; {
				case l.Channel != "api" || act != twice && act != lost || act == "":
					now.Log = append(now.Log, l)
				case act == twice:
					now.Log = append(now.Log, l, l)
				}
			}
			p.pager[key] = now
			return p.unmoved()
		}
		if problems := doctored("", "", ""); len(problems) > 0 {
			t.Fatalf("nothing is wrong: %q", problems)
		}
		for _, act := range []string{bot.ActEscalate, bot.ActAcknowledge} {
			for what, problems := range map[string][]string{"forgotten": doctored(act, "", ""), "done twice": doctored("", act, ""), "lost": doctored("", "", act)} {
				if len(problems) != 1 || !strings.HasPrefix(problems[0], key+": "+act) {
					t.Errorf("%s, %s: %q", act, what, problems)
				}
			}
		}
	})
}
