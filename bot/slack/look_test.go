package slack

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

func TestRoomsAsOurAppSeesThem(t *testing.T) {
	o := simslack.Defaults()
	us := o.Bot.ID
	o.Channels = append(o.Channels,
		simslack.Channel{ID: "C0ARCHIVED", Name: "old", Members: []string{us}, Archived: true},
		simslack.Channel{ID: "C0PARTNERS", Name: "partners", Members: []string{us}, Shared: true},
		simslack.Channel{ID: "C0SECRET01", Name: "secret", Private: true, Members: []string{alice}},
		simslack.Channel{ID: "C0OURS0001", Name: "ours", Private: true, Members: []string{us}})
	in(t, o, func(w *world) {
		look := w.ours.Look()
		for name, want := range map[string]Room{
			"#ops": {ID: ops, Name: "ops", Member: true}, ops: {ID: ops, Name: "ops", Member: true},
			"#general":   {ID: away, Name: "general"},
			"#old":       {ID: "C0ARCHIVED", Name: "old", Member: true, Archived: true},
			"#partners":  {ID: "C0PARTNERS", Name: "partners", Member: true, Shared: true},
			"C0OURS0001": {ID: "C0OURS0001", Name: "ours", Member: true, Private: true},
		} {
			if got, err := look.Room(w.Context(), name); got != want || err != nil {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		for _, name := range []string{"#nowhere", "C0NOWHERE1", "#secret", "C0SECRET01"} {
			if _, err := look.Room(w.Context(), name); !errors.Is(err, bot.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := w.calls("conversations.list"); n != 1 {
			t.Errorf("the list was read %d times", n)
		}
	})
	o = simslack.Defaults()
	o.Scopes = slices.DeleteFunc(o.Scopes, func(s string) bool { return strings.HasSuffix(s, ":read") })
	in(t, o, func(w *world) {
		look := w.ours.Look()
		if _, err := look.Room(w.Context(), ops); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("without a scope: %v", err)
		}
		if _, err := look.Group(w.Context(), "S0OPS00001"); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("without a scope: %v", err)
		}
	})
}

func TestGroupsAreCounted(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		look := w.ours.Look()
		if in, err := look.Group(w.Context(), "S0OPS00001"); len(in) != 2 || err != nil {
			t.Errorf("%v, %v", in, err)
		}
		for range 40 { // more than Slack lets through at once: it waits
			if in, err := look.Group(w.Context(), "S0OPS00001"); len(in) != 2 || err != nil {
				t.Fatalf("%v, %v", in, err)
			}
		}
		if _, err := look.Group(w.Context(), "S0NOBODY01"); !errors.Is(err, bot.ErrNotFound) {
			t.Errorf("%v", err)
		}
	})
}

// What Slack says of the bot token's scopes is told as it is.
func TestCheckBotTellsTheScopes(t *testing.T) {
	o := simslack.Defaults()
	o.Scopes = []string{"chat:write", "commands"}
	in(t, o, func(w *world) {
		me, granted, err := w.ours.CheckBot(w.Context())
		if err != nil || me.User != "U0AMSBOT01" || !slices.Equal(granted, o.Scopes) {
			t.Errorf("%+v, %v, %v", me, granted, err)
		}
		if by, ok := w.ours.Ahead(); by != 0 || !ok {
			t.Errorf("ahead by %s, %v", by, ok)
		}
		if err := w.ours.CheckApp(w.Context()); err != nil {
			t.Error(err)
		}
	})
}
