package bot

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// What keeps amsbot from hearing PagerDuty is said as it is: what was read and not
// taken in is no fault of PagerDuty's.
func TestDeafSaysWhy(t *testing.T) {
	partly := func(err error) error { return fmt.Errorf("pagerduty: poll: tell of Q1: %w: %w", ErrPartly, err) }
	for _, c := range []struct {
		err error
		key string
	}{
		{partly(store.ErrDamaged), "list.damaged"},
		{partly(errors.New("more are open than it lists")), "list.partly"},
		{partly(ErrRefused), "list.refuses"},
		{ErrRefused, "list.refuses"},
		{errors.New("no answer"), "list.deaf"},
	} {
		b := loaded(t, twoShops())
		b.Polled(c.err)
		for _, lang := range words.Languages() {
			w := words.In(lang)
			if got := b.deafness().words(w, func(time.Time, words.Catalogue) string { return "then" }); got != w.Say(c.key, "then") {
				t.Errorf("%v: %s", c.err, got)
			}
		}
		if b.Polled(nil); b.deafness() != nil {
			t.Errorf("%v: it does not end", c.err)
		}
	}
}
