package store

import (
	"context"
	"encoding/json"
	"time"
)

// Forgotten is what one step of forgetting did.
type Forgotten struct {
	Streams int  // whose events were removed, or some of them
	Events  int  // how many
	Next    Mark // where the next step begins
	More    bool // there is one
}

// What one step looks at and removes at most: it is one transaction, and whoever
// comes meanwhile waits for it.
const (
	forgetLook   = 200
	forgetEvents = 200
)

// Forget removes the events of incidents that nothing has happened to since a
// moment, and the blobs that only they were about: a few in one transaction, when
// nothing else waits to be written. Their records stay, with summary and head, and
// Gone says that the events are not missing but removed. It never touches an
// incident that is open, waits for a time, or has a pending act. Of the stream
// "bot" the events from before that moment are removed, but for the last.
//
// It begins behind a mark, and ErrReadOnly, ErrClosed, ErrDamaged or the disk's
// errors end it; what was removed then stays removed.
func (db *DB) Forget(ctx context.Context, before time.Time, behind Mark) (Forgotten, error) {
	out := Forgotten{Next: behind}
	if db.readOnly {
		return out, ErrReadOnly
	}
	records, err := db.Onwards(ctx, behind, forgetLook)
	if err != nil {
		return out, err
	}
	worth := behind == (Mark{}) && db.oldest(ctx, BotStream).Before(before)
	for _, r := range records {
		worth = worth || r.over(before)
	}
	if n := len(records); !worth {
		if n == forgetLook && !records[n-1].First.After(before) {
			out.Next, out.More = Mark{First: records[n-1].First, Key: records[n-1].Key}, true
		}
		return out, nil
	}
	err = db.rested(ctx, func(t *tables) error {
		out = Forgotten{Next: behind}
		if behind == (Mark{}) {
			if err := t.forget(BotStream, before, &out); err != nil {
				return err
			}
		}
		for i, r := range records {
			if r.First.After(before) || out.Events >= forgetEvents {
				out.More = !r.First.After(before)
				return nil
			}
			if err := t.forget(r.Key, before, &out); err != nil {
				return err
			}
			out.Next = Mark{First: r.First, Key: r.Key}
			out.More = i == forgetLook-1
		}
		return nil
	})
	return out, err
}

// over says whether nothing has happened or will happen to an incident since a
// moment, and its events are still there.
func (r Record) over(before time.Time) bool {
	return !r.Open && r.Due.IsZero() && r.Last.Before(before) && r.Gone < r.Seq
}

// oldest is the time of the first event of a stream that may be removed; that of
// the future where there is none.
func (db *DB) oldest(ctx context.Context, stream string) time.Time {
	at := time.Unix(1<<40, 0)
	_ = db.about(ctx, stream, func(t *tables) error {
		r, ok, err := t.readRecord(stream)
		if err != nil || !ok || r.Gone+1 >= r.Seq {
			return err
		}
		e, _, err := t.readEvent(stream, r.Gone+1)
		if err == nil {
			at = e.At
		}
		return err
	})
	return at
}

// forget removes what is old of one stream.
func (t *tables) forget(stream string, before time.Time, out *Forgotten) error {
	r, ok, err := t.readRecord(stream)
	if err != nil || !ok || r.Gone == r.Seq {
		return err
	}
	pending, err := t.pendingOf(stream)
	if err != nil {
		return err
	}
	keep := r.Seq
	if stream != BotStream {
		if !r.over(before) || len(pending) > 0 {
			return nil
		}
		keep++ // none
	} else if len(pending) > 0 {
		keep = min(keep, pending[0].Event.Seq)
	}
	n := 0
	for seq := r.Gone + 1; seq < keep && (stream != BotStream || n < forgetEvents); seq++ {
		e, _, err := t.readEvent(stream, seq)
		if err != nil {
			return err
		}
		if !e.At.Before(before) {
			break
		}
		if err := t.unrefer(e); err != nil {
			return err
		}
		if err := t.del(eventTable, streamKey(stream, seq)); err != nil {
			return err
		}
		r.Gone = seq
		n++
	}
	if n == 0 {
		return nil
	}
	out.Streams++
	out.Events += n
	bare, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return t.putRecord(stream, bare)
}

// chore is work for the writer when nothing else waits.
type chore struct {
	work func(*tables) error
	done chan error
}

// rested carries out work in a transaction of its own, as soon as nothing waits
// to be committed.
func (db *DB) rested(ctx context.Context, work func(*tables) error) error {
	c := chore{work, make(chan error, 1)}
	select {
	case db.chores <- c:
		return <-c.done
	case <-ctx.Done():
		return ctx.Err()
	case <-db.stopped:
		return ErrClosed
	}
}
