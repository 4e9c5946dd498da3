package slack

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// largeForm is one whose drawing is larger than an acknowledgement may be.
func largeForm() *bot.Form {
	f := wholeForm()
	f.Act = bot.DoPause
	scopes := &f.Fields[0]
	scopes.Choices, scopes.Value = nil, "project:shop-1"
	for i := range 100 {
		scopes.Choices = append(scopes.Choices, bot.Choice{Value: fmt.Sprintf("project:shop-%d", i), Label: fmt.Sprintf("%d 番目のプロジェクト%s", i, strings.Repeat("通販", 25))})
	}
	return f
}

// largeValues fill it.
func largeValues() simslack.Values {
	return simslack.Values{
		"pause.scope": {"scope": {Value: "project:shop-77"}}, "pause.target": {"target": {Value: "web-1"}}, "pause.until": {"until": {Value: "1767229200"}},
		"pause.noise": {"noise": {Values: []string{"noise"}}}, "pause.text": {"text": {Value: "移行作業"}},
	}
}

// A dialogue that no acknowledgement could draw stays open all the same when it was
// refused, with why and with what was typed, however long that took.
func TestLargeDialogueStaysOpen(t *testing.T) {
	for name, slow := range map[string]time.Duration{"at once": 0, "slow": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				answer := bot.Answer{Text: "You may not."}
				d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
					if c.Open {
						return bot.Answer{Form: largeForm()}, nil
					}
					time.Sleep(slow)
					return answer, nil
				}}
				_, stop := w.read(d)
				w.command(alice, "pause")
				open := w.modal(alice)
				if open == nil || len(open.View) < 20*1024 {
					t.Fatalf("%+v", open)
				}
				r := w.submit(alice, largeValues())
				if key := map[bool]string{true: "slack.form.wait", false: "slack.form.still"}[slow == 0]; !r.Acked || !w.reads(alice, english.Say(key)) || w.reads(alice, `"submit":{`) {
					t.Errorf("%+v %+v", r, w.modal(alice))
				}
				time.Sleep(slow + time.Second)
				for _, want := range []string{"You may not.", `"initial_value":"web-1"`, `"initial_value":"移行作業"`, `"initial_date_time":1767229200`, `"initial_options":[`, `"submit":{`} {
					if !w.reads(alice, want) {
						t.Errorf("no %s in %s", want, w.modal(alice).View)
					}
				}
				answer = bot.Answer{Wrong: map[string]string{"scope": "It is gone."}}
				w.submit(alice, simslack.Values{}) // all else is as it stands there
				time.Sleep(slow + time.Second)
				if v := w.modal(alice); v == nil || v.ID != open.ID || v.Errors["pause.scope"] == "" && !w.reads(alice, "It is gone.") {
					t.Errorf("%+v", v)
				}
				answer = bot.Answer{Done: true, Text: "Paused."}
				w.submit(alice, simslack.Values{})
				time.Sleep(slow + time.Second)
				if v := w.modal(alice); v != nil && !w.reads(alice, english.Say("slack.form.done")) {
					t.Errorf("%+v", v)
				}
				for _, c := range d.seen()[1:] {
					if f := c.Fields; f["scope"] != "project:shop-77" || f["text"] != "移行作業" || f["until"] != "1767229200" || f["noise"] != "noise" || f["target"] != "web-1" {
						t.Errorf("sent %+v", f)
					}
				}
				stop()
				w.wellAcked()
			})
		})
	}
}
