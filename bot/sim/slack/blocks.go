package slack

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	// maxMessageText is about where msg_blocks_too_long begins; Slack's own
	// count has a buffer for containers that nobody has measured.
	maxMessageText = 13000
	maxMarkdown    = 12000
)

// blockSurfaces says where each known block may stand. Newer ones (card,
// carousel, container, data_table, plan, task_card, …) are refused everywhere:
// clients do not agree on them.
var blockSurfaces = map[string][]surface{
	"section": {inMessage, inModal, inHome}, "divider": {inMessage, inModal, inHome},
	"header": {inMessage, inModal, inHome}, "actions": {inMessage, inModal, inHome},
	"context": {inMessage, inModal, inHome}, "image": {inMessage, inModal, inHome},
	"rich_text": {inMessage, inModal, inHome}, "video": {inMessage, inModal, inHome},
	"input": {inMessage, inModal, inHome}, "table": {inMessage, inHome},
	"markdown": {inMessage}, "alert": {inModal}, "file": {inMessage},
}

// blockShapes says what each block may have. It is filled in init because the
// rules refer to each other.
var blockShapes map[string]shape

func init() {
	name := may(str(1, 255))
	blockShapes = map[string]shape{
		"section": {
			"type": must(anyValue), "block_id": name, "expand": may(truth),
			"text": may(text(1, 3000)), "fields": may(list(1, 10, text(1, 2000))),
			"accessory": may(kinds(elementShapes, accessories...)),
		},
		"divider": {"type": must(anyValue), "block_id": name},
		"header":  {"type": must(anyValue), "block_id": name, "text": must(plain(1, 150))},
		"actions": {
			"type": must(anyValue), "block_id": name,
			"elements": must(list(1, 25, kinds(elementShapes, inActions...))),
		},
		"context": {"type": must(anyValue), "block_id": name, "elements": must(list(1, 10, contextElement))},
		"image": {
			"type": must(anyValue), "block_id": name, "alt_text": must(str(1, 2000)), "title": may(plain(1, 2000)),
			"image_url": may(link), "slack_file": may(slackFile),
		},
		"input": {
			"type": must(anyValue), "block_id": name, "label": must(plain(1, 2000)), "hint": may(plain(1, 2000)),
			"optional": may(truth), "dispatch_action": may(truth), "element": must(kinds(elementShapes, inInput...)),
		},
		"rich_text": {"type": must(anyValue), "block_id": name, "elements": must(list(0, 1000, richElement))},
		"markdown":  {"type": must(anyValue), "block_id": name, "text": must(markdownText)},
		"alert": {
			"type": must(anyValue), "block_id": name, "text": must(text(1, 200)),
			"level": may(among("default", "info", "warning", "error", "success")),
		},
		"table": {
			"type": must(anyValue), "block_id": name,
			"rows":            must(list(1, 100, list(1, 20, tableCell))),
			"column_settings": may(list(0, 20, anyValue)),
		},
		"file": {"type": must(anyValue), "block_id": name, "external_id": must(str(1, 255)), "source": must(among("remote"))},
		"video": {
			"type": must(anyValue), "block_id": name, "alt_text": must(str(1, 2000)), "title": must(plain(1, 199)),
			"video_url": must(link), "thumbnail_url": must(link), "title_url": may(link),
			"description": may(plain(1, 200)), "author_name": may(str(0, 49)),
			"provider_name": may(str(0, 200)), "provider_icon_url": may(link),
		},
	}
}

// block judges one block, with what no shape can say.
func block(c *check, at string, v any) {
	o, ok := v.(map[string]any)
	if !ok {
		c.fail(at, "must provide an object")
		return
	}
	kind, _ := o["type"].(string)
	if kind == "" {
		c.fail(at, "missing required field: type")
		return
	}
	if !slices.Contains(blockSurfaces[kind], c.on) {
		c.fail(at+"/type", "unsupported type: %s", kind)
		return
	}
	before := c.chars
	blockShapes[kind].judge(c, at, o)
	c.uniqueBlock(at, o)
	c.uniqueActions(at, o)
	switch kind {
	case "section":
		if o["text"] == nil && o["fields"] == nil {
			c.fail(at, "missing required field: text or fields")
		}
	case "image":
		c.oneSource(at, o)
	case "input":
		c.inputs++
	case "table":
		c.table(at, c.chars-before)
	}
}

