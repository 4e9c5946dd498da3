package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"amsbot/bot/words"
	"amsbot/store"
)

// How an incident is named by people: by its number, its PagerDuty ID or the
// address of its page there, by its service as long as one incident of that is
// open, or as "last"; with nothing said, it is the only one that is open.
//
// What changes something is not guessed. "last" and nothing at all mean the only
// open incident, where there is only one, for acts that can be taken back or that
// call people; to resolve an incident and to recover a target, it has to be named:
// the one that is open may be another than a moment ago, and the person would not
// have looked at it.

// lastMost is among how many the newest is looked for first: more than one burst brings.
const lastMost = 320

// findMost is how far back the newest incident is looked for that somebody may see.
const findMost = 5000

// errorMost is how many of the open incidents an error names.
const errorMost = 10

// byName are the acts on an incident that has to be named.
var byName = []string{DoResolve, DoRecover, DoApprove, DoBreakGlass, DoAgain, DoMark}

// Typed is what is typed behind /ams for an act on one incident.
func Typed(act string, number int) string {
	word, more := act, ""
	switch act {
	case DoMark:
		word = "done"
	case DoBreakGlass:
		word, more = "recover", " break glass: …"
	}
	return word + " " + strconv.Itoa(number) + more
}

// found is the incident that a person meant.
type found struct {
	key    string // "" where there is none: the answer says so
	text   string // what they typed behind its name
	answer Answer
}

// find finds the incident that a person names.
func (b *Bot) find(ctx context.Context, q Question) (found, error) {
	name := named(q.Incident)
	if strings.HasPrefix(name, IncidentKeys) {
		if ok, err := b.reaches(ctx, q, name); err != nil || ok {
			return found{key: name, text: q.Text}, err
		}
	}
	if name == "last" && q.act == "" {
		key, err := b.last(ctx, q)
		if err == nil && key == "" {
			return found{answer: Answer{Text: b.WordsIn(q.Channel, q.Room).Say("find.never")}}, nil
		}
		return found{key: key, text: q.Text}, err
	}
	if name != "last" {
		if key, err := b.numbered(ctx, q, name); err != nil || key != "" {
			return found{key: key, text: q.Text}, err
		}
	}
	still := true
	lines, keys, err := b.visible(ctx, q, store.Filter{Open: &still})
	if err != nil {
		return found{}, err
	}
	s := search{bot: b, q: q, name: name, w: b.WordsIn(q.Channel, q.Room)}
	for i, l := range lines {
		if !l.Over {
			s.open, s.keys = append(s.open, l), append(s.keys, keys[i])
		}
	}
	return s.among(ctx), nil
}

// named is a name as it was typed, without what people put around it.
func named(typed string) string {
	name := strings.TrimPrefix(strings.TrimSpace(typed), "#")
	if _, page, ok := strings.Cut(name, "/incidents/"); ok && strings.HasPrefix(name, "http") {
		name, _, _ = strings.Cut(page, "/")
		name, _, _ = strings.Cut(name, "?")
	}
	return name
}

// search looks for an incident among those that are open here.
type search struct {
	bot  *Bot
	q    Question
	name string
	w    words.Catalogue
	open []ListLine // newest first
	keys []string
}

func (s search) among(ctx context.Context) found {
	if s.name == "" || s.name == "last" {
		return s.unnamed()
	}
	service, text := s.service(ctx)
	if service == "" {
		return found{answer: Answer{Text: s.unknown(ctx)}}
	}
	var of []int
	for i, l := range s.open {
		if strings.EqualFold(l.Service, service) {
			of = append(of, i)
		}
	}
	switch len(of) {
	case 0:
		return found{answer: Answer{Text: s.w.Say("find.service.none", plain(service, 60), s.list(s.open))}}
	case 1:
		return found{key: s.keys[of[0]], text: text}
	}
	var lines []ListLine
	for _, i := range of {
		lines = append(lines, s.open[i])
	}
	return found{answer: Answer{Text: s.w.Say("find.service.several", len(of), plain(service, 60)) + titles(lines)}}
}

