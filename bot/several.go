package bot

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"amsbot/bot/words"
)

// How people name several incidents at once: by their numbers, each by itself or a
// span of them, with spaces or commas between, as amsbot's own answers name them:
// "12 14 15", "#12, #14–#20".

// severalRoom is how many characters of numbers a command takes.
const severalRoom = 7000

var (
	numberWord  = regexp.MustCompile(`^#?(\d{1,9})(?:[-–—~〜～]#?(\d{1,9}))?$`)
	looseSpan   = regexp.MustCompile(`(\d)\s*([-–—~〜～])\s*(#?\d)`)
	betweenMany = " \n,、，"
)

// onSeveral are the acts that can be done on several incidents at once, on a group
// card or by a command, and what each is called then.
var onSeveral = map[string]string{DoTake: DoTakeAll, DoEscalate: DoEscalateAll}

// ActOnSeveral is what an act on one incident is called where it is done on several
// at once; "" where it cannot be.
func ActOnSeveral(act string) string { return onSeveral[act] }

// single is the act on one incident that an act on several is.
func single(act string) string {
	for one, several := range onSeveral {
		if several == act {
			return one
		}
	}
	return ""
}

// Several splits a text that begins with the numbers of several incidents, or with a
// span of them, into those, for a [Click], and what follows. list is "" where the
// text does not name several: a single number is none of its business.
func Several(text string) (list, rest string) {
	var all []string
	rest = looseSpan.ReplaceAllString(strings.TrimSpace(text), "$1$2$3")
	for rest != "" {
		word, more := rest, ""
		if i := strings.IndexAny(rest, betweenMany); i >= 0 {
			word, more = rest[:i], strings.TrimLeft(rest[i:], betweenMany)
		}
		if !numberWord.MatchString(word) {
			break
		}
		all, rest = append(all, word), more
	}
	if len(all) == 0 || len(all) == 1 && numberWord.FindStringSubmatch(all[0])[2] == "" {
		return "", text
	}
	if len(text) > severalRoom { // where it ends, a number may have lost its last digits
		return text, ""
	}
	return strings.Join(all, " "), rest
}

// readSeveral reads what Several found: each number once, the lowest first; or why
// it is not done. What a group card cannot name, a command does not take.
func readSeveral(list, act string, w words.Catalogue) (numbers []int, why string) {
	if len(list) > severalRoom {
		return nil, w.Say("several.most", groupSetMost, severalRoom, act)
	}
	for word := range strings.FieldsSeq(list) {
		p := numberWord.FindStringSubmatch(word)
		if p == nil {
			return nil, w.Say("several.text", act, act)
		}
		first, _ := strconv.Atoi(p[1]) // nine digits at most
		last := first
		if p[2] != "" {
			last, _ = strconv.Atoi(p[2])
		}
		switch {
		case last < first:
			return nil, w.Say("several.backwards", first, last, act, last, first)
		case len(numbers)+last-first >= groupSetMost:
			return nil, w.Say("several.most", groupSetMost, severalRoom, act)
		}
		for n := first; n <= last; n++ {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), ""
}

// actSeveral takes a command on several incidents: on each what the command on that
// one alone does, in a commit of its own, and one answer for all.
func (b *Bot) actSeveral(ctx context.Context, k Click) (Answer, error) {
	numbers, why := readSeveral(k.Incident, single(k.Act), b.WordsIn(k.Channel, k.Room))
	if why != "" {
		return Answer{Text: why}, nil
	}
	return b.pressAll(ctx, b.pressedBy(ctx, k), numbers)
}
