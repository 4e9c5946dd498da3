package slack

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/slack-go/slack"

	"amsbot/bot"
)

// Room is a channel as our app sees it.
type Room struct {
	ID, Name string
	Member   bool // our app is in it
	Archived bool
	Private  bool
	Shared   bool // with other organisations
}

// Looker reads what a person who asks wants to know of a workspace. It is slow
// where there is much to read: unlike cards and clicks it waits as long as Slack's
// limits ask, until its context ends. Make one with Look; any goroutine may use it.
type Looker struct {
	w *Workspace

	mu     sync.Mutex // one reading of the list at a time
	ids    map[string]string
	cursor string
	whole  bool // the list was read to its end
	public bool // private channels are not ours to list
}

// Look is the workspace for a person who asks.
func (w *Workspace) Look() *Looker { return &Looker{w: w, ids: map[string]string{}} }

// Room reads a channel, given by ID or #name, also an archived one. The error is
// bot.ErrNotFound where there is none that our app may see (a private one that it
// was not invited to is none), bot.ErrRefused where a scope is missing.
func (l *Looker) Room(ctx context.Context, name string) (Room, error) {
	id, err := l.id(ctx, name)
	if err != nil {
		return Room{}, roomError(name, err)
	}
	var c *slack.Channel
	err = patiently(ctx, func() (err error) {
		c, err = l.w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	if err != nil {
		return Room{}, roomError(name, err)
	}
	return Room{ID: c.ID, Name: c.Name, Member: c.IsMember, Archived: c.IsArchived, Private: c.IsPrivate, Shared: c.IsExtShared}, nil
}

func roomError(name string, err error) error {
	if errors.Is(err, errNoChannel) || isCode(err, "channel_not_found") {
		return fmt.Errorf("slack: read channel %s: %w", name, bot.ErrNotFound)
	}
	return read("read channel "+name, err)
}

// id is the ID of a channel; the list is read once, and no further than needed.
func (l *Looker) id(ctx context.Context, name string) (string, error) {
	if isID(name) {
		return name, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.ids[bare(name)] == "" {
		if l.whole {
			return "", errNoChannel
		}
		if err := l.page(ctx); err != nil {
			return "", err
		}
	}
	return l.ids[bare(name)], nil
}

// page reads the next page of the list, archived channels with the others.
func (l *Looker) page(ctx context.Context) error {
	p := slack.GetConversationsParameters{Limit: 1000, Cursor: l.cursor, Types: []string{"public_channel", "private_channel"}}
	if l.public {
		p.Types = p.Types[:1]
	}
	var page []slack.Channel
	err := patiently(ctx, func() (err error) {
		page, l.cursor, err = l.w.api.GetConversationsContext(ctx, &p)
		return err
	})
	if isCode(err, "missing_scope") && !l.public {
		l.public, l.cursor = true, ""
		return nil
	}
	if err != nil {
		return err
	}
	for _, c := range page {
		l.ids[bare(c.Name)] = c.ID
	}
	l.whole = l.cursor == ""
	return nil
}

// Group is who is in a user group (S…), by their IDs. Errors are those of
// Members.InGroup.
func (l *Looker) Group(ctx context.Context, group string) (in []string, err error) {
	err = patiently(ctx, func() (err error) {
		in, err = l.w.api.GetUserGroupMembersContext(ctx, group)
		return err
	})
	if err != nil {
		return nil, read("read user group "+group, err)
	}
	return in, nil
}

// Email is the address of a Slack user. Errors are those of Members.Email.
func (l *Looker) Email(ctx context.Context, user string) (string, error) {
	m := l.w.Members()
	var found member
	err := patiently(ctx, func() (err error) {
		found, err = m.read(ctx, user)
		return err
	})
	return found.email, err
}

// patiently makes a call again when Slack, or our own pace, has asked to wait for
// so long.
func patiently(ctx context.Context, call func() error) error {
	for {
		err := call()
		limited, ok := errors.AsType[*slack.RateLimitedError](err)
		if !ok || !pause(ctx, limited.RetryAfter) {
			return err
		}
	}
}
