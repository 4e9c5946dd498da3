package slack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func long(n int) string { return strings.Repeat("ü", n) } // code points, not bytes

func times(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

func txt(kind string, n int) string { return fmt.Sprintf(`{"type":%q,"text":%q}`, kind, long(n)) }

const (
	one    = `{"type":"mrkdwn","text":"x"}`
	onePl  = `{"type":"plain_text","text":"x"}`
	okOpt  = `{"text":{"type":"plain_text","text":"x"},"value":"v"}`
	okConf = `{"title":` + onePl + `,"text":` + one + `,"confirm":` + onePl + `,"deny":` + onePl + `}`
)

func section(more string) string { return `{"type":"section","text":` + one + more + `}` }
func actions(e string) string    { return `{"type":"actions","elements":[` + e + `]}` }
func button(more string) string  { return `{"type":"button","text":` + onePl + more + `}` }
func input(e string) string {
	return `{"type":"input","label":` + onePl + `,"element":` + e + `}`
}

// Each case is one rule; the want is the beginning of Slack's complaint and its
// pointer, "" for blocks that are fine.
var blockRules = []struct{ name, blocks, want, at string }{
	{"a section", section(""), "", ""},
	{"not an object", `"x"`, "must provide an object", "/blocks/0"},
	{"no type", `{"text":` + one + `}`, "missing required field: type", "/blocks/0"},
	{"unknown type", `{"type":"card"}`, "unsupported type: card", "/blocks/0/type"},
	{"alert in a message", `{"type":"alert","text":` + one + `}`, "unsupported type: alert", "/blocks/0/type"},
	{"unknown property", `{"type":"divider","text":"x"}`, "invalid additional property: text", "/blocks/0"},
	{"section of 3000", `{"type":"section","text":` + txt("mrkdwn", 3000) + `}`, "", ""},
	{"section of 3001", `{"type":"section","text":` + txt("mrkdwn", 3001) + `}`, "must be less than 3001 characters", "/blocks/0/text/text"},
	{"empty text", `{"type":"section","text":` + txt("mrkdwn", 0) + `}`, "must be more than 0 characters", "/blocks/0/text/text"},
	{"text of a wrong type", `{"type":"section","text":{"type":"html","text":"x"}}`, "must be a valid enum value", "/blocks/0/text/type"},
	{"text that is no string", `{"type":"section","text":{"type":"mrkdwn","text":1}}`, "must be a string", "/blocks/0/text/text"},
	{"emoji in mrkdwn", `{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}`, "invalid additional property: emoji", "/blocks/0/text"},
	{"verbatim in plain_text", `{"type":"header","text":{"type":"plain_text","text":"x","verbatim":true}}`, "invalid additional property: verbatim", "/blocks/0/text"},
	{"section of nothing", `{"type":"section"}`, "missing required field: text or fields", "/blocks/0"},
	{"ten fields", `{"type":"section","fields":` + times(10, txt("mrkdwn", 1)) + `}`, "", ""},
	{"eleven fields", `{"type":"section","fields":` + times(11, one) + `}`, "no more than 10 items allowed", "/blocks/0/fields"},
	{"field of 2001", `{"type":"section","fields":[` + txt("mrkdwn", 2001) + `]}`, "must be less than 2001 characters", "/blocks/0/fields/0/text"},
	{"section's accessory", section(`,"accessory":` + button("")), "", ""},
	{"input as accessory", section(`,"accessory":{"type":"plain_text_input"}`), "unsupported type: plain_text_input", "/blocks/0/accessory/type"},
	{"header of 150", `{"type":"header","text":` + txt("plain_text", 150) + `}`, "", ""},
	{"header of 151", `{"type":"header","text":` + txt("plain_text", 151) + `}`, "must be less than 151 characters", "/blocks/0/text/text"},
	{"header in mrkdwn", `{"type":"header","text":` + one + `}`, "must be a valid enum value", "/blocks/0/text/type"},
	{"context of ten", `{"type":"context","elements":` + times(10, one) + `}`, "", ""},
	{"context of eleven", `{"type":"context","elements":` + times(11, one) + `}`, "no more than 10 items allowed", "/blocks/0/elements"},
	{"context of none", `{"type":"context","elements":[]}`, "no fewer than 1 items allowed", "/blocks/0/elements"},
	{"button in context", `{"type":"context","elements":[` + button("") + `]}`, "must be a valid enum value", "/blocks/0/elements/0/type"},
	{"image in context", `{"type":"context","elements":[{"type":"image","image_url":"https://x/y","alt_text":"a"}]}`, "", ""},
	{"actions of 25", `{"type":"actions","elements":` + times(25, button("")) + `}`, "", ""},
	{"actions of 26", `{"type":"actions","elements":` + times(26, button("")) + `}`, "no more than 25 items allowed", "/blocks/0/elements"},
	{"actions without elements", `{"type":"actions"}`, "missing required field: elements", "/blocks/0"},
	{"text in actions", actions(one), "unsupported type: mrkdwn", "/blocks/0/elements/0/type"},
	{"several choices in actions", actions(`{"type":"multi_users_select"}`), "unsupported type: multi_users_select", "/blocks/0/elements/0/type"},
	{"button of 76", actions(`{"type":"button","text":` + txt("plain_text", 76) + `}`), "must be less than 76 characters", "/blocks/0/elements/0/text/text"},
	{"button in mrkdwn", actions(`{"type":"button","text":` + one + `}`), "must be a valid enum value", "/blocks/0/elements/0/text/type"},
	{"button's value of 2001", actions(button(`,"value":"` + long(2001) + `"`)), "must be less than 2001 characters", "/blocks/0/elements/0/value"},
	{"button's url of 3001", actions(button(`,"url":"https://` + long(2993) + `"`)), "must be less than 3001 characters", "/blocks/0/elements/0/url"},
	{"button's url without scheme", actions(button(`,"url":"javascript:x"`)), "must be a valid URL", "/blocks/0/elements/0/url"},
	{"button's style", actions(button(`,"style":"default"`)), "must be a valid enum value", "/blocks/0/elements/0/style"},
	{"button's label", actions(button(`,"accessibility_label":"` + long(76) + `"`)), "must be less than 76 characters", "/blocks/0/elements/0/accessibility_label"},
	{"action_id of 256", actions(button(`,"action_id":"` + long(256) + `"`)), "must be less than 256 characters", "/blocks/0/elements/0/action_id"},
	{"block_id of 256", section(`,"block_id":"` + long(256) + `"`), "must be less than 256 characters", "/blocks/0/block_id"},
	{"same block_id", section(`,"block_id":"a"`) + "," + section(`,"block_id":"a"`), "`block_id` a already exists", "/blocks/1/block_id"},
	{"same action_id in a block", actions(button(`,"action_id":"a"`) + "," + button(`,"action_id":"a"`)), "`action_id` a already exists", "/blocks/0"},
	{"same action_id in two blocks", actions(button(`,"action_id":"a"`)) + "," + actions(button(`,"action_id":"a"`)), "", ""},
	{"a confirm", actions(button(`,"confirm":` + okConf)), "", ""},
	{"confirm's title", actions(button(`,"confirm":` + strings.Replace(okConf, onePl, txt("plain_text", 101), 1))), "must be less than 101 characters", "/blocks/0/elements/0/confirm/title/text"},
	{"confirm's text", actions(button(`,"confirm":` + strings.Replace(okConf, one, txt("mrkdwn", 301), 1))), "must be less than 301 characters", "/blocks/0/elements/0/confirm/text/text"},
	{"confirm's button", actions(button(`,"confirm":` + strings.Replace(okConf, `"confirm":`+onePl, `"confirm":`+txt("plain_text", 31), 1))), "must be less than 31 characters", "/blocks/0/elements/0/confirm/confirm/text"},
	{"confirm's other button", actions(button(`,"confirm":` + strings.Replace(okConf, `"deny":`+onePl, `"deny":`+txt("plain_text", 31), 1))), "must be less than 31 characters", "/blocks/0/elements/0/confirm/deny/text"},
	{"confirm without deny", actions(button(`,"confirm":` + strings.Replace(okConf, `,"deny":`+onePl, "", 1))), "missing required field: deny", "/blocks/0/elements/0/confirm"},
	{"overflow of five", actions(`{"type":"overflow","options":` + times(5, okOpt) + `}`), "", ""},
	{"overflow of six", actions(`{"type":"overflow","options":` + times(6, okOpt) + `}`), "no more than 5 items allowed", "/blocks/0/elements/0/options"},
	{"overflow of none", actions(`{"type":"overflow","options":[]}`), "no fewer than 1 items allowed", "/blocks/0/elements/0/options"},
	{"option's text", actions(`{"type":"overflow","options":[{"text":` + txt("plain_text", 76) + `,"value":"v"}]}`), "must be less than 76 characters", "/blocks/0/elements/0/options/0/text/text"},
	{"option's value", actions(`{"type":"overflow","options":[{"text":` + onePl + `,"value":"` + long(151) + `"}]}`), "must be less than 151 characters", "/blocks/0/elements/0/options/0/value"},
	{"option without value", actions(`{"type":"overflow","options":[{"text":` + onePl + `}]}`), "missing required field: value", "/blocks/0/elements/0/options/0"},
	{"option's description", actions(`{"type":"overflow","options":[{"text":` + onePl + `,"value":"v","description":` + txt("plain_text", 76) + `}]}`), "must be less than 76 characters", "/blocks/0/elements/0/options/0/description/text"},
	{"option in mrkdwn", actions(`{"type":"static_select","options":[{"text":` + one + `,"value":"v"}]}`), "must be a valid enum value", "/blocks/0/elements/0/options/0/text/type"},
	{"url in a menu", actions(`{"type":"static_select","options":[{"text":` + onePl + `,"value":"v","url":"https://x"}]}`), "invalid additional property: url", "/blocks/0/elements/0/options/0"},
	{"menu of 100", actions(`{"type":"static_select","options":` + times(100, okOpt) + `}`), "", ""},
	{"menu of 101", actions(`{"type":"static_select","options":` + times(101, okOpt) + `}`), "no more than 100 items allowed", "/blocks/0/elements/0/options"},
	{"menu of nothing", actions(`{"type":"static_select"}`), "must have exactly one of options, option_groups", "/blocks/0/elements/0"},
	{"menu's group of 101", actions(`{"type":"static_select","option_groups":` + times(101, `{"label":`+onePl+`,"options":[`+okOpt+`]}`) + `}`), "no more than 100 items allowed", "/blocks/0/elements/0/option_groups"},
	{"menu's placeholder", actions(`{"type":"users_select","placeholder":` + txt("plain_text", 151) + `}`), "must be less than 151 characters", "/blocks/0/elements/0/placeholder/text"},
	{"boxes of eleven", actions(`{"type":"checkboxes","options":` + times(11, okOpt) + `}`), "no more than 10 items allowed", "/blocks/0/elements/0/options"},
	{"boxes in mrkdwn", actions(`{"type":"checkboxes","options":[{"text":` + one + `,"value":"v"}]}`), "", ""},
	{"radio buttons of eleven", actions(`{"type":"radio_buttons","options":` + times(11, okOpt) + `}`), "no more than 10 items allowed", "/blocks/0/elements/0/options"},
	{"image", `{"type":"image","image_url":"https://x/y","alt_text":"a"}`, "", ""},
	{"image without alt_text", `{"type":"image","image_url":"https://x/y"}`, "missing required field: alt_text", "/blocks/0"},
	{"image's alt_text", `{"type":"image","image_url":"https://x/y","alt_text":"` + long(2001) + `"}`, "must be less than 2001 characters", "/blocks/0/alt_text"},
	{"image of nothing", `{"type":"image","alt_text":"a"}`, "must have exactly one of image_url, slack_file", "/blocks/0"},
	{"image of a file not there yet", `{"type":"image","alt_text":"a","slack_file":{"id":"F1"}}`, "invalid slack file", "/blocks/0/slack_file"},
	{"input", input(`{"type":"plain_text_input"}`), "", ""},
	{"input's label", `{"type":"input","label":` + txt("plain_text", 2001) + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters", "/blocks/0/label/text"},
	{"input's hint", `{"type":"input","hint":` + txt("plain_text", 2001) + `,"label":` + onePl + `,"element":{"type":"plain_text_input"}}`, "must be less than 2001 characters", "/blocks/0/hint/text"},
	{"button as input", input(button("")), "unsupported type: button", "/blocks/0/element/type"},
	{"input's max_length", input(`{"type":"plain_text_input","max_length":3001}`), "must be less than or equal to 3000", "/blocks/0/element/max_length"},
	{"input's min_length", input(`{"type":"plain_text_input","min_length":-1}`), "must be greater than or equal to 0", "/blocks/0/element/min_length"},
	{"input's half length", input(`{"type":"plain_text_input","max_length":1.5}`), "must be an integer", "/blocks/0/element/max_length"},
	{"multiline that is no boolean", input(`{"type":"plain_text_input","multiline":"yes"}`), "must be a boolean", "/blocks/0/element/multiline"},
	{"number without is_decimal_allowed", input(`{"type":"number_input"}`), "missing required field: is_decimal_allowed", "/blocks/0/element"},
	{"markdown", `{"type":"markdown","text":"x"}`, "", ""},
	{"markdown of 12001", `{"type":"markdown","text":"` + long(12001) + `"}`, "must be less than 12001 characters", "/blocks/0/text"},
	{"markdown of 12001 over all", `{"type":"markdown","text":"` + long(6001) + `"},{"type":"markdown","text":"` + long(6000) + `"}`, "must be less than 12001 characters over all markdown blocks", "/blocks/1/text"},
	{"rich text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x","style":{"bold":true}}]}]}`, "", ""},
	{"rich text list", `{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[]}]}]}`, "", ""},
	{"rich text of an unknown part", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"blink"}]}]}`, "unsupported type: blink", "/blocks/0/elements/0/elements/0/type"},
	{"rich text of empty text", `{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":""}]}]}`, "must be more than 0 characters", "/blocks/0/elements/0/elements/0/text"},
	{"table", `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`, "", ""},
	{"two tables", `{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]},{"type":"table","rows":[[{"type":"raw_text","text":"x"}]]}`, "only one table is allowed", "/blocks/1"},
	{"table of 101 rows", `{"type":"table","rows":` + times(101, `[{"type":"raw_text","text":"x"}]`) + `}`, "no more than 100 items allowed", "/blocks/0/rows"},
	{"table of 21 cells", `{"type":"table","rows":[` + times(21, `{"type":"raw_text","text":"x"}`) + `]}`, "no more than 20 items allowed", "/blocks/0/rows/0"},
	{"table of 10001 characters", `{"type":"table","rows":` + times(2, `[{"type":"raw_text","text":"`+long(5001)+`"}]`) + `}`, "must be less than 10001 characters", "/blocks/0"},
	{"fifty blocks", strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 50), ","), "", ""},
	{"fifty-one blocks", strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 51), ","), "no more than 50 items allowed", "/blocks"},
	{"astral characters count once", `{"type":"header","text":{"type":"plain_text","text":"` + strings.Repeat("😀", 150) + `"}}`, "", ""},
}

