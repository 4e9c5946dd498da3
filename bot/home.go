package bot

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/store"
)

// How many open incidents, and how many pauses and windows a Home tab names.
const (
	homeMost      = 30
	homeStopsMost = 10
)

// Home is a person's Home tab, and remembers that they look at it: it is then
// kept fresh for an hour.
func (b *Bot) Home(ctx context.Context, user string) (Home, error) {
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{homeGuard + user: v.Now()}}, nil
	})
	if err != nil {
		return Home{}, fmt.Errorf("bot: open Home: %w", err)
	}
	return b.home(ctx, user)
}

// RefreshHome has a person's Home tab drawn anew in its turn: Slack had no room for
// it when they opened it.
func (b *Bot) RefreshHome(ctx context.Context, user string) error {
	_, err := b.DB.Commit(ctx, botStream, func(*store.View) (store.Change, error) {
		return store.Change{Views: []string{homeGuard + user}}, nil
	})
	if err != nil {
		return fmt.Errorf("bot: have Home drawn anew: %w", err)
	}
	return nil
}

func (b *Bot) home(ctx context.Context, user string) (Home, error) {
	q := Question{User: user, Channel: "D"}
	language, zone := b.homeTongue(ctx, q)
	w := b.wordsIn(language).At(zone)
	h := Home{User: user, Language: language, Zone: zone, Updated: time.Now()}
	read, err := b.readHomes(ctx)
	if err != nil {
		return Home{}, err
	}
	still, keys := b.seen(ctx, q, read.open, read.openKeys)
	if err := b.leavePaused(ctx, still); err != nil {
		return Home{}, err
	}
	h.Open = b.homeLines(ctx, user, still, keys, w)
	open := len(h.Open)
	h.Open = h.Open[:min(open, homeMost)]
	h.More = open - len(h.Open)
	for i, l := range h.Open {
		h.Open[i].Channel, h.Open[i].CardTS = b.cardAt(ctx, l.Incident)
	}
	for _, part := range []func(context.Context, Question, words.Catalogue, *Home) error{b.homeDown, b.homeStops, b.homeWindows, b.homeRefused} {
		if err := part(ctx, q, w, &h); err != nil {
			return Home{}, err
		}
	}
	t := count(b.seen(ctx, q, read.day, read.dayKeys))
	h.Numbers = []Field{{Name: w.Say("home.open"), Value: strconv.Itoa(open)}, {Name: w.Say("home.today"), Value: strconv.Itoa(t.all)}}
	if t.all > 0 {
		h.Numbers = append(h.Numbers, Field{Name: w.Say("home.alone"), Value: w.Say("home.of", t.alone, t.all, t.alone*100/t.all)})
	}
	if len(t.took) > 0 {
		h.Numbers = append(h.Numbers, Field{Name: w.Say("home.took"), Value: w.Took(t.within(50))})
	}
	return h, nil
}

// homeTongue are the language and the time zone of all projects that a person may
// view, as far as they have one, else amsbot's own.
func (b *Bot) homeTongue(ctx context.Context, q Question) (language string, zone *time.Location) {
	set := b.Scenarios()
	languages, zones := map[string]bool{}, map[string]*time.Location{}
	for _, p := range set.Projects {
		if b.sees(ctx, q, p.Name) {
			languages[cmp.Or(p.Language, b.Language)], zones[p.TimeZone] = true, saidZone(set, p.Name)
		}
	}
	language = b.Language
	if len(languages) == 1 {
		language = sortedKeys(languages)[0]
	}
	if len(zones) == 1 {
		zone = zones[sortedKeys(zones)[0]]
	}
	return language, zone
}

// homeLines are the open incidents as one person sees them.
func (b *Bot) homeLines(ctx context.Context, user string, still []ListLine, keys []string, w words.Catalogue) []HomeLine {
	me, err := b.personOf(ctx, user)
	if err != nil {
		me = Person{} // nothing is known to be theirs; the rest of Home is worth having
	}
	may, theirs := map[string]permits{}, map[string]int{}
	var out []HomeLine
	for i, s := range still {
		if s.Over {
			continue
		}
		if _, known := may[s.Project]; !known {
			may[s.Project] = b.may(ctx, &projectView{Name: s.Project}, user)
		}
		l := HomeLine{Incident: keys[i], Place: HomeOther, Number: s.Number, Title: s.Title, Service: s.Service, State: s.State,
			Status: s.Status, Holder: s.Holder, URL: s.URL, At: s.At, Acts: s.acts(w)}
		if me.ID != "" && slices.Contains(s.Assigned, me.ID) {
			l.Place, theirs[l.Incident] = HomeMine, 1
		}
		if act := s.waitsFor(user, may[s.Project]); act != "" {
			l.Place, l.Waits, l.Until = HomeWaits, w.Say("act."+act), s.Until
		}
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b HomeLine) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), -cmp.Compare(theirs[a.Incident], theirs[b.Incident]), cmp.Compare(weight(a.State), weight(b.State)))
	})
	return out
}

