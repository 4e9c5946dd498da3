package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// Refusal is a set of scenarios that is not taken. The files of the problems are
// named from the folder, as in a scenario's sources.
type Refusal struct {
	Folder   string // where it was read
	Why      string // ReloadSignal, ReloadChange
	Problems scenarios.Problems
}

// refusal is a refusal as it is kept: the event, and the guard's value while it
// stands.
type refusal struct {
	Folder string        `json:"folder"`
	Why    string        `json:"why"`
	At     time.Time     `json:"at"`
	Hash   string        `json:"hash"` // of all problems
	N      int           `json:"n"`
	Parts  []refusedPart `json:"parts"`
	Told   []listener    `json:"told,omitempty"`
}

// refusedPart is what is wrong in the files of one project; "" is for files that
// were in none.
type refusedPart struct {
	Project string   `json:"project,omitempty"`
	N       int      `json:"n"`
	Lines   []string `json:"lines,omitempty"` // the first ones
}

// listener is a channel that is told of a refusal.
type listener struct {
	Channel  string   `json:"channel"`
	Language string   `json:"language,omitempty"`
	Projects []string `json:"-"` // whose channel it is now
}

// How much of a refusal is kept, and is told.
const (
	refusedLines = 5   // of one project, and of one message
	refusedAll   = 60  // lines in all
	refusedParts = 200 // projects
	refusedTold  = 200 // channels
	refusedLine  = 300 // characters
)

// RefuseReload leaves the set in force that is, and says why: an event in the
// stream "bot", a line of /ams list and of Home, and a message to the projects
// whose files have problems, by the set in force, or to all of them where the
// files are nobody's. A set that is refused for what stands already is no news,
// and nothing is written.
func (b *Bot) RefuseReload(ctx context.Context, r Refusal) (news bool, err error) {
	b.reload.Lock()
	defer b.reload.Unlock()
	set := b.Scenarios()
	bad := b.refusalOf(set, r)
	_, err = b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		var before refusal
		stands, err := v.Guard(reloadGuard, &before)
		if news = !stands || before.Hash != bad.Hash; err != nil || !news {
			return store.Change{}, err
		}
		now := bad
		now.At, now.Told = v.Now(), bad.owners(set)
		c := store.Change{Events: []store.NewEvent{{Kind: kindReloadRefused, By: amsbot, Data: now}}, Views: homes(v)}
		for _, t := range now.Told {
			c.Events = append(c.Events, post(t.Channel, now.message(t, b.wordsIn(t.Language))))
		}
		for _, t := range before.Told { // who knows of an earlier one waits for the end of it, too
			if !slices.ContainsFunc(now.Told, func(o listener) bool { return o.Channel == t.Channel }) {
				now.Told = append(now.Told, t)
			}
		}
		now.Told = now.Told[:min(len(now.Told), 2*refusedTold)]
		c.Guards = map[string]any{reloadGuard: now}
		return c, nil
	})
	if err != nil {
		return false, fmt.Errorf("bot: refuse scenarios: %w", err)
	}
	return news, nil
}

// refusalOf sorts problems by the projects that their files belong to. No secret
// that amsbot knows stands in it.
func (b *Bot) refusalOf(set *scenarios.Set, r Refusal) refusal {
	out := refusal{Folder: cut(b.Tools.Mask.Mask(r.Folder), refusedLine), Why: r.Why, N: len(r.Problems)}
	var all strings.Builder
	kept := 0
	for _, p := range r.Problems {
		text := b.Tools.Mask.Mask(p.String())
		all.WriteString(text + "\n")
		name := ""
		if owner, ok := set.Owner(p.File); ok {
			name = owner.Name
		}
		i := slices.IndexFunc(out.Parts, func(x refusedPart) bool { return x.Project == name })
		if i < 0 && len(out.Parts) == refusedParts {
			continue // counted all the same
		}
		if i < 0 {
			i = len(out.Parts)
			out.Parts = append(out.Parts, refusedPart{Project: name})
		}
		part := &out.Parts[i]
		part.N++
		if len(part.Lines) < refusedLines && kept < refusedAll {
			part.Lines = append(part.Lines, cut(text, refusedLine))
			kept++
		}
	}
	out.Hash = store.Hash([]byte(all.String()))
	return out
}