// unnamed is the only open incident, if that is one that need not be named.
func (s search) unnamed() found {
	switch {
	case len(s.open) == 1 && !slices.Contains(byName, s.q.act):
		return found{key: s.keys[0], text: s.q.Text}
	case s.q.act == "":
		return found{answer: Answer{Text: s.w.Say("find.which", s.list(s.open))}}
	case len(s.open) == 0:
		return found{answer: Answer{Text: s.w.Say("list.none")}}
	}
	return found{answer: Answer{Text: s.w.Say("find.name", Typed(s.q.act, s.open[0].Number)) + titles(s.open)}}
}

// service is the service whose name the typed words begin with, the longest such
// name, and what follows it.
func (s search) service(ctx context.Context) (service, text string) {
	typed := strings.TrimSpace(s.name + " " + s.q.Text)
	for _, name := range s.services(ctx) {
		if len(name) <= len(service) || len(typed) < len(name) || !strings.EqualFold(typed[:len(name)], name) {
			continue
		}
		if rest := typed[len(name):]; rest == "" || strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\n") {
			service, text = name, strings.TrimSpace(rest)
		}
	}
	return service, text
}

// services are the names of services that a person can know from here.
func (s search) services(ctx context.Context) []string {
	var names []string
	for _, l := range s.open {
		names = append(names, l.Service)
	}
	for _, p := range s.bot.Scenarios().Projects {
		if s.bot.sees(ctx, s.q, p.Name) {
			names = append(names, p.Services...)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}

// unknown says that nothing has this name, and what may have been meant.
func (s search) unknown(ctx context.Context) string {
	text := s.w.Say("find.none", plain(s.name, 40), s.list(s.nearest()))
	if _, err := strconv.Atoi(s.name); err == nil {
		return text
	}
	if meant := Nearest(s.name, s.services(ctx)); meant != "" {
		text = s.w.Join(text, s.w.Say("find.mean", plain(meant, 60)))
	}
	return text
}

// nearest are the open incidents, those first whose number is most like the one
// that was typed.
func (s search) nearest() []ListLine {
	typed, err := strconv.Atoi(s.name)
	if err != nil {
		return s.open
	}
	var numbers []string
	for _, l := range s.open {
		numbers = append(numbers, strconv.Itoa(l.Number))
	}
	slip := Nearest(s.name, numbers)
	far := func(l ListLine) int {
		if strconv.Itoa(l.Number) == slip {
			return -1
		}
		return max(l.Number-typed, typed-l.Number)
	}
	near := slices.Clone(s.open)
	slices.SortStableFunc(near, func(a, b ListLine) int { return cmp.Compare(far(a), far(b)) })
	return near
}

// list names incidents by their numbers.
func (s search) list(lines []ListLine) string {
	var numbers []string
	for _, l := range lines[:min(len(lines), errorMost)] {
		numbers = append(numbers, "#"+strconv.Itoa(l.Number))
	}
	if len(numbers) == 0 {
		return s.w.Say("none")
	}
	text := strings.Join(numbers, ", ")
	if more := len(lines) - len(numbers); more > 0 {
		text += s.w.Say("find.more", more)
	}
	return text
}

// titles are incidents, a line each, as many as an error names.
func titles(lines []ListLine) string {
	var out string
	for _, l := range lines[:min(len(lines), errorMost)] {
		out += fmt.Sprintf("\n*#%d* %s · %s", l.Number, plain(l.Title, 100), plain(l.Status, 120))
	}
	return out
}

// last is the newest incident that a person may see from where they ask; "" where
// none of the newest is.
func (b *Bot) last(ctx context.Context, q Question) (string, error) {
	for limit := lastMost; ; limit *= 16 {
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

// numbered is the incident of this number or PagerDuty ID; "" where there is none
// that a person may see from where they ask.
func (b *Bot) numbered(ctx context.Context, q Question, name string) (string, error) {
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
