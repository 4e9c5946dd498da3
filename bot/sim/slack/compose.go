package slack

import (
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"
)

const maxAttached = 100

// compose reads what a message is made of from a call's arguments. It decides
// nothing about where the message goes.
func (s *Server) compose(q *request) (Message, *problem) {
	m := Message{User: s.opt.Bot.ID, BotID: s.opt.BotID, Text: tidy(q.args["text"])}
	m.Unfurl = q.args["unfurl_links"] != "false"
	c := &check{on: inMessage, fileReady: s.fileReady}
	var p *problem
	if m.Blocks, p = s.checkedBlocks(c, q.args["blocks"]); p != nil {
		return m, p
	}
	if m.Attachments, p = s.checkedAttachments(c, q.args["attachments"]); p != nil {
		return m, p
	}
	if c.chars > maxMessageText {
		return m, &problem{code: "msg_blocks_too_long"}
	}
	m.Metadata, p = metadata(q.args["metadata"])
	return m, p
}

// messageBlocks judges and completes the blocks of a message by themselves.
func (s *Server) messageBlocks(raw string) (json.RawMessage, *check, *problem) {
	c := &check{on: inMessage, fileReady: s.fileReady}
	b, p := s.checkedBlocks(c, raw)
	return b, c, p
}

func (s *Server) checkedBlocks(c *check, raw string) (json.RawMessage, *problem) {
	if raw == "" {
		return nil, nil
	}
	v, ok := decode([]byte(raw))
	if !ok {
		return nil, &problem{code: "invalid_blocks_format"}
	}
	if v == nil {
		return nil, nil
	}
	if _, isArray := v.([]any); !isArray {
		return nil, &problem{code: "invalid_blocks_format"}
	}
	c.blocks("/blocks", v, 0, maxMessageBlocks)
	if len(c.problems) > 0 {
		return nil, &problem{code: "invalid_blocks", messages: c.problems}
	}
	s.name(v)
	return encode(v), nil
}

// beside are the keys that an attachment may have beside blocks.
var beside = words("blocks color fallback hide_color")

func (s *Server) checkedAttachments(c *check, raw string) (json.RawMessage, *problem) {
	if raw == "" {
		return nil, nil
	}
	v, ok := decode([]byte(raw))
	items, isArray := v.([]any)
	switch {
	case !ok || (v != nil && !isArray):
		return nil, &problem{code: "invalid_attachments"}
	case v == nil:
		return nil, nil
	case len(items) > maxAttached:
		return nil, &problem{code: "too_many_attachments"}
	}
	for i, item := range items {
		a, ok := item.(map[string]any)
		if !ok {
			return nil, &problem{code: "invalid_attachments", messages: []string{"must provide an object"}}
		}
		if p := s.checkedAttachment(c, a, i); p != nil {
			return nil, p
		}
	}
	return encode(items), nil
}

func (s *Server) checkedAttachment(c *check, a map[string]any, i int) *problem {
	a["id"] = i + 1
	blocks, _ := a["blocks"].([]any)
	if len(blocks) == 0 {
		delete(a, "blocks")
		for _, key := range words("text pretext title footer") {
			t, _ := a[key].(string)
			c.chars += utf8.RuneCountInString(t)
		}
		if fallback, _ := a["fallback"].(string); len(a) <= 1 || len(a) == 2 && a["color"] != nil {
			if fallback == "" {
				return &problem{code: "no_text"}
			}
		}
		return nil
	}
	for key := range a {
		if key != "id" && !slices.Contains(beside, key) {
			return &problem{code: "invalid_attachments", messages: []string{"invalid_keys"}}
		}
	}
	c.blocks("/attachments/"+strconv.Itoa(i)+"/blocks", blocks, 1, maxMessageBlocks)
	if len(c.problems) > 0 {
		return &problem{code: "invalid_attachments", messages: c.problems}
	}
	s.name(blocks)
	return nil
}

func metadata(raw string) (json.RawMessage, *problem) {
	if raw == "" {
		return nil, nil
	}
	var m struct {
		EventType    string         `json:"event_type"`
		EventPayload map[string]any `json:"event_payload"`
	}
	if json.Unmarshal([]byte(raw), &m) != nil {
		return nil, &problem{code: "invalid_metadata_format"}
	}
	if m.EventType == "" || m.EventPayload == nil {
		return nil, &problem{code: "invalid_metadata_schema"}
	}
	return json.RawMessage(raw), nil
}

func empty(m Message) bool { return m.Text == "" && !isList(m.Blocks) && !isList(m.Attachments) }
