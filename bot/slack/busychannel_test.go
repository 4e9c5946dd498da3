package slack

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
)

// chatter has people say so much in a channel.
func (w *world) chatter(n int, apart time.Duration) {
	w.Helper()
	for i := range n {
		if _, err := w.sim.Say(alice, ops, fmt.Sprint("hello ", i), ""); err != nil {
			w.Fatal(err)
		}
		time.Sleep(apart)
	}
}

// More lies in the channel than can be looked through: a card of which nobody knows
// whether it stands is shown, soon, and others find theirs.
func TestCardIsShownWhereTooMuchWasSaid(t *testing.T) {
	boxed(t, simslack.Options{}, func(b *box) {
		b.chatter(10_050, 10*time.Millisecond)
		b.sim.Fault(simslack.Fault{Method: "chat.postMessage", Status: 500})
		b.news(key)
		b.pass(2 * time.Minute)
		if _, views := b.waits(); views != 0 || b.calls("chat.postMessage") != 2 {
			t.Errorf("%d views wait, posted %d times", views, b.calls("chat.postMessage"))
		}
		if n := b.calls("conversations.history"); n > 25 {
			t.Errorf("%d calls to look for it", n)
		}
		if log := b.log.String(); strings.Contains(log, "look for it") {
			t.Errorf("it could not be looked for:\n%s", log)
		}
	})
}

// What is found of a card before the search ends is that card.
func TestSearchThatEndsEarlyKeepsWhatItFound(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		opened := time.Now()
		w.chatter(maxPages*pageSize, time.Second)
		card := base()
		card.Times = []bot.Moment{{Name: "opened", At: opened}}
		stands := w.show(card, "")
		refs, err := w.ours.Screen().Find(w.Context(), outbox.View{Key: cardKey + card.Incident, Body: card})
		if err != nil || len(refs) != 1 || refs[0] != stands {
			t.Errorf("%v, %v", refs, err)
		}
	})
}

// An incident may be weeks older than what we know of it: a card is not looked for
// where it cannot stand yet. A time that has still to come says nothing.
func TestCardIsLookedForSinceItWasKnown(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		opened := time.Now()
		w.chatter(2000, 10*time.Minute)
		known := time.Now()
		time.Sleep(time.Second)
		card := base()
		card.Times = []bot.Moment{{Name: "opened", At: opened}}
		stands := w.show(card, "")
		for since, pages := range map[time.Time]int{known: 1, {}: 11, time.Now().Add(time.Hour): 11} {
			before := w.calls("conversations.history")
			refs, err := w.ours.Screen().Find(w.Context(), outbox.View{Key: cardKey + card.Incident, Body: card, Since: since})
			if n := w.calls("conversations.history") - before; err != nil || len(refs) != 1 || refs[0] != stands || n != pages {
				t.Errorf("since %s: %v, %v, %d pages, want %d", since, refs, err, n, pages)
			}
		}
	})
}

// However much was said since, a card is found where it was posted at its moment; one
// beside it that came an hour later is found, too, while the search reaches it.
func TestCardIsFoundHoweverMuchWasSaidSince(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		known := time.Now()
		card := base()
		card.Times = []bot.Moment{{Name: "opened", At: known}}
		w.chatter(150, time.Second)
		first := w.show(card, "")
		w.chatter(2*maxPages*pageSize, time.Second)
		find := func(want ...string) {
			t.Helper()
			before := w.calls("conversations.history")
			refs, err := w.ours.Screen().Find(w.Context(), outbox.View{Key: cardKey + card.Incident, Body: card, Since: known})
			if n := w.calls("conversations.history") - before; err != nil || !slices.Equal(refs, want) || n > maxPages {
				t.Errorf("%v, %v in %d calls, want %v", refs, err, n, want)
			}
		}
		find(first)
		second := w.show(card, "")
		find(first, second)
	})
}
