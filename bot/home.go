package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/store"
)

// homeMost is how many open incidents a Home tab names.
const homeMost = 30

// Home is a person's Home tab, and remembers that they look at it: it is then
// kept fresh for an hour.
func (b *Bot) Home(ctx context.Context, user string) (Home, error) {
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{homeGuard + user: v.Now()}}, nil
	})
	if err != nil {
		return Home{}, fmt.Errorf("bot: open Home: %w", err)
	}
	return b.home(ctx, user)
}

func (b *Bot) home(ctx context.Context, user string) (Home, error) {
	w := b.WordsIn("", "")
	q := Question{User: user, Channel: "D"}
	all, keys, err := b.visible(ctx, q, store.Filter{Since: time.Now().Add(-24 * time.Hour)})
	if err != nil {
		return Home{}, err
	}
	open := true
	still, stillKeys, err := b.visible(ctx, q, store.Filter{Open: &open}) // also those of before
	if err != nil {
		return Home{}, err
	}
	h := Home{User: user, Updated: time.Now().UTC(), Down: b.downs(ctx, w, hour, asSaid)}
	for i, s := range still {
		if !s.Over {
			line := HomeLine{Number: s.Number, Title: s.Title, State: s.State, Status: s.Status, Holder: s.Holder, URL: s.URL, At: s.At}
			line.Channel, line.CardTS = b.cardAt(ctx, stillKeys[i])
			h.Open = append(h.Open, line)
		}
	}
	count := len(h.Open)
	slices.SortStableFunc(h.Open, func(a, b HomeLine) int { return cmp.Compare(weight(a.State), weight(b.State)) })
	h.Open = h.Open[:min(count, homeMost)]
	if h.Paused, err = b.stops(ctx, q, "home"); err != nil {
		return Home{}, err
	}
	bad, what, err := b.refusedHere(ctx, q, w)
	if err != nil {
		return Home{}, err
	}
	if bad != nil {
		h.Refused = &HomeRefusal{Folder: bad.Folder, What: what, At: bad.At}
	}
	work, err := b.planned(ctx, q)
	if err != nil {
		return Home{}, err
	}
	for _, one := range work {
		text := w.Say("home.maintenance", one.Scope.words(w), one.Name)
		if one.Why != "" {
			text += ": " + one.Why
		}
		h.Planned = append(h.Planned, HomeWindow{Text: text, From: one.From, Until: one.Until})
	}
	h.Numbers = []Field{
		{Name: w.Say("home.open"), Value: strconv.Itoa(count)},
		{Name: w.Say("home.today"), Value: strconv.Itoa(len(all))},
		{Name: w.Say("home.alone"), Value: strconv.Itoa(alone(all, keys))},
	}
	return h, nil
}

// alone counts the incidents that needed no person: nobody was paged by amsbot,
// nobody pressed, and it is over. What came back was no success.
func alone(all []ListLine, keys []string) int {
	undone := map[string]bool{}
	for _, s := range all {
		undone[s.CameBack] = true
	}
	n := 0
	for i, s := range all {
		if s.Alone && !undone[keys[i]] {
			n++
		}
	}
	return n
}

// cardAt is where an incident's card stands: channel and timestamp, "" before
// it does.
func (b *Bot) cardAt(ctx context.Context, key string) (channel, ts string) {
	v, ok, err := b.DB.View(ctx, CardKey(key))
	if err != nil || !ok {
		return "", ""
	}
	channel, ts, _ = strings.Cut(v.Ref, "/")
	return channel, ts
}

// weight puts first what needs a person.
func weight(s CardState) int {
	return slices.Index([]CardState{CardWaiting, CardBad, CardActing, CardChecking, CardReading, CardGood, CardQuiet}, s)
}

func (b *Bot) drawHome(ctx context.Context, key, user string) (outbox.View, error) {
	v, _, err := b.DB.View(ctx, key)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	h, err := b.home(ctx, user)
	if err != nil {
		return outbox.View{}, err
	}
	return outbox.View{Key: key, Version: v.Wanted, Urgency: 5, Body: h}, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
