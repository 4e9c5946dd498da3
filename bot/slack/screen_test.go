package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/bot"
	"amsbot/bot/outbox"
	simslack "amsbot/bot/sim/slack"

	"github.com/slack-go/slack"
)

func TestCardIsPostedAndEdited(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		ref := w.show(base(), "")
		if !strings.HasPrefix(ref, ops+"/") {
			t.Fatalf("ref %q", ref)
		}
		post := w.last("chat.postMessage").Args
		for k, want := range map[string]string{"unfurl_links": "false", "unfurl_media": "false", "parse": "none", "channel": ops} {
			if post[k] != want {
				t.Errorf("%s=%q, want %q", k, post[k], want)
			}
		}
		var m slack.SlackMetadata
		if err := json.Unmarshal([]byte(post["metadata"]), &m); err != nil || m.EventType != "amsbot_card" ||
			m.EventPayload["incident"] != key || m.EventPayload["version"] != float64(12) {
			t.Errorf("metadata %s", post["metadata"])
		}
		c := finished()
		if again := w.show(c, ref); again != ref {
			t.Errorf("moved to %q", again)
		}
		all := w.sim.Messages(ops)
		if len(all) != 1 || all[0].Version != 2 || all[0].Unfurl || !strings.Contains(all[0].Text, "recovered, nothing to do") {
			t.Errorf("messages %+v", all)
		}
		if strings.Contains(string(all[0].Attachments), `.actions.`) {
			t.Error("a card that is over has buttons")
		}
	})
}

func TestCardGoesToAChannelByName(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		s := w.ours.Screen()
		c := base()
		c.Channel = "#General"
		if lane := s.Lane(outbox.View{Body: c}); lane != "#General" {
			t.Errorf("lane %q", lane)
		}
		ref := w.show(c, "")
		if !strings.HasPrefix(ref, away+"/") {
			t.Errorf("ref %q", ref)
		}
		for _, v := range []outbox.View{{Body: c}, {Body: c, Ref: ref}} {
			if lane := s.Lane(v); lane != away {
				t.Errorf("lane %q", lane)
			}
		}
		c.Channel = "ops"
		w.show(c, "")
		if n := w.calls("conversations.list"); n != 1 {
			t.Errorf("the channel list was read %d times", n)
		}
		c.Channel = "#nowhere"
		for range 3 {
			r := s.Show(w.Context(), outbox.View{Key: cardKey + key, Body: c})
			if r.State != outbox.Refused || !strings.Contains(r.Why, "#nowhere") {
				t.Errorf("%+v", r)
			}
		}
		if n := w.calls("conversations.list"); n != 2 {
			t.Errorf("the channel list was read %d times for a name that is not in it", n)
		}
	})
}

// Without chat:write.public the bot has to be in the channel: it joins.
func TestCardJoinsAPublicChannel(t *testing.T) {
	o := simslack.Defaults()
	o.Scopes = slices.DeleteFunc(o.Scopes, func(s string) bool { return s == "chat:write.public" })
	o.Channels = append(o.Channels, simslack.Channel{ID: "C0PRIVATE1", Name: "secret", Private: true, Members: []string{alice}})
	in(t, o, func(w *world) {
		c := base()
		c.Channel = away
		w.show(c, "")
		if n := w.calls("conversations.join"); n != 1 {
			t.Errorf("joined %d times", n)
		}
		c.Channel = "C0PRIVATE1"
		r := w.ours.Screen().Show(w.Context(), outbox.View{Key: cardKey + key, Body: c})
		if r.State != outbox.Refused || r.Why == "" {
			t.Errorf("%+v", r)
		}
	})
}

func TestShowTellsWhatBecameOfIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  bool
		fault simslack.Fault
		want  outbox.Result
		gone  bool
	}{
		{"429", false, simslack.Fault{Status: 429, RetryAfter: 30 * time.Second}, outbox.Result{State: outbox.Again, After: 30 * time.Second}, false},
		{"429 on an edit", true, simslack.Fault{Status: 429, RetryAfter: 30 * time.Second}, outbox.Result{State: outbox.Again, After: 30 * time.Second}, false},
		{"500", false, simslack.Fault{Status: 500}, outbox.Result{State: outbox.Unknown}, false},
		{"503 on an edit", true, simslack.Fault{Status: 503}, outbox.Result{State: outbox.Again}, false},
		{"cut before", false, simslack.Fault{Cut: true}, outbox.Result{State: outbox.Unknown}, false},
		{"cut after", false, simslack.Fault{CutAfter: true}, outbox.Result{State: outbox.Unknown}, false},
		{"cut after an edit", true, simslack.Fault{CutAfter: true}, outbox.Result{State: outbox.Again}, false},
		{"hang", false, simslack.Fault{Hang: true}, outbox.Result{State: outbox.Unknown}, false},
		{"revoked", false, simslack.Fault{Error: "token_revoked"}, outbox.Result{State: outbox.Again, After: tokenPause}, false},
		{"archived", true, simslack.Fault{Error: "is_archived"}, outbox.Result{State: outbox.Refused}, false},
		{"gone", true, simslack.Fault{Error: "message_not_found"}, outbox.Result{State: outbox.Refused}, true},
		{"not ours", true, simslack.Fault{Error: "cant_update_message"}, outbox.Result{State: outbox.Refused}, true},
		{"too old", true, simslack.Fault{Error: "edit_window_closed"}, outbox.Result{State: outbox.Refused}, true},
		{"malformed", false, simslack.Fault{Error: "invalid_blocks"}, outbox.Result{State: outbox.Refused}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, simslack.Options{}, func(w *world) {
				v := outbox.View{Key: cardKey + key, Version: 12, Body: base()}
				if c.edit {
					v.Ref = w.show(base(), "")
				}
				c.fault.Method = "chat.*"
				w.sim.Fault(c.fault)
				r := w.ours.Screen().Show(w.Context(), v)
				if r.State != c.want.State || r.After != c.want.After || r.Why == "" {
					t.Errorf("%+v, want %+v", r, c.want)
				}
				if c.edit && (r.Ref == "") != c.gone && r.State == outbox.Refused {
					t.Errorf("ref %q", r.Ref)
				}
			})
		})
	}
}

