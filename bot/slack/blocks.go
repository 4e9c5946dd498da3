package slack

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// How much of each part of a card is shown at most.
const (
	maxHeadline = 300
	maxHeader   = 150
	maxStatus   = 300
	maxDetail   = 700
	maxNeed     = 4
	maxContext  = 600
	maxFields   = 10
	maxAlert    = 6
)

// colours say beside the words how a card stands.
var colours = map[bot.CardState]string{
	bot.CardReading:  "#6b7280",
	bot.CardChecking: "#2563eb",
	bot.CardWaiting:  "#daa038",
	bot.CardActing:   "#2563eb",
	bot.CardGood:     "#2eb886",
	bot.CardBad:      "#a30200",
	bot.CardQuiet:    "#dddddd",
}

// Message draws a card. text is the message's own text, mrkdwn that is escaped
// already: a phone shows it, and Slack shows it above the card. The one
// attachment holds the whole card, so that its bar of colour stands beside all
// of it. Whatever the card holds, the result is within Slack's limits.
//
// It is pure: the same card gives the same message.
func Message(card bot.Card, w words.Catalogue) (text string, attachments []slack.Attachment) {
	lost := escape(w.Say("slack.lost"))
	s := &sheet{words: w, left: textLimit - utf8.RuneCountInString(lost), version: card.Version}
	text = headline(card)
	s.spent(text)
	fallback := s.spent(line(cmpOr(card.Headline, card.Title, card.Incident, "amsbot"), maxHeadline))

	// Room is given in the order of what a reader cannot do without, and then
	// the parts are put on the page in the order of reading.
	header := drawHeader(s, card)
	status := drawStatus(s, card)
	actions := append(drawActions(s, card), drawLinks(s, card)...)
	last := drawLast(s, card)
	fields := drawFields(s, card)
	phases := drawPhases(s, card)
	alert := drawAlert(s, card)

	var rest []slack.Block
	if s.lost {
		rest = []slack.Block{s.context("lost", lost)}
	}
	var blocks []slack.Block
	for _, part := range [][]slack.Block{header, status, fields, phases, alert, rest, actions, last} {
		blocks = append(blocks, part...)
	}
	colour := colours[card.State]
	if colour == "" {
		colour = colours[bot.CardQuiet]
	}
	return text, []slack.Attachment{{Color: colour, Fallback: fallback, Blocks: slack.Blocks{BlockSet: blocks}}}
}

// headline is what a phone shows.
func headline(card bot.Card) string {
	return literal(cmpOr(card.Headline, card.Title, card.Incident, "amsbot"), maxHeadline)
}

// cmpOr is the first text with something to see in it.
func cmpOr(texts ...string) string {
	for _, t := range texts {
		if line(t, maxHeadline) != "" {
			return t
		}
	}
	return ""
}

// drawHeader is the title, which every card has: a block is never empty.
func drawHeader(s *sheet, card bot.Card) []slack.Block {
	title := s.plain(cmpOr(card.Title, card.Headline, card.Incident, "amsbot"), maxHeader)
	return []slack.Block{slack.NewHeaderBlock(title, slack.HeaderBlockOptionBlockID(s.id("title")))}
}

