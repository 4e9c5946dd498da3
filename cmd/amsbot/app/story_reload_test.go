package app_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"amsbot/bot/sim/slack"
)

const (
	restartBetter = `recover:
  - name: restart better
    http: {method: POST, url: "http://${{ alert.details.control }}/restart"}
    timeout: 20s
    idempotent: true`
	mistake = "autonomy: always"
)

// What is said of the mistake, and when it is mended.
const (
	refused = "message: *The changed scenarios of DIR are refused.* Those of before stay in force. / • "
	wrong   = "shop/web.yaml:14:11: autonomy is always; known here: ask, auto, observe"
	mended  = "message: The scenarios of DIR have no mistakes any more: they are in force as they are written now."
	since   = "Scenarios of DIR were refused at <!date^946684808^{time}|00:00 UTC>, those of before are in force: "
)

// posted says all that was said in a channel, whatever the folder is called.
func (s *stage) posted(channel, want string) {
	s.Helper()
	got := s.linesIn(channel)
	if channel == room {
		got = s.slackLines()
	}
	s.same(channel, strings.ReplaceAll(got, s.config.Scenarios, "DIR"), want)
}

// reloads waits until a change of files has been taken notice of.
func (s *stage) reloads() { s.Helper(); s.pass(5 * time.Second) }

// An incident that waits for a person keeps the version that it matched while
// the scenario's recovery changes; the next incident has the new one.
func TestReload(t *testing.T) {
	for _, by := range []string{"change", "signal"} {
		t.Run(by, func(t *testing.T) {
			story(t, one(web(unsafe)), func(s *stage) {
				first := s.waits()
				s.rewrite(one(web(unsafe, restartBetter)))
				if by == "signal" {
					s.app.Reload()
					s.pass(1)
				} else {
					s.reloads()
				}
				s.click(aiko, "Run Recovery", first)
				s.says("Recovered at a person's word")
				s.ail("errors")
				s.raiseOn("shop-web", "Health check of web-1 failed: again", "again", nil)
				s.press(aiko, "Run Recovery")
				s.says("Recovered at a person's word")
				s.settle()
				s.posted(room, `
					card: #1 Health check of web-1 failed: Recovered at a person's word
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / Run Recovery waits for a person.
					reply: Aiko Tanaka pressed Run Recovery.
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
					reply: *Re-check: OK* / OK health · status 200 · ok
					reply: The recovery worked: the re-check is OK.
					card: #2 Health check of web-1 failed: again: Recovered at a person's word
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					broadcast: <@U0AIKO0001> *#2* Health check of web-1 failed: again / NG: status 500, expected 200 / Run Recovery waits for a person.
					reply: Aiko Tanaka pressed Run Recovery.
					reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
					reply: *Recovery: OK* / OK restart better · status 200 · {"done":"restart"}
					reply: *Re-check: OK* / OK health · status 200 · ok
					reply: The recovery worked: the re-check is OK.`)
				s.recoveries(2)
				s.told("reloaded by " + by + ": changed shop/web-down")
			}, unhurried)
		})
	}
}

// told are the reloads and refusals on record; nothing else was. amsbot is
// stopped for it.
func (s *stage) told(want string) {
	s.Helper()
	var out []string
	for _, e := range s.history("bot") {
		var d struct {
			Why                string
			New, Changed, Gone []string
			N                  int
			Mended             bool
		}
		s.must(json.Unmarshal(e.Data, &d))
		line := ""
		switch e.Kind {
		case "reloaded":
			line = "reloaded by " + d.Why
			for _, c := range []struct {
				what  string
				names []string
			}{{"new", d.New}, {"changed", d.Changed}, {"gone", d.Gone}} {
				if len(c.names) > 0 {
					line += ": " + c.what + " " + strings.Join(c.names, ", ")
				}
			}
			if d.Mended {
				line += ", mended"
			}
		case "reload_refused":
			line = fmt.Sprintf("refused by %s: %d", d.Why, d.N)
		default:
			continue
		}
		out = append(out, line)
	}
	s.same("The record of reloads", strings.Join(out, "\n"), want)
}

