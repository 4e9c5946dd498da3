package slack

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Click is a person using one interactive element: pressing a button, choosing
// from a menu. It is in a message (Channel and MessageTS) or in a modal or Home
// (ViewID). A confirm dialog has been answered before.
type Click struct {
	User      string `json:"user"`
	Channel   string `json:"channel,omitempty"`
	MessageTS string `json:"message_ts,omitempty"`
	ViewID    string `json:"view_id,omitempty"`
	// BlockID may be empty where ActionID says enough.
	BlockID  string `json:"block_id,omitempty"`
	ActionID string `json:"action_id"`
	// Value chooses among buttons: one with another value is not the one.
	Value string `json:"value,omitempty"`
	// SelectedOption is the value of what was chosen in a menu, overflow,
	// radio buttons or a picker; SelectedOptions of what several were.
	SelectedOption  string   `json:"selected_option,omitempty"`
	SelectedOptions []string `json:"selected_options,omitempty"`
	// Version is the version of the message that is on the person's screen
	// (Message.Version); 0 is the newest.
	Version int `json:"version,omitempty"`
	// Stale presses the newest earlier version that has the element: the
	// person's screen is behind. It needs no Version.
	Stale bool `json:"stale,omitempty"`
	// Inputs are the other inputs of the modal as they stand.
	Inputs Values `json:"inputs,omitempty"`
}

// target is a found element, and where it stands.
type target struct {
	element    map[string]any
	blockID    string
	blocks     []any // those it stands among
	attachment int   // 1…, 0 if in none
}

// Click presses an element and waits for the app's acknowledgement, at most
// 3 s. It returns ErrNotThere for what this person cannot see right now, and
// ErrRefused for what Slack would not allow.
func (s *Server) Click(ctx context.Context, c Click) (Result, error) {
	return s.wait(ctx, func(r *Result) (*envelope, error) {
		u, err := s.person(c.User)
		if err != nil {
			return nil, err
		}
		var payload map[string]any
		if c.ViewID != "" {
			payload, err = s.clickView(u, c, r)
		} else {
			payload, err = s.clickMessage(u, c, r)
		}
		if err != nil {
			return nil, err
		}
		return s.watched(&envelope{kind: "interactive", payload: payload}, Failure{
			User: u.ID, Channel: c.Channel, MessageTS: c.MessageTS, ViewID: c.ViewID, BlockID: c.BlockID, ActionID: c.ActionID,
		}), nil
	})
}

// watched shows an interaction as pending until it is answered, and as failed
// when it is not.
func (s *Server) watched(e *envelope, at Failure) *envelope {
	at.At = time.Now().UTC()
	mark := &at
	s.pending[at.User] = append(s.pending[at.User], mark)
	unmark := func() {
		s.pending[at.User] = slices.DeleteFunc(s.pending[at.User], func(x *Failure) bool { return x == mark })
	}
	answered, missed := e.answered, e.missed
	e.answered = func(payload json.RawMessage) {
		unmark()
		if answered != nil {
			answered(payload)
		}
	}
	e.missed = func(reason string) {
		unmark()
		at.Text = "This app did not respond. (" + reason + ")"
		s.failures[at.User] = append(s.failures[at.User], at)
		if missed != nil {
			missed(reason)
		}
	}
	return e
}

