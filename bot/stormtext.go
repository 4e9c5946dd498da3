package bot

import (
	"cmp"
	"fmt"
	"slices"

	"amsbot/bot/words"
	"amsbot/store"
)

// stormText is one event of a storm in words.
func stormText(e store.Event, w words.Catalogue) string {
	switch e.Kind {
	case kindStorm:
		b, _ := into[stormBegan](e)
		return w.Say("event.storm", b.Scenario)
	case kindJoined:
		j, _ := into[joining](e)
		slices.SortFunc(j.Members, func(a, b member) int { return a.Number - b.Number })
		var names []string
		for _, m := range j.Members {
			names = append(names, fmt.Sprintf("#%d %s", m.Number, m.Target))
		}
		return w.Say("event.joined", short(names, ", "))
	case kindTold, kindCalm:
		return w.Say("event." + e.Kind)
	case kindSent:
		s, _ := into[sent](e)
		if s.Canary {
			return w.Say("event.canary")
		}
		return w.Count("event.sent", len(s.Incidents))
	case kindCame:
		c, _ := into[came](e)
		name := c.Incident
		if c.Number > 0 {
			name = fmt.Sprintf("#%d", c.Number)
		}
		return w.Say("event.came."+c.State, name, c.Words)
	case kindStopped:
		s, _ := into[stopped](e)
		return cmp.Or(s.Why, w.Say("event.carried"))
	}
	return ""
}
