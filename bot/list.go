package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"amsbot/bot/words"
	"amsbot/store"
)

// listMost is how many incidents one answer lists.
const listMost = 20

// listOthers is how many more it names by number alone.
const listOthers = 200

// list is what is open, then whatever keeps amsbot from hearing of it or from
// answering it as usual.
func (b *Bot) list(ctx context.Context, q Question, w words.Catalogue) (Answer, error) {
	open := true
	seen, _, err := b.visible(ctx, q, store.Filter{Open: &open})
	if err != nil {
		return Answer{}, err
	}
	lines := openLines(seen, w)
	lines = append(lines, b.downs(ctx, w, clock, asText)...)
	if d := b.deafness(); d != nil {
		lines = append(lines, d.words(w, clock))
	}
	stopped, err := b.stops(ctx, q)
	if err != nil {
		return Answer{}, err
	}
	for _, line := range stopped {
		lines = append(lines, plain(line, 400))
	}
	for _, more := range []func(context.Context, Question, words.Catalogue) (string, error){b.listRefused, b.listSilence, b.listWindows} {
		line, err := more(ctx, q, w)
		if err != nil {
			return Answer{}, err
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return Answer{Done: true, Text: strings.Join(lines, "\n")}, nil
}

// openLines are the incidents that are open, newest first, a line each.
func openLines(seen []ListLine, w words.Catalogue) []string {
	var lines, others []string
	for _, s := range seen {
		switch {
		case s.Over:
			continue
		case len(lines) == listMost:
			others = append(others, "#"+strconv.Itoa(s.Number))
			continue
		}
		line := fmt.Sprintf("*#%d* %s · %s", s.Number, plain(s.Title, 100), plain(s.Status, 120))
		if s.Holder != "" {
			line += " · " + w.Say("list.holder", plain(s.Holder, 80))
		}
		lines = append(lines, line)
	}
	if len(lines) == 0 {
		return []string{w.Say("list.none")}
	}
	lines = append([]string{w.Say("list.head", len(lines)+len(others))}, lines...)
	if len(others) > 0 {
		more := w.Say("list.more", len(others), strings.Join(others[:min(len(others), listOthers)], " "))
		if len(others) > listOthers {
			more += " …"
		}
		lines = append(lines, more)
	}
	return lines
}

func (b *Bot) listRefused(ctx context.Context, q Question, w words.Catalogue) (string, error) {
	bad, what, err := b.refusedHere(ctx, q, w)
	if err != nil || bad == nil {
		return "", err
	}
	return w.Say("list.refused", plain(bad.Folder, 200), clock(bad.At, w), plain(what, 400)), nil
}

func (b *Bot) listSilence(ctx context.Context, q Question, w words.Catalogue) (string, error) {
	silent, err := b.silenceFor(ctx, q)
	if err != nil || silent == nil {
		return "", err
	}
	return w.Say("list.webhooks", clock(silent.Since, w), plain(silent.Words(w), 600)), nil
}

func (b *Bot) listWindows(ctx context.Context, q Question, w words.Catalogue) (string, error) {
	work, err := b.planned(ctx, q)
	if err != nil || len(work) == 0 {
		return "", err
	}
	return w.Say("list.maintenance") + windowLines(work, w), nil
}
