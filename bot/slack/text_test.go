package slack

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextSaysExactlyItself(t *testing.T) {
	for _, c := range []struct {
		name string
		f    func(string, int) string
		in   string
		n    int
		want string
	}{
		{"line keeps words", line, "  a\tb\n\nc  ", 50, "a b c"},
		{"line cuts", line, "abcdef", 4, "abc…"},
		{"line of nothing", line, "\u200b\x00 \n", 9, ""},
		{"line in no room", line, "abc", 0, ""},
		{"para keeps lines", para, "a\n b\n", 50, "a\n b"},
		{"literal escapes", literal, "a<b>&c", 50, "a&lt;b&gt;&amp;c"},
		{"literal never cuts an entity", literal, "ab&&&&", 8, "ab&amp;…"},
		{"literal mention", literal, "<!channel> <@U1>", 50, "&lt;!channel&gt; &lt;@U1&gt;"},
		{"literal formatting", literal, "*b* _i_ ~s~ `c`", 50, "∗b∗ ˍiˍ ∼s∼ ˋcˋ"},
		{"literal names keep their underscores", literal, "db_primary_1", 50, "db_primary_1"},
		{"literal emoji", literal, ":fire: 12:30", 50, "∶fire∶ 12:30"},
		{"literal emoji behind a number", literal, ":23:fire:", 50, ":23∶fire∶"},
		{"literal times of day stay what they are", literal, "2000-03-21T00:00:05Z :100:", 50, "2000-03-21T00:00:05Z ∶100∶"},
		{"literal quote", literal, "> a > b", 50, "› a &gt; b"},
		{"literal direction", literal, "a\u202eb\u2066c", 50, "abc"},
		{"literal bytes", literal, "a\xffb", 50, "a\ufffdb"},
		{"code", code, "a`b<c", 50, "`aˋb&lt;c`"},
		{"code of nothing", code, " \n", 50, ""},
		{"code cuts", code, "abcdefgh", 6, "`abc…`"},
		{"pre", pre, "a\n```\nb", 50, "```\na\nˋˋˋ\nb\n```"},
		{"pre of nothing", pre, "\n \n", 50, ""},
		{"own mrkdwn is cut before a mention", clippedMrkdwn, "ab <@U0ALICE001> c", 10, "ab …"},
		{"own mrkdwn is cut before an entity", clippedMrkdwn, "abcdef &amp; c", 10, "abcdef …"},
		{"own mrkdwn that fits", clippedMrkdwn, "<@U1>", 5, "<@U1>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.f(c.in, c.n); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile[:20] {
		f.Add(s, 20)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 10 + (n&0x7fffffff)%500
		for name, draw := range map[string]func(string, int) string{
			"line": line, "para": para, "literal": literal, "code": code, "pre": pre, "clippedMrkdwn": clippedMrkdwn,
		} {
			got := draw(s, n)
			if count := utf8.RuneCountInString(got); count > n {
				t.Errorf("%s: %d characters of %d", name, count, n)
			}
			if name != "clippedMrkdwn" && !utf8.ValidString(got) {
				t.Errorf("%s: not UTF-8", name)
			}
			if name == "literal" || name == "code" || name == "pre" {
				if strings.ContainsAny(got, "<>") {
					t.Errorf("%s: %q is live", name, got)
				}
			}
		}
		if err := tame(literal(s, n)); err != nil {
			t.Error(err)
		}
	})
}
