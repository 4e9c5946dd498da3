package slack

import "strings"

var (
	selects = words(`static_select external_select users_select conversations_select channels_select`)
	multis  = words(`multi_static_select multi_external_select multi_users_select multi_conversations_select
		multi_channels_select`)
	pickers = words(`checkboxes radio_buttons datepicker timepicker`)

	// Where an element may stand.
	accessories = join(words(`button overflow image workflow_button`), selects, multis, pickers)
	inActions   = join(words(`button overflow workflow_button datetimepicker`), selects, pickers)
	inInput     = join(words(`plain_text_input email_text_input url_text_input number_input rich_text_input
		file_input datetimepicker`), selects, multis, pickers)

	// interactive elements have an action_id and make an interaction.
	interactive = map[string]bool{}
)

var elementShapes = map[string]shape{}

// afterwards judges, by type, what no shape can say.
var afterwards = map[string]func(c *check, at string, o map[string]any){}

// oneOptions wants exactly one of options and option_groups.
func oneOptions(c *check, at string, o map[string]any) {
	if (o["options"] == nil) == (o["option_groups"] == nil) {
		c.fail(at, "must have exactly one of options, option_groups")
	}
}

func init() {
	base := func(more shape) shape {
		s := shape{
			"type": must(anyValue), "action_id": may(str(1, 255)), "confirm": may(confirm), "focus_on_load": may(truth),
		}
		for k, f := range more {
			s[k] = f
		}
		return s
	}
	placed := func(more shape) shape {
		more["placeholder"] = may(plain(1, 150))
		return base(more)
	}
	elementShapes["image"] = shape{
		"type": must(anyValue), "alt_text": must(str(1, 2000)), "image_url": may(link), "slack_file": may(slackFile),
	}
	elementShapes["button"] = base(shape{
		"text": must(plain(1, 75)), "value": may(str(0, 2000)), "url": may(link),
		"style": may(among("primary", "danger")), "accessibility_label": may(str(1, 75)),
	})
	elementShapes["workflow_button"] = base(shape{
		"text": must(plain(1, 75)), "workflow": must(anyValue), "style": may(among("primary", "danger")),
		"accessibility_label": may(str(1, 75)),
	})
	elementShapes["overflow"] = base(shape{"options": must(list(1, 5, overflowOption))})
	elementShapes["checkboxes"] = base(shape{
		"options": must(list(1, 10, boxOption)), "initial_options": may(list(1, 10, boxOption)),
	})
	elementShapes["radio_buttons"] = base(shape{
		"options": must(list(1, 10, boxOption)), "initial_option": may(boxOption),
	})
	elementShapes["datepicker"] = placed(shape{"initial_date": may(str(10, 10))})
	elementShapes["timepicker"] = placed(shape{"initial_time": may(str(5, 5)), "timezone": may(str(1, 100))})
	elementShapes["datetimepicker"] = base(shape{"initial_date_time": may(integer(0, 9999999999))})
	textInputs(placed)
	menus(placed)
	for _, kind := range words("static_select multi_static_select") {
		afterwards[kind] = oneOptions
	}
	afterwards["image"] = (*check).oneSource
	for kind := range elementShapes {
		interactive[kind] = kind != "image"
	}
}

func textInputs(placed func(shape) shape) {
	dispatch := may(object(shape{"trigger_actions_on": may(list(1, 2, among("on_enter_pressed", "on_character_entered")))}))
	elementShapes["plain_text_input"] = placed(shape{
		"initial_value": may(str(0, 3000)), "multiline": may(truth), "min_length": may(integer(0, 3000)),
		"max_length": may(integer(1, 3000)), "dispatch_action_config": dispatch,
	})
	elementShapes["email_text_input"] = placed(shape{"initial_value": may(str(0, 3000)), "dispatch_action_config": dispatch})
	elementShapes["url_text_input"] = placed(shape{"initial_value": may(str(0, 3000)), "dispatch_action_config": dispatch})
	elementShapes["number_input"] = placed(shape{
		"is_decimal_allowed": must(truth), "initial_value": may(str(0, 100)), "min_value": may(str(1, 100)),
		"max_value": may(str(1, 100)), "dispatch_action_config": dispatch,
	})
	elementShapes["rich_text_input"] = placed(shape{
		"initial_value": may(anyValue), "dispatch_action_config": dispatch,
	})
	elementShapes["file_input"] = placed(shape{
		"filetypes": may(list(1, 100, str(1, 20))), "max_files": may(integer(1, 10)),
	})
}

