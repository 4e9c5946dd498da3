package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/bot/slack"
	"amsbot/scenarios"
)

// unread is why nobody knows what projects name.
const unread = "projects name them, and the folder of scenarios cannot be read"

func (d *doctor) lookAtSlack(ctx context.Context) []Finding {
	n := &notes{group: atSlack}
	var granted []string
	var refused error
	within(ctx, func(ctx context.Context) {
		var me slack.Identity
		if me, granted, refused = d.slack.CheckBot(ctx); refused != nil {
			n.wrong("bot token", refused)
			return
		}
		n.ok("bot token", "amsbot is %s in the workspace %s", me.User, me.Team)
	})
	within(ctx, func(ctx context.Context) {
		if err := d.slack.CheckApp(ctx); err != nil {
			n.wrong("app token", err)
			return
		}
		n.ok("app token", "Slack opens Socket Mode connections for it")
	})
	if refused != nil {
		n.unknown("scopes, channels and groups", "they are asked for with the bot token", "put the bot token right first")
		return n.all
	}
	lookAtScopes(n, granted)
	look := d.slack.Look()
	if d.set == nil {
		n.unknown("channels", unread, "mend the scenarios first")
	} else {
		for _, p := range d.set.Projects {
			within(ctx, func(ctx context.Context) { lookAtRoom(ctx, n, look, p) })
		}
	}
	for _, who := range d.named() {
		within(ctx, func(ctx context.Context) { d.lookAtWho(ctx, n, look, who) })
	}
	return n.all
}

// lookAtScopes says what is missing for what.
func lookAtScopes(n *notes, granted []string) {
	if len(granted) == 0 {
		n.unknown("scopes", "Slack did not say which the bot token has", "look at the page OAuth & Permissions; amsbot manifest has those that are needed")
		return
	}
	missing := 0
	for _, s := range slack.Scopes() {
		if slices.Contains(granted, s.Name) {
			continue
		}
		missing++
		n.ng("scope "+s.Name, "it is missing; with it amsbot "+s.Why,
			"add it on the app's page OAuth & Permissions and install the app again; amsbot manifest has all")
	}
	if missing == 0 {
		n.ok("scopes", "all %d", len(slack.Scopes()))
	}
}

// lookAtRoom looks at a project's channel.
func lookAtRoom(ctx context.Context, n *notes, look *slack.Looker, p *scenarios.Project) {
	what := fmt.Sprintf("channel %s of project %s", p.Channel, p.Name)
	if p.Channel == "" {
		n.ng("channel of project "+p.Name, "it names none: nothing of it is shown in Slack", "say channel: in its project.yaml")
		return
	}
	room, err := look.Room(ctx, p.Channel)
	if room.Name != "" && room.ID == p.Channel {
		what = fmt.Sprintf("channel #%s (%s) of project %s", room.Name, room.ID, p.Name)
	}
	switch {
	case errors.Is(err, bot.ErrNotFound):
		n.ng(what, "Slack knows none, or it is private and amsbot is not in it",
			"look at channel: in "+fileOf(p)+"; into a private one invite amsbot: /invite @amsbot")
	case err != nil:
		n.wrong(what, err)
	case room.Archived:
		n.ng(what, "it is archived", "unarchive it, or name another one in "+fileOf(p))
	case room.Shared && !p.Shared:
		n.ng(what, "it is shared with other organisations, and amsbot does not start",
			"name another one in "+fileOf(p)+", or say shared: true there: what stands on cards is then read by others")
	case !room.Member:
		n.ng(what, "amsbot is not in it", "invite it there: /invite @amsbot")
	case room.Shared:
		n.ok(what, "amsbot is in it; it is shared with other organisations, as the project says")
	default:
		n.ok(what, "amsbot is in it")
	}
}

func fileOf(p *scenarios.Project) string {
	if p.File() == "" {
		return "project.yaml"
	}
	return p.File()
}

// lookAtUser looks at a person in Slack, and at who that is in PagerDuty: what
// somebody presses is done there in their name.
func (d *doctor) lookAtUser(ctx context.Context, n *notes, look *slack.Looker, who, next string) {
	what := "user " + who
	email, err := look.Email(ctx, who)
	switch {
	case errors.Is(err, bot.ErrNotFound) && d.c.People[who] == "":
		n.ng(what, "Slack knows none, or shows no e-mail address of theirs", next)
		return
	case err != nil && !errors.Is(err, bot.ErrNotFound):
		n.wrong(what, err)
		return
	case d.pager == nil:
		n.ok(what, "Slack knows them, with an e-mail address")
		return
	}
	p, err := d.inPagerDuty(ctx, who, email)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		n.ng(what, "PagerDuty has no such user: most of what they press is refused", samePerson)
	case err != nil: // PagerDuty's own group says why
		n.ok(what, "Slack knows them, with an e-mail address")
	default:
		n.ok(what, "in PagerDuty it is %s", p.Name)
	}
}

// inPagerDuty is who somebody in Slack is there: as amsbot.yaml says, else by the
// e-mail address.
func (d *doctor) inPagerDuty(ctx context.Context, user, email string) (bot.Person, error) {
	who := d.c.People[user]
	if who == "" {
		who = email
	}
	if strings.Contains(who, "@") {
		return d.pager.ByEmail(ctx, who)
	}
	return d.pager.User(ctx, who)
}

func (d *doctor) lookAtGroup(ctx context.Context, n *notes, look *slack.Looker, who, next string) {
	what := "user group " + who + " of permissions"
	people, err := look.Group(ctx, who)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		n.ng(what, "Slack knows none", next)
	case errors.Is(err, bot.ErrRefused):
		n.ng(what, "it cannot be read: "+tell(err), "user groups need the scope usergroups:read and a paid plan; without them name people by their user IDs")
	case err != nil:
		n.wrong(what, err)
	case len(people) == 0:
		n.ng(what, "nobody is in it", "put people into it, or name others in permissions")
	default:
		d.lookAtMembers(ctx, n, look, what, people)
	}
}

// mostMembers is how many people of a group are looked for in PagerDuty.
const mostMembers = 30

// lookAtMembers looks who of a group is nobody in PagerDuty.
func (d *doctor) lookAtMembers(ctx context.Context, n *notes, look *slack.Looker, what string, people []string) {
	in := count(len(people), "person is", "people are") + " in it"
	var strangers []string
	for i, user := range people {
		if d.pager == nil || i == mostMembers {
			break
		}
		email, err := look.Email(ctx, user)
		if err == nil || d.c.People[user] != "" {
			_, err = d.inPagerDuty(ctx, user, email)
		}
		if errors.Is(err, bot.ErrNotFound) {
			strangers = append(strangers, user)
		}
	}
	if len(strangers) > 0 {
		n.ng(what, in+"; these have no user in PagerDuty, and most of what they press is refused: "+strings.Join(strangers, ", "), samePerson)
		return
	}
	n.ok(what, "%s", in)
}

// samePerson is what to do about somebody whom PagerDuty does not know.
const samePerson = "give them the same e-mail address in both, or say under people in amsbot.yaml who they are in PagerDuty"

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
