package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// onwards reads the six incidents page by page, and from the middle on.
func onwards(t *testing.T, db *testDB, start time.Time) {
	t.Helper()
	read := func(behind Mark, limit int) (string, Mark) {
		records, err := db.Onwards(t.Context(), behind, limit)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range records {
			names = append(names, strings.TrimPrefix(r.Key, "pd:acme:"))
			behind = Mark{First: r.First, Key: r.Key}
		}
		return strings.Join(names, " "), behind
	}
	var pages []string
	for page, mark := read(Mark{}, 4); page != ""; page, mark = read(mark, 4) {
		pages = append(pages, page)
	}
	if got := strings.Join(pages, " | "); got != "P0 P1 P2 P3 | P4 P5" {
		t.Errorf("page by page: %s", got)
	}
	for mark, want := range map[Mark]string{
		{First: start.Add(3 * time.Minute)}:                        "P3 P4 P5",
		{First: start.Add(3 * time.Minute), Key: "pd:acme:P3"}:     "P4 P5",
		{First: start.Add(3*time.Minute + 1)}:                      "P4 P5",
		{First: start.Add(3 * time.Minute), Key: "pd:acme:P3/ago"}: "P4 P5",
		{First: start.Add(time.Hour)}:                              "",
	} {
		if got, _ := read(mark, 10); got != want {
			t.Errorf("behind %v: %s, want %s", mark, got, want)
		}
	}
	if got, _ := read(Mark{}, 0); got != "" {
		t.Errorf("none were asked for: %s", got)
	}
}