func (s *Server) clickMessage(u User, c Click, r *Result) (map[string]any, error) {
	ch := s.channel(c.Channel)
	if ch == nil || !ch.visible(u.ID) {
		return nil, refuse(ErrNotThere, "channel %q", c.Channel)
	}
	if !ch.has(u.ID) {
		return nil, refuse(ErrRefused, "%s is not in %s", u.Name, ch.Name)
	}
	m := ch.find(c.MessageTS)
	if m == nil || m.Ephemeral && m.To != u.ID {
		return nil, refuse(ErrNotThere, "message %q", c.MessageTS)
	}
	seen, t, err := m.on(c)
	if err != nil {
		return nil, err
	}
	action, inputs, err := act(t, c, s.ts())
	if err != nil {
		return nil, err
	}
	values, err := state(t.blocks, inputs)
	if err != nil {
		return nil, err
	}
	p := s.about("block_actions", u)
	container := map[string]any{
		"type": "message", "message_ts": m.TS, "channel_id": ch.ID, "is_ephemeral": m.Ephemeral, "is_app_unfurl": false,
	}
	if t.attachment > 0 {
		container["type"], container["attachment_id"] = "message_attachment", t.attachment
	}
	if m.ThreadTS != "" {
		container["thread_ts"] = m.ThreadTS
	}
	r.TriggerID = s.newTrigger(u.ID, "")
	r.ResponseURL = s.newAnswer(answerURL{user: u.ID, channel: ch.ID, origin: m})
	maps.Copy(p, map[string]any{
		"container": container, "channel": place(ch), "trigger_id": r.TriggerID, "response_url": r.ResponseURL,
		"actions": []any{action}, "state": values,
	})
	if !m.Ephemeral {
		p["message"] = s.object(seen, true)
	}
	return p, nil
}

// on finds the version of a message that a click means, and the element in it.
func (m *message) on(c Click) (Message, target, error) {
	if !c.Stale {
		v, ok := m.version(c.Version)
		if !ok {
			return v, target{}, refuse(ErrNotThere, "version %d", c.Version)
		}
		t, ok := v.element(c)
		if !ok {
			return v, t, refuse(ErrNotThere, "element %q in message %s", c.ActionID, m.TS)
		}
		return v, t, nil
	}
	for _, old := range slices.Backward(m.Old) {
		if t, ok := old.element(c); ok {
			return old, t, nil
		}
	}
	return Message{}, target{}, refuse(ErrNotThere, "element %q in any earlier version", c.ActionID)
}

// element finds what a click means in a message.
func (m Message) element(c Click) (target, bool) {
	blocks, _ := decode(m.Blocks)
	if list, _ := blocks.([]any); len(list) > 0 {
		if t, ok := elementIn(list, c); ok {
			return t, true
		}
	}
	attachments, _ := decode(m.Attachments)
	list, _ := attachments.([]any)
	for i, a := range list {
		o, _ := a.(map[string]any)
		inner, _ := o["blocks"].([]any)
		if t, ok := elementIn(inner, c); ok {
			t.attachment = i + 1
			return t, true
		}
	}
	return target{}, false
}

func elementIn(blocks []any, c Click) (target, bool) {
	for _, b := range blocks {
		o, _ := b.(map[string]any)
		id, _ := o["block_id"].(string)
		if c.BlockID != "" && c.BlockID != id {
			continue
		}
		for _, e := range elementsOf(o) {
			value, _ := e["value"].(string)
			if e["action_id"] == c.ActionID && (c.Value == "" || e["type"] != "button" || value == c.Value) {
				return target{element: e, blockID: id, blocks: blocks}, true
			}
		}
	}
	return target{}, false
}

// act describes what was done to an element, and adds it to the inputs.
func act(t target, c Click, ts string) (map[string]any, Values, error) {
	action := map[string]any{
		"type": t.element["type"], "action_id": t.element["action_id"], "block_id": t.blockID, "action_ts": ts,
	}
	if t.element["type"] == "button" || t.element["type"] == "workflow_button" {
		for _, key := range words("text value style url") {
			if t.element[key] != nil {
				action[key] = t.element[key]
			}
		}
		return action, c.Inputs, nil
	}
	v := Value{Value: c.SelectedOption, Values: c.SelectedOptions}
	if v.Value == "" {
		v.Value = c.Value
	}
	chosen, err := chosen(t.element, v)
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(action, chosen)
	inputs := Values{}
	maps.Copy(inputs, c.Inputs)
	block := maps.Clone(inputs[t.blockID])
	if block == nil {
		block = map[string]Value{}
	}
	id, _ := t.element["action_id"].(string)
	block[id] = v
	inputs[t.blockID] = block
	return action, inputs, nil
}