func TestBlockRules(t *testing.T) {
	for _, c := range blockRules {
		t.Run(c.name, func(t *testing.T) {
			_, _, p := New(Options{}).messageBlocks("[" + c.blocks + "]")
			if c.want == "" {
				if p != nil {
					t.Fatalf("refused: %v", p)
				}
				return
			}
			want := c.want + " [json-pointer:" + c.at + "]"
			if p == nil || p.code != "invalid_blocks" || !slices.Contains(p.messages, want) {
				t.Fatalf("got %+v, want %s", p, want)
			}
		})
	}
}

func TestBlocksThatAreNoList(t *testing.T) {
	for _, raw := range []string{`{`, `{}`, `"[]"`, `1`} {
		if _, _, p := New(Options{}).messageBlocks(raw); p == nil || p.code != "invalid_blocks_format" {
			t.Errorf("%s: %+v", raw, p)
		}
	}
}

var attachmentRules = []struct{ name, attachments, code, want string }{
	{"a colour bar", `[{"color":"#f00","fallback":"x","blocks":[` + section("") + `]}]`, "", ""},
	{"blocks and text", `[{"text":"x","blocks":[` + section("") + `]}]`, "invalid_attachments", "invalid_keys"},
	{"a bad block", `[{"blocks":[{"type":"alert"}]}]`, "invalid_attachments", "unsupported type: alert [json-pointer:/attachments/0/blocks/0/type]"},
	{"a block_id twice over both", `[{"blocks":[` + section(`,"block_id":"a"`) + `]},{"blocks":[` + section(`,"block_id":"a"`) + `]}]`, "invalid_attachments", "`block_id` a already exists [json-pointer:/attachments/1/blocks/0/block_id]"},
	{"101 of them", times(101, `{"text":"x"}`), "too_many_attachments", ""},
	{"no list", `{}`, "invalid_attachments", ""},
	{"not objects", `["x"]`, "invalid_attachments", "must provide an object"},
	{"colour alone", `[{"color":"#f00"}]`, "no_text", ""},
}

