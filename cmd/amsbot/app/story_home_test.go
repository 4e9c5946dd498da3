package app_test

import (
	"strings"
	"testing"
	"time"
)

// What has been open since yesterday is still open.
func TestHomeOfYesterday(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.waits()
		s.away(25 * time.Hour)
		s.must(s.sim.Slack.OpenHome(aiko))
		s.settle()
		home := s.home(aiko)
		for _, want := range []string{"Yours", "Health check of web-1 failed", "*Open now* / 1", "*Incidents* / 0"} {
			if !strings.Contains(home, want) {
				t.Errorf("Home does not say %q:\n%s", want, home)
			}
		}
	}, unhurried)
}

// alone says how many incidents Home counts as answered without a person.
func (s *stage) alone(want string) {
	s.Helper()
	s.settle()
	s.must(s.sim.Slack.OpenHome(aiko))
	s.settle()
	if home := s.home(aiko); !strings.Contains(home, "*Answered without a person* / "+want+"\n") && !(want == "" && !strings.Contains(home, "Answered")) {
		s.Errorf("Home does not count %s:\n%s", want, home)
	}
}

// Home counts what amsbot ended alone: recovered and nobody was paged. What was
// handed to Aiko though its check was OK, and what a person pressed for, is not.
func TestHomeCountsWhatNeededNobody(t *testing.T) {
	story(t, map[string]string{
		"auto.yaml": web("name: alone", "autonomy: auto", "when: {service: shop-web, title: alone}", unsafe),
		"ask.yaml":  web("name: asks", "when: {service: shop-web, title: '/^asks/'}", unsafe),
	}, func(s *stage) {
		s.alone("")
		s.fails("errors", "alone")
		s.says("Recovered by amsbot")
		s.is("resolved")
		s.alone("1 of 1 (100 %)")
		s.fails("", "asks one")
		s.says("No fault found")
		s.settle()
		s.is("triggered", aikoPD)
		s.must(s.sim.PagerDuty.Resolve(aikoPD, s.incident))
		s.alone("1 of 2 (50 %)")
		s.fails("errors", "asks two")
		s.press(ben, "Run Recovery")
		s.says("Recovered at a person's word")
		s.settle()
		s.is("resolved")
		s.alone("1 of 3 (33 %)")
	}, unhurried)
}

// fails raises an incident of this title, with this ailment if any.
func (s *stage) fails(ailment, title string) {
	s.Helper()
	if ailment != "" {
		s.ail(ailment)
	}
	s.raiseOn("shop-web", title, title, nil)
}
