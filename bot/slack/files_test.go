package slack

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
)

func TestShortOutputStandsInTheMessage(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		w.blobs["h"] = []byte("line 1\n``` <!channel> *x*\nline 3\n")
		m := w.message(w.done(act(bot.ActPost, "", 1, bot.MessageArgs{Channel: ops, Text: "output", File: "h"})))
		if want := "output\n```\nline 1\nˋˋˋ &lt;!channel&gt; *x*\nline 3\n```"; m.Text != want {
			t.Errorf("%q", m.Text)
		}
		m = w.message(w.done(act(bot.ActPost, "", 2, bot.MessageArgs{Channel: ops, Text: "no output", File: "lost"})))
		if !strings.HasPrefix(m.Text, "no output\n") || !strings.Contains(m.Text, "could not be read") {
			t.Errorf("%q", m.Text)
		}
		w.blobs["empty"] = []byte(" \n")
		if m = w.message(w.done(act(bot.ActPost, "", 3, bot.MessageArgs{Channel: ops, Text: "empty", File: "empty"}))); m.Text != "empty" {
			t.Errorf("%q", m.Text)
		}
	})
}

// files are the files under the card and their threads.
func (w *world) files(channel, thread string) (names []string) {
	time.Sleep(2 * time.Second) // Slack takes a while to share them
	for _, m := range w.sim.Messages(channel) {
		for _, f := range m.Files {
			if m.ThreadTS != thread {
				w.Errorf("%s is in thread %q", f.Title, m.ThreadTS)
			}
			names = append(names, f.Title)
		}
	}
	return names
}

func TestLongOutputIsAFileInTheThread(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		w.blobs["h"] = []byte(strings.Repeat("a line of output\n", 500))
		card := w.show(base(), "")
		_, ts, _ := parseReference(card)
		args := bot.MessageArgs{Channel: ops, Text: "output", File: "h", FileName: "../restart web.log"}
		m := w.message(w.done(act(bot.ActReply, card, 7, args)))
		if m.ThreadTS != ts || m.Text != "output" {
			t.Errorf("%+v", m)
		}
		if got := w.files(ops, ts); len(got) != 1 || got[0] != "-restart web.7.log" {
			t.Errorf("files %q", got)
		}
	})
}

// A post's file goes into the thread of the post, in a channel that has to be
// joined first.
func TestFileJoinsTheChannel(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		w.blobs["h"] = []byte(strings.Repeat("x\n", 100))
		ref := w.done(act(bot.ActPost, "", 7, bot.MessageArgs{Channel: "#general", Text: "output", File: "h"}))
		_, ts, _ := parseReference(ref)
		if got := w.files(away, ts); len(got) != 1 || got[0] != "output.7.txt" || w.calls("conversations.join") != 1 {
			t.Errorf("files %q, joined %d times", got, w.calls("conversations.join"))
		}
	})
}

// Whatever goes wrong with the file, the message stands once, and so does the
// file in the end.
func TestMessageWithAFileStandsOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simslack.Fault
		first outbox.State
	}{
		{"no upload address", simslack.Fault{Method: "files.getUploadURLExternal", Status: 500}, outbox.Again},
		{"rate limit", simslack.Fault{Method: "files.getUploadURLExternal", Status: 429, RetryAfter: 3 * time.Second}, outbox.Again},
		{"no answer about the upload", simslack.Fault{Method: "files.getUploadURLExternal", CutAfter: true}, outbox.Again},
		{"upload cut", simslack.Fault{Method: "upload", Cut: true}, outbox.Again},
		{"uploaded and cut", simslack.Fault{Method: "upload", CutAfter: true}, outbox.Again},
		{"not completed", simslack.Fault{Method: "files.completeUploadExternal", Cut: true}, outbox.Unknown},
		{"completed and cut", simslack.Fault{Method: "files.completeUploadExternal", CutAfter: true}, outbox.Unknown},
		{"posted and cut", simslack.Fault{Method: "chat.postMessage", CutAfter: true}, outbox.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, simslack.Options{NoLimits: true}, func(w *world) {
				w.blobs["h"] = []byte(strings.Repeat("a line of output\n", 500))
				card := w.show(base(), "")
				_, ts, _ := parseReference(card)
				a := act(bot.ActReply, card, 7, bot.MessageArgs{Channel: ops, Text: "output", File: "h"})
				w.sim.Fault(c.fault)
				r := w.do(a)
				if r.State != c.first {
					t.Fatalf("%+v", r)
				}
				time.Sleep(5 * time.Second)
				a.Tries = 1
				found := false
				if r.State == outbox.Unknown {
					var err error
					if r, found, err = w.ours.Receiver().Find(w.Context(), a); err != nil {
						t.Fatal(err)
					}
				}
				if !found {
					r = w.do(a)
				}
				if r.State != outbox.Done || r.Ref == "" {
					t.Fatalf("%+v", r)
				}
				if got := w.files(ops, ts); len(got) != 1 {
					t.Errorf("files %q", got)
				}
				said := 0
				for _, m := range w.sim.Messages(ops) {
					if m.Text == "output" {
						said++
					}
				}
				if said != 1 {
					t.Errorf("said %d times", said)
				}
			})
		})
	}
}

// Where Slack takes no files, the end of the output stands in the thread, once, with
// why; its mentions are none.
func TestFileThatSlackRefusesIsText(t *testing.T) {
	for name, fault := range map[string]simslack.Fault{
		"answered": {}, "no answer": {Method: "chat.postMessage", CutAfter: true, After: 1}, "not posted": {Method: "chat.postMessage", Cut: true, After: 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := simslack.Defaults()
			o.Scopes, o.NoLimits = []string{"chat:write", "channels:history"}, true
			in(t, o, func(w *world) {
				w.blobs["h"] = []byte(strings.Repeat("a line\n", 500) + "<!channel> the last line\n")
				card := w.show(base(), "")
				_, ts, _ := parseReference(card)
				a := act(bot.ActReply, card, 7, bot.MessageArgs{Channel: ops, Text: "output", File: "h", Broadcast: true})
				if fault.Method != "" {
					w.sim.Fault(fault)
				}
				r := w.do(a)
				for n := 0; r.State != outbox.Done && n < 5; n++ {
					time.Sleep(5 * time.Second)
					a.Tries++
					r = w.do(a)
				}
				if r.State != outbox.Done || r.Ref == "" || !strings.Contains(r.Why, "files:write") {
					t.Errorf("%+v", r)
				}
				w.endsOnce(ts)
			})
		})
	}
}

// endsOnce says that an output is told of once, and its end stands once beside it.
func (w *world) endsOnce(thread string) {
	w.Helper()
	output, text := 0, 0
	for _, m := range w.sim.Messages(ops) {
		switch {
		case m.Text == "output":
			output++
		case strings.Contains(m.Text, "files:write"):
			text++
			if m.ThreadTS != thread || m.ReplyBroadcast || !strings.HasSuffix(m.Text, "a line\n&lt;!channel&gt; the last line\n```") || !strings.Contains(m.Text, "```\n…\na line") {
				w.Errorf("%+v", m)
			}
		}
	}
	if output != 1 || text != 1 {
		w.Errorf("said %d times, and its output %d times", output, text)
	}
}
