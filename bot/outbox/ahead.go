package outbox

import (
	"net/http"
	"sync/atomic"
	"time"
)

// noise is how far two clocks may seem apart that agree: answers have whole
// seconds, and come a little later than they were written.
const noise = 2 * time.Second

// Ahead is how far our clock is ahead of a neighbour's, or behind it, as the
// neighbour's answers say. Whoever looks there for what was done since a moment
// must look since that moment by its clock: one that is too late finds nothing
// and does it again, one that is too early takes what was before for it. The
// zero Ahead is two clocks that agree; any goroutine may use it.
type Ahead struct {
	by   atomic.Int64
	word atomic.Pointer[word]
}

// word is what time a neighbour said that it is, and when it did.
type word struct{ at, heard time.Time }

// Heard takes the time from an answer, if it says one.
func (a *Ahead) Heard(answer *http.Response) {
	at, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return
	}
	now := time.Now()
	a.word.Store(&word{at: at, heard: now})
	by := now.Round(0).Sub(at)
	if by.Abs() <= noise {
		by = 0
	}
	a.by.Store(int64(by))
}

// By is how far our clock is ahead, negative where it is behind, with a second or
// two for nothing; ok is false while no answer said the time.
func (a *Ahead) By() (by time.Duration, ok bool) {
	return time.Duration(a.by.Load()), a.word.Load() != nil
}

// Now is what time it is by the neighbour's clock: its last word, and what has
// passed since by a clock that nobody can set. Not ok where it has said nothing yet.
func (a *Ahead) Now() (now time.Time, ok bool) {
	w := a.word.Load()
	if w == nil {
		return time.Time{}, false
	}
	return w.at.Add(time.Since(w.heard)), true
}

// Theirs is a moment by our clock as it is by theirs. None is later than now: one
// that is was read off a clock that was set back since.
func (a *Ahead) Theirs(at time.Time) time.Time {
	if now := time.Now(); at.After(now) {
		at = now.UTC()
	}
	return at.Add(-time.Duration(a.by.Load()))
}
