package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// The questions that /ams answers without changing anything.
const (
	AskList    = "list"
	AskShow    = "show"
	AskWhy     = "why"
	AskHistory = "history"
	AskHelp    = "help"

	AskMaintenance = "maintenance"
)

// findMost is how far back the newest incident is looked for that somebody may see.
const findMost = 5000

// listMost is how many incidents one answer lists.
const listMost = 20

// listOthers is how many more it names by number alone.
const listOthers = 200

// Ask answers a question. It writes nothing. Projects are walls: it speaks of
// those whose channel it is asked in, and in a direct message of those that
// the asker may view.
func (b *Bot) Ask(ctx context.Context, q Question) (Answer, error) {
	w := b.WordsIn(q.Channel, q.Room)
	switch q.About {
	case AskHelp, "":
		return Answer{Done: true, Text: w.Say("help")}, nil
	case AskList:
		return b.list(ctx, q, w)
	case AskMaintenance:
		return b.maintenance(ctx, q, w)
	}
	key, answer, err := b.find(ctx, q)
	if err != nil || key == "" {
		return answer, err
	}
	events, err := b.DB.Events(ctx, key)
	if errors.Is(err, store.ErrForgotten) {
		return Answer{Done: true, Text: w.Say("history.forgotten")}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("bot: ask %s of %s: %w", q.About, key, err)
	}
	in := fold(key, b.DB.Epoch(), events)
	w = b.words(in)
	if in.project != nil && !b.may(ctx, in.project, q.User).can(AskShow) {
		return Answer{Text: w.Say("refused.view")}, nil
	}
	switch q.About {
	case AskShow:
		return Answer{Done: true, Text: cardText(Render(events, w), w)}, nil
	case AskWhy:
		return Answer{Done: true, Text: whyText(in, w)}, nil
	case AskHistory:
		return Answer{Done: true, Text: historyText(events, w)}, nil
	}
	return Answer{Text: w.Say("help")}, nil
}

// visible are the incidents that a person may see from where they ask, newest first.
func (b *Bot) visible(ctx context.Context, q Question, f store.Filter) ([]ListLine, []string, error) {
	all, keys, err := b.summaries(ctx, f)
	if err != nil {
		return nil, nil, fmt.Errorf("bot: list incidents: %w", err)
	}
	here := map[string]bool{}
	see := func(project string) bool {
		yes, known := here[project]
		if !known {
			yes = b.sees(ctx, q, project)
			here[project] = yes
		}
		return yes
	}
	var out []ListLine
	var outKeys []string
	for i, s := range all {
		if see(s.Project) {
			out, outKeys = append(out, s), append(outKeys, keys[i])
		}
	}
	return out, outKeys, nil
}

func (b *Bot) sees(ctx context.Context, q Question, project string) bool {
	set := b.Scenarios()
	for _, p := range set.Projects {
		if p.Name == project {
			direct := strings.HasPrefix(q.Channel, "D")
			return (direct || inChannel(p, q.Channel, q.Room)) && b.mayIn(ctx, set, viewOf(p), q.User).ok["view"]
		}
	}
	return false
}

// reaches says whether an incident may be named by its key here: in its card's
// channel, or where its project may be seen.
func (b *Bot) reaches(ctx context.Context, q Question, key string) (bool, error) {
	card, ok, err := b.DB.View(ctx, CardKey(key))
	if err != nil {
		return false, fmt.Errorf("bot: find %s: %w", key, err)
	}
	if channel, _, _ := strings.Cut(card.Ref, "/"); ok && channel != "" && channel == q.Channel {
		return true, nil
	}
	in, err := b.load(ctx, key)
	if errors.Is(err, store.ErrNoIncident) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return in.seq > 0 && in.project != nil && b.sees(ctx, q, in.project.Name), nil
}

func inChannel(p *scenarios.Project, channel, room string) bool {
	return p.Channel != "" && (p.Channel == channel || room != "" && strings.TrimPrefix(p.Channel, "#") == room)
}

