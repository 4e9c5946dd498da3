package slack

import (
	"regexp"
	"strings"
)

var (
	entity = regexp.MustCompile(`&(amp|lt|gt);`)
	token  = regexp.MustCompile(`<(@[A-Z0-9]+|#[A-Z0-9]+|![a-z]+[^<>]*|[a-z]+:[^<>\s][^<>]*)(\|[^<>]*)?>`)
)

// tidy escapes what Slack would: an & < > that is part of nothing.
func tidy(text string) string {
	var out strings.Builder
	for text != "" {
		at := strings.IndexAny(text, "&<>")
		if at < 0 {
			break
		}
		out.WriteString(text[:at])
		text = text[at:]
		keep := ""
		if loc := entity.FindStringIndex(text); text[0] == '&' && loc != nil && loc[0] == 0 {
			keep = text[:loc[1]]
		} else if loc := token.FindStringIndex(text); text[0] == '<' && loc != nil && loc[0] == 0 {
			keep = text[:loc[1]]
		}
		if keep != "" {
			out.WriteString(keep)
			text = text[len(keep):]
			continue
		}
		out.WriteString(map[byte]string{'&': "&amp;", '<': "&lt;", '>': "&gt;"}[text[0]])
		text = text[1:]
	}
	return out.String() + text
}