// drawStatus is the verdict in words, and what happens next.
func drawStatus(s *sheet, card bot.Card) []slack.Block {
	var lines []string
	if status := s.literal(card.Status, maxStatus); status != "" {
		lines = append(lines, "*"+status+"*")
	}
	if detail := s.literal(card.Detail, maxDetail); detail != "" {
		lines = append(lines, detail)
	}
	s.lost = s.lost || len(card.Need) > maxNeed
	for _, n := range card.Need[:min(len(card.Need), maxNeed)] {
		if need := s.literal(n, maxStatus); need != "" {
			lines = append(lines, "*"+need+"*")
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return []slack.Block{s.section("status", strings.Join(lines, "\n"))}
}

// section is a section of mrkdwn.
func (s *sheet) section(name, mrkdwn string) *slack.SectionBlock {
	return slack.NewSectionBlock(s.mrkdwn(mrkdwn), nil, nil, slack.SectionBlockOptionBlockID(s.id(name)))
}

// context is small print: one line of mrkdwn.
func (s *sheet) context(name, mrkdwn string) *slack.ContextBlock {
	return slack.NewContextBlock(s.id(name), s.mrkdwn(mrkdwn))
}

// drawFields are names and values in two columns.
func drawFields(s *sheet, card bot.Card) []slack.Block {
	return fieldBlocks(s, "fields", card.Fields, func(f bot.Field) string {
		return pair(s.literal(f.Name, 60), cmpOr(mentions(f.Who), s.literal(f.Value, 300)))
	})
}

// whoMost is how many a field names.
const whoMost = 20

// mentions are users, user groups and channels, as Slack shows them by name. An
// edit calls nobody.
func mentions(who []string) string {
	var out []string
	for _, id := range who[:min(len(who), whoMost)] {
		switch {
		case !slackID.MatchString(id):
		case id[0] == 'S':
			out = append(out, "<!subteam^"+id+">")
		case id[0] == 'C' || id[0] == 'G':
			out = append(out, "<#"+id+">")
		default:
			out = append(out, "<@"+id+">")
		}
	}
	if len(who) > whoMost {
		out = append(out, cut)
	}
	return strings.Join(out, ", ")
}

var slackID = regexp.MustCompile(`^[UWSCG][A-Z0-9]{2,20}$`)

// pair is a bold name above its value; "" where one of them is missing.
func pair(name, value string) string {
	switch {
	case value == "":
		return ""
	case name == "":
		return value
	}
	return "*" + name + "*\n" + value
}

// fieldBlocks is one section with the fields that there is room for.
func fieldBlocks(s *sheet, name string, fields []bot.Field, draw func(bot.Field) string) []slack.Block {
	var objects []*slack.TextBlockObject
	for _, f := range fields {
		text := draw(f)
		if text == "" {
			continue
		}
		if len(objects) == maxFields || len([]rune(text)) > s.left {
			s.lost = true
			continue
		}
		objects = append(objects, s.mrkdwn(text))
	}
	if len(objects) == 0 {
		return nil
	}
	return []slack.Block{slack.NewSectionBlock(nil, objects, nil, slack.SectionBlockOptionBlockID(s.id(name)))}
}

// drawAlert are values of the alert on one line of small print: in code spans,
// where nothing is live.
func drawAlert(s *sheet, card bot.Card) []slack.Block {
	text := escape(s.words.Say("slack.alert"))
	drawn := false
	for i, f := range card.Alert {
		name, value := s.literal(f.Name, 60), s.code(f.Value, 200)
		if name == "" || value == "" {
			continue
		}
		more := " · " + name + " " + value
		if i >= maxAlert || len([]rune(text+more)) > min(s.left, maxContext) {
			s.lost = true
			break
		}
		text, drawn = text+more, true
	}
	if !drawn {
		return nil
	}
	if card.AlertMore > 0 {
		text += " · " + escape(s.words.Say("slack.alert.more", card.AlertMore))
	}
	return []slack.Block{s.context("alert", text)}
}

// drawLast is the small print, and at the very end who closed it.
func drawLast(s *sheet, card bot.Card) []slack.Block {
	var parts, blocks = []string{}, []slack.Block{}
	for _, m := range card.Times[:min(len(card.Times), 4)] {
		if name := literal(m.Name, 40); name != "" && !m.At.IsZero() {
			parts = append(parts, name+" "+s.moment(m.At))
		}
	}
	parts = append(parts, s.smallPrint(card.Context)...)
	if to := anchor(card.URL, s.words.Say("slack.open")); address(card.URL) && len(to) <= maxContext && !hasLink(card) {
		parts = append(parts, to)
	}
	if len(parts) > 0 {
		blocks = append(blocks, s.context("context", strings.Join(parts, " · ")))
	}
	if c := card.Closing; c != nil {
		text := strings.TrimSpace(literal(c.Text, 100) + " " + literal(c.Who, 80))
		if !c.At.IsZero() {
			text = strings.TrimPrefix(text+" · "+s.moment(c.At), " · ")
		}
		if note := literal(c.Note, 40); note != "" {
			text = strings.TrimPrefix(text+" · "+note, " · ")
		}
		if text != "" {
			blocks = append(blocks, s.context("closing", text))
		}
	}
	return blocks
}

// smallPrint is as much of the small print as there is room for.
func (s *sheet) smallPrint(context []string) (parts []string) {
	used := 0
	for i, c := range context {
		text := s.literal(c, 200)
		if used += len([]rune(text)); i >= 8 || used > maxContext {
			s.lost = true
			break
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return parts
}

// hasLink says whether a button leads to PagerDuty already.
func hasLink(card bot.Card) bool {
	for _, buttons := range [][]bot.Button{card.Buttons, card.More} {
		for _, b := range buttons {
			if address(b.URL) {
				return true
			}
		}
	}
	return false
}
