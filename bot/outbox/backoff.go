package outbox

import (
	"math/rand/v2"
	"time"
)

const (
	backoffBase = time.Second
	backoffCap  = 60 * time.Second
	restCap     = time.Hour // a longer Retry-After is taken for a mistake
)

// backoff is how long to wait after so many failed tries: doubling from a
// second to a minute, less up to half of it by chance, so that a thousand cards
// that failed together do not come back together.
func backoff(tries int) time.Duration {
	d := backoffCap
	if tries < 7 {
		d = min(backoffBase<<max(tries-1, 0), backoffCap)
	}
	return d/2 + rand.N(d/2)
}

// told is a wait that somebody else ordered.
func told(after time.Duration) time.Duration { return min(after, restCap) }

// loud says whether this failed try is worth a line in the log: an hour without
// a neighbour must not bury it.
func loud(tries int) bool { return tries > 0 && tries&(tries-1) == 0 }
