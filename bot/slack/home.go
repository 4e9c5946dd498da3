package slack

import (
	"strings"

	"amsbot/bot"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// How many open incidents and pauses Home names, and how much text is kept for
// what stands below the incidents.
const (
	maxHomeLines = 25
	maxPaused    = 10
	homeReserve  = 5500
)

// HomeView draws a person's Home tab: who does not answer, what is open and who has it first, then
// what is paused and what was refused, then today's numbers. archive is the address under which
// Slack shows messages ("https://team.slack.com/archives/"), "" if it is not
// known. It is pure, and within Slack's limits whatever Home holds.
func HomeView(h bot.Home, archive string, w words.Catalogue) slack.HomeTabViewRequest {
	s := &sheet{words: w, left: textLimit}
	updated := s.context("updated", w.Say("slack.home.updated", s.moment(h.Updated)))
	var blocks []slack.Block
	for _, d := range h.Down {
		if text := literal(d, 300); text != "" {
			blocks = append(blocks, s.section("down", text))
		}
	}
	blocks = append(blocks, s.header("slack.home.open"))
	blocks = append(blocks, homeLines(s, h.Open, archive)...)
	var paused []string
	for _, p := range h.Paused[:min(len(h.Paused), maxPaused)] {
		if text := literal(p, 80); text != "" {
			paused = append(paused, "• "+text)
		}
	}
	if len(paused) > 0 {
		blocks = append(blocks, s.header("slack.home.paused"), s.section("paused", strings.Join(paused, "\n")))
	}
	blocks = append(blocks, homeWindows(s, h)...)
	if r := h.Refused; r != nil {
		text := w.Say("slack.home.refused.at", literal(r.Folder, 100), s.moment(r.At)) + "\n" + literal(r.What, 300)
		blocks = append(blocks, s.header("slack.home.refused"), s.section("refused", text))
	}
	numbers := fieldBlocks(s, "numbers", h.Numbers, func(f bot.Field) string {
		return pair(literal(f.Name, 60), literal(f.Value, 60))
	})
	if numbers != nil {
		blocks = append(blocks, s.header("slack.home.numbers"))
	}
	blocks = append(append(blocks, numbers...), updated)
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// homeWindows are the maintenance windows, those that are not open yet with
// their beginning.
func homeWindows(s *sheet, h bot.Home) []slack.Block {
	var out []string
	for _, p := range h.Planned[:min(len(h.Planned), maxPaused)] {
		when := s.words.Say("slack.home.until", s.moment(p.Until))
		if p.From.After(h.Updated) {
			when = s.words.Say("slack.home.from", s.moment(p.From), s.moment(p.Until))
		}
		if text := literal(p.Text, 80); text != "" {
			out = append(out, "• "+text+" · "+when)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []slack.Block{s.header("slack.home.planned"), s.section("planned", strings.Join(out, "\n"))}
}

func (s *sheet) header(key string) slack.Block {
	return slack.NewHeaderBlock(s.sure(s.words.Say(key), key, maxHeader), slack.HeaderBlockOptionBlockID(s.id("header")))
}

// homeLines is one section for each open incident, each with a way to its card.
func homeLines(s *sheet, open []bot.HomeLine, archive string) []slack.Block {
	if len(open) == 0 {
		return []slack.Block{s.section("none", escape(s.words.Say("slack.home.none")))}
	}
	var blocks []slack.Block
	for i, l := range open {
		text := homeLine(s, l)
		if i == maxHomeLines || len([]rune(text))+homeReserve > s.left {
			more := s.words.Say("slack.home.more", len(open)-i)
			return append(blocks, s.section("more", more))
		}
		section := s.section("open", text)
		if to, key := cardAddress(l, archive); to != "" {
			b := slack.NewButtonBlockElement(actionPrefix+"open", "", s.sure(s.words.Say(key), "Open", maxLabel))
			b.URL = to
			section.Accessory = slack.NewAccessory(b)
		}
		blocks = append(blocks, section)
	}
	return blocks
}

func homeLine(s *sheet, l bot.HomeLine) string {
	title := "*" + cmpOr(literal(l.Title, 150), "#"+itoa(l.Number)) + "*"
	holder := s.words.Say("slack.home.nobody")
	if l.Holder != "" {
		holder = s.words.Say("slack.home.holder", literal(l.Holder, 60))
	}
	parts := []string{holder}
	if status := literal(l.Status, 150); status != "" {
		parts = []string{status, holder}
	}
	if !l.At.IsZero() {
		parts = append(parts, s.moment(l.At))
	}
	if strings.HasPrefix(l.Channel, "C") && isID(l.Channel) {
		parts = append(parts, "<#"+l.Channel+">")
	}
	return title + "\n" + strings.Join(parts, " · ")
}

// cardAddress is where an incident's card stands, or PagerDuty's page where that
// is not known, with the key of what to call it; "" for neither.
func cardAddress(l bot.HomeLine, archive string) (to, key string) {
	card := archive + l.Channel + "/p" + strings.ReplaceAll(l.CardTS, ".", "")
	switch {
	case archive != "" && isID(l.Channel) && isTS(l.CardTS) && address(card):
		return card, "slack.home.card"
	case address(l.URL):
		return l.URL, "slack.open"
	}
	return "", ""
}
