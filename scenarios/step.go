package scenarios

import (
	"context"
	"net"
	"net/netip"
	"syscall"
	"time"

	"gopkg.in/yaml.v3"

	"amsbot/scenarios/secret"
)

// Step is one thing to do. Kind is one of Kinds().
type Step struct {
	Name       string
	Kind       string
	Phase      Phase
	Timeout    time.Duration // of one try
	Attempts   int           // at least 1
	Every      time.Duration // between tries
	Idempotent bool          // may be started again after a crash
	Wait       time.Duration // of kind "wait": how long; whoever keeps due times need not call Do

	scenario   *Scenario
	condition  *condition // nil: always
	action     action
	definition string
	words      string     // what it does, as its author wrote it
	outside    bool       // it reads what comes from the incident
	at         *yaml.Node // where it stands
}

// Tools is what a step reaches the world with. The zero value is the real
// world.
type Tools struct {
	// Dial connects to an address whose host is an IP address already.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Resolver turns a name into addresses.
	Resolver Resolver
	// Mask, if set, learns every secret that a step uses and is applied to
	// all that a step returns.
	Mask *secret.Masker
	// Started, if set, is told of each program that a step starts on this
	// machine, beside which it runs: whoever is to end what is left of it after
	// a crash keeps it. The step does not end before Started has returned.
	Started func(Program)
	// Signal sends a signal to a program, or by a negative number to its group,
	// with the errors of kill(2). nil: the system does.
	Signal func(pid int, s syscall.Signal) error
}

func (t Tools) signal(pid int, s syscall.Signal) error {
	if t.Signal != nil {
		return t.Signal(pid, s)
	}
	return syscall.Kill(pid, s)
}

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Outcome is what came of a step. Everything in it is valid UTF-8 without
// control or invisible characters, and masked.
type Outcome struct {
	Verdict Verdict        `json:"verdict"`
	Skipped bool           `json:"skipped,omitempty"` // its `if` was false: does not count
	Idle    bool           `json:"idle,omitempty"`    // it only waited: does not count
	Line    string         `json:"line,omitempty"`    // the one line of output that matters, at most 300 runes
	Why     string         `json:"why,omitempty"`     // in words: "status 500, expected 200"
	Output  []byte         `json:"output,omitempty"`  // at most 64 KiB
	Fields  map[string]any `json:"fields,omitempty"`  // what later steps may read
	Tries   int            `json:"tries,omitempty"`
	Failed  int            `json:"failed,omitempty"` // tries that were not OK
	Took    time.Duration  `json:"took,omitempty"`   // nanoseconds
	Left    bool           `json:"left,omitempty"`   // a program that it started here could not be ended, and may still run
}

// Judge gives the verdict of a phase: any UNKNOWN makes it UNKNOWN, else any
// NG makes it NG, else OK. What was skipped or only waited does not count;
// where nothing counts the verdict is UNKNOWN.
func Judge(outcomes []Outcome) Verdict {
	verdict := Unknown
	for _, o := range outcomes {
		switch {
		case o.Skipped || o.Idle:
		case o.Verdict == NG:
			verdict = NG
		case o.Verdict == OK:
			if verdict == Unknown {
				verdict = OK
			}
		default:
			return Unknown
		}
	}
	return verdict
}
