package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"amsbot/bot"
)

// indexed is an index of n incidents that need a person and as many that are over.
func indexed(n int) bot.Index {
	x := bot.Index{
		Key: "index:" + ops, Channel: ops, Since: moment0, State: bot.CardBad,
		Headline: "12 incidents at once: 7 need a <person>", Title: "12 incidents at once",
		Status: "7 need a person · 5 over", Detail: "Show Card brings one.",
		Services: []bot.Field{{Name: "shop-<web>", Value: "7 need a person · 5 over"}, {Name: "shop-db", Value: "1 over"}},
		Groups:   []bot.IndexGroup{{Name: "Need a person (7)"}, {Name: "Over (5)"}},
	}
	for i := range n {
		x.Groups[0].Names = append(x.Groups[0].Names, fmt.Sprintf("#%d", 1000+i))
		x.Groups[1].Names = append(x.Groups[1].Names, fmt.Sprintf("#%d", 5000+i))
		x.Choices = append(x.Choices, bot.IndexChoice{Incident: fmt.Sprintf("pd:acme:Q%d", i), Name: fmt.Sprintf("#%d :fire: *Web* <down>", 1000+i)})
	}
	return x
}

func TestIndexMessage(t *testing.T) {
	for name, n := range map[string]int{"index": 3, "index-empty": 0} {
		x := indexed(n)
		x.More = n
		text, attachments := IndexMessage(x, 7, english)
		golden(t, name, map[string]any{"text": text, "attachments": attachments})
	}
}

// However many incidents there are, the message is one that Slack takes, and as
// many are named as fit.
func TestIndexOfManyFits(t *testing.T) {
	text, attachments := IndexMessage(indexed(2000), 7, english)
	raw, err := json.Marshal(attachments)
	if err != nil {
		t.Fatal(err)
	}
	total, sections, options := utf8.RuneCountInString(text), 0, 0
	walk(t, raw, func(o map[string]any) {
		switch o["type"] {
		case "plain_text", "mrkdwn":
			s, _ := o["text"].(string)
			total += utf8.RuneCountInString(s)
			if utf8.RuneCountInString(s) > 3000 {
				t.Errorf("a text of %d characters", utf8.RuneCountInString(s))
			}
		case "section":
			sections++
		case "static_select":
			all, _ := o["options"].([]any)
			options = len(all)
		}
	})
	if total > textLimit || sections > 45 || options > 100 {
		t.Errorf("%d characters, %d sections, %d options", total, sections, options)
	}
	if n := strings.Count(string(raw), "#"); n < 1000 {
		t.Errorf("%d incidents are named", n)
	}
}