func TestIncidents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDB(t)
		start := time.Now()
		no, yes := false, true
		for i := range 6 {
			c := change("received")
			c.Summary = i
			if i%2 == 1 {
				c.Open = &no
			}
			db.commit(fmt.Sprint("pd:acme:P", i), c)
			time.Sleep(time.Minute)
		}
		db.commit(BotStream, change("paused"))
		db.commit("pd:acme:P1", Change{Open: &yes}) // taken up again
		db.commit("pd:acme:P0", Change{Open: &no})
		db.commit("pd:acme:P0", change("note")) // stays closed
		tests := []struct {
			name   string
			filter Filter
			want   string
		}{
			{"all", Filter{}, "P5 P4 P3 P2 P1 P0"},
			{"open", Filter{Open: &yes}, "P4 P2 P1"},
			{"closed", Filter{Open: &no}, "P5 P3 P0"},
			{"newest", Filter{Limit: 2}, "P5 P4"},
			{"newest closed", Filter{Open: &no, Limit: 2}, "P5 P3"},
			{"since", Filter{Since: start.Add(3 * time.Minute)}, "P5 P4 P3"},
			{"open since", Filter{Open: &yes, Since: start.Add(time.Minute + 1)}, "P4 P2"},
			{"until", Filter{Until: start.Add(3 * time.Minute)}, "P2 P1 P0"},
			{"open until", Filter{Open: &yes, Until: start.Add(2 * time.Minute)}, "P1"},
			{"newest until", Filter{Until: start.Add(3 * time.Minute), Limit: 1}, "P2"},
			{"none", Filter{Since: start.Add(time.Hour)}, ""},
		}
		for range 2 {
			for _, test := range tests {
				records, err := db.Incidents(t.Context(), test.filter)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, r := range records {
					got = append(got, strings.TrimPrefix(r.Key, "pd:acme:"))
				}
				if s := strings.Join(got, " "); s != test.want {
					t.Errorf("%s: %s, want %s", test.name, s, test.want)
				}
				_, err = db.Commit(t.Context(), BotStream, func(v *View) (Change, error) {
					seen, err := v.Incidents(test.filter)
					if !reflect.DeepEqual(seen, records) {
						t.Errorf("%s: a commit sees %v", test.name, seen)
					}
					return Change{}, err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			db.again()
		}
		onwards(t, db, start)
		records, err := db.Incidents(t.Context(), Filter{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		r := records[0]
		if r.Seq != 1 || r.Pos != 6 || r.Open || !r.First.Equal(start.Add(5*time.Minute)) || string(r.Summary) != "5" || !r.Due.IsZero() {
			t.Errorf("record %+v", r)
		}
	})
}

func TestDue(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	base := time.Date(2030, 1, 1, 12, 0, 0, 0, time.FixedZone("JST", 9*3600))
	due := func(incident string, at time.Time) {
		c := Change{Due: &at}
		if _, err := db.Events(ctx, incident); err != nil {
			c.Events = change("received").Events
		}
		db.commit(incident, c)
	}
	check := func(now time.Time, want string) {
		t.Helper()
		keys, next, err := db.Due(ctx, now)
		got := strings.Join(keys, " ") + " then "
		if !next.IsZero() {
			got += next.Sub(base).String()
		}
		if err != nil || got != want {
			t.Errorf("due: %q, %v\nwant %q", got, err, want)
		}
	}
	check(base, " then ")
	due("c", base.Add(time.Second))
	due("a", base.Add(time.Second))
	due("b", base)
	due(BotStream, base.Add(-time.Hour))
	due("old", time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC))
	check(base.Add(-1), "old bot then 0s")
	check(base, "old bot b then 1s")
	check(base.Add(time.Hour), "old bot b a c then ")
	due("old", time.Time{})
	due("b", base.Add(time.Minute))
	due("b", base.Add(2*time.Minute))
	due("a", base.Add(time.Second)) // as before
	db.commit(BotStream, change("still due"))
	db.again()
	check(base, "bot then 1s")
	check(base.Add(time.Second), "bot a c then 2m0s")
}

func TestActs(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	check := func(want string) {
		t.Helper()
		acts, err := db.Acts(ctx)
		var got []string
		for _, a := range acts {
			s := fmt.Sprintf("%s#%d@%d>%s", a.Event.Incident, a.Event.Seq, a.Event.Pos, a.To)
			if a.Tries > 0 {
				s += fmt.Sprintf("(%d %v %d)", a.Tries, a.Unknown, a.NotBefore.Unix())
			}
			got = append(got, s)
			if err := db.Read(ctx, a.Event.Incident, func(v *View) error {
				for _, own := range v.Pending() {
					if asJSON(t, own) == asJSON(t, a) {
						return nil
					}
				}
				t.Errorf("%s: its stream does not know it", s)
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
		if s := strings.Join(got, " "); err != nil || s != want {
			t.Errorf("acts %s, %v\nwant %s", s, err, want)
		}
	}
	check("")
	db.commit("b", Change{Events: []NewEvent{{Kind: "received"}, {Kind: "wanted", To: "pagerduty", Data: "resolve"}}})
	db.commit("a", Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}, {Kind: "wanted", To: "pagerduty"}}})
	db.commit("b", Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}})
	db.commit(BotStream, Change{Events: []NewEvent{{Kind: "wanted", To: "slack"}}})
	check("b#2@2>pagerduty a#1@3>slack a#2@4>pagerduty b#3@5>slack bot#1@6>slack")
	db.commit("a", Change{
		Events:  []NewEvent{{Kind: "done"}},
		Settled: []uint64{1},
		Later:   map[uint64]Later{2: {NotBefore: time.Unix(77, 0), Tries: 3, Unknown: true}},
	})
	db.again()
	check("b#2@2>pagerduty a#2@4>pagerduty(3 true 77) b#3@5>slack bot#1@6>slack")
	db.commit("b", Change{Settled: []uint64{3, 2}})
	db.commit("a", Change{Settled: []uint64{2}})
	check("bot#1@6>slack")
}

