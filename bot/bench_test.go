package bot

import (
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// Each turn of an incident's lane folds its history and asks next, and each
// drawing of its card renders it. The story is the longest of those in testdata.

func longest(b *testing.B) (events []store.Event) {
	b.Helper()
	for _, s := range stories(b) {
		if len(s) > len(events) || len(s) == len(events) && s[0].Incident < events[0].Incident {
			events = s
		}
	}
	return events
}

func BenchmarkFold(b *testing.B) {
	events := longest(b)
	for b.Loop() {
		fold(events[0].Incident, 1, events)
	}
	b.ReportMetric(float64(len(events)), "events")
}

func BenchmarkNext(b *testing.B) {
	events := longest(b)
	in := fold(events[0].Incident, 1, events)
	now := in.last.Add(time.Second)
	for b.Loop() {
		next(in, nil, now)
	}
}

func BenchmarkRender(b *testing.B) {
	events := longest(b)
	w := words.In("en")
	for b.Loop() {
		Render(events, w)
	}
	b.ReportMetric(float64(len(events)), "events")
}
