package app_test

import (
	"strings"
	"testing"
	"time"
)

// narrowed is the shop's project with these permissions beside or instead of its own.
func narrowed(from, to string) string { return strings.Replace(project, from, to, 1) }

// A recovery that a person pressed for waits for another one on the same machine.
// Meanwhile the permission is taken from whoever pressed, or whoever approved it:
// it does not begin, its card says why, and it is offered again.
func TestForbiddenWhileItWaits(t *testing.T) {
	const second = "approval: {expires: 30m, second_person: true}"
	for _, c := range []struct {
		name, more, project, who string
		press                    func(*stage)
	}{
		{"who pressed", "description: one person", narrowed("run: [S0SHOPOPS1, U0CHIE0001]", "run: [S0SHOPOPS1]"), "Chie Mori",
			func(s *stage) { s.click(chie, "Run Recovery", s.cardOf("asks")) }},
		{"who approved", second, narrowed("resume:", "approve: [S0SHOPOPS1], resume:"), "Chie Mori", func(s *stage) {
			s.click(aiko, "Run Recovery", s.cardOf("asks"))
			s.settle()
			s.click(chie, "Approve", s.cardOf("asks"))
		}},
		{"who asked", second, narrowed("run: [S0SHOPOPS1, U0CHIE0001]", "approve: [S0SHOPOPS1], run: [U0CHIE0001]"), "Aiko Tanaka", func(s *stage) {
			s.click(aiko, "Run Recovery", s.cardOf("asks"))
			s.settle()
			s.click(ben, "Approve", s.cardOf("asks"))
		}},
		{"who broke the glass", second, narrowed("resume:", "break_glass: [], resume:"), "Chie Mori", func(s *stage) {
			s.click(chie, "Break Glass", s.cardOf("asks"))
			s.send(chie, "break_glass", map[string]string{"text": "nobody is here"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := map[string]string{
				"a.yaml": web("name: asks", "when: {service: shop-web, title: asks}", noCooldown, c.more),
				"b.yaml": web("name: acts", "autonomy: auto", "when: {service: shop-web, title: acts}", noCooldown, strings.Replace(twoSteps, "20s", "40s", 2)),
			}
			story(t, files, func(s *stage) {
				s.ail("stubborn")
				s.raiseOn("shop-web", "asks", "asks", nil)
				s.until("the recovery is offered", s.offered("Run Recovery"))
				s.settle()
				s.raiseOn("shop-web", "acts", "acts", nil)
				s.recovering()
				c.press(s)
				s.pass(5 * time.Second)
				if m := s.cardOf("asks"); !strings.Contains(string(m.Attachments), "web-1.shop.example is being recovered by #2") {
					t.Fatalf("it does not wait: %s", m.Attachments)
				}
				files["project.yaml"] = c.project
				s.rewrite(files)
				s.reloads()
				s.pass(4 * time.Minute)
				s.recoveries(2) // both steps of the other
				if m := s.cardOf("asks"); !strings.Contains(m.Text, "Held · NG: status 500, expected 200 · Run Recovery waits for a person") {
					t.Errorf("the card says %s", m.Text)
				}
				if want := "The recovery is held: permission: " + c.who + " may not do this any more; somebody who may has to press again"; !strings.Contains(s.slackLines(), want) {
					t.Errorf("nobody is told %q:\n%s", want, s.slackLines())
				}
			}, slow(30*time.Second), unhurried, configured(glass))
		})
	}
}

// The decision of a storm is stopped before its next machines where whoever approved
// it may not approve any more, or whoever broke the glass may not.
func TestStormBarredMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name, project, who string
		press              func(*stage)
	}{
		{"who approved", narrowed("override: [U0CHIE0001]", "override: [U0CHIE0001], approve: [U0DAN00001]"), "Ben Brook", func(s *stage) {
			s.press(chie, "Run Recovery on All 4")
			s.settle()
			s.press(ben, "Approve")
		}},
		{"who broke the glass", narrowed("resume:", "break_glass: [], resume:"), "Chie Mori", func(s *stage) {
			m, _ := s.cardFor("Run Recovery on All 4")
			s.click(chie, "Break Glass", m)
			s.send(chie, "break_glass", map[string]string{"text": "nobody is here"})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := byTwo("autonomy: auto", restartOnce, brakes("storm: 3 per 5m"), "recheck: {settle: 30s, every: 1s, stable: 2, within: 1m}")
			story(t, files, func(s *stage) {
				s.stormOf(4, "errors")
				c.press(s)
				s.pass(5 * time.Second)
				s.recoveries(1)
				files["project.yaml"] = c.project
				s.rewrite(files)
				s.reloads()
				s.pass(2 * time.Minute)
				s.settle()
				if got := s.stormCard(); got != "web-down (4): Stopped: "+c.who+" may not do this any more" {
					t.Errorf("the card says %s", got)
				}
			}, unhurried, configured(glass))
		})
	}
}
