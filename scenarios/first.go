package scenarios

import (
	"context"
	"errors"
	"io/fs"
)

type (
	text      struct{}
	condition struct{}
	action    interface{}
	hostList  struct{}
	pattern   struct{}
)

var errEarly = errors.New("scenarios: this part is being written")

// Options says how scenarios reach what lies outside their files.
type Options struct {
	// Secrets turns a reference, "env:NAME" or "file:/path", into its
	// value; nil does it for real. It is asked each time a step runs.
	Secrets func(ref string) (string, error)
}

// Load reads a folder of scenarios. The error is Problems, all of them, when
// the author has something to mend, else what hindered the reading.
func Load(dir string, o Options) (*Set, error) { return nil, errEarly }

// LoadFS is Load for a file system.
func LoadFS(fsys fs.FS, o Options) (*Set, error) { return nil, errEarly }

// Pin makes the very version of a scenario that an incident matched from its
// kept sources. Checks between several scenarios do not apply.
func Pin(sources []Source, o Options) (*Scenario, error) { return nil, errEarly }

// Examples returns the embedded example projects.
func Examples() fs.FS { return nil }

// Kinds lists the kinds of steps, sorted.
func Kinds() []string { return nil }

// Project returns the project of a PagerDuty service, found by ID or name,
// else the default project if there is one.
func (s *Set) Project(service Ref) (*Project, bool) { return nil, false }

// Decision is which scenario an incident gets, and why.
type Decision struct {
	Project   *Project  // nil: the service is in no project
	Scenario  *Scenario // nil: handed over
	Target    string
	Groups    map[string]string
	Why       []Why    // every candidate of the project
	Tie       []string // scenarios between which nothing decides
	Ambiguous []string // values that differ between open alerts and were needed
}

// Why says of one candidate whether it fits and, in words, why not.
type Why struct {
	Scenario string `json:"scenario"`
	Fits     bool   `json:"fits"`
	Text     string `json:"text"`
}

// Match decides which scenario an incident gets.
func (s *Set) Match(in Incident) Decision { return Decision{} }

// Ambiguous lists the values that this scenario reads and that differ between
// the open alerts of the incident. While there is one, nothing may be
// recovered or resolved.
func (s *Scenario) Ambiguous(in Incident) []string { return nil }

// Aim works out the target for an incident as it is now; an error says in
// words why there is none.
func (s *Scenario) Aim(in Incident, groups map[string]string) (string, error) { return "", errEarly }

// Message fills the author's text of an ending in, masked; "" where there is
// none.
func (e Ending) Message(f Facts) (string, error) { return "", errEarly }

// URL fills the address of a link in; only http and https come out.
func (l Link) URL(f Facts) (string, error) { return "", errEarly }

// Skip reports whether the step's `if` is false. An error makes the step
// UNKNOWN.
func (st *Step) Skip(f Facts) (bool, error) { return false, errEarly }

// Show describes the step in one line with its values filled in and secrets
// redacted, for confirm dialogs, history and dry runs.
func (st *Step) Show(f Facts) (string, error) { return "", errEarly }

// Do runs the step to its verdict, all attempts included. It never panics and
// returns no unmasked secret. A cancelled ctx ends it as UNKNOWN, and its
// child processes with it.
func (st *Step) Do(ctx context.Context, f Facts, t Tools) Outcome { return Outcome{} }