// owners are the channels that a refusal is for.
func (r refusal) owners(set *scenarios.Set) []listener {
	var out []listener
	add := func(p *scenarios.Project) {
		i := slices.IndexFunc(out, func(t listener) bool { return t.Channel == p.Channel })
		switch {
		case p.Channel == "":
		case i >= 0:
			out[i].Projects = append(out[i].Projects, p.Name)
		case len(out) < refusedTold:
			out = append(out, listener{Channel: p.Channel, Language: p.Language, Projects: []string{p.Name}})
		}
	}
	for _, p := range set.Projects {
		if slices.ContainsFunc(r.Parts, func(x refusedPart) bool { return x.Project == p.Name }) {
			add(p)
		}
	}
	if len(out) == 0 {
		for _, p := range set.Projects {
			add(p)
		}
	}
	return out
}

// lines are the first problems that may be read by whoever sees these projects,
// and how many more of them there are.
func (r refusal) lines(sees func(project string) bool, most int) (lines []string, more int) {
	for _, p := range r.Parts {
		if p.Project != "" && !sees(p.Project) {
			continue
		}
		more += p.N
		lines = append(lines, p.Lines[:min(len(p.Lines), most-len(lines))]...)
	}
	return lines, more - len(lines)
}

// message tells a channel of a refusal.
func (r refusal) message(t listener, w words.Catalogue) string {
	text := w.Say("reload.refused", plain(r.Folder, 200))
	lines, more := r.lines(func(project string) bool { return slices.Contains(t.Projects, project) }, refusedLines)
	for _, l := range lines {
		text += "\n• " + plain(l, refusedLine)
	}
	switch {
	case len(lines) == 0:
		text += "\n" + w.Say("reload.elsewhere", w.Count("problems", r.N))
	case more > 0:
		text += "\n" + w.Say("reload.more", more)
	}
	return text
}

// stands is the refusal that stands; nil if none does.
func (b *Bot) stands(ctx context.Context) (*refusal, error) {
	var r refusal
	var ok bool
	err := b.DB.Read(ctx, botStream, func(v *store.View) (err error) {
		ok, err = v.Guard(reloadGuard, &r)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bot: read whether scenarios are refused: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return &r, nil
}

// refusedHere is the refusal that stands, and what of it may be read by whoever
// asks from somewhere, in one line, raw; nil if none stands.
func (b *Bot) refusedHere(ctx context.Context, q Question, w words.Catalogue) (*refusal, string, error) {
	r, err := b.stands(ctx)
	if err != nil || r == nil {
		return nil, "", err
	}
	lines, more := r.lines(func(project string) bool { return b.sees(ctx, q, project) }, 1)
	if len(lines) == 0 {
		return r, w.Say("list.refused.elsewhere"), nil
	}
	if more > 0 {
		lines[0] = w.Join(lines[0], w.Say("list.refused.more", more))
	}
	return r, lines[0], nil
}

// wordsIn is the catalogue of a language, of amsbot's own where none is said.
func (b *Bot) wordsIn(language string) words.Catalogue {
	if language == "" {
		language = b.Language
	}
	return words.In(language)
}

// reloadText is a reload, or that there was none, in words.
func reloadText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindReloaded:
		r, _ := into[reloaded](e)
		list := func(names []string) string { return cmp.Or(strings.Join(names, ", "), w.Say("none")) }
		return w.Say("event.reloaded", r.Why, r.Scenarios, w.Count("projects", r.Projects), list(r.New), list(r.Changed), list(r.Gone))
	case kindReloadRefused:
		r, _ := into[refusal](e)
		lines, _ := r.lines(func(string) bool { return true }, refusedLines)
		return w.Say("event.reload_refused", r.Why, w.Count("problems", r.N), strings.Join(lines, " | "))
	}
	return ""
}

// clock is a time of day in Slack, in the reader's own zone.
func clock(at time.Time, w words.Catalogue) string {
	return fmt.Sprintf("<!date^%d^{time}|%s>", at.Unix(), w.Time(at, "15:04 MST"))
}
