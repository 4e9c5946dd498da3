package slack

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// methods are all that this Slack knows; tiers and scopes are the documented
// ones. Any other name is unknown_method. It is filled in init because the
// methods need the server, and the server the table.
var methods map[string]method

func init() {
	methods = map[string]method{
		"api.test":              {5, "", false, apiTest},
		"auth.test":             {5, "", false, authTest},
		"apps.connections.open": {3, "", true, connectionsOpen},
		"blocks.validate":       {3, "", false, blocksValidate},
		"bots.info":             {3, "users:read", false, botsInfo},

		"chat.postMessage":   {5, "chat:write", false, postMessage},
		"chat.postEphemeral": {4, "chat:write", false, postEphemeral},
		"chat.update":        {3, "chat:write", false, updateMessage},
		"chat.delete":        {3, "chat:write", false, deleteMessage},
		"chat.getPermalink":  {5, "", false, permalink},

		"views.open":    {4, "", false, viewsOpen},
		"views.push":    {4, "", false, viewsPush},
		"views.update":  {4, "", false, viewsUpdate},
		"views.publish": {4, "", false, viewsPublish},

		"users.info":            {4, "users:read", false, usersInfo},
		"users.list":            {2, "users:read", false, usersList},
		"users.lookupByEmail":   {3, "users:read.email", false, lookupByEmail},
		"usergroups.list":       {2, "usergroups:read", false, groupsList},
		"usergroups.users.list": {2, "usergroups:read", false, groupUsers},

		"conversations.info":    {3, "channels:read groups:read im:read", false, channelInfo},
		"conversations.list":    {2, "channels:read groups:read im:read", false, channelList},
		"conversations.members": {4, "channels:read groups:read im:read", false, channelMembers},
		"conversations.join":    {3, "channels:join", false, channelJoin},
		"conversations.open":    {3, "im:write", false, channelOpen},
		"conversations.history": {3, "channels:history groups:history im:history", false, history},
		"conversations.replies": {3, "channels:history groups:history im:history", false, replies},

		"files.getUploadURLExternal":   {4, "files:write", false, uploadURL},
		"files.completeUploadExternal": {4, "files:write", false, completeUpload},
		"files.info":                   {4, "files:read", false, fileInfo},

		"reactions.add": {3, "reactions:write", false, addReaction},
		"pins.add":      {2, "pins:write", false, addPin},
	}
}

func apiTest(_ *Server, q *request) (reply, *problem) {
	if code := q.args["error"]; code != "" {
		return fail(code)
	}
	return reply{"args": q.args}, nil
}

func authTest(s *Server, q *request) (reply, *problem) {
	if q.token == s.opt.AppToken {
		return reply{"app_name": s.opt.Bot.Name, "app_id": s.opt.AppID}, nil
	}
	return reply{
		"url": "https://" + s.opt.Team.Domain + ".slack.com/", "team": s.opt.Team.Name, "team_id": s.opt.Team.ID,
		"user": s.opt.Bot.Name, "user_id": s.opt.Bot.ID, "bot_id": s.opt.BotID, "is_enterprise_install": false,
	}, nil
}

// connectionsOpen hands out a socket address that can be dialled once.
func connectionsOpen(s *Server, q *request) (reply, *problem) {
	ticket := s.uuid()
	s.tickets[ticket] = time.Now()
	u := "ws" + strings.TrimPrefix(q.base, "http") + "/socket?ticket=" + url.QueryEscape(ticket) + "&app_id=" + s.opt.AppID
	return reply{"url": u}, nil
}

func botsInfo(s *Server, q *request) (reply, *problem) {
	if q.arg("bot", s.opt.BotID) != s.opt.BotID {
		return fail("bot_not_found")
	}
	return reply{"bot": map[string]any{
		"id": s.opt.BotID, "name": s.opt.Bot.Name, "user_id": s.opt.Bot.ID, "app_id": s.opt.AppID, "deleted": false,
	}}, nil
}

func (s *Server) userObject(u User) map[string]any {
	profile := map[string]any{"real_name": u.RealName, "display_name": u.Name}
	if u.Email != "" && s.scoped("users:read.email") {
		profile["email"] = u.Email
	}
	return map[string]any{
		"id": u.ID, "team_id": s.opt.Team.ID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deleted,
		"is_bot": u.IsBot && u.ID != slackbot, "tz": "Etc/UTC", "profile": profile,
	}
}

func usersInfo(s *Server, q *request) (reply, *problem) {
	u, ok := s.user(q.args["user"])
	if !ok {
		return fail("user_not_found")
	}
	return reply{"user": s.userObject(u)}, nil
}

func usersList(s *Server, q *request) (reply, *problem) {
	page, next, p := paged(s.users, q)
	if p != nil {
		return nil, p
	}
	all := []any{}
	for _, u := range page {
		all = append(all, s.userObject(u))
	}
	return reply{"members": all, "cache_ts": time.Now().Unix(), "response_metadata": map[string]any{"next_cursor": next}}, nil
}

func lookupByEmail(s *Server, q *request) (reply, *problem) {
	for _, u := range s.users {
		if q.args["email"] != "" && strings.EqualFold(u.Email, q.args["email"]) && !u.Deleted {
			return reply{"user": s.userObject(u)}, nil
		}
	}
	return fail("users_not_found")
}

func groupsList(s *Server, q *request) (reply, *problem) {
	if s.opt.NoPaidPlan {
		return fail("plan_upgrade_required")
	}
	all := []any{}
	for _, g := range s.groups {
		o := map[string]any{
			"id": g.ID, "team_id": s.opt.Team.ID, "is_usergroup": true, "name": g.Name, "handle": g.Handle,
			"user_count": len(g.Users), "date_delete": 0,
		}
		if q.yes("include_users") {
			o["users"] = g.Users
		}
		all = append(all, o)
	}
	return reply{"usergroups": all}, nil
}

func groupUsers(s *Server, q *request) (reply, *problem) {
	if s.opt.NoPaidPlan {
		return fail("plan_upgrade_required")
	}
	i := slices.IndexFunc(s.groups, func(g Group) bool { return g.ID == q.args["usergroup"] })
	if i < 0 {
		return fail("no_such_subteam")
	}
	return reply{"users": s.groups[i].Users}, nil
}

// blocksValidate judges blocks without posting them.
func blocksValidate(s *Server, q *request) (reply, *problem) {
	if _, _, p := s.messageBlocks(q.args["blocks"]); p != nil {
		return nil, p
	}
	return reply{}, nil
}
