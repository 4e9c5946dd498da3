package outbox

import (
	"testing"
	"testing/synctest"
	"time"
)

// passes is how many get through in that time.
func passes(g *Gate, d time.Duration) (n int) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if wait := g.Delay(time.Now()); wait > 0 {
			time.Sleep(min(wait, time.Until(end)))
			continue
		}
		g.Pass(time.Now())
		n++
	}
	return n
}

func TestGateLearnsFromWhatItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewGate(1, 4)
		minute := func(what string, want int) {
			t.Helper()
			if got := passes(g, time.Minute); got < want-1 || got > want+1 {
				t.Errorf("%s: %d in a minute, want %d", what, got, want)
			}
		}
		minute("at first", 64)
		g.Rest(time.Now(), time.Now().Add(10*time.Second))
		g.Rest(time.Now(), time.Now().Add(5*time.Second)) // a call that was under way
		minute("rests, then half", 27)
		minute("half", 30)
		for range 9 {
			g.Rest(time.Now(), time.Now())
		}
		minute("a quarter at most", 15)
		time.Sleep(slowCalms)
		minute("a step back", 31)
		time.Sleep(slowCalms)
		minute("as before", 62)
	})
}

func TestGateWithoutALimitRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Gate{}
		now := time.Now()
		g.Rest(now, now.Add(time.Second))
		if g.Delay(now) != time.Second || g.Delay(now.Add(time.Second)) != 0 {
			t.Errorf("shut for %s", g.Delay(now))
		}
	})
}
