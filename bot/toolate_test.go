package bot

import (
	"reflect"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// A refusal stands in the history alone: the card of an incident, and of a storm,
// also of one that is over, is the same as before, with the time of its last change.
func TestARefusalLeavesTheCardAsItWas(t *testing.T) {
	w := words.In("en")
	all := map[string][]store.Event{}
	for name, events := range stories(t) {
		all[name] = events
	}
	s := newTale(t, 3)
	all["a storm"] = s.events
	s.add(kindCalm, stopped{})
	s.add(kindClosed, stopped{})
	all["a storm that is over"] = s.events
	for name, events := range all {
		for i := 1; i <= len(events); i++ {
			last := events[i-1]
			no := store.Event{V: 1, Incident: last.Incident, Seq: last.Seq + 1, Pos: last.Pos, Kind: kindRefused, At: last.At.Add(time.Minute), Epoch: last.Epoch,
				Data: []byte(`{"act":"note","user":"U1"}`)}
			before, after := Render(events[:i], w), Render(append(events[:i:i], no), w)
			if !reflect.DeepEqual(before.Times, after.Times) || !reflect.DeepEqual(before.Closing, after.Closing) {
				t.Errorf("%s, after %d: %v %v, and was %v %v", name, i, after.Times, after.Closing, before.Times, before.Closing)
			}
		}
	}
}

// A commit that only refuses wants no view drawn; one that says more does.
func TestRefusals(t *testing.T) {
	no, click := store.NewEvent{Kind: kindRefused}, store.NewEvent{Kind: kindClicked}
	for _, c := range []struct {
		written []store.NewEvent
		want    bool
	}{{nil, false}, {[]store.NewEvent{no}, true}, {[]store.NewEvent{no, no}, true}, {[]store.NewEvent{no, click}, false}, {[]store.NewEvent{click}, false}} {
		if got := refusals(c.written); got != c.want {
			t.Errorf("%d events: %v", len(c.written), got)
		}
	}
}

// A press is stale where none of the offers of a history is behind it; a command is
// not, nor one of another act or one that is spent.
func TestStalePress(t *testing.T) {
	offers := []*offer{{seq: 4, act: DoTake}, {seq: 9, act: DoRecover, spent: &clicked{}}}
	for offer, want := range map[uint64]bool{0: false, 4: false, 9: false, 5: true} {
		if got := (Click{Act: DoBreakGlass, Offer: offer}).stale(offers); got != want {
			t.Errorf("%d: %v", offer, got)
		}
	}
}
