package slack

import (
	"strings"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// unbroken is how long a name may be that is never broken at the end of a line.
const unbroken = 32

// groupEvent is the event type of a group card's metadata.
const groupEvent = "amsbot_group"

// GroupMessage draws a group card, as [Message] draws a card: pure, and within
// Slack's limits whatever the group holds. version names the blocks, and is what
// its buttons offer.
func GroupMessage(x bot.Group, version uint64, w words.Catalogue) (text string, attachments []slack.Attachment) {
	s := &sheet{words: w, left: textLimit, version: version}
	outline := bot.Index{Headline: x.Headline, Title: x.Title, Status: x.Status, Detail: x.Detail, Since: x.Since, More: x.More}
	text, fallback, blocks := indexFirst(s, outline)
	buttons := groupButtons(s, x, version)
	parts := groupParts(s, x)
	last := indexLast(s, outline)
	for _, part := range [][]slack.Block{parts, buttons, last} {
		blocks = append(blocks, part...)
	}
	return text, []slack.Attachment{{Color: colours[x.State], Fallback: fallback, Blocks: slack.Blocks{BlockSet: blocks}}}
}

// groupMenuRoom is left for what is named beside the menu.
const groupMenuRoom = maxSection + 500

// groupButtons act on all that the card of this version stands for, and a menu on
// one of them.
func groupButtons(s *sheet, x bot.Group, version uint64) []slack.Block {
	var elements []slack.BlockElement
	for _, b := range x.Buttons[:min(len(x.Buttons), maxOptions)] {
		b.Offer = version
		if e := drawButton(s, bot.Card{Incident: b.On}, b.Button, true); e != nil {
			e.ActionID = unique(elements, e.ActionID)
			elements = append(elements, e)
		}
	}
	if menu := cardMenu(s, x.Choices, groupMenuRoom); menu != nil {
		elements = append(elements, menu)
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock(s.id("actions"), elements...)}
}

// groupParts name the incidents and what they are about, each on one line where it
// fits.
func groupParts(s *sheet, x bot.Group) []slack.Block {
	var blocks []slack.Block
	room := min(maxSection, s.left)
	for _, p := range x.Parts[:min(len(x.Parts), maxGroups)] {
		text := "*" + literal(p.Name, 80) + "*\n"
		for i, name := range p.Names {
			one := literal(name, 60)
			if utf8.RuneCountInString(one) <= unbroken {
				one = strings.ReplaceAll(one, " ", "\u00a0")
			}
			if i > 0 {
				one = " · " + one
			}
			if utf8.RuneCountInString(text+one) > room {
				break
			}
			text += one
		}
		if strings.HasSuffix(text, "\n") {
			break
		}
		room -= utf8.RuneCountInString(text)
		blocks = append(blocks, s.section("incidents", text))
	}
	return blocks
}

// groupOptions are what posting and editing a group card have in common.
func (s *Screen) groupOptions(v outbox.View, x bot.Group) slack.MsgOption {
	text, attachments := GroupMessage(x, v.Version, s.w.in(x.Channel))
	return ours(text, attachments, slack.SlackMetadata{EventType: groupEvent, EventPayload: map[string]any{"group": crowdMark(x.Key, x.Since)}})
}
