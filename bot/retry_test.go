package bot

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// firstHint is what these tests hear first of their one incident.
var firstHint = Hint{Source: "webhook", Event: "E1", Type: "incident.triggered", ID: "Q1", Status: "triggered", Service: scenarios.Ref{ID: "PWEB", Name: "web"}}

// neighbours are ports whose answers no event can hold.
type neighbours struct{ reads atomic.Int32 }

func (n *neighbours) Read(context.Context, Reading) (*Snapshot, error) {
	n.reads.Add(1)
	s := &Snapshot{Assignees: []Person{{ID: "PBOT"}}}
	s.Incident.Status, s.Incident.Service = "triggered", scenarios.Ref{ID: "PWEB", Name: "web"}
	return s, nil
}

func (n *neighbours) Levels(context.Context, string) ([]Level, error) {
	return []Level{{Level: 1, OnCall: []Person{{ID: "P1", Name: strings.Repeat("x", 2*store.MaxData)}}}}, nil
}

func (n *neighbours) ByEmail(context.Context, string) (Person, error) { return Person{}, ErrNotFound }

func (n *neighbours) ByID(context.Context, string) (Person, error) { return Person{}, ErrNotFound }

type strangers struct{}

func (strangers) Email(context.Context, string) (string, error)         { return "", ErrNotFound }
func (strangers) ByEmail(context.Context, string) (string, error)       { return "", ErrNotFound }
func (strangers) InGroup(context.Context, string, string) (bool, error) { return false, ErrNotFound }
func (strangers) InChannel(context.Context, string, string) (bool, error) {
	return false, ErrNotFound
}

// What cannot be recorded is tried again, and at its ease: neither forgotten nor
// asked for without a rest.
func TestWhatCannotBeRecordedIsTriedAgainWithRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set, err := scenarios.LoadFS(fstest.MapFS{
			"project.yaml": {Data: []byte("name: shop\nservices: [web]\nchannel: C0SHOP\nfirst_line: {policy: PELSEWHERE, level: 1}\n")},
			"web.yaml":     {Data: []byte(strings.Replace(responding, "AUTONOMY", "auto", 1))},
		}, scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(filepath.Join(t.TempDir(), "amsbot.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}()
		var n neighbours
		b, err := New(Options{DB: db, Scenarios: set, Incidents: &n, OnCalls: &n, Users: &n, Members: strangers{},
			Account: "shop", Self: Person{ID: "PBOT"}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan error, 1)
		go func() { over <- b.Run(ctx) }()
		synctest.Wait()
		err = b.Receive(ctx, firstHint)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if got := n.reads.Load(); got < 5 || got > 20 {
			t.Errorf("%d reads in a minute", got)
		}
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
}
