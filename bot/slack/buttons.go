package slack

import (
	"strings"
	"unicode/utf8"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// What Slack allows of buttons, of those that a card has.
const (
	maxButtons     = 10
	maxOptions     = 5
	maxLabel       = 75
	maxButtonValue = 2000
	maxOptionValue = 150
)

// actionPrefix begins the action_id of everything that is ours to answer.
const actionPrefix = "ams."

// overflowAction is the action_id of the menu of further acts.
const overflowAction = actionPrefix + "more"

// drawActions is the row of buttons with the menu at its end. A dialogue
// belongs to an element and not to an option, so what has to be confirmed is a
// button, wherever the card has it.
func drawActions(s *sheet, card bot.Card) []slack.Block {
	visible, menu := card.Buttons, []bot.Button{}
	for _, b := range card.More {
		if b.Confirm != nil && !address(b.URL) {
			visible = append(visible[:len(visible):len(visible)], b)
		} else {
			menu = append(menu, b)
		}
	}
	var elements []slack.BlockElement
	primary := false
	for _, b := range visible[:min(len(visible), maxButtons)] {
		if e := drawButton(s, card, b, !primary); e != nil {
			primary = primary || e.Style == slack.StylePrimary
			e.ActionID = unique(elements, e.ActionID)
			elements = append(elements, e)
		}
	}
	if o := drawMenu(s, card, menu); o != nil {
		elements = append(elements, o)
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock(s.id("actions"), elements...)}
}

// drawLinks is a row of its own with what people may want to open.
func drawLinks(s *sheet, card bot.Card) []slack.Block {
	var elements []slack.BlockElement
	for _, b := range card.Links[:min(len(card.Links), maxOptions)] {
		if !address(b.URL) {
			continue
		}
		if e := drawButton(s, card, b, false); e != nil {
			e.ActionID = unique(elements, e.ActionID)
			elements = append(elements, e)
		}
	}
	if len(elements) == 0 {
		return nil
	}
	return []slack.Block{slack.NewActionBlock(s.id("links"), elements...)}
}

// unique makes an action_id that no button of the row has yet.
func unique(row []slack.BlockElement, id string) string {
	for _, e := range row {
		if b, ok := e.(*slack.ButtonBlockElement); ok && b.ActionID == id {
			return unique(row, id+"+")
		}
	}
	return id
}

// drawButton is a button, or nil for one that could not be pressed: without a
// label, with an act that no token can name.
func drawButton(s *sheet, card bot.Card, b bot.Button, mayPrimary bool) *slack.ButtonBlockElement {
	value := press{Act: b.Act, Offer: b.Offer, Override: b.Override, Incident: card.Incident}.token()
	if _, err := parsePress(value); err != nil || utf8.RuneCountInString(value) > maxButtonValue || line(b.Label, maxLabel) == "" {
		return nil
	}
	if b.URL != "" && !address(b.URL) {
		return nil
	}
	label := s.plain(b.Label, maxLabel)
	if label == nil {
		return nil
	}
	e := slack.NewButtonBlockElement(actionPrefix+b.Act, value, label)
	e.URL = b.URL
	switch {
	case b.Primary && mayPrimary:
		e.Style = slack.StylePrimary
	case b.Danger:
		e.Style = slack.StyleDanger
	}
	if b.Confirm != nil && b.URL == "" {
		e.Confirm = s.confirm(b)
	}
	return e
}

// confirm is the dialogue before an act. The verb on its button is the act's.
func (s *sheet) confirm(b bot.Button) *slack.ConfirmationBlockObject {
	c := slack.NewConfirmationBlockObject(
		s.sure(b.Confirm.Title, s.words.Say("slack.confirm.title"), 100),
		s.lines(b.Confirm.Text, s.words.Say("slack.confirm.text"), 300),
		s.sure(b.Confirm.Yes, b.Label, 30),
		s.sure(b.Confirm.No, s.words.Say("slack.confirm.no"), 30))
	if b.Danger {
		c.Style = slack.StyleDanger
	}
	return c
}

// drawMenu is the overflow menu, or nil when nothing is in it.
func drawMenu(s *sheet, card bot.Card, buttons []bot.Button) *slack.OverflowBlockElement {
	var options []*slack.OptionBlockObject
	for _, b := range buttons {
		value := press{Act: b.Act, Offer: b.Offer, Override: b.Override, Incident: card.Incident}.token()
		if _, err := parsePress(value); err != nil || utf8.RuneCountInString(value) > maxOptionValue {
			continue
		}
		if b.URL != "" && !address(b.URL) {
			continue
		}
		if label := s.plain(strings.TrimSpace(b.Label), maxLabel); label != nil && len(options) < maxOptions {
			o := slack.NewOptionBlockObject(value, label, nil)
			o.URL = b.URL
			options = append(options, o)
		}
	}
	if len(options) == 0 {
		return nil
	}
	return slack.NewOverflowBlockElement(overflowAction, options...)
}
