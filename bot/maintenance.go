package bot

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// Maintenance is planned work. While a window is open amsbot looks and reports,
// and recovers nothing of what the window covers: a restart in the middle of
// somebody's work is worse than the fault. It is asked in the commit of the
// intent alone: a recovery that has begun when a window opens goes on.
//
// A window holds recoveries and nothing else. An incident that no scenario fits,
// a check that could not find out and a fault that has no recovery are handed
// over as always: nobody said that these were planned.
//
// What a window holds ends with a report unless the author says otherwise in
// `then.held`, and the report keeps rule 6. Whom PagerDuty pages by itself has
// the incident: they are not called on top of that, and read the card when they
// like. But what amsbot's own user holds goes to the first line at once, as every
// report does: nobody else would ever hear of it, and a window is no reason for
// amsbot to sit on a page. Who wants no page during planned work opens the window
// in PagerDuty, where no incident is made then.

const guardMaintenance = "maintenance"

// The kinds of events of windows, in the stream "bot".
const (
	kindMaintenance      = "maintenance"       // window
	kindMaintenanceEnded = "maintenance_ended" // windowEnded
)

// Window is a maintenance window of PagerDuty's own, on the incident's service.
type Window struct {
	ID    string    `json:"id"`
	What  string    `json:"what,omitempty"` // as its author described it
	By    string    `json:"by,omitempty"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// window is a maintenance window that was set through Slack.
type window struct {
	N     int       `json:"n"` // by which people name it; never used twice
	Scope covered   `json:"scope"`
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Why   string    `json:"why,omitempty"`
	User  string    `json:"user"`
	Name  string    `json:"name"`
}

// What a window can be about; a pause, everything, a project or a scenario.
const (
	coverAll      = "all"
	coverProject  = "project"
	coverService  = "service"
	coverScenario = "scenario"
	coverTarget   = "target"
)

// covered is what a window is about. Of all but everything it is within one
// project: projects are walls.
type covered struct {
	Kind    string `json:"kind"`
	Project string `json:"project,omitempty"`
	Name    string `json:"name,omitempty"`
}

const (
	windowGuards = "maintenance:"
	lastWindow   = "maintenance" // the number of the last window that was set
)

func windowGuard(n int) string { return fmt.Sprintf("%s%06d", windowGuards, n) }

// windowEnded is a window that is over.
type windowEnded struct {
	window
	Early bool `json:"early,omitempty"` // a person ended it
}

// windows are all that are set, the first to end first.
func windows(v ledger) ([]window, error) {
	all, err := v.Guards(windowGuards)
	if err != nil {
		return nil, err
	}
	var out []window
	for _, key := range sortedKeys(all) {
		var w window
		if decode(all[key], &w) {
			out = append(out, w)
		}
	}
	slices.SortStableFunc(out, func(a, b window) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.N, b.N)) })
	return out, nil
}

// covers says whether a window is about an incident whose scenario is decided.
func (s covered) covers(in *incident) bool {
	if s.Kind != coverAll && s.Project != in.match.Project.Name {
		return false
	}
	switch s.Kind {
	case coverAll, coverProject:
		return true
	case coverService:
		service := in.snap.Incident.Service
		return s.Name == service.ID || strings.EqualFold(s.Name, service.Name)
	case coverScenario:
		return s.Name == in.match.Scenario
	case coverTarget:
		return s.aims(in.match.Target)
	}
	return false
}

// aims says whether a window's name is that of a target: in any case, with a
// pattern's * and ?, and without the domain that the target has. Whoever works
// on web-1 must not find that web-1.shop.example was restarted meanwhile.
func (s covered) aims(target string) bool {
	name, target := strings.ToLower(s.Name), strings.ToLower(target)
	if name == target || !strings.Contains(name, ".") && strings.HasPrefix(target, name+".") {
		return true
	}
	ok, err := path.Match(name, target)
	return err == nil && ok
}

// words name what a window is about.
func (s covered) words(w words.Catalogue) string {
	switch s.Kind {
	case coverAll:
		return w.Say("cover.all")
	case coverProject:
		return w.Say("cover.project", s.Project)
	}
	return w.Say("cover."+s.Kind, s.Name, s.Project)
}

// maintained is the window that holds this incident's recovery, as a hold; nil
// if none does. Of several it is the one that ends last.
func (c *change) maintained() *held {
	all, err := windows(c.view)
	if err != nil {
		return &held{Pass: c.in.pass.id, Guard: guardMaintenance, Text: c.w.Say("held.windows")}
	}
	var h *held
	hold := func(from, until time.Time, text func() string) {
		if !c.now.Before(from) && c.now.Before(until) && (h == nil || until.After(h.Until)) {
			h = &held{Pass: c.in.pass.id, Guard: guardMaintenance, Until: until, Text: text()}
		}
	}
	zone := zoneOf(c.bot.Scenarios(), c.in.match.Project.Name)
	for _, w := range all {
		if w.Scope.covers(c.in) {
			hold(w.From, w.Until, func() string {
				return c.w.Say("held.maintenance", w.Scope.words(c.w), wallClock(w.Until, zone), w.Name+because(w.Why), w.N)
			})
		}
	}
	for _, w := range c.in.snap.Maintenance {
		hold(w.From, w.Until, func() string {
			who := cmp.Or(w.By, c.w.Say("somebody")) + because(w.What)
			return c.w.Say("held.maintenance.pagerduty", c.in.snap.Incident.Service.Name, wallClock(w.Until, zone), who)
		})
	}
	return h
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return " (" + cut(oneLine(why), 200) + ")"
}

// wallClock is a time as it stands in what cannot show each reader their own zone.
func wallClock(t time.Time, zone *time.Location) string {
	return t.In(zone).Format(dayLayout)
}

// zoneOf is the time zone of a project, else amsbot's own.
func zoneOf(set *scenarios.Set, project string) *time.Location {
	return cmp.Or(saidZone(set, project), time.Local)
}

// saidZone is the time zone that a project names; nil where it names none.
func saidZone(set *scenarios.Set, project string) *time.Location {
	for _, p := range set.Projects {
		if p.Name != project || p.TimeZone == "" {
			continue
		}
		if zone, err := time.LoadLocation(p.TimeZone); err == nil {
			return zone
		}
	}
	return nil
}

// lift takes up what a window held once it is over: the whole first response
// once more, under start_within. What another window still holds goes on being
// held, until that one's end.
func (c *change) lift() {
	switch h := c.maintained(); {
	case h == nil:
		again := passBegan{Reason: passWindow}
		if c.in.takenBy == "" { // a person who has it is reason enough
			again.Late = c.late(c.sc)
		}
		c.withdraw("withdrawn.checks")
		c.write(kindPass, amsbot, again)
		c.sighted() // a window that ends lets many go in one moment
		c.reply(c.w.Say("maintenance.over"))
	case !h.Until.Equal(c.in.planned.Until):
		c.write(kindHeld, amsbot, *h)
	}
}

// late is why an incident recovers nothing by itself any more; "" if it may.
// A run that was reopened does not any way, however young it is.
func (c *change) late(sc *scenarios.Scenario) string {
	switch age := c.now.Sub(c.in.snap.Incident.CreatedAt); {
	case c.in.person() != "":
		return "late.acknowledged"
	case c.in.run.N == 1 && sc != nil && sc.StartWithin > 0 && age > sc.StartWithin:
		return "late.old"
	}
	return ""
}

// endWindows ends the windows whose time is over. It is how the bot's own
// stream is moved on; the incidents that they held are due by themselves.
func (b *Bot) endWindows(ctx context.Context) error {
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		all, err := windows(v)
		if err != nil {
			return store.Change{}, err
		}
		out := store.Change{Guards: map[string]any{}}
		for _, w := range all {
			if v.Now().Before(w.Until) {
				continue
			}
			out.Guards[windowGuard(w.N)] = nil
			out.Events = append(out.Events, store.NewEvent{Kind: kindMaintenanceEnded, By: amsbot, Data: windowEnded{window: w}})
		}
		out.Due = firstEnd(all, out.Guards)
		if len(out.Events) > 0 {
			out.Views = homes(v)
		}
		return out, nil
	})
	if err != nil {
		return fmt.Errorf("bot: end maintenance windows: %w", err)
	}
	return nil
}

// firstEnd is when the first of these windows is over, those left out that a
// change deletes; the zero time if none is left.
func firstEnd(all []window, change map[string]any) *time.Time {
	var first time.Time
	for _, w := range all {
		value, changed := change[windowGuard(w.N)]
		if gone := changed && value == nil; !gone && (first.IsZero() || w.Until.Before(first)) {
			first = w.Until
		}
	}
	return &first
}

// takeUp looks at the incidents that a window held: it may be over before its time.
func (b *Bot) takeUp(ctx context.Context) error {
	open := true
	lines, keys, err := b.summaries(ctx, store.Filter{Open: &open})
	if err != nil {
		return fmt.Errorf("bot: take up after maintenance: %w", err)
	}
	for i, l := range lines {
		if l.Maintained {
			b.kick(keys[i])
		}
	}
	return nil
}
