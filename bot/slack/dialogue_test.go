package slack

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

// modal is the dialogue that a person has open.
func (w *world) modal(user string) *simslack.View {
	if open := w.sim.State(user).Modals; len(open) > 0 {
		return &open[len(open)-1]
	}
	return nil
}

// reads says whether a person's dialogue says something.
func (w *world) reads(user, text string) bool {
	v := w.modal(user)
	return v != nil && strings.Contains(string(v.View), text)
}

func (w *world) submit(user string, values simslack.Values) simslack.Result {
	w.Helper()
	r, err := w.sim.Submit(w.Context(), simslack.Submit{User: user, Values: values})
	if err != nil {
		w.Fatal(err)
	}
	synctest.Wait()
	return r
}

// noteValues is what a person writes into Add Note.
func noteValues(text string) simslack.Values {
	return simslack.Values{"note.text": {"text": {Value: text}}}
}

func noteForm() *bot.Form {
	return &bot.Form{Act: bot.DoNote, Incident: key, Title: "Add Note", Send: "Add Note", Text: "#1234 Web <is> *down*",
		Fields: []bot.Entry{{Name: "text", Kind: bot.EntryText, Label: "Note", Hint: "It goes to PagerDuty.", Most: 3000}}}
}

// wholeForm has every kind of field.
func wholeForm() *bot.Form {
	return &bot.Form{Act: bot.DoMaintain, Title: "Maintenance window of a long name", Send: "Open", Text: "<!channel>\n*what* it is about", Fields: []bot.Entry{
		{Name: "scope", Kind: bot.EntryChoice, Label: "What", Value: "project:shop", Choices: []bot.Choice{
			{Value: "all", Label: "everything"}, {Value: "project:shop", Label: "project shop", Note: "Paused by *Bob*"}, {Value: "", Label: "left out"}}},
		{Name: "target", Kind: bot.EntryLine, Label: "Only this target", Most: 255, Optional: true},
		{Name: "until", Kind: bot.EntryMoment, Label: "Until", Value: "1767225600", Optional: true},
		{Name: "noise", Kind: bot.EntryTick, Label: "Was it noise?", Choices: []bot.Choice{{Value: "noise", Label: "It was"}}, Optional: true},
		{Name: "nothing", Kind: bot.EntryChoice, Label: "Nothing to choose"},
		{Name: "text", Kind: bot.EntryText, Label: "Why", Most: 500},
	}}
}

func TestFormView(t *testing.T) {
	for name, f := range map[string]*bot.Form{"form-note": noteForm(), "form": wholeForm()} {
		v, err := formView(*f, carried{Channel: ops, Thread: "1700000000.000100", Typed: true}, english)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name, v)
	}
	if _, err := formView(bot.Form{Act: bot.DoNote, Incident: strings.Repeat("x", 4000)}, carried{}, english); err == nil {
		t.Error("a key that Slack would not keep was taken")
	}
}

// Whatever a dialogue holds, Slack takes it.
func TestSlackTakesAnyForm(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		long := strings.Repeat("<!channel> *x* ", 400)
		f := bot.Form{Act: bot.DoMaintain, Title: long, Send: long, Text: long}
		for _, kind := range []bot.EntryKind{bot.EntryText, bot.EntryLine, bot.EntryChoice, bot.EntryTick, bot.EntryMoment} {
			e := bot.Entry{Name: string(kind), Kind: kind, Label: long, Hint: long, Value: long, Most: 9000}
			for i := range 130 {
				e.Choices = append(e.Choices, bot.Choice{Value: strings.Repeat("v", 1+i), Label: long, Note: long})
			}
			f.Fields = append(f.Fields, e)
		}
		for _, f := range []bot.Form{f, {Act: "x"}, {Act: bot.DoNote, Title: " \n", Fields: []bot.Entry{{Name: "text", Kind: bot.EntryText, Most: 1}}}} {
			d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return bot.Answer{Form: &f}, nil }}
			_, stop := w.read(d)
			w.click(alice, w.show(base(), ""), "ams.more", press{Act: bot.DoNote, Incident: key}.token())
			if w.modal(alice) == nil {
				t.Errorf("not opened: %q", w.ephemerals(alice))
			}
			stop()
		}
	})
}

