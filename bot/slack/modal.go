package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// What Slack allows of a dialogue.
const (
	formCallback = actionPrefix + "form"
	problemBlock = "problem" // what is wrong with all of it
	maxPrivate   = 3000
	maxTitle     = 24
	maxEntryHint = 300
	maxEntryText = 3000
	maxNote      = 3000 // of a text after a slash command
)

// carried is what a dialogue remembers while it is open: of which act it is, and
// where its answer goes.
type carried struct {
	Act      string `json:"act"`
	Incident string `json:"incident,omitempty"`
	Offer    uint64 `json:"offer,omitempty"`
	Override bool   `json:"override,omitempty"`
	Typed    bool   `json:"typed,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Thread   string `json:"thread,omitempty"`
}

// formView draws a dialogue. Every field is an input block named ACT.FIELD, so that
// what was typed stays while the same dialogue is drawn again, and goes when another
// takes its place. It is pure.
func formView(f bot.Form, about carried, w words.Catalogue) (slack.ModalViewRequest, error) {
	about.Act, about.Incident, about.Offer, about.Override = f.Act, f.Incident, f.Offer, f.Override
	private, err := json.Marshal(about)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("slack: draw dialogue %s: %w", f.Act, err)
	}
	if len(private) > maxPrivate {
		return slack.ModalViewRequest{}, fmt.Errorf("slack: draw dialogue %s: the incident's key is too long", f.Act)
	}
	s := &sheet{words: w, left: textLimit}
	v := plainView(s, f.Title, f.Text)
	v.CallbackID, v.PrivateMetadata = formCallback, string(private)
	v.Submit = s.sure(f.Send, w.Say("slack.form.send"), maxTitle)
	v.Close = s.sure(w.Say("slack.form.close"), "Cancel", maxTitle)
	for i, e := range f.Fields {
		// The cursor is where one writes, where that is at the top.
		input := drawEntry(s, e, e.Kind == bot.EntryText && i < 2)
		if input == nil {
			continue
		}
		var hint *slack.TextBlockObject
		if e.Hint != "" {
			hint = s.sure(e.Hint, e.Name, maxEntryHint)
		}
		block := slack.NewInputBlock(f.Act+"."+e.Name, s.sure(e.Label, e.Name, 150), hint, input)
		block.Optional = e.Optional
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, block)
	}
	return v, nil
}

// plainView is a dialogue with a text and nothing to send.
func plainView(s *sheet, title, text string) slack.ModalViewRequest {
	v := slack.ModalViewRequest{
		Type: slack.VTModal, Title: s.sure(title, "amsbot", maxTitle),
		Close: s.sure(s.words.Say("slack.form.shut"), "Close", maxTitle),
	}
	if text = strings.TrimSpace(text); text != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewSectionBlock(s.lines(text, "…", maxEntryText), nil, nil, slack.SectionBlockOptionBlockID("about")))
	}
	return v
}

// drawEntry is the element of a field; nil for one that offers nothing.
func drawEntry(s *sheet, e bot.Entry, focus bool) slack.BlockElement {
	switch e.Kind {
	case bot.EntryChoice, bot.EntryTick:
		return drawChoices(s, e)
	case bot.EntryMoment:
		at := slack.NewDateTimePickerBlockElement(e.Name)
		if seconds, err := strconv.ParseInt(e.Value, 10, 64); err == nil {
			at.InitialDateTime = seconds
		}
		return at
	}
	text := slack.NewPlainTextInputBlockElement(nil, e.Name)
	text.Multiline, text.MaxLength, text.FocusOnLoad = e.Kind == bot.EntryText, min(e.Most, maxEntryText), focus
	text.InitialValue = clip(e.Value, maxEntryText)
	return text
}

// drawChoices is a menu, or a box to tick.
func drawChoices(s *sheet, e bot.Entry) slack.BlockElement {
	var all []*slack.OptionBlockObject
	var first *slack.OptionBlockObject
	for _, c := range e.Choices {
		if c.Value == "" || utf8.RuneCountInString(c.Value) > maxOptionValue || line(c.Label, maxLabel) == "" || len(all) == maxChoices {
			continue
		}
		option := slack.NewOptionBlockObject(c.Value, slack.NewTextBlockObject(slack.PlainTextType, line(c.Label, maxLabel), false, false), nil)
		if note := line(c.Note, maxLabel); note != "" {
			option.Description = slack.NewTextBlockObject(slack.PlainTextType, note, false, false)
		}
		if c.Value == e.Value {
			first = option
		}
		all = append(all, option)
	}
	switch {
	case len(all) == 0:
		return nil
	case e.Kind == bot.EntryTick:
		box := slack.NewCheckboxGroupsBlockElement(e.Name, all[0])
		if first != nil {
			box.InitialOptions = []*slack.OptionBlockObject{first}
		}
		return box
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, s.sure(s.words.Say("slack.form.choose"), "Choose", 150), e.Name, all...)
	menu.InitialOption = first
	return menu
}

// filledIn is what a dialogue's fields say, by their names; what was left empty is
// left out.
func filledIn(v slack.View, act string) map[string]string {
	out := map[string]string{}
	if v.State == nil {
		return out
	}
	for block, inputs := range v.State.Values {
		name, ours := strings.CutPrefix(block, act+".")
		if !ours {
			continue
		}
		in := inputs[name]
		value := in.Value
		switch {
		case in.SelectedOption.Value != "":
			value = in.SelectedOption.Value
		case len(in.SelectedOptions) > 0:
			value = in.SelectedOptions[0].Value
		case in.SelectedDateTime > 0:
			value = strconv.FormatInt(in.SelectedDateTime, 10)
		}
		if value = strings.TrimSpace(clip(clean(value, maxEntryText+1), maxEntryText)); value != "" {
			out[name] = value
		}
	}
	return out
}

// redrawn is a dialogue as it stands, with a sentence at its head: mrkdwn that is
// escaped already. What was typed into it stays.
func redrawn(v slack.View, mrkdwn string, w words.Catalogue) slack.ModalViewRequest {
	s := &sheet{words: w, left: textLimit}
	head := slack.NewSectionBlock(s.mrkdwn(clippedMrkdwn(mrkdwn, maxEntryText)), nil, nil, slack.SectionBlockOptionBlockID(problemBlock))
	blocks := []slack.Block{head}
	for _, b := range v.Blocks.BlockSet {
		if b.ID() != problemBlock {
			blocks = append(blocks, b)
		}
	}
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: v.CallbackID, PrivateMetadata: v.PrivateMetadata,
		Title: v.Title, Submit: v.Submit, Close: v.Close, Blocks: slack.Blocks{BlockSet: blocks},
	}
}

// meanwhile stands in the place of a dialogue until that is drawn anew.
func meanwhile(v slack.View, key string, w words.Catalogue) slack.ModalViewRequest {
	s := &sheet{words: w, left: textLimit}
	out := plainView(s, "amsbot", w.Say(key))
	if v.Title != nil {
		out.Title = v.Title
	}
	return out
}

// typedInto is a dialogue with what was typed into its fields: Slack keeps that only
// while they stand. What has been acknowledged is still being written: the fields
// are copies.
func typedInto(v slack.ModalViewRequest, state *slack.ViewState) slack.ModalViewRequest {
	if state == nil {
		return v
	}
	blocks := slices.Clone(v.Blocks.BlockSet)
	for i, b := range blocks {
		field, ok := b.(*slack.InputBlock)
		if !ok {
			continue
		}
		for _, in := range state.Values[field.BlockID] {
			again := *field
			again.Element = filledWith(field.Element, in)
			blocks[i] = &again
		}
	}
	v.Blocks.BlockSet = blocks
	return v
}

// filledWith is a field with what was typed into it or chosen there, as far as it
// is still offered.
func filledWith(e slack.BlockElement, in slack.BlockAction) slack.BlockElement {
	switch e := e.(type) {
	case *slack.PlainTextInputBlockElement:
		again := *e
		again.InitialValue = clip(in.Value, maxEntryText)
		return &again
	case *slack.SelectBlockElement:
		again := *e
		if i := slices.IndexFunc(e.Options, func(o *slack.OptionBlockObject) bool { return o.Value == in.SelectedOption.Value }); i >= 0 {
			again.InitialOption = e.Options[i]
		}
		return &again
	case *slack.CheckboxGroupsBlockElement:
		again := *e
		again.InitialOptions = nil
		for _, o := range e.Options {
			if slices.ContainsFunc(in.SelectedOptions, func(ticked slack.OptionBlockObject) bool { return ticked.Value == o.Value }) {
				again.InitialOptions = append(again.InitialOptions, o)
			}
		}
		return &again
	case *slack.DateTimePickerBlockElement:
		again := *e
		again.InitialDateTime = in.SelectedDateTime
		return &again
	}
	return e
}

// wrongAt are the errors of a dialogue, as Slack shows them at the fields.
func wrongAt(act string, wrong map[string]string) *slack.ViewSubmissionResponse {
	errors := map[string]string{}
	for name, text := range wrong {
		errors[act+"."+name] = line(text, maxEntryHint)
	}
	return slack.NewErrorsViewSubmissionResponse(errors)
}