func menus(placed func(shape) shape) {
	opt := menuOption
	group := object(shape{"label": must(plain(1, 75)), "options": must(list(1, 100, opt))})
	single := map[string]shape{
		"static_select":   {"options": may(list(1, 100, opt)), "option_groups": may(list(1, 100, group)), "initial_option": may(opt)},
		"external_select": {"initial_option": may(opt), "min_query_length": may(integer(0, 3000))},
		"users_select":    {"initial_user": may(str(1, 255))},
		"conversations_select": {
			"initial_conversation": may(str(1, 255)), "default_to_current_conversation": may(truth),
			"response_url_enabled": may(truth), "filter": may(anyValue),
		},
		"channels_select": {"initial_channel": may(str(1, 255)), "response_url_enabled": may(truth)},
	}
	for kind, s := range single {
		many := shape{"max_selected_items": may(integer(1, 1000))}
		for k, f := range s {
			switch {
			case k == "response_url_enabled":
			case strings.HasPrefix(k, "initial_"):
				many[k+"s"] = may(list(1, 100, f.rule))
			default:
				many[k] = f
			}
		}
		elementShapes[kind] = placed(s)
		elementShapes["multi_"+kind] = placed(many)
	}
}

// textOf is a text object of one of a few types.
func textOf(types []string, least, most int) rule {
	return func(c *check, at string, v any) {
		o, ok := v.(map[string]any)
		if !ok {
			c.fail(at, "must provide an object")
			return
		}
		s := shape{"type": must(among(types...)), "text": must(count(str(least, most)))}
		switch o["type"] {
		case "plain_text":
			s["emoji"] = may(truth)
		case "mrkdwn":
			s["verbatim"] = may(truth)
		}
		s.judge(c, at, o)
	}
}

func plain(least, most int) rule { return textOf([]string{"plain_text"}, least, most) }
func text(least, most int) rule  { return textOf([]string{"plain_text", "mrkdwn"}, least, most) }

// Options: those of check boxes and radio buttons may be mrkdwn, those of
// menus are plain, and only an overflow's may have a url.
func boxOption(c *check, at string, v any) {
	object(shape{"text": must(text(1, 75)), "value": must(str(1, 150)), "description": may(text(1, 75))})(c, at, v)
}

func menuOption(c *check, at string, v any) {
	object(shape{"text": must(plain(1, 75)), "value": must(str(1, 150)), "description": may(plain(1, 75))})(c, at, v)
}

func overflowOption(c *check, at string, v any) {
	object(shape{
		"text": must(plain(1, 75)), "value": must(str(1, 150)), "description": may(plain(1, 75)), "url": may(link),
	})(c, at, v)
}

func confirm(c *check, at string, v any) {
	object(shape{
		"title": must(plain(1, 100)), "text": must(text(1, 300)), "confirm": must(plain(1, 30)),
		"deny": must(plain(1, 30)), "style": may(among("primary", "danger")),
	})(c, at, v)
}

// link is an absolute http or https address of at most 3,000 characters.
func link(c *check, at string, v any) {
	str(1, 3000)(c, at, v)
	s, _ := v.(string)
	if s != "" && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") && !strings.HasPrefix(s, "mailto:") {
		c.fail(at, "must be a valid URL")
	}
}

// slackFile is an uploaded file, which has to be processed before it shows.
func slackFile(c *check, at string, v any) {
	object(shape{"id": may(str(1, 255)), "url": may(link)})(c, at, v)
	o, _ := v.(map[string]any)
	if id, _ := o["id"].(string); id != "" && c.fileReady != nil && !c.fileReady(id) {
		c.fail(at, "invalid slack file")
	}
}

func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
