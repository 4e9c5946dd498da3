package slack

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"
	"amsbot/store"
)

// box is an outbox that delivers into the world's Slack, over a real store.
type box struct {
	*world
	db   *store.DB
	room func(incident string) string // the channel of an incident's card
	log  *lines
}

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// boxed makes a world with a running outbox.
func boxed(t *testing.T, o simslack.Options, f func(b *box)) {
	t.Helper()
	in(t, o, func(w *world) {
		db, err := store.Open(filepath.Join(w.TempDir(), "test.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		b := &box{world: w, db: db, room: func(string) string { return ops }, log: &lines{}}
		ctx, cancel := context.WithCancel(w.Context())
		ended := make(chan error, 1)
		run := outbox.New(outbox.Options{
			DB: db, Conductor: b, Log: slog.New(slog.NewTextHandler(b.log, nil)),
			Receivers: map[string]outbox.Receiver{bot.ToSlack: w.ours.Receiver()},
			Screens:   map[string]outbox.Screen{"card": w.ours.Screen()},
		})
		go func() { ended <- run.Run(ctx) }()
		defer func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("outbox: %v", err)
			}
			_ = db.Close()
		}()
		f(b)
	})
}

// Draw draws a card that says how many events there are.
func (b *box) Draw(ctx context.Context, key string) (outbox.View, error) {
	incident := strings.TrimPrefix(key, cardKey)
	events, err := b.db.Events(ctx, incident)
	if err != nil {
		return outbox.View{}, err
	}
	last := events[len(events)-1]
	return outbox.View{Key: key, Version: last.Pos, Body: bot.Card{
		Incident: incident, Version: last.Pos, Channel: b.room(incident),
		Title: "Web is down", Headline: fmt.Sprintf("Web is down: state %d", len(events)),
		Times: []bot.Moment{{Name: "opened", At: events[0].At}},
	}}, nil
}

// Record settles.
func (b *box) Record(ctx context.Context, act outbox.Act, r outbox.Result) error {
	return b.commit(ctx, act.Incident, func() store.Change {
		c := store.Change{Events: []store.NewEvent{{Kind: string(r.State), Data: map[string]any{"why": r.Why}}}}
		if r.State != outbox.Unknown {
			c.Settled = []uint64{act.Seq}
		}
		return c
	})
}

func (b *box) commit(ctx context.Context, incident string, c func() store.Change) error {
	_, err := b.db.Commit(ctx, incident, func(*store.View) (store.Change, error) { return c(), nil })
	return err
}

// news changes an incident, and its card with it; says is a message as well.
func (b *box) news(incident string, says ...string) {
	b.Helper()
	change := store.Change{Events: []store.NewEvent{{Kind: "news"}}, Views: []string{cardKey + incident}}
	for _, text := range says {
		change.Events = append(change.Events, reply(bot.MessageArgs{Channel: b.room(incident), Text: text}))
	}
	if err := b.commit(b.Context(), incident, func() store.Change { return change }); err != nil {
		b.Fatal(err)
	}
}

// says wants a message under an incident's card.
func (b *box) says(incident string, args bot.MessageArgs) {
	b.Helper()
	if err := b.commit(b.Context(), incident, func() store.Change { return store.Change{Events: []store.NewEvent{reply(args)}} }); err != nil {
		b.Fatal(err)
	}
}

func reply(args bot.MessageArgs) store.NewEvent {
	return store.NewEvent{Kind: "wanted", To: bot.ToSlack, Data: map[string]any{"kind": bot.ActReply, "args": args}}
}

// waits is how many acts and views are still to leave.
func (b *box) waits() (acts, views int) {
	b.Helper()
	a, err := b.db.Acts(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	v, err := b.db.Views(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return len(a), len(v)
}

func (b *box) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// tooMany counts Slack's 429s.
func (b *box) tooMany() (n int) {
	for _, c := range b.sim.Calls() {
		if c.Status == 429 {
			n++
		}
	}
	return n
}

// rooms are some channels.
func rooms(n int) simslack.Options {
	o := simslack.Options{Channels: simslack.Defaults().Channels}
	for i := range n {
		o.Channels = append(o.Channels, simslack.Channel{
			ID: fmt.Sprintf("C0ROOM%04d", i), Name: fmt.Sprintf("room-%d", i), Members: []string{alice, bob, "U0AMSBOT01"},
		})
	}
	return o
}

// Late leaves every act as it was.
func (b *box) Late(_ context.Context, act outbox.Act) (outbox.Act, error) { return act, nil }
