package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"amsbot/bot"
)

// grouped is a group card of n incidents that need a person.
func grouped(n int) bot.Group {
	x := bot.Group{
		Key: "group:0a0b:" + ops, Channel: ops, Since: moment0, State: bot.CardBad,
		Headline: "7 × shop-<web>: 7 need a person", Title: "7 × shop-<web>", Status: "7 need a person",
		Detail: "One card for all of them.",
		Parts:  []bot.IndexGroup{{Name: fmt.Sprintf("Need a person (%d)", n)}},
	}
	for i := range n {
		x.Parts[0].Names = append(x.Parts[0].Names, fmt.Sprintf("#%d :fire: *web* <%d>", 1000+i, i))
		x.Choices = append(x.Choices, bot.IndexChoice{Incident: fmt.Sprintf("pd:acme:Q%d", i), Name: fmt.Sprintf("#%d *Web* <down>", 1000+i)})
	}
	for _, act := range []string{bot.DoTakeAll, bot.DoEscalateAll} {
		x.Buttons = append(x.Buttons, bot.GroupButton{On: x.Key + "|rs-6", Button: bot.Button{
			Act: act, Label: "Act on All 7", Primary: act == bot.DoTakeAll,
			Confirm: &bot.Confirm{Title: "All 7?", Text: "#1000–#1006", Yes: "All", No: "Cancel"},
		}})
	}
	return x
}

func TestGroupMessage(t *testing.T) {
	text, attachments := GroupMessage(grouped(3), 7, english)
	golden(t, "group", map[string]any{"text": text, "attachments": attachments})
	x := grouped(3)
	x.Buttons, x.Choices, x.Over, x.State = nil, nil, true, bot.CardQuiet
	text, attachments = GroupMessage(x, 8, english)
	golden(t, "group-over", map[string]any{"text": text, "attachments": attachments})
	text, attachments = GroupMessage(bot.Group{}, 0, english)
	golden(t, "group-empty", map[string]any{"text": text, "attachments": attachments})
}

// However many incidents there are, the message is one that Slack takes.
func TestGroupOfManyFits(t *testing.T) {
	x := grouped(2000)
	x.Parts = append(x.Parts, x.Parts[0], x.Parts[0], x.Parts[0])
	x.Buttons[0].On += strings.Repeat(".1-1", 440)
	text, attachments := GroupMessage(x, 1<<60, english)
	raw, err := json.Marshal(attachments)
	if err != nil {
		t.Fatal(err)
	}
	total, options, buttons := utf8.RuneCountInString(text), 0, 0
	walk(t, raw, func(o map[string]any) {
		switch o["type"] {
		case "plain_text", "mrkdwn":
			s, _ := o["text"].(string)
			total += utf8.RuneCountInString(s)
			if utf8.RuneCountInString(s) > 3000 {
				t.Errorf("a text of %d characters", utf8.RuneCountInString(s))
			}
		case "static_select":
			all, _ := o["options"].([]any)
			options = len(all)
		case "button":
			buttons++
			value, _ := o["value"].(string)
			if p, err := parsePress(value); err != nil || p.Offer != 1<<60 || !strings.HasPrefix(p.Incident, x.Key) {
				t.Errorf("%+v, %v", p, err)
			}
		}
	})
	if total > textLimit || options > 100 || options == 0 || buttons != 2 {
		t.Errorf("%d characters, %d options, %d buttons", total, options, buttons)
	}
}
