package bot

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// kinds are the words that say what kind of thing a window is about.
var kinds = []string{coverAll, coverProject, coverService, coverScenario, coverTarget}

// aim is what a window is about, by the words before its time. What follows the
// name is the beginning of the reason. problem says what is wrong; "" if nothing.
func (r request) aim(said []typedWord, within []*scenarios.Project) (scope covered, why, problem string) {
	if len(said) == 0 {
		switch len(within) {
		case 0:
			return scope, "", r.w.Say("window.nowhere")
		case 1:
			return covered{Kind: coverProject, Project: within[0].Name}, "", ""
		}
		return scope, "", r.w.Say("window.what")
	}
	kind, rest := "", said
	if first := said[0]; !first.quoted {
		word, name, joined := strings.Cut(first.text, ":") // as pause names it: scenario:web-down
		if k := strings.TrimSuffix(strings.ToLower(word), "s"); slices.Contains(kinds, k) {
			if kind, rest = k, said[1:]; joined && name != "" {
				rest = append([]typedWord{{text: name, quoted: true}}, rest...)
			}
		}
	}
	switch {
	case kind == coverAll:
		return covered{Kind: coverAll}, phrase(rest), ""
	case len(within) == 0:
		return scope, "", r.w.Say("window.nowhere")
	case kind == coverProject && len(rest) == 0 && len(within) == 1:
		return covered{Kind: coverProject, Project: within[0].Name}, "", ""
	case kind != "" && len(rest) == 0:
		return scope, "", r.w.Say("window.name", kind)
	case kind == coverTarget:
		return r.target(rest, within)
	}
	var found []covered
	length := 0 // of the longest name that was said, in words
	for _, c := range r.known(within) {
		if n := c.said(rest); kind == "" || kind == c.Kind {
			if n > length {
				found, length = nil, n
			}
			if n == length && n > 0 {
				found = append(found, c)
			}
		}
	}
	if len(found) == 0 {
		name := rest[0].text
		if p, ok := r.set.Project(scenarios.Ref{Name: name}); ok && kind == coverService && slices.Contains(within, p) {
			return covered{Kind: coverService, Project: p.Name, Name: name}, phrase(rest[1:]), "" // of the default project, which lists none
		}
		return scope, "", r.unknown(kind, name, within)
	}
	if len(found) > 1 {
		return scope, "", r.w.Say("window.several", plain(phrase(rest[:length]), 60), plain(options(found, r.w), 400))
	}
	return found[0], phrase(rest[length:]), ""
}

// target is a window on a target. Nobody has a list of those: any name will do.
func (r request) target(said []typedWord, within []*scenarios.Project) (scope covered, why, problem string) {
	name := cut(said[0].text, 255)
	project, bare, full := strings.Cut(name, "/")
	for _, p := range within {
		switch {
		case full && strings.EqualFold(project, p.Name):
			return covered{Kind: coverTarget, Project: p.Name, Name: bare}, phrase(said[1:]), ""
		case len(within) == 1:
			return covered{Kind: coverTarget, Project: p.Name, Name: name}, phrase(said[1:]), ""
		}
	}
	return scope, "", r.w.Say("window.project", coverTarget, plain(name, 60))
}

// known is all that has a name within these projects, but their targets.
func (r request) known(within []*scenarios.Project) []covered {
	var out []covered
	for _, p := range within {
		out = append(out, covered{Kind: coverProject, Project: p.Name})
		for _, s := range p.Services {
			out = append(out, covered{Kind: coverService, Project: p.Name, Name: s})
		}
		for _, s := range r.set.Scenarios {
			if s.Project == p {
				out = append(out, covered{Kind: coverScenario, Project: p.Name, Name: s.Name})
			}
		}
	}
	return out
}

// said is how many of the words are its name, with or without its project; 0:
// they are another's.
func (s covered) said(all []typedWord) int {
	name := s.Name
	if s.Kind == coverProject {
		name = s.Project
	}
	for n := len(all); n > 0; n-- {
		if text := phrase(all[:n]); strings.EqualFold(text, name) || strings.EqualFold(text, s.Project+"/"+name) {
			return n
		}
	}
	return 0
}

// unknown says that there is nothing of that name, and what may have been meant.
func (r request) unknown(kind, name string, within []*scenarios.Project) string {
	var names []string
	for _, c := range r.known(within) {
		if kind == "" || kind == c.Kind {
			names = append(names, cmp.Or(c.Name, c.Project))
		}
	}
	if kind == "" {
		if meant := Nearest(name, append(slices.Clone(kinds), "list", "end")); meant != "" {
			return r.w.Say("window.mean", plain(name, 60), meant)
		}
		if meant := Nearest(name, names); meant != "" {
			return r.w.Say("window.nearest", r.w.Say("window.anything"), plain(name, 60), plain(meant, 60))
		}
		return r.w.Say("window.none.such", plain(name, 60))
	}
	if meant := Nearest(name, names); meant != "" {
		return r.w.Say("window.nearest", kind, plain(name, 60), plain(meant, 60))
	}
	return r.w.Say("window.nothing", kind, plain(name, 60), plain(strings.Join(names, ", "), 300))
}

func phrase(said []typedWord) string {
	var out []string
	for _, w := range said {
		out = append(out, w.text)
	}
	return strings.Join(out, " ")
}

func options(all []covered, w words.Catalogue) string {
	var out []string
	for _, c := range all {
		out = append(out, c.words(w))
	}
	return strings.Join(out, ", ")
}

func joined(parts ...string) string {
	return cut(strings.TrimSpace(strings.Join(parts, " ")), 500)
}

// line is a window in a list: what, when, who, why, and its number.
func (w window) line(say words.Catalogue, now time.Time) string {
	return say.Say("window.line", w.N, plain(w.Scope.words(say), 200), w.span(say, now), plain(w.Name, 80)) + paren(w.Why)
}

func windowLines(all []window, w words.Catalogue) string {
	var out []string
	for _, one := range all {
		out = append(out, one.line(w, time.Now()))
	}
	return "\n" + strings.Join(firstLines(out), "\n")
}

// span says when a window is open, in each reader's own time; from when only
// where that is still ahead.
func (w window) span(say words.Catalogue, now time.Time) string {
	if w.From.After(now) {
		return say.Say("window.from", moment(w.From, say), moment(w.Until, say))
	}
	return say.Say("window.until", moment(w.Until, say))
}

// plannedText is an event of maintenance in words.
func plannedText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindMaintenance, kindMaintenanceEnded:
		x, _ := into[windowEnded](e)
		return w.Say("event."+e.Kind, x.N, x.Scope.words(w), w.Time(x.Until, dayLayout), e.By) + because(x.Why)
	case kindPass:
		if p, _ := into[passBegan](e); p.Reason == passWindow {
			return w.Say("maintenance.over")
		}
	}
	return ""
}

func paren(why string) string {
	if why == "" {
		return ""
	}
	return " (" + plain(why, 200) + ")"
}

// moment is a time that Slack shows to each reader in their own zone, and in the
// catalogue's where it shows none.
func moment(t time.Time, w words.Catalogue) string {
	return fmt.Sprintf("<!date^%d^{date_short_pretty} {time}|%s>", t.Unix(), w.Time(t, dayLayout))
}

// dayLayout is how a time is written that cannot show each reader their own zone.
const dayLayout = "2006-01-02 15:04 MST"
