package outbox

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amsbot/store"
)

func TestStopLetsCallsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.pd.slow = func(Act) time.Duration { return 3 * time.Second }
		r.cards.slow = 3 * time.Second
		r.run()
		r.want("pd:a:1", "pagerduty", "note")
		r.want("pd:a:1", "pagerduty", "resolve")
		r.card("pd:a:2")
		r.after(time.Second)
		r.end()
		r.same("ended after", time.Since(r.start).Round(time.Second), 3*time.Second)
		r.same("recorded", r.kinds("pd:a:1"), []string{"wanted", "wanted", "done"})
		r.same("nothing new", r.pd.seen(), []string{"note pd:a:1"})
		r.same("shown", r.view("card:pd:a:2").Ref, "card:pd:a:2@1")
	})
}

func TestStopCancelsWhatTakesTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.pd.slow = func(Act) time.Duration { return time.Hour }
		r.run()
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		r.end()
		r.same("ended after", time.Since(r.start), 5*time.Second)
		r.same("recorded", r.kinds("pd:a:1"), []string{"wanted", "unknown"})
	})
}

func TestStopDoesNotWaitForWhatIgnoresItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		r.pd.script = func(Act) Result { time.Sleep(time.Minute); return Result{State: Done} }
		ended := make(chan error)
		go func() {
			ended <- New(Options{DB: r.db, Conductor: r.boss, Receivers: map[string]Receiver{"pagerduty": r.pd}}).Run(ctx)
		}()
		r.want("pd:a:1", "pagerduty", "note")
		r.after(time.Second)
		cancel()
		err := <-ended
		if err == nil || !strings.Contains(err.Error(), "1 calls ignore") {
			t.Errorf("Run: %v", err)
		}
		r.same("ended after", time.Since(r.start), 6*time.Second)
		time.Sleep(time.Minute) // the call ends, and with it its goroutine
	})
}

func TestRunEndsWithAClosedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		if err := r.db.Close(); err != nil {
			t.Fatal(err)
		}
		err := New(Options{DB: r.db, Conductor: r.boss}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "outbox: store: read acts") {
			t.Errorf("Run: %v", err)
		}
	})
}

// What cannot be read is not waited for: an outbox that does not know what has to
// leave would let nothing leave, and nobody would know.
func TestRunEndsWithADamagedStore(t *testing.T) {
	for what, spoil := range map[string][2]string{
		"a view": {`"wanted":1`, `"wanted":7`},
		"an act": {`"to":"pagerduty"`, `"to":"pagerdutx"`},
	} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				r.card("pd:a:1")
				r.want("pd:a:2", "pagerduty", "escalate")
				if err := r.db.Close(); err != nil {
					t.Fatal(err)
				}
				data, err := os.ReadFile(r.path)
				changed := bytes.ReplaceAll(data, []byte(spoil[0]), []byte(spoil[1]))
				if err != nil || bytes.Equal(data, changed) {
					t.Fatalf("the file is not spoiled: %v", err)
				}
				if err := os.WriteFile(r.path, changed, 0o600); err != nil {
					t.Fatal(err)
				}
				r.open()
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				err = New(Options{DB: r.db, Conductor: r.boss, Receivers: map[string]Receiver{"pagerduty": r.pd}}).Run(ctx)
				if !errors.Is(err, store.ErrDamaged) || !strings.HasPrefix(err.Error(), "outbox: store: read ") {
					t.Errorf("Run: %v", err)
				}
			})
		})
	}
}