func TestViews(t *testing.T) {
	db := newDB(t)
	ctx := context.Background()
	check := func(want string) {
		t.Helper()
		views, err := db.Views(ctx)
		var got []string
		for _, v := range views {
			got = append(got, fmt.Sprintf("%s:%d<%d", v.Key, v.Delivered, v.Wanted))
			if one, ok, err := db.View(ctx, v.Key); err != nil || !ok || one != v {
				t.Errorf("view %+v: %+v %v %v", v, one, ok, err)
			}
		}
		if s := strings.Join(got, " "); err != nil || s != want {
			t.Errorf("views %q, %v\nwant %q", s, err, want)
		}
	}
	want := func(keys ...string) { c := change("a"); c.Views = keys; db.commit("P", c) }
	shown := func(key string, version uint64, ref string) {
		db.commit("P", Change{Shown: []Shown{{Key: key, Version: version, Ref: ref}}})
	}
	check("")
	want("b", "a") // 1
	want("c")      // 2
	want("b")      // 3
	check("a:0<1 b:0<3 c:0<2")
	shown("a", 1, "C1/1")
	shown("b", 1, "C1/2")
	check("b:1<3 c:0<2")
	want("a") // 4
	db.again()
	check("b:1<3 c:0<2 a:1<4")
	shown("b", 3, "")
	shown("a", 1, "") // an answer that comes late changes nothing
	shown("c", 2, "C1/3")
	check("a:1<4")
	if v, ok, err := db.View(ctx, "b"); err != nil || !ok || v.Ref != "C1/2" || v.WantedEpoch != 1 {
		t.Errorf("view b: %+v %v %v", v, ok, err)
	}
	db.commit("P", Change{Views: []string{"a", "b"}}) // no event: up to the file's last, 4
	check("a:1<4 b:3<4")
	db.commit("P", Change{Shown: []Shown{{Key: "a", Version: 4, Ref: "C1/1"}, {Key: "b", Version: 4}}, Views: []string{"b"}})
	check("")

	gone := func(key string, version uint64) {
		db.commit("P", Change{Shown: []Shown{{Key: key, Version: version, Gone: true}}})
	}
	gone("a", 0) // somebody deleted it: once more
	check("a:0<4")
	if v, _, err := db.View(ctx, "a"); err != nil || v.Ref != "" {
		t.Errorf("view a: %+v %v", v, err)
	}
	gone("a", 4) // and never again
	gone("unknown", 0)
	check("")
	for _, key := range []string{"a", "unknown"} {
		if v, ok, err := db.View(ctx, key); ok || err != nil {
			t.Errorf("view %s: %+v %v %v", key, v, ok, err)
		}
	}
}

func TestContextEndsReads(t *testing.T) {
	db := newDB(t)
	db.commit("P", change("a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	errs := map[string]error{
		"read":  db.Read(ctx, "P", func(*View) error { return nil }),
		"check": db.Check(ctx),
	}
	_, errs["events"] = db.Events(ctx, "P")
	_, errs["incidents"] = db.Incidents(ctx, Filter{})
	_, errs["acts"] = db.Acts(ctx)
	for what, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "context canceled") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What the caller knows as it is is not listed; every change of a record, with an
// event or without, makes it unknown again.
func TestIncidentsThatAreKnown(t *testing.T) {
	db := newDB(t)
	keys := []string{"pd:acme:P0", "pd:acme:P1", "pd:acme:P2"}
	for _, key := range keys {
		db.commit(key, change("received"))
	}
	known := map[string]uint64{}
	anew := func(f Filter) (got []string) {
		f.Known = func(incident string, version uint64) bool { return known[incident] == version }
		records, err := db.Incidents(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			known[r.Key] = r.Version
			got = append(got, r.Key)
		}
		slices.Sort(got)
		return got
	}
	same := func(what string, got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", what, got, want)
		}
	}
	same("at first", anew(Filter{}), keys...)
	same("then", anew(Filter{}))
	db.commit(keys[1], change("note"))
	same("after an event", anew(Filter{}), keys[1])
	c := Change{Summary: "another"}
	db.commit(keys[2], c)
	same("after a change without one", anew(Filter{}), keys[2])
	no := false
	db.commit(keys[0], Change{Open: &no})
	same("among the open ones", anew(Filter{Open: new(bool)}), keys[0])
	db.commit("pd:acme:P3", change("received"))
	db.commit(keys[0], change("note"))
	same("within a limit", anew(Filter{Limit: 1}), "pd:acme:P3")
	same("the next", anew(Filter{Limit: 1}), keys[0])
}
