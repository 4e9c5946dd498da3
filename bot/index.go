package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/store"
)

// indexKey begins the keys of indexes among the views; the channel follows, as
// its projects write it.
const indexKey = "index:"

// Index is a crowded channel at a glance: all that is open there, or was when it
// began, by number, in the place of a card for each. It is derived from what lists
// show, as Home is. Text is raw, as on a [Card].
type Index struct {
	Key      string    // of the view
	Channel  string    // where it stands
	Since    time.Time // when the crowd began
	State    CardState // decides the colour
	Headline string    // what a phone shows
	Title    string
	Status   string        // how many need a person, then the other counts
	Detail   string        // what becomes of the cards
	Services []Field       // the counts of each service, worst first; at most 10
	Groups   []IndexGroup  // worst first
	More     int           // incidents that there is no room for; its thread names all
	Choices  []IndexChoice // whose card can be asked for, worst first; at most 100
	Over     bool          // calm again
}

// IndexGroup are incidents that are alike in how they stand.
type IndexGroup struct {
	Name  string   // "Need a person (12)"
	Names []string // "#1234"
}

// IndexChoice is an incident without a card of its own.
type IndexChoice struct {
	Incident string // its key
	Name     string // "#1234 Web health check failed"
}

// How much of an index is drawn: the characters that its numbers take, its
// services and its choices.
const (
	indexRoom     = 6500
	indexServices = 10
	indexChoices  = 100
)

// indexRanks are the groups of an index, worst first, and the states in each.
var indexRanks = []struct {
	name   string
	states []CardState
}{
	{"person", []CardState{CardWaiting, CardBad}},
	{"acting", []CardState{CardActing}},
	{"checking", []CardState{CardChecking, CardReading}},
	{"good", []CardState{CardGood, CardQuiet}},
	{"over", nil},
}

// rank is the place of an incident among the indexRanks.
func (l ListLine) rank() int {
	for i, r := range indexRanks {
		if !l.Over && slices.Contains(r.states, l.State) {
			return i
		}
	}
	return len(indexRanks) - 1
}

// indexed are the views of the index of a channel that is crowded: what changes
// in an incident changes its index.
func indexed(v ledger, channel string) []string {
	var crowd outbox.Crowd
	key := indexKey + channel
	if ok, err := v.Guard(outbox.CrowdGuard(key), &crowd); err != nil || !ok || crowd.Over {
		return nil
	}
	return []string{key}
}