// find finds the incident that a person names by its number, its ID, its key
// or "last"; with nothing said, the only one that is open.
func (b *Bot) find(ctx context.Context, q Question) (string, Answer, error) {
	name := strings.TrimPrefix(strings.TrimSpace(q.Incident), "#")
	w := b.WordsIn(q.Channel, q.Room)
	if strings.HasPrefix(name, "pd:") {
		if ok, err := b.reaches(ctx, q, name); err != nil || ok {
			return name, Answer{}, err
		}
	}
	if name == "last" {
		key, err := b.last(ctx, q)
		if err == nil && key == "" {
			return "", Answer{Text: w.Say("find.never")}, nil
		}
		return key, Answer{}, err
	}
	if key, err := b.named(ctx, q, name); err != nil || key != "" {
		return key, Answer{}, err
	}
	still := true
	seen, keys, err := b.visible(ctx, q, store.Filter{Open: &still})
	if err != nil {
		return "", Answer{}, err
	}
	var open []int
	for i, s := range seen {
		if !s.Over {
			open = append(open, i)
		}
	}
	if name == "" && len(open) == 1 {
		return keys[open[0]], Answer{}, nil
	}
	var numbers []string
	for _, i := range open[:min(len(open), listMost)] {
		numbers = append(numbers, "#"+strconv.Itoa(seen[i].Number))
	}
	list := strings.Join(numbers, ", ")
	if list == "" {
		list = w.Say("none")
	}
	if name == "" {
		return "", Answer{Text: w.Say("find.which", list)}, nil
	}
	return "", Answer{Text: w.Say("find.none", plain(name, 40), list)}, nil
}

// last is the newest incident that a person may see from where they ask; "" where
// none of the newest is.
func (b *Bot) last(ctx context.Context, q Question) (string, error) {
	for limit := listMost; ; limit *= 16 {
		_, keys, err := b.visible(ctx, q, store.Filter{Limit: min(limit, findMost)})
		if err != nil {
			return "", err
		}
		if len(keys) > 0 {
			return keys[0], nil
		}
		if limit >= findMost {
			return "", nil
		}
	}
}

// named is the incident of this number or PagerDuty ID; "" where there is none
// that a person may see from where they ask.
func (b *Bot) named(ctx context.Context, q Question, name string) (string, error) {
	key, ok, err := Named(ctx, b.DB, name)
	if err != nil || !ok || !IsIncident(key) {
		return "", err
	}
	line, ok, err := b.line(ctx, key)
	if err != nil || !ok || !b.sees(ctx, q, line.Project) {
		return "", err
	}
	return key, nil
}

func (b *Bot) list(ctx context.Context, q Question, w words.Catalogue) (Answer, error) {
	open := true
	seen, _, err := b.visible(ctx, q, store.Filter{Open: &open})
	if err != nil {
		return Answer{}, err
	}
	var lines, others []string
	for _, s := range seen {
		if s.Over {
			continue
		}
		if len(lines) >= listMost {
			others = append(others, "#"+strconv.Itoa(s.Number))
		}
		line := fmt.Sprintf("*#%d* %s · %s", s.Number, plain(s.Title, 100), plain(s.Status, 120))
		if s.Holder != "" {
			line += " · " + w.Say("list.holder", plain(s.Holder, 80))
		}
		lines = append(lines, line)
	}
	text := w.Say("list.none")
	if n := len(lines); n > 0 {
		text = w.Say("list.head", n) + "\n" + strings.Join(lines[:min(n, listMost)], "\n")
		if n > listMost {
			text += "\n" + w.Say("list.more", n-listMost, strings.Join(others[:min(len(others), listOthers)], " "))
		}
		if len(others) > listOthers {
			text += " …"
		}
	}
	for _, line := range b.downs(ctx, w, clock, asText) {
		text += "\n" + line
	}
	stopped, err := b.stops(ctx, q, "list")
	if err != nil {
		return Answer{}, err
	}
	for _, line := range stopped {
		text += "\n" + plain(line, 400)
	}
	bad, what, err := b.refusedHere(ctx, q, w)
	if err != nil {
		return Answer{}, err
	}
	if bad != nil {
		text += "\n" + w.Say("list.refused", plain(bad.Folder, 200), clock(bad.At), plain(what, 400))
	}
	silent, err := b.Silence(ctx)
	if err != nil {
		return Answer{}, err
	}
	if silent != nil {
		text += "\n" + w.Say("list.webhooks", clock(silent.Since), plain(silent.Words(w), 600))
	}
	work, err := b.planned(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	if len(work) > 0 {
		text += "\n" + w.Say("list.maintenance") + windowLines(work, w)
	}
	return Answer{Done: true, Text: text}, nil
}

// here is the project of a channel; nil if it is none's.
func here(set *scenarios.Set, channel, room string) *scenarios.Project {
	for _, p := range set.Projects {
		if inChannel(p, channel, room) {
			return p
		}
	}
	return nil
}

// WordsIn are the texts in the language of a channel, which is that of its
// project; in amsbot's own where it is no project's, or a direct message. It asks
// nobody, and may be called from any goroutine.
func (b *Bot) WordsIn(channel, room string) words.Catalogue {
	if p := here(b.Scenarios(), channel, room); p != nil {
		return b.wordsIn(p.Language)
	}
	return words.In(b.Language)
}
