package slack

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// indexEvent is the event type of an index's metadata.
const indexEvent = "amsbot_index"

// How much of each part of an index is shown at most.
const (
	maxSection = 2900 // of the 3,000 that Slack allows
	maxChoices = 100
	maxChoice  = 60
	maxGroups  = 10
)

// cardAction is the action_id of the menu that asks for a card.
const cardAction = actionPrefix + bot.DoCard

// IndexMessage draws the index of a crowded channel, as [Message] draws a card:
// pure, and within Slack's limits whatever the index holds. version names the
// blocks.
func IndexMessage(x bot.Index, version uint64, w words.Catalogue) (text string, attachments []slack.Attachment) {
	s := &sheet{words: w, left: textLimit, version: version}
	text, fallback, blocks := indexFirst(s, x)
	last := indexLast(s, x)
	groups := indexGroups(s, x)
	services := fieldBlocks(s, "services", x.Services, func(f bot.Field) string {
		return pair(literal(f.Name, 60), literal(f.Value, 150))
	})
	choices := indexMenu(s, x)
	for _, part := range [][]slack.Block{services, groups, choices, last} {
		blocks = append(blocks, part...)
	}
	return text, []slack.Attachment{{Color: colours[x.State], Fallback: fallback, Blocks: slack.Blocks{BlockSet: blocks}}}
}

// indexFirst is what stands first, of an index and of a group card.
func indexFirst(s *sheet, x bot.Index) (text, fallback string, blocks []slack.Block) {
	text = literal(cmpOr(x.Headline, x.Title, "amsbot"), maxHeadline)
	s.spent(text)
	fallback = s.spent(line(cmpOr(x.Title, x.Headline, "amsbot"), maxHeader))
	blocks = []slack.Block{
		slack.NewHeaderBlock(s.sure(x.Title, "amsbot", maxHeader), slack.HeaderBlockOptionBlockID(s.id("title"))),
	}
	return text, fallback, append(blocks, drawStatus(s, bot.Card{Status: x.Status, Detail: x.Detail})...)
}

// indexGroups name the incidents. The numbers are plain: a link for each would
// take the room of ten.
func indexGroups(s *sheet, x bot.Index) []slack.Block {
	var blocks []slack.Block
	for _, g := range x.Groups[:min(len(x.Groups), maxGroups)] {
		name := "*" + literal(g.Name, 80) + "*"
		for part := range parts(g.Names, maxSection-utf8.RuneCountInString(name)-1) {
			if utf8.RuneCountInString(part)+utf8.RuneCountInString(name) > s.left {
				break
			}
			blocks = append(blocks, s.section("incidents", strings.TrimPrefix(name+"\n"+part, "\n")))
			name = ""
		}
	}
	return blocks
}

// parts are names on lines of at most n characters each.
func parts(names []string, n int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		part, used := "", 0
		for _, name := range names {
			name = literal(name, 20)
			size := utf8.RuneCountInString(name) + 1
			if used+size > n && part != "" {
				if !yield(part) {
					return
				}
				part, used = "", 0
			}
			part, used = strings.TrimPrefix(part+" "+name, " "), used+size
		}
		if part != "" {
			yield(part)
		}
	}
}

// indexMenu is a row with the menu.
func indexMenu(s *sheet, x bot.Index) []slack.Block {
	menu := cardMenu(s, x.Choices, 0)
	if menu == nil {
		return nil
	}
	return []slack.Block{slack.NewActionBlock(s.id("choose"), menu)}
}

// cardMenu is the menu that asks for the card of one incident; nil with nothing to
// choose. So much room is left to others.
func cardMenu(s *sheet, choices []bot.IndexChoice, room int) *slack.SelectBlockElement {
	var options []*slack.OptionBlockObject
	placeholder := s.sure(s.words.Say("act."+bot.DoCard), "Show Card", maxLabel)
	for _, c := range choices {
		value := press{Act: bot.DoCard, Incident: c.Incident}.token()
		if _, err := parsePress(value); err != nil || utf8.RuneCountInString(value) > maxOptionValue {
			continue
		}
		if len(options) == maxChoices || s.left-room < maxChoice {
			break
		}
		if name := s.plain(c.Name, maxChoice); name != nil {
			options = append(options, slack.NewOptionBlockObject(value, name, nil))
		}
	}
	if len(options) == 0 {
		return nil
	}
	return slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, placeholder, cardAction, options...)
}

// indexLast is the small print.
func indexLast(s *sheet, x bot.Index) []slack.Block {
	var out []string
	if x.More > 0 {
		out = append(out, escape(s.words.Say("slack.more", x.More)))
	}
	if !x.Since.IsZero() {
		out = append(out, s.words.Say("slack.index.since", s.moment(x.Since)))
	}
	if len(out) == 0 {
		return nil
	}
	return []slack.Block{s.context("context", strings.Join(out, " · "))}
}

// indexOptions are what posting and editing an index have in common. Its mark
// names the crowd, so that an earlier one in the same channel is left alone.
func (s *Screen) indexOptions(v outbox.View, x bot.Index) slack.MsgOption {
	text, attachments := IndexMessage(x, v.Version, s.w.in(x.Channel))
	return ours(text, attachments, slack.SlackMetadata{EventType: indexEvent, EventPayload: map[string]any{"index": crowdMark(x.Key, x.Since)}})
}

// crowdMark is by what a view of a crowd is found again.
func crowdMark(key string, since time.Time) string {
	return fmt.Sprintf("%s@%d", key, since.UTC().UnixNano())
}

// pageEvent is the event type of the metadata of an index's page.
const pageEvent = "amsbot_page"

// showPage puts a page into the thread of its index.
func (s *Screen) showPage(ctx context.Context, v outbox.View, p bot.IndexPage) outbox.Result {
	text := "*" + literal(p.Title, 80) + "*\n"
	for part := range parts(p.Names, maxText-utf8.RuneCountInString(text)) {
		text += part
		break
	}
	options := ours(text, nil, slack.SlackMetadata{EventType: pageEvent, EventPayload: map[string]any{"page": crowdMark(p.Key, p.Since)}})
	if _, ts, ok := parseReference(p.Thread); ok && v.Ref == "" {
		options = slack.MsgOptionCompose(options, slack.MsgOptionTS(ts))
	}
	return s.put(ctx, v.Ref, p.Channel, options)
}

// standing is where a view belongs, and by what it is found there.
func standing(v outbox.View) (at place, marked mark, ok bool) {
	switch body := v.Body.(type) {
	case bot.Card:
		return place{channel: body.Channel, since: firstShown(body, v.Since)}, mark{cardEvent, "incident", strings.TrimPrefix(v.Key, cardKey)}, true
	case bot.Index:
		return place{channel: body.Channel, since: body.Since}, mark{indexEvent, "index", crowdMark(body.Key, body.Since)}, true
	case bot.IndexPage:
		_, thread, _ := parseReference(body.Thread)
		return place{channel: body.Channel, thread: thread, since: body.Since}, mark{pageEvent, "page", crowdMark(body.Key, body.Since)}, true
	case bot.Group:
		return place{channel: body.Channel, since: body.Since}, mark{groupEvent, "group", crowdMark(body.Key, body.Since)}, true
	}
	return place{}, mark{}, false
}
