package slack

import (
	"errors"
	"slices"
	"testing"
	"time"

	"amsbot/bot"
	simslack "amsbot/bot/sim/slack"
)

func TestMembers(t *testing.T) {
	in(t, simslack.Options{}, func(w *world) {
		m := w.ours.Members()
		for range 3 {
			if email, err := m.Email(w.Context(), alice); email != "alice@example.com" || err != nil {
				t.Errorf("%q, %v", email, err)
			}
			if id, err := m.ByEmail(w.Context(), " Bob@Example.com"); id != bob || err != nil {
				t.Errorf("%q, %v", id, err)
			}
			if in, err := m.InGroup(w.Context(), "S0OPS00001", alice); !in || err != nil {
				t.Errorf("%v, %v", in, err)
			}
			if in, err := m.InGroup(w.Context(), "S0OPS00001", "U0CAROL001"); in || err != nil {
				t.Errorf("%v, %v", in, err)
			}
			for name, ask := range map[string]func() error{
				"no such user":    func() error { _, err := m.Email(w.Context(), "U0NOBODY01"); return err },
				"no such address": func() error { _, err := m.ByEmail(w.Context(), "nobody@example.com"); return err },
				"no address":      func() error { _, err := m.ByEmail(w.Context(), ""); return err },
				"the bot itself":  func() error { _, err := m.Email(w.Context(), "U0AMSBOT01"); return err },
				"no such group":   func() error { _, err := m.InGroup(w.Context(), "S0NOBODY01", alice); return err },
			} {
				if err := ask(); !errors.Is(err, bot.ErrNotFound) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		for method, want := range map[string]int{"users.info": 3, "users.lookupByEmail": 2, "usergroups.users.list": 2} {
			if n := w.calls(method); n != want {
				t.Errorf("%s was called %d times, want %d", method, n, want)
			}
		}
		time.Sleep(6 * time.Minute)
		if _, err := m.Email(w.Context(), alice); err != nil || w.calls("users.info") != 4 {
			t.Errorf("%v; an answer is kept for too long", err)
		}
	})
}

func TestMembersWhoMayNotBeSeen(t *testing.T) {
	o := simslack.Defaults()
	o.Scopes = slices.DeleteFunc(o.Scopes, func(s string) bool { return s == "users:read.email" })
	o.NoPaidPlan = true
	in(t, o, func(w *world) {
		m := w.ours.Members()
		if _, err := m.ByEmail(w.Context(), "bob@example.com"); !errors.Is(err, bot.ErrRefused) {
			t.Error(err)
		}
		if _, err := m.InGroup(w.Context(), "S0OPS00001", alice); !errors.Is(err, bot.ErrRefused) {
			t.Error(err)
		}
		w.sim.Fault(simslack.Fault{Method: "users.info", Status: 500})
		if _, err := m.Email(w.Context(), alice); err == nil || errors.Is(err, bot.ErrRefused) || errors.Is(err, bot.ErrNotFound) {
			t.Error(err)
		}
	})
}
