package scenarios

import (
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// Fixture is a made-up incident with made-up step results, and what has to come
// of it. Fixtures stand in files NAME.test.yaml beside the scenarios.
type Fixture struct {
	File string // relative to the folder that was read
	Line int
	Name string // unique in its file

	Project      *Project
	Incident     Incident
	IncidentFile string        // beside File; "" when Incident is written out
	Age          time.Duration // how old the incident is when amsbot hears of it

	Until   time.Duration // how long it is played; 0: until nothing is left to happen
	Given   Given
	Results map[string][]Outcome // by step, in the order of its runs; the last stands for all later ones
	Clicks  []FixtureClick
	News    []FixtureNews
	Refuse  map[string]string // why PagerDuty refuses an act, by its kind
	Expect  []Expectation
}

// Given is what holds when the incident comes.
type Given struct {
	Assigned     string // who has it: amsbot, first_line, second_line, or a person
	Acknowledged string // the person who has acknowledged it, "" nobody
	AckTimeout   time.Duration
	Paused       string        // all, project or scenario; "" nothing
	Locked       time.Duration // for so long another incident recovers the same target
	Maintenance  time.Duration // for so long there is maintenance of everything
	Earlier      []Earlier     // what happened before
}

// Earlier is a fixture of the same file that is played before, so that what it
// leaves behind holds and counts.
type Earlier struct {
	Test string
	Ago  time.Duration // it began so long before
}

// FixtureClick is a button that a person presses as soon as it is offered.
type FixtureClick struct {
	Press    string // take, recover, escalate, resolve, check, note
	By       string
	User     string   // the Slack user; "": By may do everything
	Groups   []string // the Slack user groups of User
	After    time.Duration
	Text     string
	Override bool
}

// FixtureNews is something that happens meanwhile, without amsbot.
type FixtureNews struct {
	After time.Duration // from the beginning on
	Is    string        // one of newsWords
	By    string
	Alert *Alert // the one that comes
}

// Expectation is one thing that has to come of a fixture.
type Expectation struct {
	Key  string // one of the keys of `expect`
	Of   string // with commands: the step
	Line int

	Want            []string // all of it, in order; nil: Contains and Lacks are asked
	Contains, Lacks []string
}

// fixtureBegin is when incidents of fixtures are raised that say no other time.
var fixtureBegin = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// isFixture says whether a file holds fixtures and so no scenario.
func isFixture(base string) bool {
	return strings.HasSuffix(base, ".test.yaml") || strings.HasSuffix(base, ".test.yml")
}

// ReadFixtures reads the fixtures beside the scenarios of a set, which was read
// from the same file system. The error is Problems, all of them, when the author
// has something to mend. No fixture at all is no error.
func ReadFixtures(fsys fs.FS, set *Set) ([]*Fixture, error) {
	l := &loader{fsys: fsys, projects: map[string]*owned{}}
	if err := l.walk(); err != nil {
		return nil, err
	}
	var out []*Fixture
	l.problems = nil // of the folder: Load has told
	for _, name := range l.fixtures {
		data, err := l.read(name)
		if err != nil {
			return nil, err
		}
		r := newReader(name, data)
		if root := r.tree(data); root != nil {
			out = append(out, r.fixtures(root, set)...)
		}
		l.problems = append(l.problems, r.problems...)
	}
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, l.problems
	}
	return out, nil
}

// ID names a fixture in a folder: "shop/web-down: a restart helps".
func (f *Fixture) ID() string {
	file := strings.TrimSuffix(strings.TrimSuffix(f.File, ".yml"), ".yaml")
	return fmt.Sprintf("%s: %s", strings.TrimSuffix(file, ".test"), f.Name)
}
