package pagerduty

import "time"

// assign gives the incident to people and pages those who did not have it, or
// everybody when the reason is not a mere change of hands. level 0: directly,
// and then the policy does not go on by itself.
func (s *Server) assign(i *incident, people []*User, level int, by actor, why string) {
	had := i.assignees
	t := now()
	i.assignees = nil
	for _, u := range people {
		i.assignees = append(i.assignees, stamp{actor{user: u}, t})
	}
	i.level, i.via = level, viaPolicy
	if level == 0 {
		i.via = viaDirect
	}
	i.ackLapses, i.snoozedTo, i.acks = time.Time{}, time.Time{}, nil
	s.touch(i)
	s.arm(i)
	s.hush(i, "moved on")
	e := s.record(i, "assign_log_entry", by, "Assigned to "+names(people)+".")
	e.assignees = people
	for _, u := range people {
		if why == "reassigned" && holds(had, u) {
			continue
		}
		s.page(i, u, why)
	}
}

func holds(had []stamp, u *User) bool {
	for _, a := range had {
		if a.user == u {
			return true
		}
	}
	return false
}

// firstLevel is the first level from this one on where somebody is on call; 0:
// none.
func (s *Server) firstLevel(p *EscalationPolicy, from int) int {
	for l := from; l <= len(p.Levels); l++ {
		if len(p.Levels[l-1].Users) > 0 {
			return l
		}
	}
	return 0
}

// assignLevel assigns to the people of a level; level 0 leaves it with nobody.
func (s *Server) assignLevel(i *incident, level int, by actor, why string) {
	if level == 0 {
		i.assignees, i.level, i.via, i.escalateAt = nil, len(i.policy.Levels), viaPolicy, time.Time{}
		s.touch(i)
		s.record(i, "exhaust_escalation_path_log_entry", by, "Nobody is on call.")
		return
	}
	s.assign(i, s.users(i.policy.Levels[level-1].Users), level, by, why)
}

// backToTriggered makes an acknowledged incident triggered when it is given to
// somebody else.
func (s *Server) backToTriggered(i *incident, by actor) {
	if i.status == acknowledged {
		s.setStatus(i, triggered, by)
	}
}

func (s *Server) reassign(i *incident, people []*User, by actor) *Error {
	if !i.open() {
		return refuse(1001)
	}
	s.backToTriggered(i, by)
	s.assign(i, people, 0, by, "reassigned")
	s.send(i, "incident.reassigned", by)
	return nil
}

// mayEscalate says why a person or the bot cannot escalate to this level.
func (s *Server) mayEscalate(i *incident, p *EscalationPolicy, level int) *Error {
	switch {
	case !i.open():
		return refuse(1001)
	case i.urgency == "low":
		return refuse(1006, "A low urgency incident does not escalate.")
	case level < 1 || level > len(p.Levels):
		return refuse(1006, "The escalation policy has no level "+itoa(level)+".")
	case len(p.Levels[level-1].Users) == 0:
		return refuse(1015, "Nobody is on call at level "+itoa(level)+".")
	}
	return nil
}

func (s *Server) escalate(i *incident, level int, by actor) *Error {
	if e := s.mayEscalate(i, i.policy, level); e != nil {
		return e
	}
	s.backToTriggered(i, by)
	s.moveTo(i, level, by)
	return nil
}

// moveTo is the escalation itself, by a person or by the timer.
func (s *Server) moveTo(i *incident, level int, by actor) {
	people := s.users(i.policy.Levels[level-1].Users)
	e := s.record(i, "escalate_log_entry", by, "Escalated to level "+itoa(level)+" by "+by.name()+".")
	e.assignees = people
	s.assign(i, people, level, by, "escalated")
	s.send(i, "incident.escalated", by)
}

// delegate hands the incident to another policy, at its first level.
func (s *Server) delegate(i *incident, p *EscalationPolicy, level int, by actor) *Error {
	switch {
	case !i.open():
		return refuse(1001)
	case level > len(p.Levels):
		return refuse(1006, "The escalation policy has no level "+itoa(level)+".")
	}
	at := level
	if at == 0 {
		at = s.firstLevel(p, 1)
	}
	if at == 0 || len(p.Levels[at-1].Users) == 0 {
		return refuse(1015, "Nobody is on call for "+p.Name+".")
	}
	s.backToTriggered(i, by)
	i.policy, i.round = p, 0
	s.record(i, "delegate_log_entry", by, "Delegated to "+p.Name+" by "+by.name()+".")
	s.assignLevel(i, at, by, "delegated")
	s.send(i, "incident.delegated", by)
	return nil
}

// arm starts the escalation timer of the level where the incident stands, if it
// has one: not when it is acknowledged, of low urgency, assigned directly, or
// at the end of a policy that does not repeat.
func (s *Server) arm(i *incident) {
	i.escalateAt = time.Time{}
	if i.status != triggered || i.stuck(s) != "" {
		return
	}
	if d := i.policy.Levels[i.level-1].Timeout; d > 0 {
		i.escalateAt = now().Add(d)
	}
}

// stuck says why nobody more is going to be paged by itself; empty: somebody is.
func (i *incident) stuck(s *Server) string {
	switch {
	case i.via == viaDirect:
		return "assigned directly"
	case len(i.assignees) == 0:
		return "nobody on call"
	case i.urgency == "low":
		return "low urgency does not escalate"
	}
	if level, _ := s.nextLevel(i); level == 0 {
		return "last level"
	}
	return ""
}

// nextLevel is where the timer moves the incident: past empty levels, and
// around again while the policy repeats. 0: nowhere.
func (s *Server) nextLevel(i *incident) (level, round int) {
	if l := s.firstLevel(i.policy, i.level+1); l > 0 {
		return l, i.round
	}
	if i.round < i.policy.Repeats {
		return s.firstLevel(i.policy, 1), i.round + 1
	}
	return 0, i.round
}

func (s *Server) setUrgency(i *incident, urgency string, by actor) *Error {
	if urgency != "high" && urgency != "low" {
		return refuse(2001, "Urgency must be high or low.")
	}
	if i.urgency == urgency {
		return nil
	}
	i.urgency = urgency
	s.touch(i)
	if i.open() {
		s.arm(i)
	}
	s.record(i, "urgency_change_log_entry", by, "Urgency set to "+urgency+" by "+by.name()+".")
	return nil
}

func (s *Server) setPriority(i *incident, p *Priority, by actor) {
	i.priority = p
	s.touch(i)
	text := "Priority removed by "
	if p != nil {
		text = "Priority set to " + p.Name + " by "
	}
	s.record(i, "priority_change_log_entry", by, text+by.name()+".")
	s.send(i, "incident.priority_updated", by)
}
