package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

// An incident to which events are added bit by bit is, after every one, the one that
// its whole history tells; and whoever has it as it was before sees nothing of those
// that are added later.
func TestFoldBitByBit(t *testing.T) {
	for name, events := range stories(t) {
		bits := []*incident{fold("pd:shop:Q", 1, nil)}
		for n := range events {
			bits = append(bits, bits[n].with(events[n:n+1]))
			bits[n].with(events[n:]) // a decision that comes to nothing
		}
		for n, in := range bits {
			if want := fold("pd:shop:Q", 1, events[:n]); !reflect.DeepEqual(in, want) {
				t.Fatalf("%s: after event %d:\n%+v\nwant\n%+v", name, n, in, want)
			}
		}
	}
}

// toldAgain writes a recorded history anew, event by event, and calls each after it.
func toldAgain(t *testing.T, b *Bot, key string, events []store.Event, each func()) {
	t.Helper()
	for _, e := range events {
		_, err := b.commit(t.Context(), key, func(c *change) error {
			c.add(store.NewEvent{Kind: e.Kind, By: e.By, Data: json.RawMessage(e.Data)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		each()
	}
}

// truly is an incident as its whole history tells it.
func truly(t *testing.T, b *Bot, key string) *incident {
	t.Helper()
	events, err := b.DB.Events(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return fold(key, b.DB.Epoch(), events)
}

// Whatever of a recorded story was written, what is kept, and what is read, is what
// the history in the store tells; also where others write past the keeping.
func TestKeptIsTheHistory(t *testing.T) {
	for name, events := range stories(t) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
				defer b.DB.Close()
				key, n := b.Key("Q1"), 0
				toldAgain(t, b, key, events, func() {
					if n++; n%10 != 0 && n < len(events) {
						return
					}
					want := truly(t, b, key)
					if kept := b.folds.get(key); kept == nil && !want.over() || kept != nil && !reflect.DeepEqual(kept, want) {
						t.Fatalf("kept:\n%+v\nthe history:\n%+v", kept, want)
					}
					if n%20 == 0 { // somebody writes beside
						_, err := b.DB.Commit(t.Context(), key, func(*store.View) (store.Change, error) {
							return store.Change{Events: []store.NewEvent{{Kind: kindRefused, Data: refused{Act: DoNote, User: fmt.Sprint("U", n)}}}}, nil
						})
						if err != nil {
							t.Fatal(err)
						}
						want = truly(t, b, key)
					}
					if in, err := b.load(t.Context(), key); err != nil || !reflect.DeepEqual(in, want) {
						t.Fatalf("loaded:\n%+v\nthe history:\n%+v (%v)", in, want, err)
					}
				})
			})
		})
	}
}

// A commit that is refused, or whose deciding fails in the middle, leaves no trace
// in what is kept.
func TestKeptAfterARefusal(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	defer b.DB.Close()
	key := b.Key("Q1")
	toldAgain(t, b, key, stories(t)["AskRecoversAtAPersonsWord"][:9], func() {})
	want := truly(t, b, key)
	no := errors.New("no")
	for _, decide := range []func(*change) error{
		func(c *change) error { c.write(kindRun, amsbot, runBegan{N: 9}); return no },
		func(c *change) error { c.write(kindRun, amsbot, runBegan{N: 9}); panic("in the middle") },
		func(c *change) error { c.write("", amsbot, runBegan{N: 9}); return nil },
	} {
		if _, err := b.commit(t.Context(), key, decide); err == nil {
			t.Fatal("it was written")
		}
		if in, err := b.load(t.Context(), key); err != nil || !reflect.DeepEqual(in, want) {
			t.Errorf("loaded:\n%+v\nwant\n%+v (%v)", in, want, err)
		}
	}
}