// A dialogue opens, says at the field or at its head what is wrong, keeps what was
// typed, and is gone once it is done.
func TestDialogue(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		answer := bot.Answer{Wrong: map[string]string{"text": "Write *something*."}}
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			if c.Open {
				return bot.Answer{Form: noteForm()}, nil
			}
			return answer, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		open := w.modal(alice)
		if open == nil || len(d.seen()) != 1 {
			t.Fatalf("no dialogue: %+v", d.seen())
		}
		w.submit(alice, noteValues(" x\n "))
		if v := w.modal(alice); v == nil || v.Errors["note.text"] != "Write *something*." {
			t.Errorf("%+v", v)
		}
		for _, text := range []string{"You may not &amp; <@U0BOB> may.", "Nor now."} {
			answer = bot.Answer{Text: text}
			w.submit(alice, noteValues("the plug was out"))
			if v := w.modal(alice); v == nil || v.ID != open.ID || strings.Count(string(v.View), `"problem"`) != 1 || len(v.Errors) != 0 || v.Problem != "" {
				t.Errorf("%+v", v)
			}
		}
		answer = bot.Answer{Done: true, Text: "Noted."}
		w.submit(alice, noteValues(" the plug was out\n"))
		if w.modal(alice) != nil {
			t.Error("the dialogue is still open")
		}
		want := bot.Click{User: alice, Name: "alice", Team: "T0PRETEND1", Channel: ops, Room: "ops", Incident: key, Act: bot.DoNote,
			Fields: map[string]string{"text": "the plug was out"}, Once: open.ID}
		if got := d.seen(); len(got) != 5 || !reflect.DeepEqual(got[4], want) {
			t.Errorf("%+v", got)
		}
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "Noted." {
			t.Errorf("%q", got)
		}
		w.command(bob, "note 1234")
		w.submit(bob, noteValues("by command"))
		got := d.seen()
		if len(got) != 7 || got[5].Incident != "1234" || !got[5].Open || !got[6].Typed || got[6].Fields["text"] != "by command" || got[6].User != bob {
			t.Errorf("%+v", got)
		}
		stop()
		w.wellAcked()
	})
}

// What the fields of a dialogue say reaches the conductor, whatever kind they are.
func TestFieldsAreRead(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			return bot.Answer{Form: wholeForm(), Done: !c.Open}, nil
		}}
		_, stop := w.read(d)
		w.command(alice, "maintenance new")
		w.submit(alice, simslack.Values{
			"maintain.target": {"target": {Value: " web-1 "}}, "maintain.until": {"until": {Value: "1767229200"}},
			"maintain.noise": {"noise": {Values: []string{"noise"}}}, "maintain.text": {"text": {Value: "a\nb"}},
		})
		want := map[string]string{"scope": "project:shop", "target": "web-1", "until": "1767229200", "noise": "noise", "text": "a\nb"}
		if got := d.seen(); len(got) != 2 || got[0].Act != bot.DoMaintain || !reflect.DeepEqual(got[1].Fields, want) {
			t.Errorf("%+v", got)
		}
		stop()
	})
}