// A set with a mistake is refused and said so once, however often it is looked
// at; the old one works on. Mended, it is said once.
func TestReloadRefused(t *testing.T) {
	story(t, one(web("autonomy: auto")), func(s *stage) {
		s.rewrite(one(web(mistake)))
		s.reloads()
		s.rewrite(one(web(mistake))) // other files, the same mistake
		s.pass(time.Minute)
		s.app.Reload()
		s.ams(aiko, "list")
		s.must(s.sim.Slack.OpenHome(aiko))
		s.down()
		s.says("Recovered by amsbot")
		s.settle()
		if home := s.home(aiko); !strings.Contains(home, wrong) {
			t.Errorf("Home does not tell:\n%s", home)
		}
		s.rewrite(one(web("autonomy: auto", "description: mended")))
		s.reloads()
		s.pass(time.Minute)
		s.ams(aiko, "list")
		s.settle()
		if home := s.home(aiko); strings.Contains(home, "refused") {
			t.Errorf("Home still tells:\n%s", home)
		}
		s.posted(room, refused+wrong+`
			only aiko: No incident is open. / `+since+wrong+`
			card: #1 Health check of web-1 failed: Recovered by amsbot
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *Recovery: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *Re-check: OK* / OK health · status 200 · ok
			reply: The recovery worked: the re-check is OK.
			`+mended+`
			only aiko: No incident is open.`)
		s.told(`
			refused by change: 1
			reloaded by change: changed shop/web-down, mended`)
	}, unhurried)
}

// amsbot was stopped while a refusal stood, and started with mended files.
func TestReloadMendedByAStart(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		s.rewrite(one(web(mistake)))
		s.reloads()
		s.stop()
		s.rewrite(one(web()))
		s.start()
		s.settle()
		s.stop()
		s.start()
		s.settle()
		s.posted(room, refused+wrong+"\n"+mended)
		s.told(`
			refused by change: 1
			reloaded by start, mended`)
	}, unhurried)
}

// A file that somebody is still writing is not read, whatever stands in it
// meanwhile.
func TestReloadWaitsForTheLastByte(t *testing.T) {
	story(t, one(web()), func(s *stage) {
		whole := web("description: written slowly")
		for n := 10; n < len(whole); n += 100 {
			s.must(os.WriteFile(s.config.Scenarios+"/shop/web.yaml", []byte(whole[:n]), 0o644))
			s.pass(1500 * time.Millisecond)
		}
		s.rewrite(one(whole))
		s.reloads()
		s.settle()
		s.slack("")
		s.told("reloaded by change: changed shop/web-down")
	}, unhurried)
}

// Slack is away while a set is refused and mended; the answer to a message is
// lost; amsbot crashes: each is said once, in order.
func TestReloadIsToldOnce(t *testing.T) {
	for name, trouble := range map[string]func(s *stage, refuse, mend func()){
		"away": func(s *stage, refuse, mend func()) {
			back := s.sim.Slack.Fault(slack.Fault{Method: "chat.postMessage", Status: 503, Times: -1})
			refuse()
			mend()
			back()
		},
		"lost": func(s *stage, refuse, mend func()) {
			s.sim.Slack.Fault(slack.Fault{Method: "chat.postMessage", CutAfter: true, Times: 1})
			refuse()
			mend()
		},
		"crash": func(s *stage, refuse, mend func()) {
			s.sim.Slack.Fault(slack.Fault{Method: "chat.postMessage", CutAfter: true, Times: 1})
			refuse()
			s.crash()
			s.rewrite(one(web()))
			s.start()
			mend()
		},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, one(web()), func(s *stage) {
				trouble(s, func() {
					s.rewrite(one(web(mistake)))
					s.reloads()
				}, func() {
					s.rewrite(one(web("description: mended")))
					s.reloads()
				})
				s.pass(time.Minute)
				s.settle()
				s.posted(room, refused+wrong+"\n"+mended)
			}, unhurried)
		})
	}
}

