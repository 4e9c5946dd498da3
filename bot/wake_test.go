package bot

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// nobody answers for the ports of these tests.
type nobody struct{}

func (nobody) Read(context.Context, Reading) (*Snapshot, error) { return nil, errors.New("away") }
func (nobody) Levels(context.Context, string) ([]Level, error)  { return nil, errors.New("away") }
func (nobody) ByEmail(context.Context, string) (Person, error)  { return Person{}, errors.New("away") }
func (nobody) ByID(context.Context, string) (Person, error)     { return Person{}, errors.New("away") }
func (nobody) InChannel(context.Context, string, string) (bool, error) {
	return false, errors.New("away")
}
func (nobody) Email(context.Context, string) (string, error) { return "", errors.New("away") }
func (nobody) InGroup(context.Context, string, string) (bool, error) {
	return false, errors.New("away")
}

type nobodyInSlack struct{ nobody }

func (nobodyInSlack) ByEmail(context.Context, string) (string, error) { return "", errors.New("away") }

func newBot(t testing.TB, path string) *Bot {
	t.Helper()
	set, err := scenarios.LoadFS(fstest.MapFS{
		"shop/web.yaml":     &fstest.MapFile{Data: []byte(strings.Replace(responding, "AUTONOMY", "ask", 1))},
		"shop/project.yaml": &fstest.MapFile{Data: []byte("name: shop\nservices: [web]\nchannel: C0SHOPOPS1\n")},
	}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b, err := New(Options{DB: db, Scenarios: set, Incidents: nobody{}, OnCalls: nobody{}, Users: nobody{}, Members: nobodyInSlack{},
		Account: "a", Self: Person{ID: "PBOT", Email: "bot@shop.example"}, Grace: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The file is opened under a clock that is years behind: what the incident's own
// time has brought is done, and nobody asks for ever what cannot be agreed on.
func TestClockSetBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(100 * 365 * 24 * time.Hour)
		b := newBot(t, path)
		write := func(kind string, data any) {
			t.Helper()
			if _, err := b.commit(t.Context(), b.Key("Q1"), func(c *change) error { c.write(kind, amsbot, data); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		news := received{Hint: Hint{Source: "webhook", Type: "incident.triggered", ID: "Q1", Status: "triggered"}, Project: &projectView{Name: "shop"}}
		snap := Snapshot{Incident: scenarios.Incident{ID: "Q1", Status: "triggered", Service: scenarios.Ref{ID: "PWEB", Name: "web"}}}
		write(kindReceived, news)
		write(kindRead, readDone{From: 1, Snapshot: &snap})
		write(kindRun, runBegan{N: 1, Since: time.Now(), Self: b.Self})
		time.Sleep(alertsWithin + time.Second)
		write(kindReceived, news)
		write(kindRead, readDone{From: 4, Same: true})
		if err := b.DB.Close(); err != nil {
			t.Fatal(err)
		}
	})
	b := newBot(t, path)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b.life, b.until = ctx, ctx
	b.setAlive(true)
	over := make(chan error, 1)
	go func() { over <- b.advance(ctx, b.Key("Q1")) }()
	select {
	case err := <-over:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("it asks again and again what is to be done")
	}
	b.setAlive(false)
	in, err := b.load(ctx, b.Key("Q1"))
	if err != nil || in.match == nil {
		t.Errorf("the scenario was not decided (%v)", err)
	}
}

// What one incident does to amsbot stays with it.
func TestPanicOfOneIncident(t *testing.T) {
	err := unpanicked(func() error { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("%v", err)
	}
	if err := unpanicked(func() error { return nil }); err != nil {
		t.Error(err)
	}
}
