package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// brake is the storm brake of one scenario: which of its targets are in trouble
// at once and, while there are too many, the storm that its incidents belong to.
type brake struct {
	Scope     string      `json:"scope"` // the scenario, as pause and resume name it
	Storm     string      `json:"storm,omitempty"`
	Began     *stormBegan `json:"began,omitempty"`
	Sightings []sighted   `json:"sightings,omitempty"`
	Joins     []member    `json:"joins,omitempty"` // held, and not yet on the storm's card
}

type sighted struct {
	Target string    `json:"target"`
	At     time.Time `json:"at"`
}

// member is an incident that a storm holds.
type member struct {
	Incident string   `json:"incident"`
	Number   int      `json:"number"`
	Title    string   `json:"title"`
	Target   string   `json:"target"`
	Mention  []Person `json:"mention,omitempty"` // who is paged about it
}

// joinsMost bounds what waits to be put on a storm's card. An incident beyond is
// held like all others, and says so by itself.
const joinsMost = 200

// brake is the storm brake as it is now: what was too long ago is left out.
func (c *change) brake() brake {
	var b brake
	if _, err := c.view.Guard(c.in.stormGuard(), &b); err != nil {
		return brake{} // the commit fails by itself
	}
	b.Scope = c.in.scenarioScope()
	since := c.now.Add(-c.sc.Guards.Storm.Per)
	b.Sightings = slices.DeleteFunc(b.Sightings, func(s sighted) bool { return !s.At.After(since) })
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
	b.Sightings = slices.DeleteFunc(b.Sightings, func(s sighted) bool { return s.Target == c.in.match.Target })
	if b.Sightings = append(b.Sightings, sighted{c.in.match.Target, c.now}); len(b.Sightings) > limit.N {
		b.Sightings = b.Sightings[len(b.Sightings)-limit.N:]
	}
	c.guard(c.in.stormGuard(), b)
}

// unsighted takes a target back that the check found well.
func (c *change) unsighted() {
	if c.sc == nil || c.in.match == nil || c.sc.Guards.Storm.N == 0 {
		return
	}
	b := c.brake()
	b.Sightings = slices.DeleteFunc(b.Sightings, func(s sighted) bool { return s.Target == c.in.match.Target })
	c.guard(c.in.stormGuard(), b)
}

// raging is the storm brake as a hold; nil if it does not hold.
func (c *change) raging() *held {
	limit := c.sc.Guards.Storm
	if limit.N == 0 {
		return nil
	}
	b := c.brake()
	if b.Storm == "" && len(b.Sightings) < limit.N {
		return nil
	}
	return &held{
		Pass: c.in.pass.id, Guard: guardStorm, Storm: cmp.Or(b.Storm, c.newStorm()),
		Text: c.w.Say("held.storm", c.in.match.Scenario, limit.N, ago(limit.Per)),
	}
}

// stormKeys begin the keys of the streams of storms.
const stormKeys = "storm:"

// newStorm is the key of a storm that begins now.
func (c *change) newStorm() string {
	m := c.in.match
	return fitKey(stormKeys + m.Project.Name + "/" + m.Scenario + ":" + strconv.FormatInt(c.now.Unix(), 10))
}

// IsIncident says whether a record is an incident's, and not a storm's.
func IsIncident(key string) bool { return !strings.HasPrefix(key, stormKeys) }

// join puts a held incident among those that the storm's card decides about.
func (c *change) join(h held) {
	b := c.brake()
	if b.Storm == "" {
		m := c.in.match
		b.Storm = h.Storm
		b.Began = &stormBegan{Project: m.Project, Scenario: m.Scenario, Shown: m.Shown, Parallel: c.sc.Guards.Parallel,
			Per: c.sc.Guards.Storm.Per, Text: h.Text}
	}
	if len(b.Joins) < joinsMost {
		b.Joins = append(b.Joins, member{Incident: c.in.key, Number: c.in.number(), Title: cut(oneLine(c.in.title()), 100),
			Target: c.in.match.Target, Mention: c.called()})
	}
	c.guard(c.in.stormGuard(), b)
	c.kicks = append(c.kicks, b.Storm)
}

// called are those who are paged about a held incident: the first line, or who
// has it.
func (c *change) called() []Person {
	if !c.in.holds() {
		return c.in.snap.Assignees
	}
	return c.in.onCall(c.line("first_line"))
}

// quiet says whether the storm's card says it for this incident.
func (c *change) quiet() bool {
	h := c.in.pass.held
	return h != nil && h.Storm != "" && c.channel() != ""
}

// told tells a storm that one of its incidents has come further.
func (c *change) told() {
	if p := c.in.pass; p != nil && p.by != nil && p.by.Storm != "" {
		c.kicks = append(c.kicks, p.by.Storm)
	}
	if c.in.storm != "" {
		c.kicks = append(c.kicks, c.in.storm)
	}
}
