package slack

import (
	"encoding/json"
	"regexp"
	"slices"
	"time"
)

var mention = regexp.MustCompile(`<(@[A-Z0-9]+|!subteam\^[A-Z0-9]+|!here|!channel|!everyone)(\|[^>]*)?>`)

// notify puts a new message on the phones of those it concerns: the other side
// of a direct message, members who are mentioned, followers of the thread.
//
// Mentions count where Slack looks for them: in the blocks if there are any,
// else in the text; never inside attachments (unmeasured, hence strict).
func (s *Server) notify(c *channel, m Message) {
	why := map[string]string{}
	note := func(user, reason string) {
		if user != m.User && c.has(user) && why[user] == "" {
			why[user] = reason
		}
	}
	inThread := m.ThreadTS != "" && m.ThreadTS != m.TS
	for _, who := range mentions(m) {
		switch {
		case who[0] == '@':
			note(who[1:], "mention")
			if inThread {
				c.follow(m.ThreadTS, who[1:])
			}
		case who == "!here" || who == "!channel" || who == "!everyone":
			audience := c.Members
			if inThread && !m.ReplyBroadcast {
				audience = c.followers[m.ThreadTS]
			}
			for _, u := range audience {
				note(u, map[bool]string{true: "here", false: "channel"}[who == "!here"])
			}
		default:
			for _, g := range s.groups {
				if "!subteam^"+g.ID == who {
					for _, u := range g.Users {
						note(u, "group")
					}
				}
			}
		}
	}
	if inThread {
		for _, u := range c.followers[m.ThreadTS] {
			note(u, "thread")
		}
	}
	if c.IM {
		for _, u := range c.Members {
			note(u, "dm")
		}
	}
	for user, reason := range why {
		if u, ok := s.user(user); ok && !u.IsBot && !u.Deleted {
			s.notified[user] = append(s.notified[user], Notification{
				At: time.Now().UTC(), Channel: c.ID, TS: m.TS, From: m.User, Text: m.Text, Why: reason,
			})
		}
	}
}

// mentions lists whom a message mentions: "@U…", "!subteam^S…", "!here".
func mentions(m Message) []string {
	var all []string
	take := func(text string) {
		for _, hit := range mention.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(all, hit[1]) {
				all = append(all, hit[1])
			}
		}
	}
	if !isList(m.Blocks) {
		take(m.Text)
		return all
	}
	var tree any
	if json.Unmarshal(m.Blocks, &tree) != nil {
		return nil
	}
	walk(tree, func(o map[string]any) {
		switch o["type"] {
		case "mrkdwn", "markdown":
			text, _ := o["text"].(string)
			take(text)
		case "user":
			id, _ := o["user_id"].(string)
			take("<@" + id + ">")
		case "usergroup":
			id, _ := o["usergroup_id"].(string)
			take("<!subteam^" + id + ">")
		case "broadcast":
			kind, _ := o["range"].(string)
			take("<!" + kind + ">")
		}
	})
	return all
}

// walk visits every object of a JSON tree, outer ones first; the members of
// one object in the order of their names.
func walk(tree any, visit func(map[string]any)) {
	switch v := tree.(type) {
	case []any:
		for _, x := range v {
			walk(x, visit)
		}
	case map[string]any:
		visit(v)
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			walk(v[k], visit)
		}
	}
}
