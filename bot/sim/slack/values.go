package slack

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is what a person has put into one element: Value for a text, an
// option's value, a user's or channel's ID, a date ("2026-01-31"), a time
// ("09:30"), seconds since 1970; Values where several can be chosen.
type Value struct {
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty"`
}

func (v Value) empty() bool { return v.Value == "" && len(v.Values) == 0 }

// Values are a person's inputs by block_id and action_id.
type Values map[string]map[string]Value

// picked names the property in which an element reports a choice that is a
// plain string; those of "multi_" elements end in s.
var picked = map[string]string{
	"users_select": "selected_user", "channels_select": "selected_channel",
	"conversations_select": "selected_conversation", "datepicker": "selected_date", "timepicker": "selected_time",
}

// chosen is an element's state as an app gets it; an error if the person
// cannot have chosen that.
func chosen(e map[string]any, v Value) (map[string]any, error) {
	kind, _ := e["type"].(string)
	out := map[string]any{"type": kind}
	single, multi := strings.CutPrefix(kind, "multi_")
	switch {
	case kind == "checkboxes" || kind == "multi_static_select" || kind == "multi_external_select":
		all := []any{}
		for _, want := range v.Values {
			o := optionOf(e, want)
			if o == nil {
				return nil, refuse(ErrNotThere, "option %q", want)
			}
			all = append(all, o)
		}
		out["selected_options"] = all
	case kind == "static_select" || kind == "radio_buttons" || kind == "overflow" || kind == "external_select":
		o := optionOf(e, v.Value)
		if o == nil && (v.Value != "" || kind == "overflow") {
			return nil, refuse(ErrNotThere, "option %q", v.Value)
		}
		out["selected_option"] = o
		if o == nil {
			out["selected_option"] = nil
		}
	case multi:
		out[picked[single]+"s"] = slices.Clone(v.Values)
	case picked[kind] != "":
		out[picked[kind]] = orNil(v.Value)
	case kind == "datetimepicker":
		n, err := strconv.ParseInt(v.Value, 10, 64)
		out["selected_date_time"] = n
		if err != nil {
			out["selected_date_time"] = nil
		}
	case kind == "rich_text_input":
		out["rich_text_value"] = richText(v.Value)
	case kind == "file_input":
		out["files"] = []any{}
	default:
		out["value"] = orNil(v.Value)
	}
	return out, nil
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func richText(s string) map[string]any {
	return map[string]any{"type": "rich_text", "elements": []any{map[string]any{
		"type": "rich_text_section", "elements": []any{map[string]any{"type": "text", "text": s}},
	}}}
}

// optionOf finds an option by its value, in groups too. An external select's
// options come from the app: whatever is asked for is there.
func optionOf(e map[string]any, value string) map[string]any {
	var found map[string]any
	walk(e["options"], func(o map[string]any) {
		if o["value"] == value && value != "" && found == nil {
			found = o
		}
	})
	if found == nil {
		walk(e["option_groups"], func(o map[string]any) {
			if o["value"] == value && value != "" && found == nil {
				found = o
			}
		})
	}
	kind, _ := e["type"].(string)
	if found == nil && strings.HasSuffix(kind, "external_select") && value != "" {
		return map[string]any{"text": map[string]any{"type": "plain_text", "text": value}, "value": value}
	}
	return found
}

// initial is what an element holds before anybody touches it.
func initial(e map[string]any) Value {
	var v Value
	one := func(x any) string {
		switch x := x.(type) {
		case map[string]any:
			s, _ := x["value"].(string)
			return s
		case string:
			return x
		case float64:
			return strconv.FormatInt(int64(x), 10)
		}
		return ""
	}
	for _, key := range sorted(e) {
		if !strings.HasPrefix(key, "initial_") {
			continue
		}
		if many, ok := e[key].([]any); ok {
			for _, x := range many {
				v.Values = append(v.Values, one(x))
			}
			continue
		}
		v.Value = one(e[key])
	}
	return v
}

// stateless elements report nothing in state.values.
var stateless = words("button overflow workflow_button")

// state is state.values of blocks: every stateful element with what the person
// put in, or with what it held at first.
func state(blocks []any, given Values) (map[string]any, error) {
	values := map[string]any{}
	for _, b := range blocks {
		o, _ := b.(map[string]any)
		id, _ := o["block_id"].(string)
		for _, e := range elementsOf(o) {
			kind, _ := e["type"].(string)
			if slices.Contains(stateless, kind) {
				continue
			}
			action, _ := e["action_id"].(string)
			v, is := given[id][action]
			if !is {
				v = initial(e)
			}
			one, err := chosen(e, v)
			if err != nil {
				return nil, err
			}
			if values[id] == nil {
				values[id] = map[string]any{}
			}
			values[id].(map[string]any)[action] = one
		}
	}
	return map[string]any{"values": values}, nil
}

// missing lists what a person has left out of a form, or done wrongly, as
// Slack says it under each input before it tells the app anything.
func missing(v *view, given Values) map[string]string {
	wrong := map[string]string{}
	for id, b := range v.inputsOf() {
		e, _ := b["element"].(map[string]any)
		action, _ := e["action_id"].(string)
		value, is := given[id][action]
		if !is {
			value = initial(e)
		}
		optional, _ := b["optional"].(bool)
		n := float64(utf8.RuneCountInString(value.Value))
		least, _ := e["min_length"].(float64)
		most, limited := e["max_length"].(float64)
		switch {
		case value.empty() && !optional:
			wrong[id] = "Please complete this required field."
		case value.empty():
		case n < least:
			wrong[id] = "Must be at least " + strconv.Itoa(int(least)) + " characters."
		case limited && n > most:
			wrong[id] = "Must be at most " + strconv.Itoa(int(most)) + " characters."
		}
	}
	return wrong
}
