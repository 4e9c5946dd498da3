package bot

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// pausedBeside are pauses as a card may find them, after an event of its history.
func pausedBeside(at time.Time, pos uint64) (now, lift, before pauses) {
	now.now = &paused{Scope: "project:shop", Name: "Ben Brook", Why: "we are moving", At: at}
	lift.lifted = &lifted{Scope: "project:shop", Name: "Chie Mori", At: at, Pos: pos}
	before.lifted = &lifted{Scope: "all", Name: "Chie Mori", At: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}
	return now, lift, before
}

// Of every card of every story: what is over, and what asks nobody to recover, is the
// same whatever is paused; a pause takes no button away and leaves none that recovers
// to be the one to press; and what was lifted before is on none.
func TestPausesOnEveryCard(t *testing.T) {
	w := words.In("en")
	said := 0
	for name, events := range stories(t) {
		for n := 1; n <= len(events); n++ {
			part := events[:n]
			in := fold(part[0].Incident, part[n-1].Epoch, part)
			now, lift, before := pausedBeside(in.last, part[n-1].Pos)
			back := pauses{lifted: &lifted{Scope: lift.lifted.Scope, Name: lift.lifted.Name, At: in.first.Add(-time.Hour), Pos: part[n-1].Pos}}
			plain := Render(part, w)
			if got := render(part, before, w); !reflect.DeepEqual(got, plain) {
				t.Fatalf("%s after %d: an old pause is on it: %+v", name, n, got)
			}
			held, _ := in.heldByPause()
			asks := !in.over() && (held || in.asksSince() != 0)
			for what, p := range map[string]pauses{"paused": now, "lifted": lift, "lifted, and the clock set back": back} {
				got := render(part, p, w)
				if same := reflect.DeepEqual(got, plain); same == asks && (what == "paused" || !in.heldBack() || held) {
					t.Errorf("%s after %d, %s: the card is the same: %v", name, n, what, same)
				}
				if acts(got) != acts(plain) {
					t.Errorf("%s after %d, %s: it has %s, not %s", name, n, what, acts(got), acts(plain))
				}
				if what == "paused" && slices.ContainsFunc(got.Buttons, func(b Button) bool { return b.Primary && slices.Contains(recovering, b.Act) }) {
					t.Errorf("%s after %d: %s", name, n, buttonLine(got))
				}
			}
			if asks {
				said++
			}
		}
	}
	if said < 50 {
		t.Errorf("a pause was on %d cards", said)
	}
}

func acts(c Card) string {
	var out []string
	for _, b := range append(slices.Clone(c.Buttons), c.More...) {
		out = append(out, b.Act)
	}
	return strings.Join(out, " ")
}

// What it looks like, story by story, at the last card that a pause is about.
func TestPauseCards(t *testing.T) {
	var b strings.Builder
	for _, name := range []string{"AskRecoversAtAPersonsWord", "AskExpiresAndHeals", "PausedInTheMiddle", "Override2", "InterruptedRunAgain", "CameBack2"} {
		events := stories(t)[name]
		for n := len(events); n > 0; n-- {
			in := fold(events[0].Incident, events[n-1].Epoch, events[:n])
			now, lift, _ := pausedBeside(in.last.Add(time.Minute), events[n-1].Pos)
			in.pauses = now
			if !in.isPaused() {
				continue
			}
			for _, language := range []string{"en", "ja"} {
				for _, p := range []pauses{now, lift} {
					c := render(events[:n], p, words.In(language))
					fmt.Fprintf(&b, "== %s after %d: %s\n%s\n%s\n", name, n, c.State, c.Headline, strings.Join(append([]string{c.Detail}, c.Need...), "\n"))
					for _, at := range c.Times[2:] {
						fmt.Fprintf(&b, "%s %s\n", at.Name, at.At.Format(time.TimeOnly))
					}
					fmt.Fprintf(&b, "%s\n\n", buttonLine(c))
				}
			}
			break
		}
	}
	golden(t, filepath.Join("testdata", "pauses.golden"), b.String())
}