func TestAttachmentRules(t *testing.T) {
	for _, c := range attachmentRules {
		t.Run(c.name, func(t *testing.T) {
			_, p := New(Options{}).checkedAttachments(&check{on: inMessage}, c.attachments)
			switch {
			case c.code == "" && p != nil:
				t.Fatalf("refused: %+v", p)
			case c.code != "" && (p == nil || p.code != c.code || c.want != "" && !slices.Contains(p.messages, c.want)):
				t.Fatalf("got %+v", p)
			}
		})
	}
}

func modal(more, blocks string) string {
	return `{"type":"modal","title":` + onePl + more + `,"blocks":[` + blocks + `]}`
}

var viewRules = []struct {
	name, view string
	on         surface
	want       string
}{
	{"a modal", modal("", section("")), inModal, ""},
	{"an alert in a modal", modal("", `{"type":"alert","text":`+one+`}`), inModal, ""},
	{"a table in a modal", modal("", `{"type":"table","rows":[]}`), inModal, "unsupported type: table [json-pointer:/view/blocks/0/type]"},
	{"markdown in a modal", modal("", `{"type":"markdown","text":"x"}`), inModal, "unsupported type: markdown [json-pointer:/view/blocks/0/type]"},
	{"no title", `{"type":"modal","blocks":[` + section("") + `]}`, inModal, "missing required field: title [json-pointer:/view]"},
	{"title of 25", `{"type":"modal","title":` + txt("plain_text", 25) + `,"blocks":[` + section("") + `]}`, inModal, "must be less than 25 characters [json-pointer:/view/title/text]"},
	{"submit of 25", modal(`,"submit":`+txt("plain_text", 25), section("")), inModal, "must be less than 25 characters [json-pointer:/view/submit/text]"},
	{"close of 25", modal(`,"close":`+txt("plain_text", 25), section("")), inModal, "must be less than 25 characters [json-pointer:/view/close/text]"},
	{"input without submit", modal("", input(`{"type":"plain_text_input"}`)), inModal, "missing required field: submit [json-pointer:/view]"},
	{"input with submit", modal(`,"submit":`+onePl, input(`{"type":"plain_text_input"}`)), inModal, ""},
	{"private_metadata of 3001", modal(`,"private_metadata":"`+long(3001)+`"`, section("")), inModal, "must be less than 3001 characters [json-pointer:/view/private_metadata]"},
	{"callback_id of 256", modal(`,"callback_id":"`+long(256)+`"`, section("")), inModal, "must be less than 256 characters [json-pointer:/view/callback_id]"},
	{"no blocks", modal("", ""), inModal, "no fewer than 1 items allowed [json-pointer:/view/blocks]"},
	{"101 blocks", modal("", strings.TrimSuffix(strings.Repeat(`{"type":"divider"},`, 101), ",")), inModal, "no more than 100 items allowed [json-pointer:/view/blocks]"},
	{"home where a modal is wanted", `{"type":"home","title":` + onePl + `,"blocks":[` + section("") + `]}`, inModal, "must be a valid enum value [json-pointer:/view/type]"},
	{"a home", `{"type":"home","blocks":[` + section("") + `]}`, inHome, ""},
	{"a home with a title", `{"type":"home","title":` + onePl + `,"blocks":[` + section("") + `]}`, inHome, "invalid additional property: title [json-pointer:/view]"},
}