// waitsFor is the act on an incident that waits for a person who may do it; "" for
// none. Whoever asked for a recovery does not approve it.
func (l ListLine) waitsFor(user string, may permits) string {
	switch {
	case l.Approve != 0 && l.Asker != user && may.can(DoApprove):
		return DoApprove
	case l.Override && !may.can(doOverride):
		return ""
	case l.Recover != 0 && may.can(DoRecover):
		return DoRecover
	case l.Again != 0 && may.can(DoAgain):
		return DoAgain
	}
	return ""
}

// acts are what a person may do about an incident whose card they do not see: take
// it, look again, call somebody, say something. What recovers or resolves is on the
// card, beside what was found.
func (l ListLine) acts(w words.Catalogue) []Button {
	var out []Button
	for _, one := range []struct {
		act   string
		offer uint64
	}{{DoTake, l.Take}, {DoCheck, l.Check}, {DoEscalate, l.Escalate}} {
		if one.offer != 0 {
			out = append(out, Button{Act: one.act, Offer: one.offer, Label: w.Say("button." + one.act)})
		}
	}
	out = append(out, Button{Act: DoNote, Label: w.Say("button.note")})
	if l.URL != "" {
		out = append(out, Button{Act: "open", Label: w.Say("button.open"), URL: l.URL})
	}
	return out
}

// homeDown is what amsbot does not hear.
func (b *Bot) homeDown(ctx context.Context, q Question, w words.Catalogue, h *Home) error {
	h.Down = b.downs(ctx, w, hour, asSaid)
	if d := b.deafness(); d != nil {
		h.Down = append(h.Down, d.words(w, hour))
	}
	silent, err := b.silenceFor(ctx, q)
	if err == nil && silent != nil {
		h.Down = append(h.Down, w.Say("list.webhooks", hour(silent.Since, w), silent.Words(w)))
	}
	return err
}

func (b *Bot) homeRefused(ctx context.Context, q Question, w words.Catalogue, h *Home) error {
	bad, what, err := b.refusedHere(ctx, q, w)
	if err == nil && bad != nil {
		h.Refused = &HomeRefusal{Folder: bad.Folder, What: what, At: bad.At}
	}
	return err
}

// homeWindows are the maintenance windows, and which of them the person may end.
func (b *Bot) homeWindows(ctx context.Context, q Question, w words.Catalogue, h *Home) error {
	work, err := b.planned(ctx, q)
	if err != nil {
		return err
	}
	r := request{bot: b, ctx: ctx, k: Click{User: q.User, Act: DoEndMaintenance}, w: w, set: b.Scenarios()}
	for _, one := range work[:min(len(work), homeStopsMost)] {
		text := w.Say("home.maintenance", one.Scope.words(w), one.Name)
		if one.Why != "" {
			text += ": " + one.Why
		}
		x := HomeWindow{Text: text, From: one.From, Until: one.Until}
		if r.may(one.Scope.Project).can(DoEndMaintenance) {
			x.End = one.N
		}
		h.Planned = append(h.Planned, x)
	}
	return nil
}

// homeStops are the pauses, breakers and storms, and which of them the person may
// lift.
func (b *Bot) homeStops(ctx context.Context, q Question, w words.Catalogue, h *Home) error {
	all, err := b.holding(ctx, q, w, "home")
	if err != nil {
		return err
	}
	set := b.Scenarios()
	for _, s := range all[:min(len(all), homeStopsMost)] {
		if s.Scope != "" && !b.mayLift(ctx, set, s.Scope, q.User) {
			s.Scope = ""
		}
		h.Paused = append(h.Paused, s)
	}
	return nil
}

// cardAt is where an incident's card stands: channel and timestamp, "" before
// it does.
func (b *Bot) cardAt(ctx context.Context, key string) (channel, ts string) {
	v, ok, err := b.DB.View(ctx, CardKey(key))
	if err != nil || !ok {
		return "", ""
	}
	channel, ts, _ = strings.Cut(v.Ref, "/")
	return channel, ts
}

// weight puts first what needs a person.
func weight(s CardState) int {
	return slices.Index([]CardState{CardWaiting, CardBad, CardActing, CardChecking, CardReading, CardGood, CardQuiet}, s)
}

func (b *Bot) drawHome(ctx context.Context, key, user string) (outbox.View, error) {
	v, _, err := b.DB.View(ctx, key)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	h, err := b.home(ctx, user)
	if err != nil {
		return outbox.View{}, err
	}
	return outbox.View{Key: key, Version: v.Wanted, Urgency: urgentLeast, Body: h}, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
