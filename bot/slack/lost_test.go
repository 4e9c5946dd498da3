package slack

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
	"amsbot/bot/words"
)

// talker makes texts that begin and end with words of their own.
type talker struct {
	r    *rand.Rand
	n    int
	ends []string
}

func (s *talker) text(most int) string {
	s.n++
	first, last := fmt.Sprintf("w%dx", s.n), fmt.Sprintf("w%dy", s.n)
	s.ends = append(s.ends, first, last)
	return first + strings.Repeat(" word", s.r.IntN(1+most/5)) + " " + last
}

// full is a card of which each part says a lot.
func (s *talker) full() bot.Card {
	long := []int{10, 60, 400, 3000}[s.r.IntN(4)]
	many := []int{1, 5, 20}[s.r.IntN(3)]
	c := bot.Card{Incident: key, Version: 3, Channel: ops, State: bot.CardWaiting, Headline: "#1 it is down", Title: s.text(long), Status: s.text(long), Detail: s.text(long)}
	for range s.r.IntN(1 + many) {
		c.Need = append(c.Need, s.text(long))
		c.Fields = append(c.Fields, bot.Field{Name: s.text(5), Value: s.text(long)})
		c.Alert = append(c.Alert, bot.Field{Name: s.text(5), Value: s.text(long)})
		c.Context = append(c.Context, s.text(long))
		p := bot.Phase{Name: s.text(5), Verdict: "NG", Words: s.text(long)}
		for range s.r.IntN(1 + many) {
			p.Lines = append(p.Lines, bot.Line{Name: s.text(5), Verdict: "NG", Words: s.text(long), Output: s.text(long)})
		}
		c.Phases = append(c.Phases, p)
	}
	return c
}

// What does not fit on a card is not left out in silence: the card says that the
// whole is elsewhere, and where.
func TestNothingIsLeftOutInSilence(t *testing.T) {
	cut, whole := 0, 0
	for seed := range uint64(400) {
		for _, lang := range languages {
			w := words.In(lang)
			s := &talker{r: rand.New(rand.NewPCG(seed, 3))}
			_, attachments := Message(s.full(), w)
			raw, err := json.Marshal(attachments)
			if err != nil {
				t.Fatal(err)
			}
			message := string(raw)
			_, counted, _ := strings.Cut(w.Say("slack.more", 0), "0")
			if strings.Contains(message, strings.Split(w.Say("slack.lost"), "`")[0]) || strings.Contains(message, counted) {
				cut++
				continue
			}
			whole++
			for _, end := range s.ends {
				if !strings.Contains(message, end) {
					t.Errorf("card %d, %s: %s is not on the card, and the card does not say so", seed, lang, end)
				}
			}
		}
	}
	if cut < 50 || whole < 50 {
		t.Errorf("%d cards were cut and %d were whole: that tries nothing", cut, whole)
	}
}

// Slack takes every state of the card in every language, and says nothing about it
// to anybody.
func TestSlackTakesEveryState(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		for _, lang := range languages {
			for _, s := range states() {
				card := bot.Render(s.history(t, lang), words.In(lang))
				card.Channel = ops
				if r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + card.Incident, Body: card}); r.State != outbox.Done {
					t.Errorf("%s %s: %+v %s", s.name, lang, r, w.last("chat.postMessage").Answer)
				}
			}
		}
		if n := w.sim.State(alice).Notifications; len(n) > 0 {
			t.Errorf("a card called people: %+v", n)
		}
	})
}
