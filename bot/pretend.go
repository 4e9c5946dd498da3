package bot

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"amsbot/bot/outbox"
)

// pretended is PagerDuty in a rehearsal: it answers reads with the incident as it
// is, and acts change it. It knows as much of PagerDuty as decisions depend on.
type pretended struct {
	snap  Snapshot
	lines map[string][]Level
	known []Person
}

var (
	_ Incidents = (*pretended)(nil)
	_ OnCalls   = (*pretended)(nil)
)

func newPretended(o RehearsalOptions) *pretended {
	p := &pretended{snap: o.Snapshot, lines: o.Lines, known: []Person{o.Bot.Self}}
	for _, t := range o.Turns {
		p.known = append(p.known, t.As)
	}
	for _, l := range o.Snapshot.Levels {
		p.known = append(p.known, l.OnCall...)
	}
	p.known = append(append(p.known, o.Snapshot.Assignees...), o.Snapshot.Acknowledged...)
	return p
}

// Read is the incident as it is now.
func (p *pretended) Read(context.Context, Reading) (*Snapshot, error) {
	s := p.snap
	s.Assignees, s.Acknowledged = slices.Clone(s.Assignees), slices.Clone(s.Acknowledged)
	s.Incident.Alerts = slices.Clone(s.Incident.Alerts)
	return &s, nil
}

// Levels are those of another policy.
func (p *pretended) Levels(_ context.Context, policy string) ([]Level, error) {
	if levels, ok := p.lines[policy]; ok {
		return levels, nil
	}
	return nil, ErrNotFound
}

// person is who has an e-mail address.
func (p *pretended) person(email string) Person {
	for _, one := range p.known {
		if email != "" && strings.EqualFold(one.Email, email) {
			return one
		}
	}
	return Person{Name: email, Email: email}
}

// do does an act on PagerDuty. It returns what became of it, and the news that
// PagerDuty tells of it, by whom.
func (p *pretended) do(a outbox.Act, done outbox.Result) (outbox.Result, string, Person) {
	refuse := func(why string) (outbox.Result, string, Person) {
		return outbox.Result{State: outbox.Refused, Why: why}, "", Person{}
	}
	if p.snap.Incident.Status == "resolved" && (a.Kind == ActAcknowledge || a.Kind == ActEscalate) {
		return refuse("It is resolved.")
	}
	switch a.Kind {
	case ActAcknowledge:
		var args AckArgs
		decode(a.Args, &args)
		by := p.person(args.From)
		p.snap.take(by)
		return done, "incident.acknowledged", by
	case ActResolve:
		var args ResolveArgs
		decode(a.Args, &args)
		if why := p.mayResolve(args); why != "" {
			return refuse(why)
		}
		p.snap.resolve(p.person(args.From))
		return done, "incident.resolved", p.snap.ChangedBy
	case ActEscalate:
		var args EscalateArgs
		decode(a.Args, &args)
		if args.HeldBy != "" && !(len(p.snap.Assignees) == 1 && p.snap.Assignees[0].ID == args.HeldBy) {
			return refuse("It is assigned to " + nameList(p.snap.Assignees) + ".")
		}
		result := p.escalate(args, done)
		if result.State != outbox.Done {
			return result, "", Person{}
		}
		return result, "incident.escalated", p.person(args.From)
	}
	return done, "", Person{}
}

func (p *pretended) mayResolve(args ResolveArgs) string {
	if args.HeldBy == "" {
		return ""
	}
	for _, who := range p.snap.Acknowledged {
		if who.ID != args.HeldBy {
			return who.Name + " has acknowledged it."
		}
	}
	for _, al := range p.snap.Incident.Alerts {
		if al.Status != "resolved" && !slices.Contains(args.Covered, al.ID) {
			return "An alert is open that was not checked."
		}
	}
	return ""
}

// resolve makes the incident one that somebody has resolved.
func (s *Snapshot) resolve(by Person) {
	s.Incident.Status, s.ChangedBy = "resolved", by
	s.Assignees, s.Acknowledged = nil, nil
	s.Incident.Alerts = slices.Clone(s.Incident.Alerts)
	for i := range s.Incident.Alerts {
		s.Incident.Alerts[i].Status = "resolved"
	}
}

// take makes the incident one that a person has acknowledged.
func (s *Snapshot) take(by Person) {
	s.Incident.Status, s.ChangedBy = "acknowledged", by
	s.Assignees, s.Acknowledged = []Person{by}, []Person{by}
}

// escalate gives the incident to whoever is on call at a target, else at the
// fallback.
func (p *pretended) escalate(args EscalateArgs, done outbox.Result) outbox.Result {
	who, level := p.onCall(args.To)
	missed := len(who) == 0
	if missed {
		if args.Fallback != nil {
			who, level = p.onCall(*args.Fallback)
		}
		if len(who) == 0 {
			return outbox.Result{State: outbox.Refused, Why: "Nobody is on call there."}
		}
		done.Why = "Nobody is on call there."
	}
	p.snap.Incident.Status, p.snap.Assignees, p.snap.Acknowledged = "triggered", who, nil
	raw, err := json.Marshal(Escalated{Assignees: who, Level: level, Fallback: missed})
	if err != nil {
		raw = nil // plain structs of strings
	}
	done.Data = raw
	return done
}

// onCall is who a target pages. Where nobody knows who is on call in a policy,
// somebody is.
func (p *pretended) onCall(t Target) ([]Person, int) {
	if len(t.Users) > 0 {
		var who []Person
		for _, u := range people(t.Users) {
			if u.ID == "" {
				u = p.person(u.Email)
			}
			who = append(who, u)
		}
		return who, 0
	}
	in := &incident{snap: &p.snap, lines: p.lines}
	level := max(t.Level, 1)
	levels := p.snap.Levels
	if t.Next {
		level = in.level() + 1
	} else if own := p.snap.Incident.Policy; t.Policy != "" && t.Policy != own.ID && t.Policy != own.Name {
		levels = p.lines[t.Policy]
	}
	if len(levels) == 0 {
		return []Person{{ID: "ONCALL", Name: "whoever is on call"}}, level
	}
	for _, l := range levels {
		if l.Level == level {
			return l.OnCall, level
		}
	}
	return nil, level
}

// mayClick is what the project lets the person of a turn do.
func (r *rehearsal) mayClick(in *incident, turn Turn, user string) permits {
	if turn.May {
		return everything
	}
	r.bot.Members = inGroups(turn.In)
	return r.bot.may(context.Background(), in.project, user)
}

// everything is what somebody may who may do all.
var everything = permits{ok: map[string]bool{"view": true, "run": true, "approve": true, "break_glass": true, "resolve": true, "resume": true, doOverride: true},
	lists: map[string][]string{DoApprove: {everyone}}}

// inGroups answers who is in a Slack user group.
type inGroups []string

// Email is not known of anybody.
func (inGroups) Email(context.Context, string) (string, error) { return "", ErrNotFound }

// ByEmail is not known of anybody.
func (inGroups) ByEmail(context.Context, string) (string, error) { return "", ErrNotFound }

// InChannel says whether whoever clicks is in the channel, which is listed as a
// group is.
func (g inGroups) InChannel(_ context.Context, channel, _ string) (bool, error) {
	return slices.Contains(g, channel), nil
}

// InGroup says whether whoever clicks is in the group.
func (g inGroups) InGroup(_ context.Context, group, _ string) (bool, error) {
	return slices.Contains(g, group), nil
}