// Only those are told whose files have problems; the others' line says that it
// is not theirs.
func TestReloadRefusedBehindWalls(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		files := twoProjects()
		files["../platform/mail.yaml"] = strings.Replace(files["../platform/mail.yaml"], "autonomy: ask", mistake, 1)
		s.rewriteAll(files)
		s.reloads()
		s.ams(aiko, "list")
		s.amsIn(platform, aiko, "list")
		files = twoProjects()
		files["../new/web.yaml"] = "name: new\n" // in no project yet
		s.rewriteAll(files)
		s.reloads()
		s.rewriteAll(twoProjects())
		s.reloads()
		s.settle()
		const stray = "new/web.yaml: the scenario lies in no project; move it to the folder of a project.yaml"
		s.posted(room, `
			only aiko: No incident is open. / `+since+`problems in files of other projects
			`+refused+stray+`
			`+mended)
		theirs := strings.Replace(strings.Replace(wrong, "shop/web", "platform/mail", 1), "14", "2", 1)
		s.posted(platform, refused+theirs+`
			only aiko: No incident is open. / `+since+theirs+`
			`+refused+stray+`
			`+mended)
	}, unhurried)
}

// rewriteAll is rewrite for a folder with several projects.
func (s *stage) rewriteAll(files map[string]string) {
	s.Helper()
	s.must(os.RemoveAll(s.config.Scenarios + "/platform"))
	for name := range files {
		if dir, _, deep := strings.Cut(strings.TrimPrefix(name, "../"), "/"); deep {
			s.must(os.MkdirAll(s.config.Scenarios+"/"+dir, 0o755))
		}
	}
	s.must(os.MkdirAll(s.config.Scenarios+"/shop", 0o755))
	for name, text := range files {
		s.must(os.WriteFile(s.config.Scenarios+"/shop/"+name, []byte(text), 0o644))
	}
	if _, there := files["../new/web.yaml"]; !there {
		s.must(os.RemoveAll(s.config.Scenarios + "/new"))
	}
}

// A project is gone while an incident of it is open: what it had taken away is
// not given, amsbot goes on, and nobody acts through it until it is back.
func TestReloadWithoutAProject(t *testing.T) {
	story(t, twoProjects(), func(s *stage) {
		s.ail("errors")
		s.raiseOn("shop-mail", "Health check of the mail relay failed", "mail", nil)
		s.settle()
		cards := s.sim.Slack.Messages(platform)
		files := twoProjects()
		delete(files, "../platform/project.yaml")
		delete(files, "../platform/mail.yaml")
		s.rewriteAll(files)
		s.reloads()
		s.click(aiko, "Take Over", cards[0])
		s.settle()
		s.amsIn(platform, aiko, "list")
		s.amsIn(platform, aiko, "take last")
		s.is("triggered", aikoPD)
		s.rewriteAll(twoProjects())
		s.reloads()
		s.click(aiko, "Take Over", cards[0])
		s.settle()
		s.is("acknowledged", aikoPD)
		s.slack(``)
		s.heard(platform, `
			card: #1 Health check of the mail relay failed: NG: status 500, expected 200 · Run Recovery waits for a person
			reply: *Check: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of the mail relay failed / NG: status 500, expected 200 / Run Recovery waits for a person.
			only aiko: You may not Take Over here. Who may: nobody, for its project is no longer among the scenarios; act in PagerDuty, or have its project.yaml put back.
			only aiko: No incident is open.
			only aiko: No incident is open.
			reply: Aiko Tanaka takes it over.`)
	}, unhurried)
}