// pauseIt commits what somebody pauses or resumes.
func pauseIt(t *testing.T, b *Bot, act, scope string) {
	t.Helper()
	k := Click{Act: act, User: "U1", Name: "Ben Brook"}
	_, err := b.DB.Commit(t.Context(), botStream, func(v *store.View) (store.Change, error) {
		out, _, err := k.pauses(v, scope, words.In("en"))
		return out, err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantedNow are the views that are to be drawn.
func wantedNow(t *testing.T, b *Bot) (keys []string) {
	t.Helper()
	views, err := b.DB.Views(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range views {
		keys = append(keys, v.Key)
	}
	slices.Sort(keys)
	return keys
}

// A card that only says that somebody paused or resumed waits until nothing else
// does; one with news of its own does not. Each change wants the cards of its scope
// that are open, and those alone.
func TestPauseWantsItsCards(t *testing.T) { synctest.Test(t, pauseWantsItsCards) }

func pauseWantsItsCards(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	defer b.DB.Close()
	all := stories(t)
	waits, over := b.Key("Q1"), b.Key("Q2")
	toldAgain(t, b, waits, all["AskRecoversAtAPersonsWord"][:17], func() {})
	toldAgain(t, b, over, all["AskRecoversAtAPersonsWord"], func() {})
	card := CardKey(waits)
	show := func() {
		t.Helper()
		for _, key := range wantedNow(t, b) {
			v, err := b.Draw(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			shown := store.Change{Shown: []store.Shown{{Key: key, Version: v.Version, Ref: "C1/" + key}}}
			if _, err := b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) { return shown, nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	show()
	for _, one := range []struct {
		act, scope string
		want       []string
	}{
		{DoPause, "project:shop", []string{card}}, {DoPause, "project:shop", nil}, {DoResume, "project:shop", []string{card}}, {DoResume, "project:shop", nil},
		{DoPause, "scenario:shop/web-down", []string{card}}, {DoPause, "all", []string{card}}, {DoPause, "project:other", nil},
		{DoResume, "scenario:shop/web-down", []string{card}}, {DoResume, "all", []string{card}}, {DoPause, "scenario:shop/other", nil},
	} {
		pauseIt(t, b, one.act, one.scope)
		if got := wantedNow(t, b); !slices.Equal(got, one.want) {
			t.Errorf("%s %s: wanted are %q, not %q", one.act, one.scope, got, one.want)
		}
		if one.want == nil {
			continue
		}
		v, err := b.Draw(t.Context(), card)
		if err != nil || v.Urgency != urgentLeast || v.Version != v.Body.(Card).Version || v.Since.IsZero() {
			t.Errorf("%s %s: urgency %d, version %d of %d, since %s (%v)", one.act, one.scope, v.Urgency, v.Version, v.Body.(Card).Version, v.Since, err)
		}
		show()
	}
	pauseIt(t, b, DoPause, "all")
	if _, err := b.commit(t.Context(), waits, func(c *change) error { c.write(kindRefused, "U", refused{Act: DoNote, User: "U"}); return nil }); err != nil {
		t.Fatal(err)
	}
	if v, err := b.Draw(t.Context(), card); err != nil || v.Urgency != 0 {
		t.Errorf("with news of its own: urgency %d (%v)", v.Urgency, err)
	}
}

// Who lifts a scenario's breaker lifts no pause: the card that a pause held says all
// the same who lifted that one before.
func TestBreakerIsLiftedAfterAPause(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	defer b.DB.Close()
	const scope = "scenario:shop/web-down"
	pauseIt(t, b, DoPause, scope)
	pauseIt(t, b, DoResume, scope)
	trip := store.Change{Guards: map[string]any{breakerGuard(scope): breaker{Scope: scope, Tripped: true, Failed: 3}}}
	if _, err := b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) { return trip, nil }); err != nil {
		t.Fatal(err)
	}
	pauseIt(t, b, DoResume, scope)
	read := func(v *store.View) error {
		p, err := pausesOf(v, "shop", "web-down")
		if p.now != nil || p.lifted == nil || p.lifted.Name != "Ben Brook" {
			t.Errorf("it is paused %v, and lifted %v", p.now, p.lifted)
		}
		held, err2 := holdsOf(v, scope)
		if held.tripped != nil {
			t.Errorf("its breaker is %+v", held.tripped)
		}
		return errors.Join(err, err2)
	}
	if err := b.DB.Read(t.Context(), botStream, read); err != nil {
		t.Fatal(err)
	}
}
