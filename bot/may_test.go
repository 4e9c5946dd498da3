package bot

import (
	"context"
	"errors"
	"slices"
	"testing"

	"amsbot/bot/words"
)

// rollCalled are members of no group, who count how often a group is asked about.
type rollCalled struct {
	strangers
	err   error
	asked []string
}

func (c *rollCalled) InGroup(_ context.Context, group, _ string) (bool, error) {
	c.asked = append(c.asked, group)
	return false, c.err
}

// Where Slack does not say who is in a group, nobody of it may, each group is asked
// about once, and whoever is refused is told why. A group that is not there is no
// such case.
func TestGroupsThatNobodyTellsOf(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		unsure bool
	}{
		"Slack is away":      {errors.New("slack: no answer"), true},
		"there is none":      {ErrNotFound, false},
		"it may not be read": {ErrRefused, false},
		"they are not in it": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := loaded(t, twoShops())
			members := &rollCalled{err: test.err}
			b.Members = members
			b.Ceiling.View, b.Ceiling.Run, b.Ceiling.Resolve, b.Ceiling.Override = []string{everyone}, []string{"S0OPS", "S0MORE"}, []string{"S0OPS"}, []string{"U0CHIE"}
			may := b.may(t.Context(), &projectView{Name: "east"}, "U0AIKO")
			if may.can(DoRecover) || may.can(DoResolve) || !may.can(DoTake) {
				t.Errorf("may: %v", may.ok)
			}
			if !slices.Equal(members.asked, []string{"S0OPS", "S0MORE"}) {
				t.Errorf("asked about %v", members.asked)
			}
			w := words.In("en")
			who, all := may.who(DoRecover, w), "<!subteam^S0OPS>, <!subteam^S0MORE>"
			if want := map[bool]string{false: all, true: w.Say("who.unsure", all)}[test.unsure]; who != want {
				t.Errorf("who may: %s\nwant %s", who, want)
			}
			if who := may.who(doOverride, w); who != "<@U0CHIE>" {
				t.Errorf("who may override: %s", who)
			}
		})
	}
}
