package slack

import (
	"strconv"
	"strings"

	"amsbot/bot"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// How many open incidents, pauses and windows Home shows, and how much text of it
// pauses and windows leave to the incidents, and those to the number of the rest.
const (
	maxHomeLines = 25
	maxPaused    = 10
	maxStop      = 200
	homeOpen     = 3500
	homeMore     = 200
)

// What Home's own buttons do, beside the acts of cards: they name what they lift.
const (
	liftPause  = "lift_pause"  // of the scope that stands in the incident's place
	liftWindow = "lift_window" // of the number that stands there
)

// HomeView draws a person's Home tab: who does not answer, what waits for them and
// what they have, what else is open, what is paused or under maintenance with a
// way to end it, what was refused, and figures. archive is the address under which
// Slack shows messages ("https://team.slack.com/archives/"), "" if it is not
// known. It is pure, and within Slack's limits whatever Home holds.
func HomeView(h bot.Home, archive string) slack.HomeTabViewRequest {
	s := &sheet{words: words.In(h.Language).At(h.Zone), left: textLimit}
	updated := s.context("updated", s.words.Say("slack.home.updated", s.moment(h.Updated)))
	var blocks []slack.Block
	for _, d := range h.Down[:min(len(h.Down), 5)] {
		if text := literal(d, 400); text != "" {
			blocks = append(blocks, s.section("down", text))
		}
	}
	blocks = append(blocks, slack.NewActionBlock(s.id("asks"),
		drawAsk(s, bot.DoPause, s.words.Say("slack.home.pause")), drawAsk(s, bot.DoMaintain, s.words.Say("slack.home.maintain"))))
	foot := append(homeFoot(s, h), updated) // before the stops, and those before the incidents: they take the room that is left
	foot = append(append(homeStops(s, h), homeWindows(s, h)...), foot...)
	blocks = append(append(blocks, homeLines(s, h, archive)...), foot...)
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// homeFoot are what was refused, and the figures.
func homeFoot(s *sheet, h bot.Home) (blocks []slack.Block) {
	if r := h.Refused; r != nil {
		text := s.words.Say("slack.home.refused.at", literal(r.Folder, 100), s.moment(r.At)) + "\n" + literal(r.What, 300)
		blocks = append(blocks, s.header("slack.home.refused"), s.section("refused", text))
	}
	numbers := fieldBlocks(s, "numbers", h.Numbers, func(f bot.Field) string {
		return pair(literal(f.Name, 60), literal(f.Value, 60))
	})
	if numbers != nil {
		blocks = append(blocks, s.header("slack.home.numbers"))
	}
	return append(blocks, numbers...)
}

// fitting is what is drawn if that leaves room for so much text, else nothing of it.
func (s *sheet) fitting(room int, draw func() []slack.Block) []slack.Block {
	before := *s
	if blocks := draw(); s.left >= room {
		return blocks
	}
	*s = before
	return nil
}

// rest says how many stand elsewhere.
func (s *sheet) rest(n int) slack.Block {
	return s.section("rest", s.words.Say("slack.home.rest", n))
}

// homeStops are the pauses and breakers, each with the button that lifts it where
// the person may.
func homeStops(s *sheet, h bot.Home) []slack.Block {
	var out []slack.Block
	for i, p := range h.Paused[:min(len(h.Paused), maxPaused)] {
		text := literal(p.Text, maxStop)
		if text == "" {
			continue
		}
		b := &bot.Button{Act: liftPause, Offer: p.Holds, Label: s.words.Say("act.resume"), Confirm: &bot.Confirm{
			Title: s.words.Say("slack.home.resume.title"), Text: s.words.Say("slack.home.resume", line(p.Scope, 150)), Yes: s.words.Say("act.resume")}}
		if p.Scope == "" {
			b = nil
		}
		stop := s.fitting(homeOpen, func() []slack.Block { return []slack.Block{s.lifted("paused", text, p.Scope, b)} })
		if stop == nil {
			out = append(out, s.rest(len(h.Paused)-i))
			break
		}
		out = append(out, stop...)
	}
	if len(out) == 0 {
		return nil
	}
	return append([]slack.Block{s.header("slack.home.paused")}, out...)
}

// homeWindows are the maintenance windows, those that are not open yet with
// their beginning.
func homeWindows(s *sheet, h bot.Home) []slack.Block {
	var out []slack.Block
	for i, p := range h.Planned[:min(len(h.Planned), maxPaused)] {
		text := literal(p.Text, maxStop)
		if text == "" {
			continue
		}
		when := s.words.Say("slack.home.until", s.moment(p.Until))
		if p.From.After(h.Updated) {
			when = s.words.Say("slack.home.from", s.moment(p.From), s.moment(p.Until))
		}
		var b *bot.Button
		if p.End != 0 {
			b = &bot.Button{Act: liftWindow, Label: s.words.Say("slack.home.end"), Confirm: &bot.Confirm{
				Title: s.words.Say("slack.home.end.title"), Text: s.words.Say("slack.home.end.text", line(p.Text, 150)), Yes: s.words.Say("slack.home.end")}}
		}
		window := s.fitting(homeOpen, func() []slack.Block {
			return []slack.Block{s.lifted("planned", text+" · "+when, strconv.Itoa(p.End), b)}
		})
		if window == nil {
			out = append(out, s.rest(len(h.Planned)-i))
			break
		}
		out = append(out, window...)
	}
	if len(out) == 0 {
		return nil
	}
	return append([]slack.Block{s.header("slack.home.planned")}, out...)
}

// lifted is what holds recoveries, with the button that lifts it; nil: it has none.
func (s *sheet) lifted(name, text, what string, b *bot.Button) slack.Block {
	section := s.section(name, text)
	if b == nil {
		return section
	}
	if e := drawButton(s, bot.Card{Incident: what}, *b, false); e != nil {
		section.Accessory = slack.NewAccessory(e)
	}
	return section
}

// lifting is a click on Home that lifts something, as the conductor knows it.
func lifting(c bot.Click) bot.Click {
	switch c.Act {
	case liftPause:
		c.Act, c.Scope, c.Incident = bot.DoResume, c.Incident, ""
	case liftWindow:
		c.Act, c.Text, c.Incident = bot.DoEndMaintenance, c.Incident, ""
	}
	return c
}

func (s *sheet) header(key string) slack.Block {
	return slack.NewHeaderBlock(s.sure(s.words.Say(key), key, maxHeader), slack.HeaderBlockOptionBlockID(s.id("header")))
}

// homeHeads are what stands above the incidents of each place.
var homeHeads = map[bot.HomePlace]string{bot.HomeWaits: "slack.home.waits", bot.HomeMine: "slack.home.mine", bot.HomeOther: "slack.home.open"}

// homeLines are the open incidents, by what they are to the person, each with a
// way to its card.
func homeLines(s *sheet, h bot.Home, archive string) []slack.Block {
	if len(h.Open) == 0 {
		return []slack.Block{s.header("slack.home.open"), s.section("none", escape(s.words.Say("slack.home.none")))}
	}
	var blocks []slack.Block
	for i, l := range h.Open {
		head := ""
		switch {
		case i > 0 && h.Open[i-1].Place == l.Place:
		case i > 0 && l.Place == bot.HomeOther:
			head = "slack.home.others"
		default:
			head = homeHeads[l.Place]
		}
		var one []slack.Block
		if i < maxHomeLines {
			one = s.fitting(homeMore, func() []slack.Block { return homeBlocks(s, l, head, archive) })
		}
		if one == nil {
			return append(blocks, s.section("more", s.words.Say("slack.home.more", len(h.Open)-i+h.More)))
		}
		blocks = append(blocks, one...)
	}
	if h.More > 0 {
		blocks = append(blocks, s.section("more", s.words.Say("slack.home.more", h.More)))
	}
	return blocks
}

// homeBlocks are one incident, with a header above the first of its place. What is
// the person's has its acts beneath it, the others only the way to the card.
func homeBlocks(s *sheet, l bot.HomeLine, head, archive string) (blocks []slack.Block) {
	if head != "" {
		blocks = append(blocks, s.header(head))
	}
	section := s.section("open", homeLine(s, l))
	var to *slack.ButtonBlockElement
	if address, key := cardAddress(l, archive); address != "" {
		to = slack.NewButtonBlockElement(actionPrefix+"open", "", s.sure(s.words.Say(key), "Open", maxLabel))
		to.URL = address
	}
	menu := drawMenu(s, bot.Card{Incident: l.Incident}, l.Acts)
	switch {
	case l.Place != bot.HomeOther && to != nil && menu != nil:
		if l.Place == bot.HomeWaits {
			to.Style = slack.StylePrimary
		}
		return append(blocks, section, slack.NewActionBlock(s.id("acts"), to, menu))
	case to != nil:
		section.Accessory = slack.NewAccessory(to)
	}
	return append(blocks, section)
}

func homeLine(s *sheet, l bot.HomeLine) string {
	title := "*" + cmpOr(literal("#"+itoa(l.Number)+" "+strings.TrimPrefix(l.Title, "#"+itoa(l.Number)+" "), 150), "#"+itoa(l.Number)) + "*"
	if l.Waits != "" {
		waits := s.words.Say("slack.home.act", literal(l.Waits, 60))
		if !l.Until.IsZero() {
			waits += " " + s.words.Say("slack.home.until", s.moment(l.Until))
		}
		title += "\n" + waits
	}
	holder := s.words.Say("slack.home.nobody")
	if l.Holder != "" {
		holder = s.words.Say("slack.home.holder", literal(l.Holder, 60))
	}
	parts := []string{holder}
	if status := literal(l.Status, 150); status != "" {
		parts = []string{status, holder}
	}
	if service := literal(l.Service, 60); service != "" {
		parts = append(parts, service)
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
