package bot

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/outbox"
)

// pageKey begins the keys of the pages of an index: "page:<number>:<channel>".
const pageKey = "page:"

// pageRoom is how many characters of a page its numbers take.
const pageRoom = 3500

// IndexPage is a message in the thread of an index, with the incidents that the
// index has no room for. Text is raw.
type IndexPage struct {
	Key     string // of the view
	Channel string
	Thread  string // where the index stands, as its View.Ref
	Since   time.Time
	Names   []string // "#1234"
}

// restOf are the incidents that an index has no room for.
func restOf(lines []*crowdLine) []*crowdLine {
	return lines[fitting(lines, indexRoom):]
}

// fitting is how many numbers have room.
func fitting(lines []*crowdLine, room int) int {
	for i, l := range lines {
		if room -= len(strconv.Itoa(l.Number)) + 2; room < 0 {
			return i
		}
	}
	return len(lines)
}

// pagesOf are the pages that name the incidents.
func pagesOf(lines []*crowdLine) [][]string {
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

func pageKeys(channel string, rest []*crowdLine) []string {
	var keys []string
	for i := range pagesOf(rest) {
		keys = append(keys, fmt.Sprintf("%s%d:%s", pageKey, i+1, channel))
	}
	return keys
}

// errNoIndex says that there is no thread yet.
var errNoIndex = errors.New("the index does not stand yet")

// drawPage draws a page of an index. One that is not needed any more says nothing
// new: what it named is named by the others.
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
	pages := pagesOf(restOf(lines))
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
	v.Body = IndexPage{Key: key, Channel: channel, Thread: index.Ref, Since: crowd.Since, Names: pages[n-1]}
	return v, nil
}
