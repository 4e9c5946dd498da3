package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"amsbot/store"
)

// model is a real incident's history, from which others are made.
type model struct {
	id, number string
	line       json.RawMessage // what lists show of it
	events     []store.Event
}

// openOnes is how many incidents are open while others are stored: /ams list
// shows so many.
const openOnes = 20

// learn lets amsbot respond to one incident in a world, and takes its history as
// it is when all is over. Others stay open.
func (b *bench) learn(ctx context.Context, w *world) (m model, err error) {
	bot, err := b.amsbot(ctx, w)
	if err != nil {
		return m, err
	}
	defer bot.kill()
	hooks, err := w.raise(ctx, "ill", openOnes)
	if err != nil {
		return m, err
	}
	sent, _ := w.load(ctx, bot.address, hooks, len(hooks))
	w.awaitNames(ctx, sent, nameMost)
	if hooks, err = w.raise(ctx, "well", 1); err != nil {
		return m, err
	}
	w.await(ctx, []sending{w.send(ctx, bot.address, hooks[0])}, nameMost)
	time.Sleep(b.settle()) // the card's last edit
	if _, err := bot.stop(); err != nil {
		return m, err
	}
	db, err := store.Open(w.database(), store.Options{ReadOnly: true, LockWait: 5 * time.Second})
	if err != nil {
		return m, err
	}
	defer func() { _ = db.Close() }()
	over := false
	records, err := db.Incidents(ctx, store.Filter{Open: &over})
	if err != nil {
		return m, err
	}
	if len(records) != 1 {
		return m, fmt.Errorf("one incident should be over, and %d are", len(records))
	}
	m.id, m.number = hooks[0].incident, strconv.Itoa(hooks[0].number)
	m.line = records[0].Summary
	all, err := db.Events(ctx, records[0].Key)
	m.events = ends(all)
	return m, err
}

// ends are the beginning of a history and its end: what lies between makes the
// file longer, and no list or search slower.
func ends(all []store.Event) (out []store.Event) {
	for _, e := range all {
		if len(out) == 0 || e.Kind == "closed" {
			out = append(out, e)
		}
	}
	return out
}

// incident is incident n of those that are made: its ID, and what is written.
func (m model) incident(n int) (id string, c store.Change) {
	id = fmt.Sprintf("Q%013d", n)
	over := false
	as := func(data []byte) json.RawMessage {
		data = bytes.ReplaceAll(data, []byte(m.id), []byte(id))
		return bytes.ReplaceAll(data, []byte(`"number":`+m.number+`,`), fmt.Appendf(nil, `"number":%d,`, n))
	}
	c.Open, c.Summary = &over, as(m.line)
	for _, e := range m.events {
		c.Events = append(c.Events, store.NewEvent{Kind: e.Kind, By: e.By, Data: as(e.Data)})
	}
	c.Seen, c.Names = []string{"event:" + id}, []string{id, "#" + strconv.Itoa(n)}
	return id, c
}

// writers is how many changes are written side by side, and so about how many
// share a transaction.
const writers = 512

// fill writes incidents from .. upto into the file, as amsbot would.
func (m model) fill(ctx context.Context, path string, from, upto int) (err error) {
	db, err := store.Open(path, store.Options{LockWait: 5 * time.Second})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var next atomic.Int64
	next.Store(int64(from))
	var all sync.WaitGroup
	failed := make(chan error, writers)
	for range writers {
		all.Go(func() {
			for n := int(next.Add(1) - 1); n <= upto; n = int(next.Add(1) - 1) {
				id, c := m.incident(n)
				key := "pd:shop:" + id
				if _, err := db.Commit(ctx, key, func(*store.View) (store.Change, error) { return c, nil }); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err = <-failed:
		return err
	default:
		return nil
	}
}
