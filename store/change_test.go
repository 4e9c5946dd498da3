package store

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What breaks a rule is refused before anything of it is written.
func TestRefusedChanges(t *testing.T) {
	due := time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)
	long := strings.Repeat("k", MaxKey+1)
	tests := []struct {
		name   string
		change Change
		says   string
	}{
		{"no kind", Change{Events: []NewEvent{{By: "x"}}}, "kind of an event is empty"},
		{"kind with a newline", Change{Events: []NewEvent{{Kind: "a\nb"}}}, "control character"},
		{"data that is no JSON", Change{Events: []NewEvent{{Kind: "a", Data: func() {}}}}, "a event: json: unsupported type"},
		{"raw data that is no JSON", Change{Events: []NewEvent{{Kind: "a", Data: json.RawMessage("{")}}}, "a event: json"},
		{"much data", Change{Events: []NewEvent{{Kind: "a", Data: strings.Repeat("x", MaxData)}}}, "1048578 bytes, at most 1048576"},
		{"long by", Change{Events: []NewEvent{{Kind: "a", By: strings.Repeat("x", MaxValue+1)}}}, "by has"},
		{"odd receiver", Change{Events: []NewEvent{{Kind: "a", To: "\x00"}}}, "receiver of an act"},
		{"many events", Change{Events: make([]NewEvent, maxEvents+1)}, "1001 events, at most 1000"},
		{"empty dedupe key", Change{Seen: []string{""}}, "dedupe key is empty"},
		{"long dedupe key", Change{Seen: []string{long}}, "dedupe key has 513 bytes, at most 512"},
		{"guard's key", Change{Guards: map[string]any{"\xff": 1}}, "is not UTF-8"},
		{"guard", Change{Guards: map[string]any{"g": make(chan int)}}, "guard g: json"},
		{"large guard", Change{Guards: map[string]any{"g": strings.Repeat("x", MaxValue)}}, "guard g has"},
		{"summary", Change{Summary: make(chan int)}, "summary: json"},
		{"due when no clock goes", Change{Due: &due}, "record: "},
		{"view", Change{Views: []string{"a", ""}}, "key of a view is empty"},
		{"shown", Change{Shown: []Shown{{}}}, "key of a view is empty"},
		{"reference", Change{Shown: []Shown{{Key: "v", Ref: long}}}, "reference of a view has"},
		{"shown ahead", Change{Shown: []Shown{{Key: "v", Version: 99}}}, "view v shown up to 99, the file ends at 3"},
		{"settled", Change{Settled: []uint64{1}}, "settled: event 1 of pd:acme:P1 is no pending act"},
		{"settled twice", Change{Settled: []uint64{2, 2}}, "settled: event 2 of pd:acme:P1 is no pending act"},
		{"settled ahead", Change{Events: []NewEvent{{Kind: "a", To: "slack"}}, Settled: []uint64{3}}, "settled: event 3"},
		{"later", Change{Later: map[uint64]Later{7: {}}}, "later: event 7 of pd:acme:P1 is no pending act"},
		{"settled and later", Change{Settled: []uint64{2}, Later: map[uint64]Later{2: {}}}, "later: event 2"},
		{"later when no clock goes", Change{Later: map[uint64]Later{2: {NotBefore: due}}}, "act of event 2"},
		{"blob", Change{Blobs: [][]byte{make([]byte, MaxBlob+1)}}, "blob of 1048577 bytes, at most 1048576"},
	}
	db := newDB(t)
	ctx := context.Background()
	db.commit("pd:acme:P1", Change{Events: []NewEvent{{Kind: "received"}, {Kind: "wanted", To: "pagerduty"}}})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.change
			if len(c.Events) == 0 {
				c.Events = []NewEvent{{Kind: "valid"}}
			}
			c.Blobs = append(c.Blobs, []byte("kept"))
			_, err := db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { return c, nil })
			if !errors.Is(err, ErrChange) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v\nwant %s", err, test.says)
			}
		})
	}
	if events, err := db.Events(ctx, "pd:acme:P1"); err != nil || len(events) != 2 {
		t.Errorf("%d events, %v", len(events), err)
	}
	if _, err := db.Blob(ctx, Hash([]byte("kept"))); !errors.Is(err, ErrNoBlob) {
		t.Errorf("blob of a refused change: %v", err)
	}
	for _, key := range []string{"", "a\x00b", "\xff", long} {
		if _, err := db.Commit(ctx, key, func(*View) (Change, error) { return change("a"), nil }); !errors.Is(err, ErrChange) {
			t.Errorf("stream %.20q: %v", key, err)
		}
	}
}

