package outbox

import "time"

// CrowdGuard is the key of the guard that says that a lane is crowded: a [Crowd].
func CrowdGuard(index string) string { return crowdGuards + index }

const crowdGuards = "crowd:"

// Crowd is a lane in which more was to be shown for the first time than could be
// posted within some seconds. One index stands there in the place of all that.
type Crowd struct {
	Lane  string    `json:"lane"`
	Since time.Time `json:"since"` // from when on what came belongs to it
	Epoch uint64    `json:"epoch"` // of the process that noticed
	Over  bool      `json:"over,omitempty"`
}