// A lost answer leaves a card behind; it is found among others, and a
// duplicate is removed for good.
func TestCardIsFoundAgain(t *testing.T) {
	in(t, simslack.Options{NoLimits: true}, func(w *world) {
		s := w.ours.Screen()
		c := base()
		c.Times = []bot.Moment{{Name: "opened", At: time.Now()}}
		v := outbox.View{Key: cardKey + key, Version: c.Version, Body: c}
		other := c
		other.Incident = "pd:acme:OTHER"
		w.show(other, "")
		for range 250 {
			if _, err := w.sim.Say(alice, ops, "chatter", ""); err != nil {
				t.Fatal(err)
			}
		}
		if refs, err := s.Find(w.Context(), v); err != nil || len(refs) != 0 {
			t.Fatalf("%v, %v", refs, err)
		}
		w.sim.Fault(simslack.Fault{Method: "chat.postMessage", CutAfter: true})
		if r := s.Show(w.Context(), v); r.State != outbox.Unknown {
			t.Fatalf("%+v", r)
		}
		for range 250 {
			if _, err := w.sim.Say(alice, ops, "more chatter", ""); err != nil {
				t.Fatal(err)
			}
		}
		second := w.show(c, "")
		refs, err := s.Find(w.Context(), v)
		if err != nil || len(refs) != 2 || refs[1] != second {
			t.Fatalf("%v, %v", refs, err)
		}
		for range 2 { // the second time it is gone already
			if err := s.Remove(w.Context(), v, refs[1]); err != nil {
				t.Error(err)
			}
		}
		if refs, err = s.Find(w.Context(), v); err != nil || len(refs) != 1 || refs[0] == second {
			t.Errorf("%v, %v", refs, err)
		}
		// An incident that has still to begin is one from before the clock was set back.
		c.Times[0].At = time.Now().Add(30 * 24 * time.Hour)
		v.Body = c
		if refs, err = s.Find(w.Context(), v); err != nil || len(refs) != 1 {
			t.Errorf("with a clock that was set back: %v, %v", refs, err)
		}
		// What was posted before the incident began is not looked through.
		time.Sleep(time.Hour)
		c.Times[0].At = time.Now()
		v.Body = c
		if refs, err = s.Find(w.Context(), v); err != nil || len(refs) != 0 {
			t.Errorf("%v, %v", refs, err)
		}
		w.sim.Fault(simslack.Fault{Method: "conversations.history", Status: 500})
		if _, err := s.Find(w.Context(), v); err == nil {
			t.Error("a search that failed found nothing instead")
		}
		if err := s.Remove(w.Context(), v, "nonsense"); err == nil {
			t.Error("nonsense was removed")
		}
	})
}

// Without the right to read, or where there is no channel, nothing is found
// and nothing waits for ever.
func TestFindWithoutTheRightToRead(t *testing.T) {
	o := simslack.Defaults()
	o.Scopes = []string{"chat:write", "chat:write.public", "channels:read", "channels:join"}
	in(t, o, func(w *world) {
		for _, channel := range []string{ops, away, "#nowhere"} {
			c := base()
			c.Channel = channel
			refs, err := w.ours.Screen().Find(w.Context(), outbox.View{Key: cardKey + key, Body: c})
			if err != nil || len(refs) != 0 {
				t.Errorf("%s: %v, %v", channel, refs, err)
			}
		}
	})
}

func TestHomeIsPublished(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		v := outbox.View{Key: homeKey + alice, Body: bot.Home{User: alice, Updated: moment0}}
		s := w.ours.Screen()
		w.sim.Fault(simslack.Fault{Method: "views.publish", CutAfter: true})
		if r := s.Show(w.Context(), v); r.State != outbox.Again {
			t.Errorf("%+v", r)
		}
		if r := s.Show(w.Context(), v); r.State != outbox.Done || r.Ref != "home:"+alice {
			t.Errorf("%+v", r)
		}
		if w.sim.State(alice).Home == nil || s.Lane(v) != "home" {
			t.Error("no Home")
		}
		if refs, err := s.Find(w.Context(), v); err != nil || refs != nil {
			t.Errorf("%v, %v", refs, err)
		}
		if r := s.Show(w.Context(), outbox.View{Skip: true, Ref: "x"}); r.State != outbox.Done || r.Ref != "x" {
			t.Errorf("%+v", r)
		}
		if r := s.Show(w.Context(), outbox.View{Key: "x", Body: 7}); r.State != outbox.Refused {
			t.Errorf("%+v", r)
		}
	})
}