// drawIndex draws the index of a channel.
func (b *Bot) drawIndex(ctx context.Context, key string) (outbox.View, error) {
	channel := strings.TrimPrefix(key, indexKey)
	v, crowd, err := b.crowdView(ctx, key, channel)
	if err != nil || v.Skip {
		return v, err
	}
	lines, err := b.crowd(ctx, channel, crowd.Since)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	if crowd.Over {
		b.crowded.forget()
	} else {
		v.Call.Beside = pageKeys(channel, lines)
	}
	groups, err := b.groupKeys(ctx, lines, crowd.Over)
	if err != nil {
		return outbox.View{}, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	v.Call.Beside = append(v.Call.Beside, groups...)
	index := indexOf(lines, time.Now(), b.WordsIn(channel, strings.TrimPrefix(channel, "#")), crowd.Over)
	index.Key, index.Channel, index.Since = key, channel, crowd.Since
	for _, l := range lines {
		room := !crowd.Over && len(index.Choices) < indexChoices
		switch {
		case !l.Asked && !room || b.shows(ctx, l.key):
		case l.Asked:
			v.Call.Cards = append(v.Call.Cards, CardKey(l.key))
		default:
			index.Choices = append(index.Choices, IndexChoice{Incident: l.key, Name: l.name()})
		}
	}
	v.Body = index
	return v, nil
}

// crowdView begins to draw a view of a crowded channel; one to skip where it is not
// crowded.
func (b *Bot) crowdView(ctx context.Context, key, channel string) (outbox.View, outbox.Crowd, error) {
	var crowd outbox.Crowd
	crowded := false
	err := b.DB.Read(ctx, botStream, func(v *store.View) (err error) {
		crowded, err = v.Guard(outbox.CrowdGuard(indexKey+channel), &crowd)
		return err
	})
	if err != nil {
		return outbox.View{}, crowd, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	// Read after the guard: once that says that it is over, nothing is wanted
	// any more, and the last version is the last.
	state, _, err := b.DB.View(ctx, key)
	if err != nil {
		return outbox.View{}, crowd, fmt.Errorf("bot: draw %s: %w", key, err)
	}
	v := outbox.View{Key: key, Version: state.Wanted, Skip: !crowded, Look: crowd.Epoch < b.DB.Epoch()}
	v.Call.Last = !crowded || crowd.Over
	return v, crowd, nil
}

// shows says whether an incident has a card of its own.
func (b *Bot) shows(ctx context.Context, key string) bool {
	_, ts := b.cardAt(ctx, key)
	return ts != ""
}

// indexOf draws an index of incidents that are sorted already.
func indexOf(lines []*crowdLine, now time.Time, w words.Catalogue, over bool) Index {
	counts := countsOf(lines)
	x := Index{Over: over, State: crowdState(counts, over), Title: w.Say("index.title", len(lines)), Detail: w.Say("index.detail")}
	if over {
		x.Title, x.Detail = w.Say("index.title.over", len(lines)), w.Say("index.detail.over")
	}
	x.Status = indexCounts(counts, w)
	x.Headline = x.Title + ": " + x.Status
	x.Services = indexServicesOf(lines, w)
	named := inIndex(lines, now)
	x.More = len(lines) - len(named)
	last := -1
	for _, l := range named {
		name := fmt.Sprintf("#%d", l.Number)
		if r := l.rank(); r != last {
			last = r
			x.Groups = append(x.Groups, IndexGroup{Name: w.Say("index."+indexRanks[r].name, counts[r])})
		}
		g := &x.Groups[len(x.Groups)-1]
		g.Names = append(g.Names, name)
	}
	return x
}

// countsOf says how many incidents stand how, by rank.
func countsOf(lines []*crowdLine) []int {
	counts := make([]int, len(indexRanks))
	for _, l := range lines {
		counts[l.rank()]++
	}
	return counts
}

// crowdState is the state of many: that of the worst, and quiet when it is over and
// nobody is needed.
func crowdState(counts []int, over bool) CardState {
	switch {
	case counts[0] > 0:
		return CardBad
	case over:
		return CardQuiet
	case counts[1]+counts[2] > 0:
		return CardChecking
	}
	return CardGood
}

// indexCounts say how many stand how, worst first.
func indexCounts(counts []int, w words.Catalogue) string {
	var out []string
	for i, n := range counts {
		if n > 0 {
			out = append(out, w.Say("index.count."+indexRanks[i].name, n))
		}
	}
	return strings.Join(out, " · ")
}

// indexServicesOf are the counts of each service, worst first.
func indexServicesOf(lines []*crowdLine, w words.Catalogue) []Field {
	counts := map[string][]int{}
	for _, l := range lines {
		if counts[l.Service] == nil {
			counts[l.Service] = make([]int, len(indexRanks))
		}
		counts[l.Service][l.rank()]++
	}
	names := sortedKeys(counts)
	slices.SortStableFunc(names, func(a, b string) int { return -slices.Compare(counts[a], counts[b]) })
	var out []Field
	for i, name := range names {
		if i == indexServices-1 && len(names) > indexServices {
			out = append(out, Field{Name: w.Say("index.services", len(names)-i), Value: w.Say("index.services.more")})
			break
		}
		out = append(out, Field{Name: cmp.Or(name, "?"), Value: indexCounts(counts[name], w)})
	}
	return out
}
