package pagerduty

import (
	"path"
	"time"
)

// Kind is what a fault does to a request or a webhook.
type Kind string

// The kinds of Fault for requests.
const (
	FaultStatus    Kind = "status"     // answer Status instead of doing anything
	FaultLimit     Kind = "limit"      // 429 with code 2020 and the ratelimit headers
	FaultBareLimit Kind = "bare_limit" // 429 without headers and body
	FaultHang      Kind = "hang"       // never answer; nothing is done
	FaultCutBefore Kind = "cut_before" // close the connection; nothing is done
	FaultCutAfter  Kind = "cut_after"  // do it, then close the connection: the answer is lost
	FaultSlow      Kind = "slow"       // wait Delay, then go on as usual
)

// The kinds of Fault for webhooks.
const (
	FaultLate     Kind = "late"     // deliver Delay later; those behind it in its queue wait
	FaultTwice    Kind = "twice"    // deliver the same body twice
	FaultLost     Kind = "lost"     // never deliver
	FaultReversed Kind = "reversed" // let the next webhook of the incident overtake this one
)

// Fault makes matching requests or webhooks go wrong. The zero Times means
// until it is taken out, the zero For without an end.
type Fault struct {
	Method string        `json:"method,omitempty"` // empty: every method; "webhook": deliveries
	Path   string        `json:"path,omitempty"`   // glob (package path); for webhooks the event type, e.g. incident.*; empty: all
	Kind   Kind          `json:"kind"`
	Status int           `json:"status,omitempty"`
	Delay  time.Duration `json:"delay,omitempty"` // FaultSlow, FaultLate; FaultLimit: until the reset
	Times  int           `json:"times,omitempty"`
	For    time.Duration `json:"for,omitempty"`
	ID     int           `json:"id"` // given by Fault, see there

	until time.Time
}

// matches says whether the fault is meant for this request; a pattern that is
// malformed matches nothing.
func (f *Fault) matches(method, what string) bool {
	if f.Method != method && (f.Method != "" || method == webhookMethod) {
		return false
	}
	if f.Path == "" {
		return true
	}
	ok, err := path.Match(f.Path, what)
	return err == nil && ok
}

const webhookMethod = "webhook"
