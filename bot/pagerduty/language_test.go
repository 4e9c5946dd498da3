package pagerduty

import (
	"strings"
	"testing"

	"amsbot/bot"
	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// Why an act could not be done is said in the language of the act, and a note
// that was written in one is found in every other.
func TestActsSpeakTheirLanguage(t *testing.T) {
	inBubble(t, account(), func(t *testing.T, w *world) {
		id := w.raise(web)
		say := func(language, kind string, args any) (outbox.Act, outbox.Result) {
			a := w.act(kind, args)
			a.Language = language
			return a, w.c.Do(t.Context(), []outbox.Act{a})[0]
		}
		up := bot.EscalateArgs{ID: id, To: toGone, Fallback: &bot.Target{Policy: "Nobody"}}
		_, r := say("ja", bot.ActEscalate, up)
		want(t, r, outbox.Refused, "エスカレーションポリシー Night shift がありません。予備の連絡先にも送れません: 当番がいません。")
		must(t, w.Reassign(ann, id, ann, bob))
		up.HeldBy = self
		_, r = say("ja", bot.ActEscalate, up)
		want(t, r, outbox.Refused, "担当は Ann、Bob です。")
		_, r = say("", bot.ActEscalate, up)
		want(t, r, outbox.Refused, "It is assigned to Ann and Bob.")
		w.c.words = words.In("ja")
		_, r = say("", bot.ActNote, bot.NoteArgs{ID: "QGONE", Content: "x"})
		want(t, r, outbox.Refused, "PagerDuty に存在しません（または削除されました）。")

		a, r := say("ja", bot.ActNote, bot.NoteArgs{ID: id, Content: "確認済み"})
		want(t, r, outbox.Done, "")
		if got := w.incident(id).Notes[0].Content; !strings.HasSuffix(got, "\namsbot の参照番号: "+a.Marker()) {
			t.Errorf("%q", got)
		}
		a.Language = "en"
		if _, found, err := w.c.Find(t.Context(), a); !found || err != nil {
			t.Errorf("%v, %v", found, err)
		}
	})
}
