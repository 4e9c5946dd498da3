package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// The questions that /ams answers without changing anything.
const (
	AskList        = "list"
	AskShow        = "show"
	AskWhy         = "why"
	AskHistory     = "history"
	AskScenarios   = "scenarios"
	AskStats       = "stats"
	AskMaintenance = "maintenance"
	AskHelp        = "help"
)

// Ask answers a question. It writes nothing. Projects are walls: it speaks of
// those whose channel it is asked in, and in a direct message of those that
// the asker may view.
func (b *Bot) Ask(ctx context.Context, q Question) (Answer, error) {
	w := b.WordsIn(q.Channel, q.Room)
	switch q.About {
	case AskHelp, "":
		return Answer{Done: true, Text: helpText(q.Text, w)}, nil
	case AskList:
		return b.list(ctx, q, w)
	case AskScenarios:
		return b.scenarioList(ctx, q, w)
	case AskStats:
		return b.stats(ctx, q, w)
	case AskMaintenance:
		return b.maintenance(ctx, q, w)
	}
	found, err := b.find(ctx, q)
	if err != nil || found.key == "" {
		return found.answer, err
	}
	events, err := b.DB.Events(ctx, found.key)
	if errors.Is(err, store.ErrForgotten) {
		return Answer{Done: true, Text: w.Say("history.forgotten")}, nil
	}
	if err != nil {
		return Answer{}, fmt.Errorf("bot: ask %s of %s: %w", q.About, found.key, err)
	}
	in := fold(found.key, b.DB.Epoch(), events)
	w = b.words(in)
	if in.project != nil && !b.may(ctx, in.project, q.User).can(AskShow) {
		return Answer{Text: w.Say("refused.view")}, nil
	}
	switch q.About {
	case AskShow:
		return b.showing(ctx, events, w)
	case AskWhy:
		return Answer{Done: true, Text: whyText(in, w)}, nil
	case AskHistory:
		return Answer{Done: true, Text: historyText(events, w)}, nil
	}
	return Answer{Text: helpText("", w)}, nil
}

// helpText says how one subcommand is used, with an example, or what there is.
func helpText(about string, w words.Catalogue) string {
	key := "help." + about
	if text := w.Say(key); about != "" && text != key {
		return text
	}
	return w.Say("help")
}

// showing is an incident's card as one person asked for it. Nothing can be pressed
// on it: it is not kept fresh, and there is one card at which people act. Where
// that does not stand, because the channel is crowded, it can be asked for.
func (b *Bot) showing(ctx context.Context, events []store.Event, w words.Catalogue) (Answer, error) {
	c, err := Stands(ctx, b.DB, events, w)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Done: true, Text: cardText(c, w)}
	if channel, ts := b.cardAt(ctx, c.Incident); ts != "" {
		a.CardAt = channel + "/" + ts
	}
	c.Buttons, c.More = nil, nil
	if a.CardAt == "" && !c.Over && c.Channel != "" {
		c.Buttons = []Button{{Act: DoCard, Label: w.Say("act." + DoCard)}}
	}
	a.Card = &c
	return a, nil
}

// visible are the incidents that a person may see from where they ask, newest first.
func (b *Bot) visible(ctx context.Context, q Question, f store.Filter) ([]ListLine, []string, error) {
	all, keys, err := b.summaries(ctx, f)
	if err != nil {
		return nil, nil, fmt.Errorf("bot: list incidents: %w", err)
	}
	all, keys = b.seen(ctx, q, all, keys)
	return all, keys, nil
}

// seen are those of these incidents that a person may see from where they ask.
func (b *Bot) seen(ctx context.Context, q Question, all []ListLine, keys []string) ([]ListLine, []string) {
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
	return out, outKeys
}

func (b *Bot) sees(ctx context.Context, q Question, project string) bool {
	set := b.Scenarios()
	for _, p := range set.Projects {
		if p.Name == project {
			direct := q.Channel == "" || strings.HasPrefix(q.Channel, "D") // "": on Home
			return (direct || inChannel(p, q.Channel, q.Room)) && b.mayIn(ctx, set, viewOf(p), q.User).ok["view"]
		}
	}
	return false
}

func inChannel(p *scenarios.Project, channel, room string) bool {
	return p.Channel != "" && (p.Channel == channel || room != "" && strings.TrimPrefix(p.Channel, "#") == room)
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

// Ours says whether a channel is a project's. It asks nobody, and may be called from
// any goroutine.
func (b *Bot) Ours(channel, room string) bool { return here(b.Scenarios(), channel, room) != nil }

// WordsIn are the texts in the language and the zone of a channel, which are those
// of its project; in amsbot's own where it is no project's, or a direct message. It asks
// nobody, and may be called from any goroutine.
func (b *Bot) WordsIn(channel, room string) words.Catalogue {
	set := b.Scenarios()
	if p := here(set, channel, room); p != nil {
		return b.wordsIn(p.Language).At(saidZone(set, p.Name))
	}
	return words.In(b.Language)
}
