package bot

import (
	"strings"

	"amsbot/bot/words"
)

// nobodyMeant refuses a slash command that escalates to somebody who is not there: the
// next level is not whom it meant. "" where it names somebody, or nobody at all.
func (c *change) nobodyMeant(k Click) string {
	word, name := cutWord(strings.TrimSpace(k.Text))
	if k.Fields != nil || k.Open || !strings.EqualFold(word, "to") || name == "" {
		return ""
	}
	if to, _ := c.addressed(k.Text); to != "" {
		return ""
	}
	var there []string
	for _, choice := range c.escalations() {
		there = append(there, plain(choice.Label, 70))
	}
	return c.w.Say("refused.nobody", plain(oneLine(name), 60), strings.Join(there, ", "))
}

// firstNames are how often each first name is among those to whom one can escalate.
func firstNames(all []Choice) map[string]int {
	out := map[string]int{}
	for _, choice := range all {
		if first, _ := cutWord(choice.Label); strings.HasPrefix(choice.Value, "user:") {
			out[first]++
		}
	}
	return out
}

// addressed reads to whom a slash command escalates, and what is left of its text:
// "second line the pool is full", "to level 3", "to Chie Mori", "to Chie". What does
// not begin with "to" and names nobody is the text, and the incident goes to the next
// level.
func (c *change) addressed(text string) (to, rest string) {
	said := strings.TrimSpace(text)
	word, after := cutWord(said)
	named := strings.EqualFold(word, "to")
	if named {
		said = after
	}
	all := c.escalations()
	often := firstNames(all)
	for _, choice := range all {
		kind, n, _ := strings.Cut(choice.Value, ":")
		names := []string{choice.Label, toWords(choice.Value, choice.Label, words.In("en")), strings.ReplaceAll(kind, "_", " "), kind}
		switch kind {
		case toNext:
			names = append(names, "next level")
		case "level":
			names = []string{choice.Label, "level " + n}
		case "user":
			names = []string{choice.Label, n}
			if first, _ := cutWord(choice.Label); named && often[first] == 1 {
				names = append(names, first)
			}
		}
		for _, name := range names {
			if rest, ok := cutName(said, name); ok {
				return choice.Value, rest
			}
		}
	}
	return "", text
}

func cutWord(text string) (word, rest string) {
	if i := strings.IndexAny(text, " \n"); i >= 0 {
		return text[:i], strings.TrimSpace(text[i:])
	}
	return text, ""
}

// cutName is what follows a name at the beginning of a text, case aside.
func cutName(text, name string) (rest string, ok bool) {
	if name == "" || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return "", false
	}
	rest = text[len(name):]
	if trimmed := strings.TrimLeft(rest, " \n:,.–-"); rest == "" || trimmed != rest {
		return trimmed, true
	}
	return "", false
}
