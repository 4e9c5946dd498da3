package slack

import (
	"context"
	"strings"
	"testing"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
	"amsbot/bot/words"
)

// japaneseIn has one channel, by its name, speak Japanese, as a project does that
// names it so.
func japaneseIn(room string) func(channel, room string) words.Catalogue {
	return func(_, called string) words.Catalogue {
		if called == room {
			return words.In("ja")
		}
		return words.In("en")
	}
}

// What is said in a channel is said in its language, whether Slack names it by ID
// or a project by name; a direct message and Home speak the workspace's own.
func TestEachChannelHasItsLanguage(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		w.ours.opt.WordsIn = japaneseIn("ops")
		_, stop := w.read(&doors{act: func(context.Context, bot.Click) (bot.Answer, error) { return bot.Answer{Form: noteForm()}, nil }})
		for _, channel := range []string{"#ops", ops} { // by name first: that is how its ID becomes known
			c := base()
			c.Channel = channel
			w.show(c, "")
			if sent := w.last("chat.postMessage").Args["attachments"]; !strings.Contains(sent, "アラートの内容") {
				t.Errorf("%s: %s", channel, sent)
			}
		}
		c := base()
		c.Channel = away
		w.show(c, "")
		if sent := w.last("chat.postMessage").Args["attachments"]; !strings.Contains(sent, "From the alert") {
			t.Errorf("elsewhere: %s", sent)
		}
		w.command(alice, "esclate 4 <!here>")
		if got := w.ephemerals(alice); len(got) != 1 || got[0] != "`esclate` はありません。 `/ams escalate 4 &lt;!here&gt;` ではありませんか？" {
			t.Errorf("%q", got)
		}
		w.command(alice, "note 1234")
		if v := w.modal(alice); v == nil || !strings.Contains(string(v.View), "キャンセル") {
			t.Errorf("%+v", v)
		}
		stop()
		w.wellAcked()
	})
}

// What Slack refused is said in the language of the channel that it was for.
func TestRefusedInItsLanguage(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		w.ours.opt.WordsIn = japaneseIn("nowhere")
		for channel, want := range map[string]string{"#nowhere": "「#nowhere」がありません", "#neither": "“#neither” that amsbot can see"} {
			c := base()
			c.Channel = channel
			if r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + key, Body: c}); !strings.Contains(r.Why, want) {
				t.Errorf("%s: %q", channel, r.Why)
			}
			r := w.ours.Receiver().Do(w.Context(), []outbox.Act{{Kind: bot.ActPost, Args: []byte(`{"channel":"` + channel + `","text":"x"}`)}})
			if !strings.Contains(r[0].Why, want) {
				t.Errorf("%s: %q", channel, r[0].Why)
			}
		}
	})
}