// table allows one table a message, of 10,000 characters.
func (c *check) table(at string, chars int) {
	c.tables++
	if c.tables > 1 {
		c.fail(at, "only one table is allowed")
	}
	if chars > 10000 {
		c.fail(at, "must be less than 10001 characters")
	}
}

func (c *check) uniqueBlock(at string, o map[string]any) {
	id, _ := o["block_id"].(string)
	if id == "" {
		return
	}
	if slices.Contains(c.blockIDs, id) {
		c.fail(at+"/block_id", "`block_id` %s already exists", id)
	}
	c.blockIDs = append(c.blockIDs, id)
}

// uniqueActions refuses two elements of one block with the same action_id.
func (c *check) uniqueActions(at string, o map[string]any) {
	var seen []string
	for _, e := range elementsOf(o) {
		id, _ := e["action_id"].(string)
		if id == "" {
			continue
		}
		if slices.Contains(seen, id) {
			c.fail(at, "`action_id` %s already exists", id)
		}
		seen = append(seen, id)
	}
}

// oneSource wants exactly one of image_url and slack_file.
func (c *check) oneSource(at string, o map[string]any) {
	if (o["image_url"] == nil) == (o["slack_file"] == nil) {
		c.fail(at, "must have exactly one of image_url, slack_file")
	}
}

// elementsOf lists the interactive elements of a block.
func elementsOf(block map[string]any) []map[string]any {
	var all []map[string]any
	add := func(v any) {
		if e, ok := v.(map[string]any); ok {
			if kind, _ := e["type"].(string); interactive[kind] {
				all = append(all, e)
			}
		}
	}
	switch block["type"] {
	case "actions":
		items, _ := block["elements"].([]any)
		for _, e := range items {
			add(e)
		}
	case "section":
		add(block["accessory"])
	case "input":
		add(block["element"])
	}
	return all
}

// contextElement is an image or a text.
func contextElement(c *check, at string, v any) {
	o, _ := v.(map[string]any)
	if o["type"] == "image" {
		kinds(elementShapes, "image")(c, at, v)
		return
	}
	text(1, 3000)(c, at, v)
}

func markdownText(c *check, at string, v any) {
	count(str(1, maxMarkdown))(c, at, v)
	s, _ := v.(string)
	c.markdown += utf8.RuneCountInString(s)
	if c.markdown > maxMarkdown && utf8.RuneCountInString(s) <= maxMarkdown {
		c.fail(at, "must be less than %d characters over all markdown blocks", maxMarkdown+1)
	}
}

// tableCell is raw_text or a whole rich_text.
func tableCell(c *check, at string, v any) {
	o, _ := v.(map[string]any)
	switch o["type"] {
	case "raw_text":
		shape{"type": must(anyValue), "text": must(count(str(1, 10000)))}.judge(c, at, o)
	case "rich_text":
		blockShapes["rich_text"].judge(c, at, o)
	default:
		c.fail(at+"/type", "unsupported type: %v", o["type"])
	}
}

// blocks judges an array of blocks at a place.
func (c *check) blocks(at string, v any, least, most int) {
	list(least, most, block)(c, at, v)
}

// name gives every block a block_id and every interactive element an
// action_id, as Slack does when the app gave none.
func (s *Server) name(blocks any) {
	items, _ := blocks.([]any)
	for _, b := range items {
		o, ok := b.(map[string]any)
		if !ok {
			continue
		}
		if id, _ := o["block_id"].(string); id == "" || o["type"] == "markdown" {
			o["block_id"] = s.short()
		}
		for _, e := range elementsOf(o) {
			if id, _ := e["action_id"].(string); id == "" {
				e["action_id"] = s.short()
			}
		}
	}
}

// short makes an id of five characters, as Slack gives to blocks.
func (s *Server) short() string {
	s.serial++
	return fmt.Sprintf("%05x", (s.serial*48271)%0xfffff)
}
