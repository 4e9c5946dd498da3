package slack

import (
	"encoding/json"
	"time"
)

// State is one person's Slack at one moment: everything that a page needs to
// draw it, and nothing that this person could not see. It is a copy; drawing
// it needs no further call. Times are UTC.
type State struct {
	Now  time.Time `json:"now"`
	Team Team      `json:"team"`
	// Me is the person whose Slack this is.
	Me User `json:"me"`
	// Bot is the app's bot user; Connections counts its open sockets (draw the
	// app as away at 0).
	Bot         User `json:"bot"`
	Connections int  `json:"connections"`
	// Users and Groups resolve <@U…> and <!subteam^S…> to names. Users holds
	// everybody, bots and Slackbot too.
	Users  []User  `json:"users"`
	Groups []Group `json:"groups"`
	// Shortcuts are what the app offers in the menu of every message.
	Shortcuts []AppShortcut `json:"shortcuts"`
	// Channels: the public ones, the private ones that Me is a member of, and
	// Me's direct messages with the bot, in this order, each by name.
	Channels []ChannelState `json:"channels"`
	// Modals is the stack that is open before Me: the last is on top and is
	// the only one that is drawn and can be used.
	Modals []View `json:"modals"`
	// Home is the app's Home tab as published for Me; nil until views.publish.
	Home *View `json:"home,omitempty"`
	// Notifications are what Me's phone has shown, oldest first.
	Notifications []Notification `json:"notifications"`
	// Pending are Me's clicks that the app has not acknowledged yet (a spinner
	// on the element); Failures those that it never did (a warning sign).
	Pending  []Failure `json:"pending"`
	Failures []Failure `json:"failures"`
}

// ChannelState is one channel as one person sees it.
type ChannelState struct {
	Channel
	// Member says whether the viewer is in it. A public channel can be read
	// without, but nothing can be said, and no notification comes from it.
	Member bool `json:"member"`
	// With is the other user of a direct message, else empty.
	With string `json:"with,omitempty"`
	// Messages is what the channel's main column shows, oldest first: messages
	// outside threads, thread roots, replies with ReplyBroadcast, and the
	// viewer's own ephemeral messages.
	Messages []Message `json:"messages"`
	// Threads holds the replies of each thread, oldest first, by the root's TS.
	// The viewer's ephemeral replies are among them.
	Threads map[string][]Message `json:"threads"`
}

// Message is one message in its newest version.
type Message struct {
	Channel string `json:"channel"`
	// TS is the message's identity and its time in seconds ("1700000000.000100").
	TS string `json:"ts"`
	// ThreadTS is the root's TS for a reply; it equals TS for a root that has
	// replies; else it is empty.
	ThreadTS string `json:"thread_ts,omitempty"`
	User     string `json:"user"`
	BotID    string `json:"bot_id,omitempty"`
	// Text is mrkdwn. With Blocks it is only the notification and is not drawn;
	// with Attachments alone it is drawn above them. It is already escaped:
	// &amp; &lt; &gt; are to be shown as & < >, and only <…> is a mention, a
	// link or a date.
	Text string `json:"text"`
	// Blocks is the array of layout blocks; every one has a block_id and every
	// interactive element an action_id, given by Slack where the app gave none.
	// A `confirm` object of an element is to be shown before Click is called.
	// Null when there are none.
	Blocks json.RawMessage `json:"blocks,omitempty"`
	// Attachments is an array of {color, blocks, text, fallback, id, …}: draw
	// each with a bar in its colour at the left.
	Attachments json.RawMessage `json:"attachments,omitempty"`
	// Metadata is {event_type, event_payload}; it is never drawn.
	Metadata json.RawMessage `json:"metadata,omitempty"`
	// Edited is when the text was last changed: draw "(edited)". An app's
	// chat.update of blocks sets it too.
	Edited *time.Time `json:"edited,omitempty"`
	// ReplyBroadcast marks a thread reply that the channel shows as well
	// ("replied to a thread").
	ReplyBroadcast bool `json:"reply_broadcast,omitempty"`
	// Ephemeral: "Only visible to you". It is in the viewer's State alone and
	// vanishes at Reload.
	Ephemeral bool `json:"ephemeral,omitempty"`
	// To is who sees an ephemeral message.
	To    string `json:"to,omitempty"`
	Files []File `json:"files,omitempty"`
	// Replies, ReplyUsers and LatestReply describe the thread under a root.
	Replies     int        `json:"replies,omitempty"`
	ReplyUsers  []string   `json:"reply_users,omitempty"`
	LatestReply string     `json:"latest_reply,omitempty"`
	Reactions   []Reaction `json:"reactions,omitempty"`
	Pinned      bool       `json:"pinned,omitempty"`
	// Unfurl is false when the app switched link previews off.
	Unfurl bool `json:"unfurl,omitempty"`
	// Version counts the versions of the message from 1. Whoever draws passes
	// it on in Click, so that a click on what is on the screen is a click on
	// that version even when a newer one exists by now.
	Version int `json:"version"`
}

// Reaction is an emoji under a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
}

// File is a file under a message. Its content is at URL, relative to where
// the handler is mounted ("/files/F…/name").
type File struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Title    string `json:"title"`
	Mimetype string `json:"mimetype"`
	Size     int    `json:"size"`
	URL      string `json:"url"`
	// Preview is the beginning of a text file, at most 1,000 characters.
	Preview string `json:"preview,omitempty"`
}

// View is a modal or a Home tab.
type View struct {
	ID   string `json:"id"`
	Type string `json:"type"` // modal or home
	// View is the whole view object as Slack keeps it: title, submit, close,
	// blocks (every block with its block_id, every element with its action_id),
	// private_metadata, callback_id, hash.
	View json.RawMessage `json:"view"`
	// Errors are drawn in red under the input with that block_id; they are
	// gone after the next submission.
	Errors map[string]string `json:"errors,omitempty"`
	// Problem is drawn at the top of the modal: the app did not answer.
	Problem string `json:"problem,omitempty"`
	// Busy is true between a submission and its answer: draw a spinner on the
	// submit button.
	Busy bool `json:"busy,omitempty"`
	// Version counts the versions of the view from 1: input state is to be
	// kept in the page while block_id and action_id stay the same.
	Version int `json:"version"`
}

// Notification is one that a person's phone or desktop shows. Edits never
// make one; ephemeral messages neither.
type Notification struct {
	At      time.Time `json:"at"`
	Channel string    `json:"channel"`
	TS      string    `json:"ts"`
	From    string    `json:"from"`
	// Text is the message's text as a notification shows it.
	Text string `json:"text"`
	// Why is mention, group, here, channel, thread or dm.
	Why string `json:"why"`
}

// Failure is a click or a submission without an answer: MessageTS and Channel,
// or ViewID, say where; BlockID and ActionID on which element.
type Failure struct {
	At        time.Time `json:"at"`
	User      string    `json:"user"`
	Channel   string    `json:"channel,omitempty"`
	MessageTS string    `json:"message_ts,omitempty"`
	ViewID    string    `json:"view_id,omitempty"`
	BlockID   string    `json:"block_id,omitempty"`
	ActionID  string    `json:"action_id,omitempty"`
	// Command is set for a slash command.
	Command string `json:"command,omitempty"`
	// Text is what to show, in the words of Slack; empty while pending.
	Text string `json:"text,omitempty"`
}
