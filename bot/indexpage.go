package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/outbox"
)

// pageKey begins the keys of the pages of an index: "page:<number>:<channel>".
const pageKey = "page:"

// pageRoom is how many characters of a page its numbers take.
const pageRoom = 3500

// justCame is how long an incident is new. The pages of an index are drawn seldom: so
// long the index names a new incident itself, whatever else that costs room.
const justCame = 30 * time.Second

// IndexPage is a message in the thread of an index that has no room for all its
// incidents. The pages name all of them by number, not those that the index leaves out:
// which ones these are changes with every state, and index and pages are never shown at
// the same moment. Text is raw.
type IndexPage struct {
	Key     string // of the view
	Channel string
	Thread  string // where the index stands, as its View.Ref
	Since   time.Time
	Title   string
	Names   []string // "#1234"
}

// inIndex are the incidents that an index has room for, in their order: those that came
// just now, for up to half of it, and the worst.
func inIndex(lines []*crowdLine, now time.Time) []*crowdLine {
	if fitting(lines, indexRoom) == len(lines) {
		return lines
	}
	room, in := indexRoom, map[*crowdLine]bool{}
	newest := slices.SortedFunc(slices.Values(lines), func(a, b *crowdLine) int { return b.began.Compare(a.began) })
	for _, l := range newest {
		if now.Sub(l.began) > justCame || room-l.size() < indexRoom/2 {
			break
		}
		room, in[l] = room-l.size(), true
	}
	for _, l := range lines {
		if in[l] {
			continue
		}
		if room -= l.size(); room < 0 {
			break
		}
		in[l] = true
	}
	return slices.DeleteFunc(slices.Clone(lines), func(l *crowdLine) bool { return !in[l] })
}

// size is how many characters the number of an incident takes.
func (l *crowdLine) size() int { return len(strconv.Itoa(l.Number)) + 2 }

// fitting is how many numbers have room.
func fitting(lines []*crowdLine, room int) int {
	for i, l := range lines {
		if room -= l.size(); room < 0 {
			return i
		}
	}
	return len(lines)
}

// pagesOf are the pages of an index; none while it has room for all.
func pagesOf(lines []*crowdLine) [][]string {
	if fitting(lines, indexRoom) == len(lines) {
		return nil
	}
	lines = slices.SortedFunc(slices.Values(lines), func(a, b *crowdLine) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.key, b.key))
	})
	var pages [][]string
	for len(lines) > 0 {
		var names []string
		n := fitting(lines, pageRoom)
		for _, l := range lines[:n] {
			names = append(names, fmt.Sprintf("#%d", l.Number))
		}
		pages, lines = append(pages, names), lines[n:]
	}
	return pages
}

func pageKeys(channel string, lines []*crowdLine) []string {
	var keys []string
	for i := range pagesOf(lines) {
		keys = append(keys, fmt.Sprintf("%s%d:%s", pageKey, i+1, channel))
	}
	return keys
}

// errNoIndex says that there is no thread yet.
var errNoIndex = errors.New("the index does not stand yet")

// drawPage draws a page of an index. One that is not needed any more says nothing
// new: the index names all.
func (b *Bot) drawPage(ctx context.Context, key string) (outbox.View, error) {
	number, channel, _ := strings.Cut(strings.TrimPrefix(key, pageKey), ":")
	n, err := strconv.Atoi(number)
	if err != nil {
		return outbox.View{Key: key, Skip: true}, nil
	}
	v, crowd, err := b.crowdView(ctx, key, channel)
	if err != nil || v.Skip {
		return v, err
	}
	lines, err := b.crowd(ctx, channel, crowd.Since)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	pages := pagesOf(lines)
	if n < 1 || n > len(pages) {
		v.Skip = true
		return v, nil
	}
	index, _, err := b.DB.View(ctx, indexKey+channel)
	if err == nil && index.Ref == "" {
		if v.Skip = crowd.Over; v.Skip { // the index has been left as it is
			return v, nil
		}
		err = errNoIndex
	}
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	title := b.WordsIn(channel, strings.TrimPrefix(channel, "#")).Say("index.page", n)
	v.Body = IndexPage{Key: key, Channel: channel, Thread: index.Ref, Since: crowd.Since, Title: title, Names: pages[n-1]}
	return v, nil
}
