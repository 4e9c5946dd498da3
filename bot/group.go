package bot

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
)

// groupKey begins the keys of group cards among the views:
// "group:<what they have in common>:<channel>".
const groupKey = "group:"

// Group is a card beside an index, for incidents of one project, service and
// scenario that have no card of their own, with buttons that act on all of them.
// Text is raw, as on a [Card].
type Group struct {
	Key      string    // of the view
	Channel  string    // where it stands
	Since    time.Time // when the crowd began
	State    CardState // decides the colour
	Headline string    // what a phone shows
	Title    string
	Status   string // how many need a person, then the other counts
	Detail   string
	Parts    []IndexGroup  // worst first; with its target beside each number
	More     int           // incidents that there is no room for; the index names them
	Buttons  []GroupButton // none when it is over
	Choices  []IndexChoice // whose card can be asked for, worst first; at most 100
	Mark     uint64        // another one when other offers stand behind the buttons
	Over     bool
}

// GroupButton acts on what its card stood for when it was drawn. The offer that it
// carries is the version of the card: what was offered later is not meant.
type GroupButton struct {
	Button
	On string // which incidents, as a Click's Incident
}

// How many groups have a card, and of how many open incidents: the index alone
// serves a few as well, and every card takes its share of what a channel can take.
const (
	groupsMost = 5
	groupLeast = 3
	groupRoom  = 2600 // characters that its incidents take
)

// group are the incidents of a crowd that have something in common.
type group struct {
	key    string
	lines  []*crowdLine // all of them, the worst first
	bare   []*crowdLine // those without a card of their own
	ref    string       // where its card stands
	wanted bool         // it has a card, which stands or is still to be posted
}

// groupOf is the key of the group card of an incident; "" while nobody knows yet
// whether a scenario fits it.
func groupOf(l ListLine) string {
	if l.Scenario == "" && !l.Unmatched || l.Channel == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", l.Project, l.Service, l.Scenario))
	return groupKey + hex.EncodeToString(sum[:6]) + ":" + l.Channel
}

// groups are the groups of a crowd: those that have a card, then the others, each with
// the worst first.
func (b *Bot) groups(ctx context.Context, lines []*crowdLine) ([]*group, error) {
	of := map[string]*group{}
	var views []string
	for _, l := range lines {
		if l.group != "" && of[l.group] == nil {
			of[l.group] = &group{key: l.group}
			views = append(views, l.group)
		}
		views = append(views, CardKey(l.key))
	}
	states, err := b.DB.ViewsOf(ctx, views)
	if err != nil {
		return nil, err
	}
	stands := map[string]string{}
	for _, s := range states {
		if stands[s.Key] = s.Ref; of[s.Key] != nil {
			of[s.Key].wanted = true
		}
	}
	for _, l := range lines {
		g := of[l.group]
		if g == nil {
			continue
		}
		g.ref, g.lines = stands[g.key], append(g.lines, l)
		if stands[CardKey(l.key)] == "" && !l.Asked {
			g.bare = append(g.bare, l)
		}
	}
	all := make([]*group, 0, len(of))
	for _, key := range sortedKeys(of) {
		all = append(all, of[key])
	}
	slices.SortStableFunc(all, worstGroup)
	return all, nil
}

// worstGroup puts what has a card first, and then the group with the most of the worst.
func worstGroup(a, b *group) int {
	switch {
	case a.wanted && !b.wanted:
		return -1
	case b.wanted && !a.wanted:
		return 1
	}
	return cmp.Or(-slices.Compare(countsOf(a.bare), countsOf(b.bare)), cmp.Compare(a.key, b.key))
}

// groupKeys are the group cards that a crowd wants: what has one keeps it, also while it
// is still to be posted, and what is worst has one, too, while there is room. When it is
// over those that stand say so.
func (b *Bot) groupKeys(ctx context.Context, lines []*crowdLine, over bool) ([]string, error) {
	all, err := b.groups(ctx, lines)
	if err != nil {
		return nil, err
	}
	var keys []string
	for _, g := range all {
		open := slices.IndexFunc(g.bare, func(l *crowdLine) bool { return l.Over })
		if open < 0 {
			open = len(g.bare) // the worst are first, and what is over is last
		}
		if g.ref != "" || !over && (g.wanted || open >= groupLeast && len(keys) < groupsMost) {
			keys = append(keys, g.key)
		}
	}
	return keys, nil
}