// What could not be kept stays before the person who wrote it; who is slow is told
// so in time, and in the end what came of it.
func TestDialogueThatCouldNotBeKept(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		var slow time.Duration
		err := errors.New("disk full")
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			if c.Open {
				return bot.Answer{Form: noteForm()}, nil
			}
			time.Sleep(slow)
			return bot.Answer{Done: true, Text: "Noted."}, err
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		w.click(alice, ref, "ams.more", press{Act: bot.DoNote, Incident: key}.token())
		w.submit(alice, noteValues("x"))
		if !w.reads(alice, english.Say("slack.failed")) {
			t.Errorf("%+v", w.modal(alice))
		}
		slow = 5 * time.Second
		w.submit(alice, noteValues("x"))
		if !w.reads(alice, english.Say("slack.form.still")) {
			t.Errorf("%+v", w.modal(alice))
		}
		time.Sleep(slow)
		if !w.reads(alice, english.Say("slack.failed")) || w.reads(alice, english.Say("slack.form.still")) || !w.reads(alice, `"note.text"`) {
			t.Errorf("%+v", w.modal(alice))
		}
		err = nil
		w.submit(alice, noteValues("x"))
		time.Sleep(slow)
		if !w.reads(alice, english.Say("slack.form.done")) || w.reads(alice, `"submit":{`) {
			t.Errorf("%+v", w.modal(alice))
		}
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "Noted." {
			t.Errorf("%q", got)
		}
		stop()
	})
}

// Slack opens no dialogue 3 s after the click: where the conductor is slow it is
// opened empty, and drawn when it is known what it asks, or why nothing.
func TestSlowDialogue(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		answer := bot.Answer{Form: noteForm()}
		d := &doors{act: func(context.Context, bot.Click) (bot.Answer, error) {
			time.Sleep(4 * time.Second)
			return answer, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		note := press{Act: bot.DoNote, Incident: key}.token()
		if r := w.click(alice, ref, "ams.more", note); !r.Acked || r.After > 1500*time.Millisecond || !w.reads(alice, english.Say("slack.form.wait")) {
			t.Errorf("%+v %+v", r, w.modal(alice))
		}
		time.Sleep(5 * time.Second)
		if !w.reads(alice, `"note.text"`) {
			t.Errorf("%+v", w.modal(alice))
		}
		answer = bot.Answer{Text: "Bob was first."}
		w.click(bob, ref, "ams.more", note)
		time.Sleep(5 * time.Second)
		if !w.reads(bob, "Bob was first.") {
			t.Errorf("%+v", w.modal(bob))
		}
		w.sim.Fault(simslack.Fault{Method: "views.open", Slow: 4 * time.Second})
		if r := w.click(alice, ref, "ams.more", note); !r.Acked {
			t.Errorf("%+v", r)
		}
		time.Sleep(10 * time.Second)
		if got := w.ephemerals(alice); len(got) != 1 || !strings.Contains(got[0], "did not open") {
			t.Errorf("%q", got)
		}
		stop()
	})
}

// What the conductor refuses at once opens nothing, and one dialogue can lead to
// another.
func TestDialogueRefusedAndLedOn(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		d := &doors{act: func(_ context.Context, c bot.Click) (bot.Answer, error) {
			switch {
			case c.User == bob:
				return bot.Answer{Text: "You may not."}, nil
			case c.Open:
				return bot.Answer{Form: noteForm()}, nil
			}
			return bot.Answer{Form: wholeForm()}, nil
		}}
		_, stop := w.read(d)
		ref := w.show(base(), "")
		note := press{Act: bot.DoNote, Incident: key}.token()
		w.click(bob, ref, "ams.more", note)
		if got := w.ephemerals(bob); w.modal(bob) != nil || len(got) != 1 || got[0] != "You may not." {
			t.Errorf("%+v %q", w.modal(bob), got)
		}
		w.click(alice, ref, "ams.more", note)
		w.submit(alice, noteValues("x"))
		var view struct {
			PrivateMetadata string `json:"private_metadata"`
		}
		if v := w.modal(alice); v == nil || json.Unmarshal(v.View, &view) != nil || !strings.Contains(view.PrivateMetadata, `"maintain"`) || !w.reads(alice, `"maintain.until"`) {
			t.Errorf("%+v", v)
		}
		stop()
	})
}
