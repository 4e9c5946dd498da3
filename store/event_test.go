package store

import (
	"encoding/json"
	"testing"
	"time"
)

// What is stored is what json.Marshal writes: hashes and seals are of these bytes.
func TestStoredIsJSON(t *testing.T) {
	at := time.Date(2030, 1, 1, 0, 0, 0, 5, time.UTC)
	for _, data := range []any{nil, "x", 0, map[string]any{"<&>\u2028": []any{1.5, nil, "ü"}}, struct{}{}, json.RawMessage(` { "a" : "<" } `), json.RawMessage("null")} {
		encoded, err := encode("test", data, MaxData)
		if err != nil {
			t.Fatal(err)
		}
		e := Event{V: 1, Incident: "pd:a:P1", Seq: 1, Pos: 2, Kind: "read", At: at, By: "a <b>", Epoch: 3, Prev: "x", Data: encoded}
		r := Record{Key: "pd:a:P1", Seq: 1, Open: true, Due: at, First: at, Last: at, Names: []string{"#1"}, Summary: encoded}
		for what, one := range map[string]struct {
			stored func() ([]byte, error)
			v      any
		}{"event": {e.stored, e}, "record": {r.stored, r}} {
			want, err := json.Marshal(one.v)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := one.stored(); err != nil || string(got) != string(want) {
				t.Errorf("%s with %v: %v\n got %s\nwant %s", what, data, err, got, want)
			}
		}
	}
}
