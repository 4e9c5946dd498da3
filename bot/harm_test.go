package bot

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/scenarios"
	"amsbot/store"
)

// poisoned is a PagerDuty one of whose incidents is read with a panic.
type poisoned struct {
	nobody
	asked chan string
}

func (p poisoned) Read(_ context.Context, r Reading) (*Snapshot, error) {
	p.asked <- r.ID
	if r.ID == "Q1" {
		panic("an odd incident")
	}
	return nil, errors.New("away")
}

// An incident that cannot be read without a panic is read again later, as one that
// PagerDuty does not tell, and the others are read meanwhile.
func TestReadThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBot(t, filepath.Join(t.TempDir(), "amsbot.db"))
		defer b.DB.Close()
		asked := make(chan string, 100)
		b.Incidents = poisoned{asked: asked}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		synctest.Wait()
		for _, id := range []string{"Q1", "Q2"} {
			h := Hint{Source: "webhook", Event: "E" + id, Type: "incident.triggered", At: time.Now(), ID: id, Status: "triggered", Service: scenarios.Ref{ID: "PWEB", Name: "web"}}
			if err := b.Receive(ctx, h); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		stop()
		<-ended
		reads := map[string]int{}
		for len(asked) > 0 {
			reads[<-asked]++
		}
		if reads["Q1"] < 3 || reads["Q1"] > 10 || reads["Q2"] < 3 {
			t.Errorf("reads: %v", reads)
		}
		events, err := b.DB.Events(t.Context(), b.Key("Q1"))
		if err != nil {
			t.Fatal(err)
		}
		if u, ok := into[unread](events[len(events)-1]); !ok || u.Why != "unread.again" || strings.Contains(string(events[len(events)-1].Data), "odd") {
			t.Errorf("the last event: %s", events[len(events)-1].Data)
		}
	})
}

// A decision against writing anything that shares its transaction with one that
// ends in doubt wants nothing, and so has nothing to be gone on with.
func TestRefusalBesideADoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "amsbot.db")
		b := newBot(t, path)
		if err := b.DB.Close(); err != nil {
			t.Fatal(err)
		}
		held, cut := make(chan struct{}), errors.New("the disk does not say")
		var err error
		b.DB, err = store.Open(path, store.Options{Around: func(what string, commit func() error) error {
			err := commit()
			switch what {
			case "first":
				<-held
			case "second":
				return errors.Join(err, cut)
			}
			return err
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer b.DB.Close()
		write := func(kind string) {
			_, _ = b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) {
				return store.Change{Events: []store.NewEvent{{Kind: kind}}}, nil
			})
		}
		go write("first")
		synctest.Wait()
		refused := make(chan error, 1)
		go func() {
			_, err := b.commit(t.Context(), b.Key("Q1"), func(*change) error { return errMoved })
			refused <- err
		}()
		go write("second")
		synctest.Wait()
		close(held)
		if err := <-refused; !errors.Is(err, store.ErrInDoubt) || !errors.Is(err, cut) {
			t.Errorf("refused: %v", err)
		}
	})
}