// What amsbot would not start with must not come by a reload either: a channel
// that others read, and a project for everything because of a missing file.
func TestReloadIsNoWayAround(t *testing.T) {
	plain := web("target: web", "recover: none", "recheck: none", strings.Replace(checkHealth, "${{ alert.details.address }}", host, 1))
	story(t, one(plain), func(s *stage) {
		s.sim.Slack.Share(platform)
		s.rewrite(map[string]string{"web.yaml": plain, "project.yaml": strings.Replace(project, room, platform, 1)})
		s.reloads()
		s.must(os.Remove(s.config.Scenarios + "/shop/project.yaml"))
		s.reloads()
		s.must(os.RemoveAll(s.config.Scenarios))
		s.reloads()
		s.rewrite(one(plain))
		s.reloads()
		s.settle()
		s.posted(room, refused+`shop/project.yaml: channel C0PLATOPS1 is shared with other organisations; name another channel in project.yaml, or say 'shared: true' there: what stands on cards is then read by others
			`+refused+`project.yaml: there is no project.yaml any more, and one project would take every service; put it back; if it is meant, start amsbot anew
			`+refused+`001: there is no such folder; name a folder of scenarios; amsbot's examples show what belongs there
			`+mended)
		s.heard(platform, ``)
		s.told(`
			refused by change: 1
			refused by change: 1
			refused by change: 1
			reloaded by change, mended`)
	}, unhurried)
}

// A project.yaml that goes astray hands its scenarios to nobody else, with other
// permissions and hosts.
func TestReloadHandsNoScenarioToAnotherProject(t *testing.T) {
	plain := web("target: web", "recover: none", "recheck: none", strings.Replace(checkHealth, "${{ alert.details.address }}", host, 1))
	story(t, one(plain), func(s *stage) {
		inner := s.config.Scenarios + "/shop/inner"
		s.must(os.Mkdir(inner, 0o755))
		s.must(os.WriteFile(inner+"/project.yaml", []byte("name: inner\nservices: [inner-web]\n"), 0o644))
		s.must(os.WriteFile(inner+"/inner.yaml", []byte("name: inner\nwhen: {title: x}\ntarget: x\ncheck: [{name: c, exec: [ls]}]\n"), 0o644))
		s.reloads()
		s.must(os.Remove(inner + "/project.yaml"))
		s.reloads()
		s.must(os.RemoveAll(inner))
		s.reloads()
		s.settle()
		s.posted(room, strings.TrimSuffix(refused, "• ")+`Nothing is wrong in the files of this project; others have 1 problem.
			`+mended)
		s.told(`
			reloaded by change: new inner/inner
			refused by change: 1
			reloaded by change: gone inner/inner, mended`)
	}, unhurried)
}

// Reloads race with incidents: each incident runs one version, whole.
func TestReloadRaces(t *testing.T) {
	const n = 20
	version := func(name string) map[string]string {
		return one(web("autonomy: observe", strings.Replace(checkHealth, "health", "health "+name, 1),
			strings.Replace(gatherMetrics, "numbers", "numbers "+name, 1)))
	}
	story(t, version("a"), func(s *stage) {
		s.ail("errors")
		for i := range n {
			s.raiseOn("shop-web", fmt.Sprintf("Health check no. %d failed", i), fmt.Sprint(i), nil)
			file := s.config.Scenarios + "/shop/web.yaml"
			s.must(os.WriteFile(file+".new", []byte(version([]string{"b", "a"}[i%2])["web.yaml"]), 0o644))
			s.must(os.Rename(file+".new", file))
			s.app.Reload()
			time.Sleep(time.Duration(i%5) * 10 * time.Millisecond)
		}
		s.until("all are answered", func() bool { return strings.Count(s.pagerLines(), "note amsbot: Observed") == n })
		s.settle()
		used := map[string]int{}
		for _, i := range s.sim.PagerDuty.State().Incidents {
			seen := map[string]bool{}
			for _, e := range s.history("pd:shop:" + i.ID) {
				var d struct{ Name string }
				if e.Kind == "started" {
					s.must(json.Unmarshal(e.Data, &d))
					seen[d.Name[strings.LastIndex(d.Name, " ")+1:]] = true
				}
			}
			for name := range seen {
				used[name]++
			}
			if len(seen) != 1 {
				t.Errorf("%s ran %v", i.ID, seen)
			}
		}
		if used["a"] == 0 || used["b"] == 0 {
			t.Errorf("ran %v: nothing was reloaded in between", used)
		}
	}, unhurried)
}
