package bot

import (
	"slices"
	"strings"

	"amsbot/scenarios"
)

// escalate hands the incident to a line. By itself amsbot changes the
// assignment only while it is the sole assignee; else it tells who has it.
func (e *ending) escalate(to string) {
	e.tell, e.moved = true, true
	target := e.line(to)
	if e.by == nil && !e.in.holds() {
		e.mention = append(e.mention, e.in.snap.Assignees...)
		return
	}
	args := EscalateArgs{ID: e.in.id(), From: e.bot.Self.Email, HeldBy: e.bot.Self.ID, To: target, Line: to, Fallback: e.bot.Fallback}
	by := amsbot
	if e.by != nil {
		args.From, args.HeldBy, by = e.by.As.Email, "", e.by.Name
	}
	e.mention = append(e.mention, e.in.onCall(target)...)
	e.want(ToPagerDuty, ActEscalate, by, args)
}

// line is where "first_line", "second_line" or "next" is.
func (c *change) line(to string) Target {
	var l scenarios.Line
	if c.in.project != nil {
		switch to {
		case "first_line":
			l = c.in.project.FirstLine
		case "second_line":
			l = c.in.project.SecondLine
		}
	}
	switch {
	case len(l.Users) > 0:
		return Target{Users: l.Users}
	case l.Policy != "" || l.Level > 0:
		t := Target{Policy: l.Policy, Level: l.Level}
		if t.Policy == "" {
			t.Policy = c.in.snap.Incident.Policy.ID
		}
		return t
	}
	return Target{Next: true}
}

// onCall is who a target pages, as last read; nil where that is not known.
func (in *incident) onCall(t Target) []Person {
	if in.snap == nil || len(t.Users) > 0 {
		return in.introduced(people(t.Users))
	}
	levels := in.snap.Levels
	if p := in.snap.Incident.Policy; t.Policy != "" && t.Policy != p.ID && t.Policy != p.Name {
		levels = in.lines[t.Policy]
	}
	level := max(t.Level, 1)
	if t.Next && in.level() == 0 { // nobody knows after whom
		return nil
	}
	if t.Next {
		level = in.level() + 1
	}
	for _, l := range levels {
		if l.Level == level {
			return l.OnCall
		}
	}
	return nil
}

// introduced are people with the names and addresses that were read with the incident:
// by an ID alone nobody is found in Slack.
func (in *incident) introduced(all []Person) []Person {
	if in.snap == nil {
		return all
	}
	met := slices.Clone(in.snap.Assignees)
	for _, l := range in.snap.Levels {
		met = append(met, l.OnCall...)
	}
	for _, key := range sortedKeys(in.lines) {
		for _, l := range in.lines[key] {
			met = append(met, l.OnCall...)
		}
	}
	for i, p := range all {
		if k := slices.IndexFunc(met, func(m Person) bool { return m.ID != "" && m.ID == p.ID }); k >= 0 {
			all[i] = met[k]
		}
	}
	return all
}

// level is the policy's level that has the incident, by its assignees; 0 if not known.
func (in *incident) level() int {
	for i := len(in.snap.Levels) - 1; i >= 0; i-- {
		for _, p := range in.snap.Levels[i].OnCall {
			if slices.ContainsFunc(in.snap.Assignees, func(a Person) bool { return a.ID == p.ID }) {
				return in.snap.Levels[i].Level
			}
		}
	}
	return 0
}

func people(users []string) []Person {
	var out []Person
	for _, u := range users {
		if strings.Contains(u, "@") {
			out = append(out, Person{Name: u, Email: u})
		} else {
			out = append(out, Person{ID: u, Name: u})
		}
	}
	return out
}

// ask puts a recovery before people, unless the storm brake holds it: then one
// card asks for all. Planned work is no storm.
func (c *change) ask() {
	if h := c.raging(); h != nil && c.maintained() == nil {
		c.hold(*h)
		return
	}
	c.wait()
}

// wait puts a recovery before people. Holding an incident and waiting for a
// person is a contradiction: it is handed over first.
func (c *change) wait() {
	if h := c.maintained(); h != nil { // nobody is asked for what nobody may do
		c.hold(*h)
		return
	}
	acts := []string{DoRecover, DoCheck}
	c.write(kindOffered, amsbot, offered{Acts: acts, Expires: c.now.Add(c.in.match.Approval), Override: c.toOverride(acts)})
	but := c.in.overrideWords(c.w)
	if h := c.paused(); h != nil {
		but = c.w.Say("wait.paused", plain(h.Text, 300))
	}
	e := &ending{change: c}
	if c.in.takenBy == "" || c.in.holds() {
		e.escalate("first_line")
	} else {
		e.mention = c.in.snap.Assignees
	}
	e.tell = true
	said := plain(c.in.verdictWords(c.w), 220) + "\n" // this is what a phone shows: the verdict first
	key := "wait.ask"
	switch {
	case c.in.match.CameBack != "":
		key = "wait.came_back"
	case c.in.pass.asks != nil:
		e.announce(said + c.w.Join(plain(c.in.pass.asks.Text, 300), c.w.Say(key), but))
		return
	case c.in.late() != "":
		e.announce(said + c.w.Join(c.w.Say(c.in.late()), c.w.Say(key), but))
		return
	case c.in.takenBy != "":
		key = "wait.taken"
	}
	e.announce(said + c.w.Join(c.w.Say(key), but))
}
