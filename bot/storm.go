package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/store"
)

// brake is the storm brake of one scenario: which of its targets are in trouble
// at once and, while there are too many, the storm that its incidents belong to.
type brake struct {
	Scope     string      `json:"scope"` // the scenario, as pause and resume name it
	Storm     string      `json:"storm,omitempty"`
	Began     *stormBegan `json:"began,omitempty"`
	Sightings []sighted   `json:"sightings,omitempty"`
	Earlier   int         `json:"earlier,omitempty"` // sightings before those, which there is no room for
	EarlierAt time.Time   `json:"earlier_at,omitzero"`
}

type sighted struct {
	Target string    `json:"target"` // its hash: a guard has to stay small
	At     time.Time `json:"at"`
}

// sightedBeyond is how many sightings are kept beyond those that make a storm. The
// earlier ones are counted: some are taken back, and the others are as much in trouble
// as before.
const sightedBeyond = 50

// member is an incident that a storm holds.
type member struct {
	Incident string   `json:"incident"`
	Number   int      `json:"number"`
	Title    string   `json:"title"`
	Target   string   `json:"target"`
	Mention  []Person `json:"mention,omitempty"` // who is paged about it
	Version  string   `json:"version,omitempty"` // of its scenario, where it is not that of the storm's first
	Shown    []string `json:"shown,omitempty"`   // the commands then

	Second     bool `json:"second,omitempty"` // as of its scenario
	BreakGlass bool `json:"break_glass,omitempty"`
}

// brake is the storm brake as it is now: what no run under way looks back to is
// left out.
func (c *change) brake() brake {
	var b brake
	if _, err := c.view.Guard(c.in.stormGuard(), &b); err != nil {
		return brake{} // the commit fails by itself
	}
	b.Scope = c.in.scenarioScope()
	since := c.now.Add(-c.sc.Guards.Storm.Per - c.sc.Deadline)
	b.Sightings = slices.DeleteFunc(b.Sightings, func(s sighted) bool { return !s.At.After(since) })
	if !b.EarlierAt.After(since) {
		b.Earlier, b.EarlierAt = 0, time.Time{}
	}
	return b
}

// sighted notes that a target of this scenario is in trouble, before its check
// says so: the first of a storm would be recovered otherwise while the rest is
// still being checked.
func (c *change) sighted() {
	limit := c.sc.Guards.Storm
	if limit.N == 0 || !c.in.mayOffer() {
		return
	}
	b := c.brake()
	c.unsee(&b)
	b.Sightings = append(b.Sightings, sighted{store.Hash([]byte(c.in.match.Target)), c.now})
	if more := len(b.Sightings) - limit.N - sightedBeyond; more > 0 {
		b.Earlier, b.EarlierAt = b.Earlier+more, b.Sightings[more-1].At
		b.Sightings = b.Sightings[more:]
	}
	c.guard(c.in.stormGuard(), b)
}

// unsighted takes a target back that the check found well.
func (c *change) unsighted() {
	if c.sc == nil || c.in.match == nil || c.sc.Guards.Storm.N == 0 {
		return
	}
	b := c.brake()
	switch {
	case c.unsee(&b):
	case b.Earlier > 0 && c.in.mayOffer(): // it is one of those
		b.Earlier--
	default:
		return
	}
	c.guard(c.in.stormGuard(), b)
}

// unsee takes this incident's target out of the sightings, if it is there.
func (c *change) unsee(b *brake) bool {
	n, target := len(b.Sightings), store.Hash([]byte(c.in.match.Target))
	b.Sightings = slices.DeleteFunc(b.Sightings, func(s sighted) bool { return s.Target == target })
	return len(b.Sightings) < n
}

// raging is the storm brake as a hold; nil if it does not hold.
func (c *change) raging() *held {
	limit := c.sc.Guards.Storm
	if limit.N == 0 {
		return nil
	}
	b := c.brake()
	if b.Storm == "" && b.crowd(c.in.pass.began.Add(-limit.Per)) < limit.N {
		return nil
	}
	return &held{
		Pass: c.in.pass.id, Guard: guardStorm, Storm: cmp.Or(b.Storm, c.newStorm()),
		Text: c.w.Say("held.storm", c.in.match.Scenario, limit.N, c.w.Took(limit.Per)),
	}
}

