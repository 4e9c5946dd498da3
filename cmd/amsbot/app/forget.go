package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"amsbot/scenarios"
	"amsbot/store"
)

// HistoryConfig says how long the history is kept.
type HistoryConfig struct {
	Keep Keep `yaml:"keep"`
}

// Keep is how long the events of an incident that is over are kept, written
// "400d"; 0, written "forever", keeps them all.
type Keep time.Duration

// The default is a year and a bit, so that one can compare with the last one. The
// least is what guards look back at, and a little more.
const (
	defaultKeep = Keep(400 * 24 * time.Hour)
	leastKeep   = Keep(35 * 24 * time.Hour)
)

const forever = "forever"

// MarshalYAML writes it so that it can be read again.
func (k Keep) MarshalYAML() (any, error) {
	if k == 0 {
		return forever, nil
	}
	return fmt.Sprintf("%dd", time.Duration(k)/(24*time.Hour)), nil
}

// UnmarshalYAML reads a Keep.
func (k *Keep) UnmarshalYAML(n *yaml.Node) error {
	if n.Value == forever {
		*k = 0
		return nil
	}
	span, err := scenarios.ParseSpan(n.Value)
	if err != nil || Keep(span) < leastKeep {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: history.keep: %q is neither a time such as 400d, of at least 35d, nor forever", n.Line, n.Value)}}
	}
	*k = Keep(span)
	return nil
}

const (
	forgetEvery = time.Hour       // how often it is looked for what is old
	forgetPause = 2 * time.Second // between two steps: everybody else has the disk for longer
)

// theirs is what time it is by somebody's clock; not ok where nobody knows.
type theirs func() (now time.Time, ok bool)

// atLeast is a time that has surely come: our clock says so, and every neighbour's
// that said anything; not ok while none has. A clock that is a year ahead would
// take the youngest history for old, and what is removed does not come back when
// it is set right.
func atLeast(neighbours ...theirs) (now time.Time, ok bool) {
	now = time.Now()
	for _, neighbour := range neighbours {
		if at, said := neighbour(); said {
			ok = true
			if at.Before(now) {
				now = at
			}
		}
	}
	return now, ok
}

// wrongBy is how far the clocks may differ before somebody is told.
const wrongBy = time.Hour

// forget removes the events of incidents that are long over, little by little:
// those that are old by our clock and by the neighbours'.
func (a *App) forget(ctx context.Context, db *store.DB, neighbours ...theirs) error {
	keep := time.Duration(a.config.History.Keep)
	if keep == 0 {
		return nil
	}
	mark := store.Mark{}
	for wait := forgetEvery; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		now, sure := atLeast(neighbours...)
		if !sure { // it waits for somebody who says what time it is
			wait = forgetEvery
			continue
		}
		if by := time.Since(now); by > wrongBy && mark == (store.Mark{}) {
			a.log.Warn("this machine's clock is ahead of Slack's or PagerDuty's; no history is removed that is not old by theirs", "by", by.Round(time.Minute))
		}
		done, err := db.Forget(ctx, now.Add(-keep), mark)
		if errors.Is(err, store.ErrClosed) || ctx.Err() != nil {
			return nil
		}
		if err != nil {
			a.log.Warn("the old history could not be removed; it is tried again", "err", err)
		}
		if done.Events > 0 {
			a.log.Info("events were removed, as they are kept for a time only", "events", done.Events, "incidents", done.Streams)
		}
		mark, wait = done.Next, forgetPause
		if err != nil || !done.More {
			mark, wait = store.Mark{}, forgetEvery
		}
	}
}
