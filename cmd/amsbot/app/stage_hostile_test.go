package app_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"amsbot/bot/sim"
	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
	"amsbot/cmd/amsbot/app"
)

// hostile is what an alert may bring in any of its fields: everything that Slack
// would take for a mention, a link, formatting or an emoji, what steers a
// terminal or a reader's eye, and what a shell would run. Dan is mentioned in no
// story that uses it, and nothing of ours is called evil.
const hostile = "<!channel> <!here> <@U0DAN00001> <!subteam^S0SHOPOPS1> <#C0PLATOPS1> <http://evil.example|ok> <http://evil.example> " +
	"*EVILBOLD* _EVILITALIC_ ~EVILSTRIKE~ `EVILCODE` ```EVILBLOCK``` :evilmoji: @here @channel http://evil.example/x?a=b " +
	"\x1b[31mEVILRED\x1b[0m \x00\x07\x08 \u202eEVILRTL\u202c \u200bZERO\u200d\ufeff &lt;!channel&gt; &amp; " +
	"$(touch evil) `touch evil`; rm -rf / | cat && true > /dev/null '\"\\ \n> EVILQUOTE\r\n• EVILLINE\u2028EVILPARA"

var (
	anglesIn = regexp.MustCompile(`<[^<>]*>`)
	spans    = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	ours     = regexp.MustCompile(`^<(!date\^\d+\^[^|]+\|[^|]+|@U0AIKO0001|@U0BEN00001|@U0CHIE0001|!here|#C0SHOPOPS1|https://shop\.pagerduty\.com/incidents/\w+\|Open in PagerDuty)>$`)
	evils    = regexp.MustCompile(`\*EVILBOLD\*|_EVILITALIC_|~EVILSTRIKE~|:evilmoji:|(?m)^(>|&gt;) ?EVILQUOTE`)
	evilURL  = regexp.MustCompile(`https?://evil|@here|@channel`)
)

// mrkdwn finds what is wrong with a text that Slack formats. linked says that
// Slack makes links and mentions of bare addresses and names in it.
func mrkdwn(text string, linked bool) (wrong []string) {
	for _, span := range spans.FindAllString(text, -1) {
		if strings.Trim(span, "`\n") == "EVILCODE" || strings.Trim(span, "`\n") == "EVILBLOCK" {
			wrong = append(wrong, "code of the alert's making: "+span)
		}
		for _, a := range anglesIn.FindAllString(span, -1) {
			wrong = append(wrong, "live in a code span: "+a)
		}
	}
	text = spans.ReplaceAllString(text, "CODE")
	if strings.Contains(text, "`") {
		wrong = append(wrong, "a stray backtick")
	}
	for _, a := range anglesIn.FindAllString(text, -1) {
		if !ours.MatchString(a) {
			wrong = append(wrong, "not of our making: "+a)
		}
	}
	rest := anglesIn.ReplaceAllString(text, "")
	if strings.ContainsAny(rest, "<>") && !strings.Contains(rest, "\n> ") {
		wrong = append(wrong, "unescaped")
	}
	wrong = append(wrong, evils.FindAllString(rest, -1)...)
	if linked {
		wrong = append(wrong, evilURL.FindAllString(rest, -1)...)
	}
	return append(wrong, invisible(text)...)
}

// invisible finds what nobody sees, in any text that people read. A word joiner
// of our own keeps addresses from becoming links.
func invisible(text string) (wrong []string) {
	for _, r := range text {
		if r != '\n' && r != '\u2060' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) {
			wrong = append(wrong, fmt.Sprintf("%U", r))
		}
	}
	return wrong
}

// texts calls fn with every text that Slack shows of a payload, and what of it
// Slack would format.
func texts(v any, fn func(text string, formatted, verbatim bool)) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			texts(e, fn)
		}
	case map[string]any:
		for _, k := range slices.Sorted(keysOf(v)) {
			switch s, ok := v[k].(string); {
			case ok && k == "text" && v["type"] == "mrkdwn":
				fn(s, true, v["verbatim"] == true)
			case ok && k == "text" && v["type"] == nil:
				fn(s, true, v["parse"] == "none")
			case ok && (k == "text" || k == "fallback" || k == "alt_text" || k == "title" || k == "initial_comment"):
				fn(s, false, false)
			default:
				texts(v[k], fn)
			}
		}
	}
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// harmless looks at everything that amsbot has ever sent to Slack and PagerDuty:
// calls, acknowledgements, files, notes.
func (s *stage) harmless() {
	s.Helper()
	if seen := s.texts(); seen < 20 {
		s.Errorf("only %d texts were looked at", seen)
	}
}

func (s *stage) texts() (seen int) {
	s.Helper()
	look := func(where string, v any) {
		texts(v, func(text string, formatted, verbatim bool) {
			seen++
			wrong := invisible(text)
			if formatted {
				wrong = mrkdwn(text, !verbatim)
			}
			if len(wrong) > 0 {
				s.Errorf("%s: %q\nin %q", where, wrong, text)
			}
		})
	}
	for _, c := range s.sim.Slack.Calls() {
		args := map[string]any{}
		for k, v := range c.Args {
			args[k] = v
			var parsed any
			if strings.ContainsAny(v[:min(1, len(v))], "[{") && json.Unmarshal([]byte(v), &parsed) == nil {
				args[k] = parsed
			}
		}
		look(c.Method, args)
	}
	for _, a := range s.sim.Slack.Acks() {
		var parsed any
		if json.Unmarshal(a.Payload, &parsed) == nil {
			look("an acknowledgement", parsed)
		}
	}
	for _, m := range s.sim.Slack.Messages(room) {
		look("a message", map[string]any{"text": m.Text, "parse": "none"})
	}
	for _, c := range s.writes() {
		if wrong := invisible(strings.ReplaceAll(c.Body, "\\n", "\n")); len(wrong) > 0 {
			s.Errorf("%s %s: %q in %s", c.Method, c.Path, wrong, c.Body)
		}
	}
	for _, who := range []string{dan} {
		for _, n := range s.sim.Slack.State(who).Notifications {
			s.Errorf("Dan's phone: %s (%s)", n.Text, n.Why)
		}
	}
	return seen
}

// namedHostile adds somebody to Slack and PagerDuty whose name tries everything.
func namedHostile(id string) option {
	return func(o *sim.Options, _ *app.Config) {
		o.Slack.Users = append(o.Slack.Users, slack.User{ID: id, Name: hostile, RealName: hostile, Email: "evil@shop.example"})
		o.Slack.Groups[0].Users = append(o.Slack.Groups[0].Users, id)
		o.Slack.Channels[0].Members = append(o.Slack.Channels[0].Members, id)
		o.PagerDuty.Users = append(o.PagerDuty.Users, pagerduty.User{ID: "PEVIL01", Name: hostile, Email: "evil@shop.example"})
	}
}

func quietLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
