package bot

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"amsbot/bot/words"
	"amsbot/scenarios"
)

// doOverride is the permission to override a guard; it is no button of its own.
const doOverride = "override"

// permits are what one person may do in one project, asked once before a commit.
type permits struct {
	ok    map[string]bool
	lists map[string][]string
	gone  bool // the project is no longer among the scenarios: nobody may do anything

	unsure []string // the groups and channels of which nobody could say who is in them
}

// permission is the permission that an act needs.
func permission(act string) string {
	switch act {
	case DoRecover, DoAgain, DoMark, DoAll:
		return "run"
	case DoResolve, DoResume, DoApprove, DoBreakGlass, doOverride:
		return act
	case DoEndMaintenance: // as lifting a pause: automation begins anew
		return "resume"
	}
	return "view"
}

// may asks what a person may do in a project: what amsbot.yaml's ceiling gives
// and the project, which can only narrow it, does not take away. To view is
// given unless it is said otherwise; to run, resolve, resume, override and break
// the glass have to be given. To approve is given to whoever may run, unless
// amsbot.yaml says to whom. Permissions are today's, never an incident's: where its project
// is gone, nobody knows what it took away, and nobody may.
func (b *Bot) may(ctx context.Context, p *projectView, user string) permits {
	return b.mayIn(ctx, b.Scenarios(), p, user)
}

// mayIn is may for whoever has taken the set already.
func (b *Bot) mayIn(ctx context.Context, set *scenarios.Set, p *projectView, user string) permits {
	var project scenarios.Permissions
	out := permits{ok: map[string]bool{}, lists: map[string][]string{}}
	if p != nil {
		i := slices.IndexFunc(set.Projects, func(q *scenarios.Project) bool { return q.Name == p.Name })
		if i < 0 {
			out.gone = true
			return out
		}
		project = set.Projects[i].Permissions
	}
	r := roll{bot: b, user: user, in: map[string]bool{}}
	ask := func(name string, ceiling, narrowed []string) {
		if ceiling == nil && name == "view" {
			ceiling = []string{everyone}
		}
		ok := r.lists(ctx, ceiling) && (narrowed == nil || r.lists(ctx, narrowed))
		out.ok[name], out.lists[name] = ok, inBoth(ceiling, narrowed)
	}
	approves, theirs := b.Ceiling.Approve, project.Approve
	if approves == nil {
		if approves = b.Ceiling.Run; theirs == nil {
			theirs = project.Run
		}
	}
	ask("view", b.Ceiling.View, project.View)
	ask("run", b.Ceiling.Run, project.Run)
	ask(DoApprove, approves, theirs)
	ask(DoBreakGlass, b.Ceiling.BreakGlass, project.BreakGlass)
	ask(DoResolve, b.Ceiling.Resolve, project.Resolve)
	ask(DoResume, b.Ceiling.Resume, project.Resume)
	ask(doOverride, b.Ceiling.Override, project.Override)
	out.unsure = r.unsure
	return out
}

// inBoth is whom people should ask: who stands in both lists, by name.
func inBoth(ceiling, narrowed []string) []string {
	switch {
	case narrowed == nil || slices.Contains(narrowed, everyone):
		return ceiling
	case slices.Contains(ceiling, everyone):
		return narrowed
	}
	both := slices.DeleteFunc(slices.Clone(narrowed), func(one string) bool { return !slices.Contains(ceiling, one) })
	if len(both) == 0 && len(ceiling) > 0 {
		return narrowed // a group here may hold who is named there
	}
	return both
}

const everyone = "everyone"

// roll is what was said of one person: each group and channel is asked once, also
// where nobody answers.
type roll struct {
	bot    *Bot
	user   string
	in     map[string]bool
	unsure []string
}

// lists says whether the person stands in a list, or is in a group or a channel that
// does.
func (r *roll) lists(ctx context.Context, list []string) bool {
	if slices.Contains(list, everyone) || slices.Contains(list, r.user) {
		return true
	}
	return slices.ContainsFunc(list, func(one string) bool { return r.holds(ctx, one) })
}

func (r *roll) holds(ctx context.Context, one string) bool {
	if r.user == "" { // who may is to be told, and not whether somebody does
		return false
	}
	ask := r.bot.Members.InGroup
	switch {
	case isChannel(one):
		ask = r.bot.Members.InChannel
	case !strings.HasPrefix(one, "S"):
		return false
	}
	if in, asked := r.in[one]; asked {
		return in
	}
	in, err := ask(ctx, one, r.user)
	if err != nil {
		r.bot.Log.Warn("bot: ask who is in a user group or a channel", "of", one, "err", err)
		if !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrRefused) {
			r.unsure = append(r.unsure, one)
		}
	}
	r.in[one] = in && err == nil
	return r.in[one]
}

// isChannel says whether a list of who may names a channel: whoever is in it.
func isChannel(id string) bool { return strings.HasPrefix(id, "C") || strings.HasPrefix(id, "G") }

// can says whether an act is permitted: to see the project, and to do the act.
func (p permits) can(act string) bool { return p.lacks(act) == "" }

// lacks is the first permission that an act needs and that is not given; "" if
// all are. Who breaks the glass does alone what they may do with somebody else.
func (p permits) lacks(act string) string {
	needs := []string{"view", permission(act)}
	if act == DoBreakGlass {
		needs = []string{"view", "run", permission(act)}
	}
	for _, name := range needs {
		if !p.ok[name] {
			return name
		}
	}
	return ""
}

// who says who may, as mentions, which ping nobody where they are read alone, and
// that it could not be found out who that is.
func (p permits) who(act string, w words.Catalogue) string {
	who := p.whoBut(act, "", w)
	if slices.ContainsFunc(p.listOf(act), func(one string) bool { return slices.Contains(p.unsure, one) }) {
		return w.Say("who.unsure", who)
	}
	return who
}

// listOf is the list in which who may stands: of the first permission that is lacking.
func (p permits) listOf(act string) []string { return p.lists[cmp.Or(p.lacks(act), permission(act))] }

// whoBut is who, but for one user: whoever asks does not approve.
func (p permits) whoBut(act, but string, w words.Catalogue) string {
	if p.gone {
		return w.Say("nobody.gone")
	}
	return whoOf(p.listOf(act), but, w)
}

// whoDecides says who may let the recoveries of a storm go on: who may run them, and
// override what holds them.
func (p permits) whoDecides(w words.Catalogue) string {
	run, override := p.lists[permission(DoRecover)], p.lists[doOverride]
	switch {
	case p.gone:
		return w.Say("nobody.gone")
	case len(override) == 0:
		return w.Say("nobody")
	}
	return whoOf(inBoth(run, override), "", w)
}

// whoOf is a list of who may, as mentions, but for one user.
func whoOf(list []string, but string, w words.Catalogue) string {
	var out []string
	for _, one := range list {
		switch {
		case one == but:
		case one == everyone:
			out = append(out, w.Say("everyone"))
		default:
			out = append(out, mention(one))
		}
	}
	if len(out) == 0 {
		return w.Say("nobody")
	}
	return strings.Join(out, ", ")
}

// mention is a Slack user, user group or channel in Slack's mrkdwn.
func mention(id string) string {
	switch {
	case strings.HasPrefix(id, "S"):
		return "<!subteam^" + escape(id) + ">"
	case isChannel(id):
		return "<#" + escape(id) + ">"
	}
	return "<@" + escape(id) + ">"
}

// MayRun says whether anybody at all is given Run Recovery: without that no
// button of a recovery could ever act, and run refuses to start.
func MayRun(ceiling scenarios.Permissions) bool { return len(ceiling.Run) > 0 }
