package slack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
	"amsbot/store"
)

// histories are the recorded stories, each as its lines.
func histories(t testing.TB) (all [][][]byte) {
	t.Helper()
	files, err := filepath.Glob("../testdata/stories/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var lines [][]byte
		for scan := bufio.NewScanner(bytes.NewReader(data)); scan.Scan(); {
			lines = append(lines, bytes.Clone(scan.Bytes()))
			if len(lines) > 500 {
				t.Fatalf("%s does not end", file)
			}
		}
		all = append(all, lines)
	}
	return all
}

// FuzzCard draws a card from a recorded history out of which events were taken, and
// in which people and alerts said something else: Slack takes it, it is within our
// own limit, and nothing of it mentions or links.
func FuzzCard(f *testing.F) {
	all := histories(f)
	for n := range all {
		f.Add(uint8(n), []byte{}, "Health check of web-1 failed")
	}
	f.Add(uint8(4), []byte{0, 3, 9}, "<!channel> & *bold* `x`")
	f.Add(uint8(9), []byte{1}, string(bytes.Repeat([]byte("&"), 9000)))
	f.Add(uint8(12), []byte{5, 6, 7, 8}, "\u202eevil\x00\xff")
	f.Fuzz(func(t *testing.T, which uint8, gone []byte, says string) {
		var events []store.Event
		quoted, err := json.Marshal(says)
		if err != nil || len(says) > 60_000 {
			return
		}
		for n, line := range all[int(which)%len(all)] {
			if bytes.IndexByte(gone, byte(n)) >= 0 {
				continue
			}
			var e store.Event
			line = bytes.ReplaceAll(line, []byte("Health check of web-1 failed"), quoted[1:len(quoted)-1])
			if json.Unmarshal(line, &e) == nil {
				events = append(events, e)
			}
		}
		if len(events) == 0 {
			return
		}
		card := bot.Render(events, english)
		card.Channel = ops
		text, attachments := Message(card, english)
		if n := chars(t, text, attachments); n > textLimit {
			t.Errorf("%d characters", n)
		}
		if err := live(text); err != nil {
			t.Error(err)
		}
		raw, _ := json.Marshal(attachments)
		walk(t, raw, func(o map[string]any) {
			if o["type"] != "mrkdwn" {
				return
			}
			if err := live(o["text"].(string)); err != nil || o["verbatim"] != true {
				t.Errorf("verbatim %v: %v", o["verbatim"], err)
			}
		})
		in(t, simslack.Options{NoLimits: true}, func(w *world) {
			r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + card.Incident, Body: card})
			if r.State != outbox.Done {
				t.Errorf("%+v %s", r, w.last("chat.postMessage").Answer)
			}
		})
	})
}
