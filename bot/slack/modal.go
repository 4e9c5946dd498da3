package slack

import (
	"encoding/json"
	"fmt"

	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// The names of the Add Note dialogue and of what is in it.
const (
	noteCallback = actionPrefix + "note"
	noteBlock    = "note"
	noteInput    = "text"
	maxNote      = 3000
	maxPrivate   = 3000
)

// noted is what the dialogue remembers while it is open.
type noted struct {
	Incident string `json:"incident"`
	Channel  string `json:"channel,omitempty"`
	Thread   string `json:"thread,omitempty"`
}

// noteView is the Add Note dialogue for an incident.
func noteView(about noted, w words.Catalogue) (slack.ModalViewRequest, error) {
	private, err := json.Marshal(about)
	if err != nil {
		return slack.ModalViewRequest{}, fmt.Errorf("slack: draw note dialogue: %w", err)
	}
	if len(private) > maxPrivate {
		return slack.ModalViewRequest{}, fmt.Errorf("slack: draw note dialogue: the incident's key is too long")
	}
	s := &sheet{words: w, left: textLimit}
	say := func(key string, n int) *slack.TextBlockObject { return s.sure(w.Say(key), key, n) }
	input := slack.NewPlainTextInputBlockElement(nil, noteInput)
	input.Multiline, input.MaxLength, input.FocusOnLoad = true, maxNote, true
	return slack.ModalViewRequest{
		Type: slack.VTModal, CallbackID: noteCallback, PrivateMetadata: string(private),
		Title: say("slack.note.title", 24), Submit: say("slack.note.send", 24), Close: say("slack.note.close", 24),
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock(noteBlock, say("slack.note.label", 150), say("slack.note.hint", 300), input),
		}},
	}, nil
}
