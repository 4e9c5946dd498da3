package slack

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
)

// hostile is what an alert may hold.
var hostile = []string{
	"", " ", "\n\n", "<!channel> <!here> <@U0ALICE001> <#C0OPS00001> <!subteam^S0OPS00001>",
	"*bold* _it_ ~no~ `code` ```block``` > quote", "<https://evil.example|click here>", "https://evil.example/?a=1&b=2",
	":fire: :+1: :rotating_light:", "&lt;!channel&gt; &amp;amp;", "\x00\x01\x1b[31mred\x1b[0m\x7f", "a\xff\xfeb\xc3\x28",
	"\u202eevil\u202c \u200b\u200d\ufeff\u2066x\u2069", "{{alert}} ${{ secrets.x }} %s %d %!v", strings.Repeat("W", 120_000),
	strings.Repeat("&", 9000), strings.Repeat("🔥", 5000), strings.Repeat("é\n", 4000), "|o|1|2|", "日本語のタイトル",
	strings.Repeat("`", 400), "<", ">", "> quoted", "* x *", "_", ":a:", strings.Repeat("x y ", 3000), "'; DROP TABLE", "<!date^0^{date}|x>",
}

func random(r *rand.Rand) string {
	s := hostile[r.IntN(len(hostile))]
	if r.IntN(3) == 0 {
		s += hostile[r.IntN(len(hostile))]
	}
	return s
}

func randomFields(r *rand.Rand, n int) (f []bot.Field) {
	for range r.IntN(n) {
		f = append(f, bot.Field{Name: random(r), Value: random(r)})
	}
	return f
}

func randomButtons(r *rand.Rand, n int) (all []bot.Button) {
	acts := []string{bot.DoTake, bot.DoRecover, bot.DoEscalate, bot.DoNote, "why", "open", "", "Not An Act", strings.Repeat("a", 300)}
	urls := []string{"", "", "https://acme.pagerduty.com/x", "javascript:alert(1)", "http://", "https://x/" + strings.Repeat("u", 4000), "https://e.example/<!channel>|x"}
	for range r.IntN(n) {
		b := bot.Button{
			Act: acts[r.IntN(len(acts))], Label: random(r), Offer: r.Uint64(), Primary: r.IntN(2) == 0, Danger: r.IntN(2) == 0,
			URL: urls[r.IntN(len(urls))], Override: r.IntN(2) == 0,
		}
		if r.IntN(2) == 0 {
			b.Confirm = &bot.Confirm{Title: random(r), Text: random(r), Yes: random(r), No: random(r)}
		}
		all = append(all, b)
	}
	return all
}

// randomCard is any card at all.
func randomCard(r *rand.Rand) bot.Card {
	keys := []string{key, "pd:" + strings.Repeat("k", 60) + ":Q", "pd:a:" + strings.Repeat("k", 3000), "pd:<b>|c:Q"}
	c := bot.Card{
		Incident: keys[r.IntN(len(keys))], Version: r.Uint64(), Channel: ops, State: bot.CardState(random(r)),
		Headline: random(r), Title: random(r), Status: random(r), Detail: random(r),
		Fields: randomFields(r, 14), Alert: randomFields(r, 9), URL: random(r),
		Buttons: randomButtons(r, 9), More: randomButtons(r, 9), Links: randomButtons(r, 9),
	}
	for range r.IntN(12) {
		p := bot.Phase{Name: random(r), Verdict: random(r), Words: random(r)}
		for range r.IntN(30) {
			p.Lines = append(p.Lines, bot.Line{Name: random(r), Verdict: random(r), Words: random(r), Output: random(r)})
		}
		c.Phases = append(c.Phases, p)
	}
	for range r.IntN(20) {
		c.Context = append(c.Context, random(r))
		c.Times = append(c.Times, bot.Moment{Name: random(r), At: moment0.Add(time.Duration(r.Int32()) * time.Second)})
	}
	if r.IntN(2) == 0 {
		c.Closing = &bot.Closing{Text: random(r), Who: random(r), At: moment0}
	}
	return c
}

// chars counts all text of a message as people or Slack could count it.
func chars(t *testing.T, text string, attachments any) int {
	n := utf8.RuneCountInString(text)
	raw, err := json.Marshal(attachments)
	if err != nil {
		t.Fatal(err)
	}
	walk(t, raw, func(o map[string]any) {
		for _, k := range []string{"text", "fallback"} {
			s, _ := o[k].(string)
			n += utf8.RuneCountInString(s)
		}
	})
	return n
}

