package outbox

import (
	"testing"
	"time"
)

// The wait doubles to a minute, and is spread over its second half by chance: what
// failed together does not come back together.
func TestBackoffIsSpread(t *testing.T) {
	for tries, longest := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 7: time.Minute, 1000: time.Minute,
	} {
		least, most := longest, time.Duration(0)
		for range 1000 {
			d := backoff(tries)
			least, most = min(least, d), max(most, d)
		}
		if least < longest/2 || least > longest*6/10 || most >= longest || most < longest*9/10 {
			t.Errorf("after %d tries: from %s to %s, of %s", tries, least, most, longest)
		}
	}
}
