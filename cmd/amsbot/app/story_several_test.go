package app_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// full are incidents of the shop that no scenario fits, a second between them.
func (s *stage) full(disks ...string) {
	s.Helper()
	for _, disk := range disks {
		s.raiseOn("shop-db", "Disk of "+disk+" is full", disk, nil)
		s.pass(time.Second)
	}
}

var ago = regexp.MustCompile(`\d+ s ago`)

// toldIn are what was said in a channel to all or to one, in no card's thread.
func (s *stage) toldIn(channel string) []string {
	return slices.DeleteFunc(strings.Split(s.linesIn(channel), "\n"), func(l string) bool {
		return !strings.HasPrefix(l, "only ") && !strings.HasPrefix(l, "message: ")
	})
}

// One command with several numbers does on each what it does with one, once however
// often Slack delivers it, and is answered once for all. Those of another project are
// not there for whoever types here; who is late, or names what is over, is told.
func TestSeveralByWord(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.full("db-1", "db-2", "db-3")
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.pass(time.Second)
		s.full("db-5", "db-6")
		s.until("all are with people", func() bool { return len(s.assigned(botPD)) == 0 })
		s.must(s.sim.PagerDuty.Clear("shop-db", "db-6"))
		s.settle()
		s.ams(aiko, "take 2")
		s.settle()
		before := len(s.toldIn(room))
		s.sim.Slack.Duplicate(1)
		s.ams(ben, "take 5, #1–#2 2 3-4 6 99")
		s.settle()
		s.ams(ben, "take 3 1")
		s.ams(ben, "resolve 3 1")
		s.ams(ben, "take 3 1 I am on it")
		s.ams(ben, "escalate 3-1")
		s.ams(ben, "escalate 1-999999999")
		s.settle()
		s.sameLines("The channel", unquoted.Replace(ago.ReplaceAllString(strings.Join(s.toldIn(room)[before:], "\n"), "SOME TIME ago")), `
			only ben: Taken over: 3 (#1, #3, #5). / Not done for #2: Aiko Tanaka was first: Take Over has been pressed already. / Not done for #6: Too late: Resolved by monitoring (shop-db). / Not done for #4, #99: no such incident is here: '/ams list' says what is open
			message: Ben Brook takes over 3: #1, #3, #5.
			only ben: Not done for #1, #3: You have done this already: Take Over, SOME TIME ago.
			only ben: '/ams resolve' is about one incident at a time. Several at once: '/ams take 12 14 15', '/ams escalate 12-20'.
			only ben: Several incidents are numbers and nothing else: '/ams take 12 14'. What you write about one begins with a word: '/ams take 12 since 14 hosts are down'.
			only ben: '3-1' runs backwards. Say '/ams escalate 1-3'.
			only ben: Those are too many for one command, which takes 5000 incidents at most, and 7000 characters. Say fewer, such as '/ams escalate 12-20'.`)
		if got := fmt.Sprint(len(s.assigned(benPD)), len(s.assigned(aikoPD))); got != "3 2" { // Aiko is on call for the mail, too
			t.Errorf("Ben and Aiko have %s", got)
		}
		s.clicked("clicked", "map[Aiko Tanaka take:1 Ben Brook take:3]")
		s.clicked("refused", "map[Ben Brook take:4]") // of the other project nothing is on record
	}, unhurried)
}

// From where one sees both projects, both are meant, and each channel is told of its
// own alone.
func TestSeveralOfTwoProjects(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.full("db-1", "db-2")
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.until("all are with people", func() bool { return len(s.assigned(botPD)) == 0 })
		s.settle()
		s.amsIn(platform, aiko, "take 1-3")
		s.amsIn(s.dm(chie), chie, "escalate 1-3") // who may not see the platform
		s.settle()
		s.amsIn(s.dm(aiko), aiko, "escalate 3, 2")
		s.settle()
		none := "no such incident is here: `/ams list` says what is open"
		s.sameLines("The platform", strings.Join(s.toldIn(platform), "\n"), `
			only aiko: Taken over: 1 (#3). / Not done for #1, #2: `+none+`
			message: Aiko Tanaka takes over 1: #3.
			message: Aiko Tanaka escalates 1 to the next level: #3.`)
		s.sameLines("The shop", strings.Join(s.toldIn(room), "\n"), `
			message: Chie Mori escalates 2 to the next level: #1, #2.
			message: Aiko Tanaka escalates 1 to the next level: #2.`)
		s.sameLines("Chie", strings.Join(s.toldIn(s.dm(chie)), "\n"), `only chie: Escalated: 2 (#1, #2). / Not done for #3: `+none)
		s.sameLines("Aiko", strings.Join(s.toldIn(s.dm(aiko)), "\n"), `only aiko: Escalated: 2 (#2, #3).`)
		s.clicked("clicked", "map[Aiko Tanaka escalate:2 Aiko Tanaka take:1 Chie Mori escalate:2]")
	}, unhurried)
}

// In a crowd the command is the group card's press for whoever has no card at hand:
// those that it named are no longer on the card, and are escalated in few calls.
func TestSeveralInACrowd(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.grouped("Take Over")
		s.pass(time.Minute)
		s.ams(ben, "take 3-20 22")
		s.until("Ben has them", func() bool { return len(s.assigned(benPD)) == 19 })
		m, all := s.group("Take Over", 19)
		s.click(aiko, all, m)
		s.settle()
		before, callsBefore := s.escalations()
		s.ams(ben, "escalate #3–#40")
		s.settle()
		if after, calls := s.escalations(); after-before != 38 || calls-callsBefore > 6 {
			t.Errorf("%d escalations in %d calls", after-before, calls-callsBefore)
		}
		s.saidOnce("only ben: Taken over: 19 (#3–#20, #22).", "message: Ben Brook takes over 19: #3–#20, #22.",
			"only aiko: Taken over: 19 (#21, #23–#40).", "message: Ben Brook escalates 38 to the next level: #3–#40.")
		s.clicked("clicked", "map[Aiko Tanaka take:19 Ben Brook escalate:38 Ben Brook take:19]")
	}, unhurried)
}
