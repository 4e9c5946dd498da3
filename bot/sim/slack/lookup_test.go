package slack

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/slack-go/slack"
)

func TestMetadataIsKeptAndReturned(t *testing.T) {
	run(t, Options{}, func(w *world) {
		meta := slack.SlackMetadata{EventType: "card", EventPayload: map[string]any{"incident": "P1"}}
		_, _, err := w.api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionMetadata(meta))
		w.ok(err)
		for _, with := range []bool{true, false} {
			h, err := w.api.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: ops, IncludeAllMetadata: with})
			w.ok(err)
			if got := h.Messages[0].Metadata.EventType == "card"; got != with {
				w.Errorf("metadata with include_all_metadata=%v: %v", with, got)
			}
		}
		_, _, err = w.api.PostMessage(ops, slack.MsgOptionText("x", false), slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "x"}))
		w.want(err, "invalid_metadata_schema")
	})
}

func TestPeopleGroupsAndChannels(t *testing.T) {
	run(t, Options{}, func(w *world) {
		u, err := w.api.GetUserInfo(alice)
		w.ok(err)
		if u.RealName != "Alice Adams" || u.Profile.Email != "alice@example.com" {
			w.Errorf("user %+v", u)
		}
		_, err = w.api.GetUserInfo("U0NOBODY01")
		w.want(err, "user_not_found")
		u, err = w.api.GetUserByEmail("BOB@example.com")
		w.ok(err)
		if u.ID != bob {
			w.Errorf("by mail: %+v", u)
		}
		_, err = w.api.GetUserByEmail("nobody@example.com")
		w.want(err, "users_not_found")
		users, err := w.api.GetUsers(slack.GetUsersOptionLimit(2))
		w.ok(err)
		if len(users) != 5 {
			w.Errorf("%d users over all pages", len(users))
		}
		groups, err := w.api.GetUserGroups(slack.GetUserGroupsOptionIncludeUsers(true))
		w.ok(err)
		if len(groups) != 1 || !slices.Equal(groups[0].Users, []string{alice, bob}) {
			w.Errorf("groups %+v", groups)
		}
		_, err = w.api.GetUserGroupMembers("S0NOBODY01")
		w.want(err, "no_such_subteam")
		info, err := w.api.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: other})
		w.ok(err)
		if info.IsMember || info.Name != "general" {
			w.Errorf("info %+v", info)
		}
		list, _, err := w.api.GetConversations(&slack.GetConversationsParameters{Types: []string{"public_channel", "private_channel"}})
		w.ok(err)
		if len(list) != 2 {
			w.Errorf("channels %+v", list)
		}
		_, _, _, err = w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{alice}})
		w.want(err, "missing_scope") // im:write is not in the default
	})
}

func TestNoPaidPlanHasNoGroups(t *testing.T) {
	run(t, Options{NoPaidPlan: true}, func(w *world) {
		_, err := w.api.GetUserGroups()
		w.want(err, "plan_upgrade_required")
		_, err = w.api.GetUserGroupMembers("S0OPS00001")
		w.want(err, "plan_upgrade_required")
	})
}

func TestReactionsAndPins(t *testing.T) {
	o := Defaults()
	o.Scopes = append(o.Scopes, "reactions:write", "pins:write", "im:write")
	run(t, o, func(w *world) {
		ref := slack.NewRefToMessage(ops, w.card(ops))
		w.ok(w.api.AddReaction("eyes", ref))
		w.want(w.api.AddReaction("eyes", ref), "already_reacted")
		w.want(w.api.AddReaction("eyes", slack.NewRefToMessage(ops, "1.000001")), "message_not_found")
		w.ok(w.api.AddPin(ops, ref))
		w.want(w.api.AddPin(ops, ref), "already_pinned")
		if m := w.Messages(ops)[0]; !m.Pinned || len(m.Reactions) != 1 || !slices.Equal(m.Reactions[0].Users, []string{bot}) {
			w.Errorf("message %+v", m)
		}
		c, _, _, err := w.api.OpenConversation(&slack.OpenConversationParameters{Users: []string{alice}})
		w.ok(err)
		if c.ID == "" || c.ID != w.Server.openIM(alice).ID {
			w.Errorf("direct message %+v", c)
		}
	})
}

func TestLimits(t *testing.T) {
	run(t, Options{}, func(w *world) {
		text := slack.MsgOptionText("x", false)
		posted := 0
		var limited *slack.RateLimitedError
		for range 10 {
			_, _, err := w.api.PostMessage(ops, text)
			if errors.As(err, &limited) {
				break
			}
			w.ok(err)
			posted++
		}
		if posted != postBurst || limited == nil || limited.RetryAfter != time.Second {
			w.Fatalf("%d posts at once, then %v", posted, limited)
		}
		_, _, err := w.api.PostMessage(other, text)
		w.ok(err) // another channel has its own
		time.Sleep(limited.RetryAfter)
		_, _, err = w.api.PostMessage(ops, text)
		w.ok(err)

		lists := 0
		for range 30 {
			if _, err := w.api.GetUserGroups(); errors.As(err, &limited) {
				break
			}
			lists++
		}
		if lists != 20 || limited.RetryAfter != time.Minute {
			w.Errorf("tier 2: %d calls, then %v", lists, limited)
		}
		time.Sleep(time.Minute)
		_, err = w.api.GetUserGroups()
		w.ok(err)
	})
	run(t, Options{NoLimits: true}, func(w *world) {
		for range 200 {
			w.card(ops)
		}
	})
}
