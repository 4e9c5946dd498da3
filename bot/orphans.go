package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"amsbot/scenarios"
	"amsbot/store"
)

// programGuards keep the programs that steps have started on this machine, from
// their start to the record of their end. What is found there at a start was left
// behind by an amsbot that was killed, or could not be ended by it.
const programGuards = "program:"

// leftover is a step's program, as it is kept.
type leftover struct {
	scenarios.Program
	Incident string          `json:"incident"`
	Phase    scenarios.Phase `json:"phase"`
	Step     string          `json:"step"`
	Ended    bool            `json:"ended,omitempty"` // it went on without amsbot, and was ended
	Left     bool            `json:"left,omitempty"`  // it could not be ended: each start tries again
	Over     bool            `json:"over,omitempty"`  // its step is on record as over
}

func programGuard(incident string, at place) string {
	return fitKey(programGuards + incident + "#" + strings.Join([]string{
		strconv.FormatUint(at.Pass, 10), string(at.Phase), strconv.Itoa(at.Round), strconv.Itoa(at.Step)}, "."))
}

// noteProgram keeps what a step has started. The program runs meanwhile: where it
// cannot be kept, and amsbot is killed too, the kernel ends it alone, and not what
// it has started itself.
func (b *Bot) noteProgram(ctx context.Context, key string, l launch, p scenarios.Program) {
	_, err := b.DB.Commit(ctx, key, func(*store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{programGuard(key, l.place): leftover{Program: p, Incident: key, Phase: l.place.Phase, Step: l.step.Name}}}, nil
	})
	if err != nil && ctx.Err() == nil {
		b.Log.Error("bot: keep a step's program", "incident", key, "step", l.step.Name, "err", err)
	}
}

// endOrphans ends the programs that an earlier amsbot left running, all at once,
// before anything else is done to their targets.
func (b *Bot) endOrphans(ctx context.Context) error {
	all, err := b.leftovers(ctx)
	if err != nil {
		return err
	}
	var ends sync.WaitGroup
	for key, l := range all {
		ends.Go(func() {
			var kept any // nothing, unless whoever reads of the interruption should know
			if l = b.endOrphan(ctx, l); l.Left || l.Ended && l.Phase == scenarios.Recover && !l.Over {
				kept = l
			}
			if err := b.keepOrphan(ctx, key, l, kept); err != nil && ctx.Err() == nil {
				b.Log.Error("bot: forget a step's program", "incident", l.Incident, "step", l.Step, "err", err)
			}
		})
	}
	ends.Wait()
	return ctx.Err()
}

// keepOrphan keeps, or forgets, what was found of a program. Of one that a card asks
// people to end, and that is gone now, the incident is told.
func (b *Bot) keepOrphan(ctx context.Context, key string, l leftover, kept any) error {
	told := false
	if l.Over && kept == nil {
		_, err := b.commit(ctx, l.Incident, func(c *change) error {
			if told = slices.Contains(c.in.left, l.Step) && !c.in.over() && !c.leftBeside(key, l); told {
				c.guard(key, nil)
				c.write(kindProgramGone, amsbot, programGone{Step: l.Step})
			}
			return nil
		})
		if err != nil || told {
			return err
		}
	}
	_, err := b.DB.Commit(ctx, l.Incident, func(*store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{key: kept}}, nil
	})
	return err
}

// leftBeside says whether another program of the same step is still kept.
func (c *change) leftBeside(key string, l leftover) bool {
	all, err := c.view.Guards(programGuards)
	if err != nil {
		return true // the commit fails by itself
	}
	for other, raw := range all {
		var o leftover
		if other != key && decode(raw, &o) && o.Incident == l.Incident && o.Step == l.Step {
			return true
		}
	}
	return false
}

// endOrphan ends one of them, and says what came of it.
func (b *Bot) endOrphan(ctx context.Context, l leftover) leftover {
	if l.Ended {
		return l
	}
	found, ended := l.Program.End(ctx, b.Tools)
	l.Ended, l.Left = ended, found && !ended
	switch {
	case l.Left:
		b.Log.Warn("bot: a program of a step still runs, and could not be ended", "incident", l.Incident, "step", l.Step, "group", l.Group, "hint", leftHint)
	case ended:
		b.Log.Warn("bot: a program of a step that was interrupted still ran; it was ended", "incident", l.Incident, "step", l.Step, "group", l.Group)
	}
	return l
}

// leftHint is for whoever runs amsbot.
const leftHint = "it runs as another user, or hangs in the kernel: end it by hand"

// leftovers are the programs whose end is not on record, by their guards.
func (b *Bot) leftovers(ctx context.Context) (map[string]leftover, error) {
	all := map[string]leftover{}
	err := b.DB.Read(ctx, botStream, func(v *store.View) error {
		kept, err := v.Guards(programGuards)
		for key, raw := range kept {
			var l leftover
			if decode(raw, &l) && l.Incident != "" {
				all[key] = l
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bot: look for what an earlier amsbot left: %w", err)
	}
	return all, nil
}

// unlist takes the step's program off the list, unless it could not be ended, as
// left says or the start has found; it returns what stood there.
func (c *change) unlist(at place, left bool) leftover {
	var l leftover
	key := programGuard(c.in.key, at)
	ok, err := c.view.Guard(key, &l)
	if err != nil || !ok {
		return leftover{}
	}
	if l.Left = l.Left || left; l.Left {
		l.Over = true
		c.guard(key, l)
		return l
	}
	c.guard(key, nil)
	return l
}

// unseen is why the end of a step that was interrupted is not known.
func (c *change) unseen(at place) string {
	l := c.unlist(at, false)
	switch {
	case l.Left:
		return "interrupted.left"
	case l.Ended:
		return "interrupted.ended"
	case c.sc.Steps(at.Phase)[at.Step].Elsewhere():
		return "interrupted.elsewhere"
	}
	return "interrupted.crash"
}
