package slack

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"amsbot/bot/outbox"
	"amsbot/bot/words"

	"github.com/slack-go/slack"
)

// channel is what we need to know of one that is found by its name.
type channel struct{ ID string }

// errNoChannel is the answer for a name that no visible channel has.
var errNoChannel = errors.New("slack: find channel: there is none of that name")

// isID says whether s looks like the ID of a channel, group or direct message.
func isID(s string) bool {
	if len(s) < 9 || len(s) > 30 || !strings.ContainsRune("CGD", rune(s[0])) {
		return false
	}
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// isTS says whether s looks like a message's timestamp.
func isTS(s string) bool {
	whole, part, ok := strings.Cut(s, ".")
	digits := func(t string) bool { return t != "" && strings.Trim(t, "0123456789") == "" }
	return ok && len(s) <= 30 && digits(whole) && digits(part)
}

func itoa(n int) string { return strconv.Itoa(n) }

// reference is where a message stands, as it is kept in View.Ref and Result.Ref.
func reference(channelID, ts string) string { return channelID + "/" + ts }

// parseReference reads a reference; ok is false for anything else.
func parseReference(ref string) (channelID, ts string, ok bool) {
	channelID, ts, ok = strings.Cut(ref, "/")
	return channelID, ts, ok && isID(channelID) && isTS(ts)
}

// lane is what the limits of a channel are counted by: its ID where that is
// known already.
func (w *Workspace) lane(channelOrName string) string {
	if isID(channelOrName) {
		return channelOrName
	}
	if c, err, ok := w.channels.get(bare(channelOrName)); ok && err == nil {
		return c.ID
	}
	return channelOrName
}

// bare is a channel's name as Slack keeps it.
func bare(name string) string { return strings.ToLower(strings.TrimLeft(strings.TrimSpace(name), "#")) }

// channelID finds the ID of a channel that is given by ID or by #name. The
// channel list is read once for all names that are in it; errNoChannel when
// the name is not.
func (w *Workspace) channelID(ctx context.Context, name string) (string, error) {
	if isID(name) {
		return name, nil
	}
	key := bare(name)
	if key == "" {
		return "", errNoChannel
	}
	known := func() (channel, error, bool) { return w.channels.get(key) }
	if c, err, ok := known(); ok {
		return c.ID, err
	}
	w.listing.Lock()
	defer w.listing.Unlock()
	if c, err, ok := known(); ok { // somebody read the list meanwhile
		return c.ID, err
	}
	if err := w.listChannels(ctx, key); err != nil {
		return "", err
	}
	c, err, ok := known()
	if !ok {
		w.channels.put(key, channel{}, errNoChannel)
		return "", errNoChannel
	}
	return c.ID, err
}

// room is the name of a channel, "" for a direct message and where it cannot be
// found out. said is what Slack called it in passing: for what is not public
// that is no name.
func (w *Workspace) room(ctx context.Context, id, said string) string {
	switch {
	case !isID(id) || id[0] == 'D' || said == "directmessage":
		return ""
	case said != "" && said != "privategroup" && !strings.HasPrefix(said, "mpdm-"):
		w.rooms.put(id, bare(said), nil)
		return bare(said)
	}
	if name, err, ok := w.rooms.get(id); ok && err == nil {
		return name
	}
	c, err := w.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
	if err != nil {
		return "" // whoever asks gets on without
	}
	w.rooms.put(id, bare(c.Name), nil)
	return bare(c.Name)
}

// in are the texts in the language of a channel, which is given by ID or by
// #name; in a direct message and on Home, in the workspace's. It asks nobody.
func (w *Workspace) in(channel string) words.Catalogue {
	if w.opt.WordsIn == nil || channel == "" {
		return w.words
	}
	room := bare(channel)
	if isID(channel) {
		room, _, _ = w.rooms.get(channel)
	}
	return w.opt.WordsIn(channel, room)
}

// listChannels reads the channel list until it has seen one name. Without the
// right to see private channels it looks through the public ones.
func (w *Workspace) listChannels(ctx context.Context, want string) error {
	p := slack.GetConversationsParameters{ExcludeArchived: true, Limit: 1000, Types: []string{"public_channel", "private_channel"}}
	for {
		page, next, err := w.api.GetConversationsContext(ctx, &p)
		if isCode(err, "missing_scope") && len(p.Types) > 1 {
			p.Types = p.Types[:1]
			continue
		}
		if err != nil {
			return err
		}
		found := false
		for _, c := range page {
			w.channels.put(bare(c.Name), channel{ID: c.ID}, nil)
			w.rooms.put(c.ID, bare(c.Name), nil)
			found = found || bare(c.Name) == want
		}
		if next == "" || found {
			return nil
		}
		p.Cursor = next
	}
}

// inChannel makes a call and, if it fails because we are not in the channel,
// joins it and makes the call once more. Only public channels can be joined;
// for others the first error stays.
func (w *Workspace) inChannel(ctx context.Context, id string, call func() error) error {
	err := call()
	if !isCode(err, "not_in_channel") {
		return err
	}
	if _, _, _, joined := w.api.JoinConversationContext(ctx, id); joined != nil {
		if isCode(joined, "method_not_supported_for_channel_type", "channel_not_found", "is_archived", "missing_scope") {
			return err
		}
		return &aside{joined}
	}
	return call()
}

// aside is an error of a call that another one needed first.
type aside struct{ error }

func (e *aside) Unwrap() error { return e.error }

// refused is what becomes of a view or an act that a call would not take.
func (w *Workspace) refused(channelName string, err error) outbox.Result {
	if errors.Is(err, errNoChannel) {
		return outbox.Result{State: outbox.Refused, Why: w.in(channelName).Say("slack.why.channel", channelName)}
	}
	r := classify(err)
	if r.key == "slack.why.channel" {
		r.arg = channelName
		w.channels.drop(bare(channelName)) // it may have been made anew under its name
	}
	result := r.result(w.in(channelName))
	if _, first := errors.AsType[*aside](err); first {
		return before(result)
	}
	return result
}
