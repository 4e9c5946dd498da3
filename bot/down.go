package bot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/store"
)

// downWithin is how long the outbox may take to say who does not answer.
const downWithin = time.Second

// Down is one sentence about a neighbour that does not answer: since when, what
// is wrong, and how much waits for it. when is the time as it is to be read.
func Down(n outbox.Neighbour, when string, w words.Catalogue) string {
	name := n.Name
	if said := w.Say("down.name." + n.Name); said != "down.name."+n.Name {
		name = said
	}
	text := w.Say("down.since", name, when)
	if n.Why != "" {
		text += " (" + strings.TrimRight(saidWhy(n.Why, w), ".。") + ")"
	}
	var waits []string
	if n.Views > 0 {
		waits = append(waits, w.Count("down.cards", n.Views))
	}
	if n.Acts > 0 {
		key := "down.acts"
		if n.Name == ToSlack {
			key = "down.messages"
		}
		waits = append(waits, w.Count(key, n.Acts))
	}
	if len(waits) == 0 {
		return w.Say("down.alone", text)
	}
	return w.Plural("down.wait", n.Views+n.Acts, text, strings.Join(waits, w.Say("down.and")))
}

// asSaid leaves a neighbour's words as they are; asText has Slack take them as text.
func asSaid(why string) string { return why }
func asText(why string) string { return plain(why, 200) }

// saidWhy is why something was not delivered, in words: the outbox has none of
// its own and names a key of theirs.
func saidWhy(why string, w words.Catalogue) string {
	if strings.HasPrefix(why, "outbox.") {
		return w.Say(why)
	}
	return why
}

// downs are the sentences about all neighbours that do not answer now, with the
// time and what the neighbour said as they are to be written.
func (b *Bot) downs(ctx context.Context, w words.Catalogue, when func(time.Time, words.Catalogue) string, said func(string) string) (all []string) {
	if b.Downs == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, downWithin)
	defer cancel()
	for _, n := range b.Downs(ctx) {
		n.Why = said(n.Why)
		all = append(all, Down(n, when(n.Since, w), w))
	}
	return all
}

// downNow is who does not answer.
type downNow struct {
	Down []outbox.Neighbour `json:"down"`
}

// Turned records that a neighbour went down or came back, and has the Home tabs
// drawn anew that somebody looked at lately.
func (b *Bot) Turned(ctx context.Context) error {
	now := downNow{Down: []outbox.Neighbour{}}
	if b.Downs != nil {
		asked, cancel := context.WithTimeout(ctx, downWithin)
		defer cancel()
		now.Down = append(now.Down, b.Downs(asked)...)
	}
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		return store.Change{Events: []store.NewEvent{{Kind: kindNeighbours, By: amsbot, Data: now}}, Views: homes(v)}, nil
	})
	if err != nil {
		return fmt.Errorf("bot: record who does not answer: %w", err)
	}
	return nil
}

// downText is in words who does not answer from an event on.
func downText(e store.Event, w words.Catalogue) string {
	if e.Kind != kindNeighbours {
		return ""
	}
	s, _ := into[downNow](e)
	var all []string
	for _, n := range s.Down {
		all = append(all, Down(n, hour(n.Since, w), w))
	}
	if len(all) == 0 {
		return w.Say("event.answered")
	}
	return strings.Join(all, " ")
}

// hour is a time of day where nothing can show each reader their own zone.
func hour(at time.Time, w words.Catalogue) string { return w.Time(at, "15:04 MST") }