func TestViewRules(t *testing.T) {
	for _, c := range viewRules {
		t.Run(c.name, func(t *testing.T) {
			_, p := New(Options{}).checkedView(c.view, c.on)
			switch {
			case c.want == "" && p != nil:
				t.Fatalf("refused: %+v", p)
			case c.want != "" && (p == nil || p.code != "invalid_arguments" || !slices.Contains(p.messages, c.want)):
				t.Fatalf("got %+v", p)
			}
		})
	}
	if _, p := New(Options{}).checkedView(modal("", section(`,"block_id":"`+long(maxViewSize)+`"`)), inModal); p == nil || p.code != "view_too_large" {
		t.Errorf("250 KB: %+v", p)
	}
}

func TestBlocksGetTheirNames(t *testing.T) {
	s := New(Options{})
	raw, _, p := s.messageBlocks(`[` + section("") + `,` + actions(button("")+","+button("")) + `]`)
	if p != nil {
		t.Fatal(p)
	}
	var blocks []struct {
		BlockID  string `json:"block_id"`
		Elements []struct {
			ActionID string `json:"action_id"`
		} `json:"elements"`
	}
	if err := json.Unmarshal(raw, &blocks); err != nil {
		t.Fatal(err)
	}
	e := blocks[1].Elements
	if blocks[0].BlockID == "" || blocks[0].BlockID == blocks[1].BlockID || e[0].ActionID == "" || e[0].ActionID == e[1].ActionID {
		t.Errorf("names: %+v", blocks)
	}
}