// drawGroup draws a group card. Its version is read before its incidents are: what
// is older than that is on it.
func (b *Bot) drawGroup(ctx context.Context, key string) (outbox.View, error) {
	_, channel, _ := strings.Cut(strings.TrimPrefix(key, groupKey), ":")
	v, crowd, err := b.crowdView(ctx, key, channel)
	if err != nil || v.Skip {
		return v, err
	}
	end, _ := b.DB.End()
	v.Version = max(v.Version, end)
	lines, err := b.crowd(ctx, channel, crowd.Since)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	all, err := b.groups(ctx, lines)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	i := slices.IndexFunc(all, func(g *group) bool { return g.key == key })
	if v.Skip = i < 0; v.Skip {
		return v, nil
	}
	v.Quiet = crowd.Over // one that is still to be posted is not; it may stand without our knowing
	v.Body = all[i].draw(drawing{channel: channel, since: crowd.Since, over: crowd.Over, version: v.Version,
		w: b.WordsIn(channel, strings.TrimPrefix(channel, "#"))})
	return v, nil
}

// drawing is what a group card is drawn with beside its incidents.
type drawing struct {
	channel string
	since   time.Time
	over    bool
	version uint64
	w       words.Catalogue
}

// draw draws a group card of incidents that are sorted already.
func (g *group) draw(d drawing) Group {
	first, lines := g.lines[0].ListLine, g.bare
	if d.over { // what becomes of all that it may have stood for
		lines = slices.DeleteFunc(slices.Clone(g.lines), func(l *crowdLine) bool { return l.began.Before(d.since) })
	}
	counts := countsOf(lines)
	name := []any{len(lines), cmp.Or(first.Service, "?"), cmp.Or(first.Scenario, d.w.Say("group.none"))}
	x := Group{
		Key: g.key, Channel: d.channel, Since: d.since, Over: d.over, State: crowdState(counts, d.over),
		Title:  d.w.Say("group.title", name...),
		Status: indexCounts(counts, d.w), Detail: d.w.Say("group.detail"),
	}
	switch {
	case d.over:
		x.Title, x.Detail = d.w.Say("group.title.over", name...), d.w.Say("index.detail.over")
	case len(lines) == 0:
		x.State, x.Status, x.Detail = CardQuiet, d.w.Say("group.empty"), ""
	}
	x.Headline = x.Title + ": " + x.Status
	x.Parts, x.More = groupParts(lines, counts, d.w)
	if !d.over {
		x.offer(lines, d)
	}
	return x
}

// offer adds what can be pressed.
func (x *Group) offer(lines []*crowdLine, d drawing) {
	mark := fnv.New64a()
	for _, act := range []string{DoTakeAll, DoEscalateAll} {
		var on []*crowdLine
		for _, l := range lines {
			if seq := l.offers(act); seq > 0 && l.pos <= d.version {
				on = append(on, l)
				fmt.Fprint(mark, act, l.Number, ":", seq, " ")
			}
		}
		if b, ok := groupButton(act, x.Key, on, d.w); ok {
			b.Primary = act == DoTakeAll
			x.Buttons = append(x.Buttons, b)
		}
	}
	x.Mark = mark.Sum64()
	for _, l := range lines[:min(len(lines), indexChoices)] {
		x.Choices = append(x.Choices, IndexChoice{Incident: l.key, Name: l.name()})
	}
}

// groupButton is a button on incidents, the worst of them where a button cannot
// name all; false without any.
func groupButton(act, key string, on []*crowdLine, w words.Catalogue) (GroupButton, bool) {
	numbers := make([]int, len(on))
	for i, l := range on {
		numbers[i] = l.Number
	}
	n, set := fittingNumbers(numbers)
	if n == 0 {
		return GroupButton{}, false
	}
	label := w.Say("button."+act, n)
	return GroupButton{On: key + groupBetween + set, Button: Button{Act: act, Label: label, Confirm: &Confirm{
		Title: w.Say("confirm."+act+".title", n), Text: w.Say("confirm."+act, n, shortNumbers(numbers[:n])),
		Yes: w.Say("button." + act + ".yes"), No: w.Say("confirm.no"),
	}}}, true
}

// groupParts name incidents by number and target, as many as there is room for.
// Those about the same are named together.
func groupParts(lines []*crowdLine, counts []int, w words.Catalogue) (parts []IndexGroup, more int) {
	room, left := groupRoom, len(lines)
	for r := range indexRanks {
		of, names := map[string][]int{}, []string{}
		for _, l := range lines {
			name := cut(strings.Join(strings.Fields(cmp.Or(l.Target, l.Title)), " "), 26)
			if l.rank() != r {
				continue
			}
			if of[name] == nil {
				names = append(names, name)
			}
			of[name] = append(of[name], l.Number)
		}
		part := IndexGroup{Name: w.Say("index."+indexRanks[r].name, counts[r])}
		for _, name := range names {
			one := strings.TrimSpace(shortNumbers(of[name]) + " " + name)
			if room -= len([]rune(one)) + 3; room < 0 {
				break
			}
			part.Names, left = append(part.Names, one), left-len(of[name])
		}
		if len(part.Names) > 0 {
			parts = append(parts, part)
		}
	}
	return parts, left
}
