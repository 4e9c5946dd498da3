package app_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/words"
)

// matches: I5, every act on record has its trace in the world, and every trace of
// ours in the world is on record.
func (p *past) matches() {
	type trace struct{ marker, kind string }
	type place struct{ key, ref string }
	wanted, done := map[trace]bool{}, map[trace]place{}
	resolved, resolves := map[string]bool{}, map[string]int{}
	for key, events := range p.streams {
		for _, e := range events {
			switch t := p.read(e); e.Kind {
			case "wanted":
				wanted[trace{fmt.Sprintf("%s#%d", key, e.Seq), t.Kind}] = true
				if t.Kind == bot.ActResolve {
					resolves[key]++
				}
			case "done":
				done[trace{fmt.Sprintf("%s#%d", key, t.Wanted), t.Kind}] = place{key, t.Ref}
				if t.Kind == bot.ActResolve {
					resolved[key] = true
				}
			}
		}
	}
	seen := map[trace]bool{}
	for _, m := range p.said {
		if _, act, _ := marked(m); act != "" {
			for _, kind := range []string{bot.ActPost, bot.ActReply} {
				if wanted[trace{act, kind}] {
					seen[trace{act, kind}] = true
				}
			}
			if !seen[trace{act, bot.ActPost}] && !seen[trace{act, bot.ActReply}] {
				p.Errorf("I5: nothing on record wanted the message %s", act)
			}
		}
	}
	for key, i := range p.pager {
		for _, n := range i.Notes {
			if m := referenceLine.FindStringSubmatch(n.Content); m != nil {
				seen[trace{m[1], bot.ActNote}] = true
			}
		}
		for _, l := range i.Log {
			if l.Type == "resolve_log_entry" && l.By == "amsbot" && resolves[key] == 0 {
				p.Errorf("I5: amsbot resolved #%d, and nothing on record wanted it", i.Number)
			}
		}
		if resolved[key] && !slices.ContainsFunc(i.Log, func(l pagerduty.LogState) bool { return l.Type == "resolve_log_entry" }) {
			p.Errorf("I5: #%d was resolved, says the record, and PagerDuty does not know of it", i.Number)
		}
	}
	for t, d := range done {
		if slices.Contains([]string{bot.ActPost, bot.ActReply, bot.ActNote}, t.kind) && !seen[t] && !p.together(d.key, d.ref) {
			p.Errorf("I5: %s %s is done, says the record, and stands nowhere", t.kind, t.marker)
		}
	}
	for t := range seen {
		if _, ok := done[t]; !ok {
			p.Errorf("I5: %s %s stands, and is not on record as done", t.kind, t.marker)
		}
	}
}

// drawn: every card says what the history says.
func (p *past) drawn() {
	for _, m := range p.said {
		key, _, _ := marked(m)
		events := p.streams[key]
		if len(events) == 0 || !bot.IsIncident(key) {
			continue
		}
		if want := bot.Render(events, words.In("en")).Headline; !strings.HasPrefix(m.Text, want[:min(len(want), 60)]) {
			p.Errorf("I5: the card says %q, the history %q", m.Text, want)
		}
	}
}

// tell prints what a failed story came to.
func (p *past) tell() {
	var b strings.Builder
	for key, events := range p.streams {
		fmt.Fprintf(&b, "%s\n", key)
		for _, e := range events {
			fmt.Fprintf(&b, "  %d %s %s %d %s %.200s\n", e.Seq, e.At.Format(time.TimeOnly), e.Kind, e.Epoch, e.By, e.Data)
		}
	}
	p.Logf("Slack:\n%s\nPagerDuty:\n%s\nhistory:\n%s\nlog:\n%s", p.slackLines(), p.pagerLines(), &b, p.log)
}
