package slack

// The parts of a rich_text block: its elements, and what those are made of.
var (
	richElements map[string]shape
	richParts    map[string]shape
)

func init() {
	style := may(object(shape{
		"bold": may(truth), "italic": may(truth), "strike": may(truth), "code": may(truth), "underline": may(truth),
		"highlight": may(truth), "client_highlight": may(truth), "unlink": may(truth),
	}))
	kind := must(anyValue)
	richParts = map[string]shape{
		"text":      {"type": kind, "text": must(count(str(1, 12000))), "style": style},
		"link":      {"type": kind, "url": must(link), "text": may(count(str(0, 3000))), "unsafe": may(truth), "style": style},
		"user":      {"type": kind, "user_id": must(str(1, 255)), "style": style},
		"usergroup": {"type": kind, "usergroup_id": must(str(1, 255)), "style": style},
		"channel":   {"type": kind, "channel_id": must(str(1, 255)), "style": style},
		"emoji":     {"type": kind, "name": must(str(1, 255)), "unicode": may(str(1, 255)), "skin_tone": may(integer(1, 6)), "style": style},
		"broadcast": {"type": kind, "range": must(among("here", "channel", "everyone")), "style": style},
		"color":     {"type": kind, "value": must(str(1, 255))},
		"date": {
			"type": kind, "timestamp": must(integer(0, 99999999999)), "format": must(str(1, 255)),
			"url": may(link), "fallback": may(str(0, 255)), "style": style,
		},
	}
	parts := must(list(0, 1000, kinds(richParts, sorted(richParts)...)))
	border := may(integer(0, 1))
	richElements = map[string]shape{
		"rich_text_section":      {"type": kind, "elements": parts},
		"rich_text_quote":        {"type": kind, "elements": parts, "border": border},
		"rich_text_preformatted": {"type": kind, "elements": parts, "border": border, "language": may(str(1, 100))},
		"rich_text_list": {
			"type": kind, "style": must(among("bullet", "ordered")), "border": border,
			"indent": may(integer(0, 8)), "offset": may(integer(0, 1000000)),
			"elements": must(list(0, 1000, func(c *check, at string, v any) {
				kinds(richElements, "rich_text_section")(c, at, v)
			})),
		},
	}
}

func richElement(c *check, at string, v any) {
	kinds(richElements, sorted(richElements)...)(c, at, v)
}
