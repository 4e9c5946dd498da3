package pagerduty

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// How long a note may be is nowhere documented. What is refused as too long or
// malformed is tried once more, short, unless it was short already.
const (
	longNote  = 10000 // runes
	shortNote = 2000
	cutMark   = "\n[…]"
)

// note is a note as the REST API answers it.
type note struct {
	ID      text
	Content wholeText
}

// wholeText is a text that is not cut: the marker stands at its end.
type wholeText string

func (w *wholeText) UnmarshalJSON(data []byte) error {
	var s loose[string]
	_ = s.UnmarshalJSON(data) // it never fails
	*w = wholeText(s.v)
	return nil
}

// note writes a note, see bot.NoteArgs.
func (c *Client) note(ctx context.Context, e *errand) {
	reference := e.say("pagerduty.reference", e.act.Marker())
	long, short := noteText(e.note.Content, reference, longNote), noteText(e.note.Content, reference, shortNote)
	id, err := c.postNote(ctx, e, long)
	var failed *callError
	if errors.As(err, &failed) && tooLong(failed.status) && short != long {
		id, err = c.postNote(ctx, e, short)
	}
	if err != nil {
		e.failed(err)
		return
	}
	e.settle(outbox.Result{State: outbox.Done, Ref: id})
}

func tooLong(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status == http.StatusUnprocessableEntity
}

func (c *Client) postNote(ctx context.Context, e *errand, text string) (id string, err error) {
	var answer struct{ Note loose[note] }
	err = c.exchange(ctx, call{verb: "write note on " + e.id, class: noting, write: true}, request{
		method: "POST", path: "/incidents/" + e.id + "/notes", from: e.from,
		in:  map[string]any{"note": map[string]string{"content": text}},
		out: &answer,
	})
	return named{ID: answer.Note.v.ID}.id(), err
}

// noteText is the content within the limit, with a last line by which it is found
// again.
func noteText(content, last string, most int) string {
	content = strings.TrimRight(strings.ToValidUTF8(content, "\uFFFD"), " \t\r\n")
	room := most - utf8.RuneCountInString(last) - 1
	if short := runes(content, room); short != content {
		content = runes(content, room-len(cutMark)) + cutMark
	}
	return content + "\n" + last
}

// marked says whether the note's last line is the marker.
func (n note) marked(marker string) bool {
	s := strings.TrimSpace(string(n.Content))
	last := s[strings.LastIndexByte(s, '\n')+1:]
	return last == marker || slices.ContainsFunc(words.Languages(), func(lang string) bool {
		return last == words.In(lang).Say("pagerduty.reference", marker)
	})
}