// crowd is how many targets were in trouble since a moment. It is counted from when
// an incident began to be looked at: while a slow check runs, none of those that
// came with it is forgotten.
func (b brake) crowd(since time.Time) int {
	n := 0
	if b.EarlierAt.After(since) {
		n = b.Earlier
	}
	for _, s := range b.Sightings {
		if s.At.After(since) {
			n++
		}
	}
	return n
}

// stormKeys begin the keys of the streams of storms.
const stormKeys = "storm:"

// newStorm is the key of a storm that begins now. It is short, for other keys and
// the storm's buttons are made with it.
func (c *change) newStorm() string {
	m := c.in.match
	name := m.Project.Name + "/" + m.Scenario
	if len(name) > 100 {
		name = store.Hash([]byte(name))
	}
	return stormKeys + name + ":" + strconv.FormatInt(c.now.UnixMilli(), 10)
}

// IsIncident says whether a record is an incident's, and not a storm's.
func IsIncident(key string) bool { return !strings.HasPrefix(key, stormKeys) }

// joinGuards begins the keys of the incidents that were held and are not yet on
// their storm's card. Each has one: they may be many in one moment.
func joinGuards(storm string) string { return "join:" + storm + "/" }

func joinGuard(storm, incident string) string { return fitKey(joinGuards(storm) + incident) }

// join puts a held incident among those that the storm's card decides about.
func (c *change) join(h held) {
	b := c.brake()
	m := c.in.match
	if b.Storm == "" {
		b.Storm = h.Storm
		b.Began = &stormBegan{Project: m.Project, Scenario: m.Scenario, Version: m.Version, Shown: shortShown(m.Shown),
			Parallel: c.sc.Guards.Parallel, Per: c.sc.Guards.Storm.Per, Approval: m.Approval,
			Second: m.Second, BreakGlass: m.BreakGlass}
		c.guard(c.in.stormGuard(), b)
	}
	one := member{Incident: c.in.key, Number: c.in.number(), Title: cut(oneLine(c.in.title()), 100), Target: m.Target, Mention: c.called(),
		Second: m.Second, BreakGlass: m.BreakGlass}
	if b.Began == nil || b.Began.Version != m.Version {
		one.Version, one.Shown = m.Version, shortShown(m.Shown)
	}
	c.guard(joinGuard(b.Storm, c.in.key), one)
	c.kicks = append(c.kicks, b.Storm)
}

// shortShown are commands as a guard has room for: what an alert says stands in
// them, and is as long as it likes.
func shortShown(shown []string) []string {
	var out []string
	for _, one := range shown[:min(len(shown), 20)] {
		out = append(out, cut(one, 300))
	}
	return out
}

// called are those who are paged about a held incident: the first line, or who
// has it.
func (c *change) called() []Person {
	if !c.in.holds() {
		return c.in.snap.Assignees
	}
	return c.in.onCall(c.line("first_line"))
}

// quiet says whether the storm's card says it for this incident: there is one, in
// the channel that its project had when it began.
func (c *change) quiet() bool {
	h := c.in.pass.held
	if h == nil || h.Storm == "" || c.channel() == "" {
		return false
	}
	b := c.brake()
	return b.Storm == h.Storm && b.Began != nil && b.Began.Project.Channel != ""
}

// told tells a storm that one of its incidents has come further.
func (c *change) told() {
	if p := c.in.pass; p != nil && p.by != nil && p.by.Storm != "" {
		c.kicks = append(c.kicks, p.by.Storm)
	}
	if p := c.in.pass; c.in.storm != "" && (c.in.over() || p == nil || p.held == nil || p.held.Storm != c.in.storm) { // what it holds, it knows
		c.kicks = append(c.kicks, c.in.storm)
	}
}