// Many write, read and draw one incident at once.
func TestKeptWhileManyWrite(t *testing.T) {
	b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
	defer b.DB.Close()
	key := b.Key("Q1")
	all := stories(t)["AskRecoversAtAPersonsWord"]
	toldAgain(t, b, key, all[:9], func() {})
	var work sync.WaitGroup
	for n := range 8 {
		work.Go(func() {
			for range 25 {
				_, err := b.commit(t.Context(), key, func(c *change) error {
					c.write(kindRefused, "U", refused{Act: DoNote, User: fmt.Sprint("U", n)})
					c.write(kindOffered, amsbot, offered{Acts: []string{DoCheck}})
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
		work.Go(func() {
			for range 25 {
				if in, err := b.load(t.Context(), key); err != nil || uint64(len(in.log)) != in.seq {
					t.Errorf("%v", err)
				}
				if _, err := b.Draw(t.Context(), CardKey(key)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	want := truly(t, b, key)
	if in, err := b.load(t.Context(), key); err != nil || !reflect.DeepEqual(in, want) || want.seq != 9+8*25*2 {
		t.Errorf("loaded:\n%+v\nthe history:\n%+v (%v)", in, want, err)
	}
}

// However many incidents there are, and however large, what is kept is bounded;
// what nobody asks for is let go, and what is over at once.
func TestKeptIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFolds()
		large := json.RawMessage(fmt.Sprintf(`{"why":%q}`, make([]byte, 20<<10)))
		for n := range 2000 {
			in := fold(fmt.Sprint("pd:shop:", n), 1, []store.Event{{Seq: 1, Kind: kindUnread, Data: large}})
			f.put(in)
			if f.size > foldsMost || len(f.by) != f.order.Len() {
				t.Fatalf("%d bytes, %d and %d incidents", f.size, len(f.by), f.order.Len())
			}
		}
		if len(f.by) == 0 || f.get("pd:shop:1999") == nil || f.get("pd:shop:0") != nil {
			t.Errorf("%d are kept, and not the newest", len(f.by))
		}
		time.Sleep(foldsFor / 2)
		f.get("pd:shop:1999")
		time.Sleep(foldsFor / 2)
		again := f.rest(time.Now())
		if len(f.by) != 1 || !again.Equal(time.Now().Add(foldsFor/2)) {
			t.Errorf("%d are kept until %s", len(f.by), again)
		}
		over := *f.get("pd:shop:1999")
		over.closing, over.seq = &closed{}, over.seq+1
		f.put(&over)
		if len(f.by) != 0 || f.size != 0 || !f.rest(time.Now()).IsZero() {
			t.Errorf("%d are kept, %d bytes", len(f.by), f.size)
		}
	})
}

// BenchmarkTurn is a turn of a lane about an incident with so many events: it is
// loaded, and a commit is decided that writes nothing.
func BenchmarkTurn(b *testing.B) {
	for _, events := range []int{20, 100, 500} {
		for _, kept := range []bool{false, true} {
			b.Run(fmt.Sprintf("events=%d/kept=%t", events, kept), func(b *testing.B) { benchmarkTurn(b, events, kept) })
		}
	}
}

func benchmarkTurn(b *testing.B, events int, kept bool) {
	bot := newBot(b, filepath.Join(b.TempDir(), "amsbot.db"))
	defer bot.DB.Close()
	key, no := bot.Key("Q1"), errors.New("nothing to write")
	for n := range events {
		_, err := bot.commit(b.Context(), key, func(c *change) error {
			switch n % 4 {
			case 0:
				c.write(kindReceived, "poll", received{Hint: Hint{Source: "poll", ID: "Q1", Status: "triggered"}})
			case 1:
				c.write(kindRead, amsbot, readDone{From: uint64(n), Snapshot: &Snapshot{Assignees: []Person{{ID: "P1", Name: "Aiko"}}}})
			case 2:
				c.write(kindOffered, amsbot, offered{Acts: []string{DoTake, DoEscalate}})
			case 3:
				c.want(ToPagerDuty, ActNote, amsbot, NoteArgs{ID: "Q1", Content: "a line or two of a note"})
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if !kept {
			bot.folds = newFolds()
		}
		if _, err := bot.load(b.Context(), key); err != nil {
			b.Fatal(err)
		}
		if !kept {
			bot.folds = newFolds()
		}
		if _, err := bot.commit(b.Context(), key, func(*change) error { return no }); !errors.Is(err, no) {
			b.Fatal(err)
		}
	}
}
