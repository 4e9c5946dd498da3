package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"amsbot/store"
)

// mostCrowded is how many lines of incidents are kept: some megabytes. Those beyond
// are read each time.
const mostCrowded = 8192

// crowded keeps the lines of a crowd's incidents as they were read last. An index
// and the cards beside it are drawn from all of them every second or so, and few
// have changed in between; to read each anew took a third of the time that a storm
// takes, beside what comes in.
type crowded struct {
	mu sync.Mutex
	by map[string]keptLine
}

type keptLine struct {
	version uint64 // of the record that it is of
	line    *crowdLine
}

// get is the line of an incident whose record has this version.
func (c *crowded) get(incident string, version uint64) (*crowdLine, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.by[incident]
	return k.line, ok && k.version == version
}

func (c *crowded) put(version uint64, l *crowdLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]keptLine{}
	}
	if _, kept := c.by[l.key]; kept || len(c.by) < mostCrowded {
		c.by[l.key] = keptLine{version, l}
	}
}

// forget is for when a crowd is over. Of another one that goes on the lines are
// read once more.
func (c *crowded) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.by = nil
}

// crowdLine is an incident of a crowd. Those that are kept are shared, and not
// changed any more.
type crowdLine struct {
	ListLine
	key   string
	group string    // of its group card; see groupOf
	pos   uint64    // of its last event
	began time.Time // when it was first heard of
}

// lineIn is an incident of a crowd as its record tells it.
func lineIn(r store.Record) *crowdLine {
	l := LineOf(r)
	return &crowdLine{ListLine: l, key: r.Key, group: groupOf(l), pos: r.Pos, began: r.First}
}

// offers is the offer behind an act on all of a group card; 0 where none stands.
func (l *crowdLine) offers(act string) uint64 {
	switch single(act) {
	case DoTake:
		return l.Take
	case DoEscalate:
		return l.Escalate
	}
	return 0
}

func (l *crowdLine) name() string {
	return fmt.Sprintf("#%d %s", l.Number, strings.Join(strings.Fields(l.Title), " "))
}

// crowd are the incidents whose cards belong into a channel: the open ones, and
// those that came since it is crowded. The worst are first, and among equals the
// oldest.
func (b *Bot) crowd(ctx context.Context, channel string, since time.Time) ([]*crowdLine, error) {
	open := true
	var out []*crowdLine
	take := func(l *crowdLine) {
		if l.Channel == channel {
			out = append(out, l)
		}
	}
	known := func(incident string, version uint64) bool {
		l, ok := b.crowded.get(incident, version)
		if ok {
			take(l)
		}
		return ok
	}
	filters := []store.Filter{{Since: since, Known: known}}
	if !since.IsZero() {
		filters = append(filters, store.Filter{Open: &open, Until: since, Known: known})
	}
	for _, f := range filters {
		records, err := b.DB.Incidents(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if !IsIncident(r.Key) {
				continue
			}
			l := lineIn(r)
			b.crowded.put(r.Version, l)
			take(l)
		}
	}
	slices.SortFunc(out, worstLine)
	return out, nil
}

// worstLine puts the worst incidents first, and among equals the oldest.
func worstLine(a, b *crowdLine) int {
	return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(weight(a.State), weight(b.State)),
		cmp.Compare(a.Number, b.Number), cmp.Compare(a.key, b.key))
}
