package bot

import (
	"testing"
	"testing/fstest"
	"time"

	"amsbot/scenarios"
)

// A channel speaks its project's language and zone, an incident its own
// project's; a direct message and what is nobody's speak amsbot's own.
func TestWordsOfAChannel(t *testing.T) {
	const scenario = "name: s\nwhen: {title: x}\ntarget: t\ncheck:\n  - {name: c, exec: [\"true\"]}\n"
	set, err := scenarios.LoadFS(fstest.MapFS{
		"a/project.yaml": {Data: []byte("name: a\nservices: [a]\nchannel: '#tokyo'\nlanguage: ja\ntime_zone: Asia/Tokyo\n")},
		"a/s.yaml":       {Data: []byte(scenario)},
		"b/project.yaml": {Data: []byte("name: b\nservices: [b]\nchannel: C0VIENNA01\nlanguage: en\ntime_zone: Europe/Vienna\n")},
		"b/s.yaml":       {Data: []byte(scenario)},
		"c/project.yaml": {Data: []byte("name: c\nservices: [c]\nchannel: C0OTHERS01\n")},
		"c/s.yaml":       {Data: []byte(scenario)},
	}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 31, 19, 0, 0, 0, time.UTC)
	for own, want := range map[string]map[[2]string]string{
		"en": {
			{"C0TOKYO001", "tokyo"}: "なし 04:00 JST", {"#tokyo", ""}: "なし 04:00 JST", {"C0VIENNA01", ""}: "none 20:00 CET",
			{"C0OTHERS01", "others"}: "none 19:00 UTC", {"D0AIKO", ""}: "none 19:00 UTC", {"", ""}: "none 19:00 UTC",
		},
		"ja": {{"C0VIENNA01", ""}: "none 20:00 CET", {"C0OTHERS01", ""}: "なし 19:00 UTC", {"D0AIKO", ""}: "なし 19:00 UTC"},
	} {
		b := &Bot{Options: Options{Language: own}}
		b.set.Store(set)
		for in, want := range want {
			w := b.WordsIn(in[0], in[1])
			if got := w.Say("none") + " " + hour(at, w); got != want {
				t.Errorf("%s: %q: %q, not %q", own, in, got, want)
			}
		}
		w := b.words(&incident{project: &projectView{Name: "a", Language: "ja"}})
		if got := w.Say("none") + " " + moment(at, w); got != "なし <!date^1769886000^{date_short_pretty} {time}|2026-02-01 04:00 JST>" {
			t.Errorf("%s: %q", own, got)
		}
	}
}
