package pagerduty

import (
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/bot/outbox"
)

// label says what the last line of a note is for.
const label = "amsbot's reference: "

func TestNote(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		r := w.do(bot.ActNote, bot.NoteArgs{ID: id, From: annMail, Content: "Checked: OK\nby amsbot\n\n"})
		notes := w.incident(id).Notes
		if r.State != outbox.Done || len(notes) != 1 || notes[0].ID != r.Ref || notes[0].By != "Ann" {
			t.Fatalf("result %+v, notes %+v", r, notes)
		}
		if got := notes[0].Content; got != "Checked: OK\nby amsbot\n"+label+"pd:shop:Q1#1" {
			t.Errorf("content %q", got)
		}
		must(t, w.Resolve(bob, id))
		want(t, w.do(bot.ActNote, bot.NoteArgs{ID: id, Content: "afterwards"}), outbox.Done, "")
		want(t, w.do(bot.ActNote, bot.NoteArgs{ID: "QGONE", Content: "x"}), outbox.Refused, "It does not exist in PagerDuty (any more).")
	})
}

func TestNoteText(t *testing.T) {
	for _, c := range []struct {
		name, content string
		most          int
		want          string
	}{
		{"fits", "hello", 100, "hello\nm#1"},
		{"empty", "", 100, "\nm#1"},
		{"just fits", "123456", 10, "123456\nm#1"},
		{"is cut", "1234567", 12, "1234567\nm#1"},
		{"is cut", "123456789012345", 16, "1234567" + cutMark + "\nm#1"},
		{"by characters", "üüüüüüüüüüüü", 16, "üüüüüüüüüüüü\nm#1"},
		{"bytes of no character", "a\xffb", 100, "a\uFFFDb\nm#1"},
	} {
		c.most += len(label)
		c.want = strings.Replace(c.want, "\nm#1", "\n"+label+"m#1", 1)
		got := noteText(c.content, label+"m#1", c.most)
		if c.name != "is cut" && got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > c.most {
			t.Errorf("%s: %d runes: %q", c.name, n, got)
		}
		if !(note{Content: wholeText(got)}).marked("m#1") {
			t.Errorf("%s: not found again: %q", c.name, got)
		}
	}
}

func TestMarked(t *testing.T) {
	for content, want := range map[string]bool{
		"x\npd:shop:Q1#7": true, "x\namsbot の参照番号: pd:shop:Q1#7": true, "x\nsome reference: pd:shop:Q1#7": false, "x\n" + label + "pd:shop:Q1#7": true, "x\r\npd:shop:Q1#7\n": true, "pd:shop:Q1#7": true,
		"x\npd:shop:Q1#77": false, "see pd:shop:Q1#7": false, "pd:shop:Q1#7\nx": false, "": false,
	} {
		if got := (note{Content: wholeText(content)}).marked("pd:shop:Q1#7"); got != want {
			t.Errorf("%q: %v", content, got)
		}
	}
}

// strict refuses notes that are longer.
func strict(most int64, status int) twist {
	return func(account http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.ContentLength > most {
				w.WriteHeader(status)
				return
			}
			account.ServeHTTP(w, r)
		})
	}
}

// What is refused and was short is not tried again: the same is refused again.
func TestAShortNoteIsTriedOnce(t *testing.T) {
	for content, want := range map[string]int{"Checked: OK": 1, strings.Repeat("x", shortNote): 2} {
		tries := 0
		refuses := func(account http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					tries++
					w.WriteHeader(http.StatusBadRequest)
					return
				}
				account.ServeHTTP(w, r)
			})
		}
		inTwistedBubble(t, account(), refuses, func(t *testing.T, w *world) {
			r := w.do(bot.ActNote, bot.NoteArgs{ID: w.raise(web), Content: content})
			if r.State != outbox.Refused || tries != want {
				t.Errorf("%d characters: %+v after %d tries", len(content), r, tries)
			}
		})
	}
}

func TestANoteThatIsTooLongIsCut(t *testing.T) {
	for _, status := range []int{400, 413, 422} {
		inTwistedBubble(t, account(), strict(5000, status), func(t *testing.T, w *world) {
			id := w.raise(web)
			act := w.act(bot.ActNote, bot.NoteArgs{ID: id, Content: strings.Repeat("0123456789", 2000)})
			want(t, w.c.Do(t.Context(), []outbox.Act{act})[0], outbox.Done, "")
			if _, found, err := w.c.Find(t.Context(), act); !found || err != nil {
				t.Errorf("%d: found %v, %v", status, found, err)
			}
		})
	}
}
