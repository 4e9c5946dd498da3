package doctor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/bot/slack"
	"amsbot/scenarios"
)

// named is somebody, or a list of people, whom permissions name.
type named struct {
	id    string
	gives []string // the permissions that name it, but for view
}

// named are the users, user groups and channels that permissions name, and the users
// of whom amsbot.yaml says who they are.
func (d *doctor) named() []named {
	found := map[string][]string{}
	note := func(permission string, list []string) {
		for _, who := range list {
			gives := found[who]
			if permission != "" && !slices.Contains(gives, permission) {
				gives = append(gives, permission)
			}
			found[who] = gives
		}
	}
	notes := func(p scenarios.Permissions) {
		note("", p.View)
		note("run", p.Run)
		note("approve", p.Approve)
		note("break_glass", p.BreakGlass)
		note("resolve", p.Resolve)
		note("resume", p.Resume)
		note("override", p.Override)
	}
	notes(d.c.Ceiling())
	note("", slices.Collect(maps.Keys(d.c.People)))
	if d.set != nil {
		for _, p := range d.set.Projects {
			notes(p.Permissions)
		}
	}
	delete(found, "everyone")
	var all []named
	for _, id := range slices.Sorted(maps.Keys(found)) {
		all = append(all, named{id, found[id]})
	}
	return all
}

// lookAtWho looks at a user, a user group or a channel of the permissions.
func (d *doctor) lookAtWho(ctx context.Context, n *notes, look *slack.Looker, who named) {
	const next = "look at permissions in amsbot.yaml and the project.yaml; Slack shows the ID of each where its details are"
	switch who.id[0] {
	case 'C', 'G':
		what := "channel " + who.id + " of permissions"
		switch room, err := look.Room(ctx, who.id); {
		case errors.Is(err, bot.ErrNotFound):
			n.ng(what, "Slack knows none, or it is private and amsbot is not in it", next)
		case err != nil:
			n.wrong(what, err)
		case room.Archived:
			n.ng(what, "#"+room.Name+" is archived", next)
		default:
			lookAtDoor(n, what, room, who.gives)
		}
	case 'U', 'W':
		d.lookAtUser(ctx, n, look, who.id, next)
	default:
		d.lookAtGroup(ctx, n, look, who.id, next)
	}
}

// lookAtDoor looks who gets into a channel: whoever is in it has what it is named
// for, and where people let themselves in, that is no more than to view.
func lookAtDoor(n *notes, what string, room slack.Room, gives []string) {
	switch {
	case len(gives) > 0 && room.Shared:
		n.ng(what, "#"+room.Name+" is shared with other organisations, whose people have by it: "+strings.Join(gives, ", "),
			"name a private channel of your own in its place, or a user group (S…)")
	case len(gives) > 0 && !room.Private:
		n.ng(what, "#"+room.Name+" is public, and whoever joins it has by it: "+strings.Join(gives, ", "),
			"make it private, with amsbot in it, or name a user group (S…) in its place")
	default:
		n.ok(what, "it is #%s", room.Name)
	}
}