// A stream without events can carry guards, views and dedupe keys, but has no
// record to change.
func TestChangeWithoutEvents(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	yes, now := true, time.Now()
	for _, c := range []Change{{Open: &yes}, {Due: &now}, {Summary: 1}} {
		if _, err := db.Commit(ctx, "pd:acme:P1", func(*View) (Change, error) { return c, nil }); !errors.Is(err, ErrNoIncident) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	db.commit("pd:acme:P1", Change{Guards: map[string]any{"g": 1}, Seen: []string{"s"}, Views: []string{"home"}})
	err := db.Read(ctx, "pd:acme:P1", func(v *View) error {
		var g int
		if ok, err := v.Guard("g", &g); !ok || g != 1 || err != nil || !v.Seen("s") {
			t.Errorf("guard %v %d %v, seen %v", ok, g, err, v.Seen("s"))
		}
		if _, known := v.Record(); known {
			t.Error("a record without events")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := db.Events(ctx, "pd:acme:P1"); !errors.Is(err, ErrNoIncident) {
		t.Errorf("events: %v", err)
	}
	if err := db.Verify(ctx, "pd:acme:P1"); !errors.Is(err, ErrNoIncident) {
		t.Errorf("verify: %v", err)
	}
}

func TestEventsAreAChain(t *testing.T) {
	db := newDB(t)
	events := db.commit("pd:acme:P1", Change{Events: []NewEvent{
		{Kind: "received", By: "Pager\xffDuty", Data: map[string]string{"title": "<!channel> & \xff"}},
		{Kind: "read"},
		{Kind: "matched", Data: json.RawMessage("{ \"a\" : 1 }")},
	}})
	db.commit("pd:acme:P2", change("received"))
	db.again()
	events = append(events, db.commit("pd:acme:P1", change("ended"))...)
	prev := ""
	for i, e := range events {
		if e.V != 1 || e.Incident != "pd:acme:P1" || e.Seq != uint64(i)+1 || e.At.Location() != time.UTC || e.Prev != prev {
			t.Errorf("event %d: %+v", i, e)
		}
		stored, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		prev = Hash(stored)
	}
	last := events[3]
	if last.Pos != 5 || last.Epoch != 2 || events[0].Epoch != 1 || events[0].By != "Pager\uFFFDDuty" {
		t.Errorf("events %+v", events)
	}
	got, err := db.Events(context.Background(), "pd:acme:P1")
	if err != nil || !reflect.DeepEqual(got, events) {
		t.Errorf("read %+v\nwrote %+v\n%v", got, events, err)
	}
	var data struct{ Title string }
	if err := got[0].Into(&data); err != nil || data.Title != "<!channel> & \uFFFD" {
		t.Errorf("data %q, %v", data.Title, err)
	}
	if err := got[1].Into(&data); err != nil || data.Title == "" || got[1].Data != nil {
		t.Errorf("no data: %q, %v", data.Title, err)
	}
	if err := got[2].Into(&data.Title); err == nil || !strings.Contains(err.Error(), "read data of matched event 3 of pd:acme:P1") {
		t.Errorf("other data: %v", err)
	}
	if err := db.Read(context.Background(), "pd:acme:P1", func(v *View) error {
		if r, _ := v.Record(); r.Head != prev {
			t.Errorf("head %s, want %s", r.Head, prev)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// When the clock steps back, a stream's time stands still.
func TestClockStepsBack(t *testing.T) {
	path := ""
	at := func(years int) (at time.Time) {
		synctest.Test(t, func(t *testing.T) { // whose clock begins in the year 2000
			time.Sleep(time.Duration(years) * 365 * 24 * time.Hour)
			db, err := Open(path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			events, err := db.Commit(t.Context(), "pd:acme:P1", func(v *View) (Change, error) {
				if years == 0 && v.Now().Year() == 2000 {
					return Change{}, errors.New("the View's time is before the stream's last event")
				}
				return change("clock"), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			at = events[0].At
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		})
		return at
	}
	db := newDB(t)
	path = db.Path()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	late, early, later := at(3), at(0), at(4)
	if !early.Equal(late) || !later.After(late) {
		t.Errorf("clock: %v, then back to %v, then %v", late, early, later)
	}
}