// What has been accepted once is accepted again, and nothing makes us panic.
func FuzzBlocks(f *testing.F) {
	for _, c := range blockRules {
		if len(c.blocks) < 300 {
			f.Add(c.blocks)
		}
	}
	f.Fuzz(func(t *testing.T, blocks string) {
		s := New(Options{})
		raw, _, p := s.messageBlocks("[" + blocks + "]")
		if p == nil && raw != nil {
			if _, _, p := s.messageBlocks(string(raw)); p != nil {
				t.Fatalf("refused its own %s: %+v", raw, p)
			}
			m := Message{Blocks: raw}
			_ = mentions(m)
			m.element(Click{ActionID: "a"})
		}
		_, _ = s.checkedView(`{"type":"home","blocks":[`+blocks+`]}`, inHome)
	})
}

func TestTidy(t *testing.T) {
	for in, want := range map[string]string{
		"a & b < c > d":               "a &amp; b &lt; c &gt; d",
		"&amp; &lt; &gt; &nbsp;":      "&amp; &lt; &gt; &amp;nbsp;",
		"<@U1> <!here> <#C1|x>":       "<@U1> <!here> <#C1|x>",
		"<https://x/?a=1|t> <nothing": "<https://x/?a=1|t> &lt;nothing",
		"<!date^1^{date}|f>":          "<!date^1^{date}|f>",
		"<script>":                    "&lt;script&gt;",
	} {
		if got := tidy(in); got != want {
			t.Errorf("tidy(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzTidy(f *testing.F) {
	f.Add("a & b <@U1> <x")
	f.Fuzz(func(t *testing.T, text string) {
		if once := tidy(text); tidy(once) != once {
			t.Errorf("tidy(%q) = %q, then %q", text, once, tidy(once))
		}
	})
}