var spans = regexp.MustCompile("`[^`\n]+`")

var sequences = strings.NewReplacer("&amp;", "", "&lt;", "", "&gt;", "")

// live says what of a mrkdwn text would mention or link: every <…> has to be a date
// or the link that we made.
func live(text string) error {
	rest := text
	for {
		i := strings.IndexAny(rest, "<>")
		if i < 0 {
			break
		}
		end := strings.IndexByte(rest, '>')
		if rest[i] != '<' || end < i {
			return fmt.Errorf("a loose bracket in %.200q", text)
		}
		inner := rest[i+1 : end]
		if !strings.HasPrefix(inner, "!date^") && !strings.HasSuffix(inner, "|Open in PagerDuty") {
			return fmt.Errorf("<%s> is live", inner)
		}
		rest = rest[end+1:]
	}
	if loose := sequences.Replace(text); strings.Contains(loose, "&") && !strings.Contains(text, "|Open in PagerDuty") {
		return fmt.Errorf("a loose & in %.200q", text)
	}
	return nil
}

// tame says why a mrkdwn text of ours would do more than say something.
func tame(text string) error {
	if err := live(text); err != nil {
		return err
	}
	text = spans.ReplaceAllString(text, "") // nothing is live in a code span
	for _, bad := range []string{"`", ":fire:", "*bold*", "_it_", "~no~", "\x1b", "\u202e", "\u200b", "\x00"} {
		if strings.Contains(text, bad) {
			return fmt.Errorf("%q is in %.200q", bad, text)
		}
	}
	return nil
}

// Whatever a card holds, Slack takes its message, it is within our own limit,
// and nothing of it means anything to Slack that we did not mean.
func TestAnyCardIsTaken(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		r := rand.New(rand.NewPCG(7, 7))
		ref := w.show(base(), "")
		for i := range 300 {
			c := randomCard(r)
			text, attachments := Message(c, english)
			if n := chars(t, text, attachments); n > textLimit {
				t.Errorf("card %d: %d characters", i, n)
			}
			if err := tame(text); err != nil {
				t.Errorf("card %d: text: %v", i, err)
			}
			raw, _ := json.Marshal(attachments)
			walk(t, raw, func(o map[string]any) {
				if o["type"] != "mrkdwn" {
					return
				}
				if err := tame(o["text"].(string)); err != nil {
					t.Errorf("card %d: %v", i, err)
				}
				if o["verbatim"] != true {
					t.Errorf("card %d: a mrkdwn object is not verbatim", i)
				}
			})
			result := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + key, Ref: ref, Body: c})
			if result.State != outbox.Done {
				t.Fatalf("card %d: %+v %s", i, result, w.last("chat.update").Answer)
			}
		}
	})
}

func TestAnyHomeIsTaken(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		r := rand.New(rand.NewPCG(8, 8))
		for i := range 100 {
			h := bot.Home{User: alice, Updated: moment0, Numbers: randomFields(r, 15)}
			for range r.IntN(60) {
				h.Open = append(h.Open, bot.HomeLine{Incident: key, Place: bot.HomePlace(r.IntN(3)), Number: r.IntN(99), Title: random(r), Status: random(r),
					Holder: random(r), Service: random(r), Waits: random(r), Channel: ops, CardTS: "1700000000.000100", URL: random(r), At: moment0,
					Acts: []bot.Button{{Act: bot.DoTake, Offer: 7, Label: random(r)}, {Act: bot.DoNote, Label: random(r)}, {Act: "open", Label: "x", URL: random(r)}}})
				h.Paused = append(h.Paused, bot.HomeStop{Text: random(r), Scope: random(r)})
				h.Planned = append(h.Planned, bot.HomeWindow{Text: random(r), From: moment0, Until: moment0, End: r.IntN(2)})
				h.Down = append(h.Down, random(r))
			}
			if n := chars(t, "", HomeView(h, "https://pretend.slack.com/archives/")); n > textLimit {
				t.Errorf("home %d: %d characters", i, n)
			}
			result := w.ours.Screen().Show(w.Context(), outbox.View{Key: homeKey + alice, Body: h})
			if result.State != outbox.Done {
				t.Fatalf("home %d: %+v %s", i, result, w.last("views.publish").Answer)
			}
		}
	})
}
