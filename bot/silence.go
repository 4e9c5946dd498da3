package bot

import (
	"context"
	"fmt"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// Why webhooks do not come, as far as that can be known.
const (
	SilentRefused  = "refused"  // what came was signed with none of our secrets
	SilentNone     = "none"     // no subscription leads here
	SilentOff      = "off"      // the subscription is switched off
	SilentDisabled = "disabled" // PagerDuty has switched it off for a day
	SilentFiltered = "filtered" // it is about other services
	SilentActive   = "active"   // PagerDuty takes it for active: they do not reach us
	SilentUnknown  = "unknown"  // PagerDuty does not say
)

// Silence is that webhooks do not come: the poll found incidents that none had
// told of. Its zero Why means that they come (again).
type Silence struct {
	Why          string        `json:"why"`
	Missed       int           `json:"missed"`                 // incidents
	Since        time.Time     `json:"since"`                  // when the first of them was found
	Subscription string        `json:"subscription,omitempty"` // its ID, where there is one
	Service      scenarios.Ref `json:"service,omitzero"`       // of the last incident
}

// silenceGuard is the silence that stands, if one does.
const silenceGuard = "webhooks"

// silentElsewhere is SilentFiltered to whoever is not told of which service.
const silentElsewhere = "elsewhere"

// Words are what is wrong, and the next thing to do, in one line.
func (s *Silence) Words(w words.Catalogue) string {
	why := s.Why
	if why == SilentFiltered && s.Service.Name == "" {
		why = silentElsewhere
	}
	return w.Join(w.Count("webhooks.silent", s.Missed), w.Say("webhooks."+why, s.Subscription, s.Service.Name))
}

// Webhooks is told how PagerDuty's webhooks fare: by the poll, with the incidents
// found since it was told last, and once they come again. It answers the silence
// that stands then; nil: none. Its beginning and its end are events, in the
// stream "bot", and are logged. A webhook about one service says nothing about a
// subscription that leaves another out.
func (b *Bot) Webhooks(ctx context.Context, news Silence) (*Silence, error) {
	var stands Silence
	var was, is bool
	_, err := b.DB.Commit(ctx, botStream, func(v *store.View) (out store.Change, err error) {
		stands = Silence{}
		if was, err = v.Guard(silenceGuard, &stands); err != nil {
			return out, err
		}
		kind := ""
		switch {
		case news.Why != "":
			is = true
			news.Missed += stands.Missed
			if was {
				news.Since = stands.Since
			} else {
				kind = kindSilent
			}
			stands = news
			out.Guards = map[string]any{silenceGuard: stands}
		case !was, stands.Why == SilentFiltered && news.Service.ID != stands.Service.ID:
			is = was
			return out, nil
		default:
			is, kind = false, kindHeardAgain
			out.Guards = map[string]any{silenceGuard: nil}
		}
		if kind != "" {
			out.Events = []store.NewEvent{{Kind: kind, By: amsbot, Data: stands}}
		}
		return out, nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("bot: record how webhooks fare: %w", err)
	case is && !was:
		b.Log.Warn("webhooks do not come; the poll finds what they do not tell", "why", stands.Words(words.In("")))
	case was && !is:
		b.Log.Warn("webhooks come again", "missed", stands.Missed, "since", stands.Since)
	}
	if !is {
		return nil, nil
	}
	return &stands, nil
}

// Silence is the silence of the webhooks that stands; nil: none, or none is
// expected.
func (b *Bot) Silence(ctx context.Context) (*Silence, error) {
	if b.Unhooked {
		return nil, nil
	}
	var s Silence
	var ok bool
	err := b.DB.Read(ctx, botStream, func(v *store.View) (err error) {
		ok, err = v.Guard(silenceGuard, &s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bot: look whether webhooks come: %w", err)
	}
	if !ok {
		return nil, nil
	}
	return &s, nil
}

// silenceFor is the silence that stands as whoever asks may know of it: its service
// has a name where they see the service's project.
func (b *Bot) silenceFor(ctx context.Context, q Question) (*Silence, error) {
	s, err := b.Silence(ctx)
	if err != nil || s == nil {
		return nil, err
	}
	if p, ok := b.Scenarios().Project(s.Service); !ok || !b.sees(ctx, q, p.Name) {
		s.Service = scenarios.Ref{}
	}
	return s, nil
}

// Watches says whether incidents of a service are amsbot's to answer.
func (b *Bot) Watches(service scenarios.Ref) bool {
	_, mine := b.Scenarios().Project(service)
	return mine
}

// silenceText is that webhooks ceased, or came again, in words.
func silenceText(e store.Event, w words.Catalogue) string {
	s, _ := into[Silence](e)
	switch e.Kind {
	case kindSilent:
		return s.Words(w)
	case kindHeardAgain:
		return w.Count("webhooks.again", s.Missed)
	}
	return ""
}
