package slack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amsbot/bot"

	"github.com/slack-go/slack"
)

// member is what is known of a Slack user.
type member struct{ email, name string }

// Members finds people in Slack. Answers may be a few minutes old.
type Members struct{ w *Workspace }

var _ bot.Members = (*Members)(nil)

// Members is the workspace as somebody who knows its people.
func (w *Workspace) Members() *Members { return &Members{w: w} }

// Email is the address of a Slack user; ErrNotFound if there is no such user,
// or they have no address that an app may see.
func (m *Members) Email(ctx context.Context, user string) (string, error) {
	known, err := m.w.people.ask(ctx, user, func(ctx context.Context) (member, error) { return m.read(ctx, user) })
	return known.email, err
}

func (m *Members) read(ctx context.Context, user string) (member, error) {
	if user == "" {
		return member{}, fmt.Errorf("slack: read user: %w", bot.ErrNotFound)
	}
	u, err := m.w.api.GetUserInfoContext(ctx, user)
	if err != nil {
		return member{}, read("read user "+user, err)
	}
	if u.Profile.Email == "" || u.Deleted {
		return member{}, fmt.Errorf("slack: read user %s: no e-mail address: %w", user, bot.ErrNotFound)
	}
	return member{email: u.Profile.Email, name: cmpOr(u.RealName, u.Name)}, nil
}

// ByEmail is the Slack user with this address, case aside; ErrNotFound if there
// is none, or they have left.
func (m *Members) ByEmail(ctx context.Context, email string) (string, error) {
	key := strings.ToLower(strings.TrimSpace(email))
	if id := m.w.opt.People[key]; id != "" && key != "" {
		return id, nil
	}
	if key == "" {
		return "", fmt.Errorf("slack: find user by e-mail: %w", bot.ErrNotFound)
	}
	return m.w.emails.ask(ctx, key, func(ctx context.Context) (string, error) {
		u, err := m.w.api.GetUserByEmailContext(ctx, key)
		switch {
		case err != nil:
			return "", read("find user by e-mail", err)
		case u.Deleted || u.ID == "":
			return "", fmt.Errorf("slack: find user by e-mail: %w", bot.ErrNotFound)
		}
		return u.ID, nil
	})
}

// of is the Slack user of somebody whom PagerDuty knows.
func (m *Members) of(ctx context.Context, p bot.Person) (string, error) {
	if id := m.w.opt.People[p.ID]; id != "" && p.ID != "" {
		return id, nil
	}
	return m.ByEmail(ctx, p.Email)
}

// InGroup says whether a user is in a user group (S…). ErrNotFound if there is
// no such group, ErrRefused where the plan or the token has no user groups.
func (m *Members) InGroup(ctx context.Context, group, user string) (bool, error) {
	in, err := m.w.groups.ask(ctx, group, func(ctx context.Context) ([]string, error) {
		in, err := m.w.api.GetUserGroupMembersContext(ctx, group)
		if err != nil {
			return nil, read("read user group "+group, err)
		}
		return in, nil
	})
	return err == nil && slices.Contains(in, user), err
}

// InChannel says whether a user is in a channel (C…). ErrNotFound if there is no
// such channel, or amsbot is not let in.
func (m *Members) InChannel(ctx context.Context, channel, user string) (bool, error) {
	in, err := m.w.inside.ask(ctx, channel, func(ctx context.Context) ([]string, error) { return m.inside(ctx, channel) })
	return err == nil && slices.Contains(in, user), err
}

// insideMost is how many pages of a channel's members are read: ten thousand people.
const insideMost = 50

// inside are the members of a channel.
func (m *Members) inside(ctx context.Context, channel string) ([]string, error) {
	var all []string
	cursor := ""
	for range insideMost {
		page, next, err := m.w.api.GetUsersInConversationContext(ctx, &slack.GetUsersInConversationParameters{ChannelID: channel, Cursor: cursor, Limit: pageSize})
		if err != nil {
			return nil, read("read the members of channel "+channel, err)
		}
		if all, cursor = append(all, page...), next; cursor == "" {
			return all, nil
		}
	}
	return all, nil // who may is still a list of people, if not of all
}

// keep says whether an answer may be kept: a failure to ask is no answer.
func keep(err error) bool { return err == nil || isAnswer(err) }
