package bot

import (
	"context"
	"slices"
	"strings"
	"time"

	"amsbot/store"
)

// aboutStorm says whether a typed order is about a storm and not about one
// incident: `/ams recover storm`, `/ams approve storm`.
func (k Click) aboutStorm() bool {
	return k.Offer == 0 && strings.EqualFold(k.Incident, NewestStorm) && (k.Act == DoRecover || k.Act == DoApprove)
}

// typeStorm takes a typed order about the storm that waits for a decision, as a
// press on its card. Which one is meant is not guessed: where several wait, the
// name of its scenario follows.
func (b *Bot) typeStorm(ctx context.Context, k Click) (Answer, error) {
	w := b.WordsIn(k.Channel, k.Room)
	waiting, err := b.stormsHere(ctx, k)
	if err != nil {
		return Answer{}, err
	}
	word, rest, _ := strings.Cut(k.Text, " ")
	named := slices.DeleteFunc(slices.Clone(waiting), func(s *storm) bool { return s.began.Scenario != word })
	if len(named) == 1 {
		waiting, k.Text = named, strings.TrimSpace(rest)
	}
	switch len(waiting) {
	case 1:
	case 0:
		return Answer{Text: w.Say("storm.none")}, nil
	default:
		var names []string
		for _, s := range waiting {
			names = append(names, plain(s.began.Scenario, 80))
		}
		return Answer{Text: w.Say("storm.several", strings.Join(names, ", "))}, nil
	}
	k = k.breaksGlass()
	if k.Incident = waiting[0].key; k.Act == DoRecover {
		k.Act = DoAll
	}
	if o := waiting[0].standing(); o != nil && k.Act != DoApprove {
		k.Offer = o.seq
	}
	return b.actStorm(ctx, k)
}

// stormsHere are the storms that wait for a decision and whose card stands in the
// channel, or whose project whoever asks may see there; the newest first.
func (b *Bot) stormsHere(ctx context.Context, k Click) ([]*storm, error) {
	open := true
	records, err := b.DB.Incidents(ctx, store.Filter{Open: &open})
	if err != nil {
		return nil, err
	}
	var out []*storm
	for _, r := range records {
		if IsIncident(r.Key) {
			continue
		}
		s, err := b.loadStorm(ctx, r.Key)
		if err != nil {
			return nil, err
		}
		if s.standing() == nil && s.waitsForApproval(time.Now()) == nil {
			continue
		}
		if card, _ := b.cardAt(ctx, s.key); card == k.Channel || b.sees(ctx, k.question(), s.began.Project.Name) {
			out = append(out, s)
		}
	}
	return out, nil
}
