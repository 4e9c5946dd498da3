package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/words"
	"amsbot/store"
)

// source answers the command line from an open database: the running bot's, or
// a file's when no bot runs.
type source struct {
	app *App
	db  *store.DB

	mu          sync.Mutex
	definitions map[string]map[string]string // of steps by name, by the scenario's version
}

// FileSource answers from a database that no bot runs on. The caller closes db.
func FileSource(db *store.DB) admin.Bot { return &source{db: db} }

// History is everything about one incident, by key, PagerDuty ID, number or
// "last"; or about a storm, by key or "storm" for the newest; or, by "bot", what
// belongs to neither.
func (s *source) History(ctx context.Context, which string) (admin.History, error) {
	h, err := s.history(ctx, which)
	return h, unread(err)
}

// unread says what to do about a history that cannot be read.
func unread(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return trouble(err, "amsbot history --verify names all that is damaged; "+wayBack)
	}
	return err
}

func (s *source) history(ctx context.Context, which string) (admin.History, error) {
	which = strings.TrimPrefix(which, "#")
	if which == store.BotStream {
		return s.own(ctx)
	}
	key, err := s.find(ctx, which)
	if err != nil {
		return admin.History{}, err
	}
	var r store.Record
	var ok bool
	err = s.db.Read(ctx, key, func(v *store.View) error {
		r, ok = v.Record()
		return nil
	})
	if err != nil {
		return admin.History{}, err
	}
	if !ok {
		return admin.History{}, fmt.Errorf("history: %q: %w", which, admin.ErrNoIncident)
	}
	return s.told(ctx, r, bot.LineOf(r))
}

// find is the key of what a person means; what names nothing is one itself,
// perhaps of nothing. It reads no more of a long history than of a short one.
func (s *source) find(ctx context.Context, which string) (string, error) {
	if which == "last" {
		return s.last(ctx)
	}
	key, named, err := bot.Named(ctx, s.db, which)
	if err == nil && !named {
		key = which
	}
	return key, err
}

// last is the newest incident.
func (s *source) last(ctx context.Context) (string, error) {
	records, err := s.newest(ctx, store.Filter{Limit: 1})
	if err != nil || len(records) == 0 {
		return "last", err
	}
	return records[0].Key, nil
}

// newest are as many incidents as the filter's limit, the newest first: between
// them, and newer than all, there may be storms.
func (s *source) newest(ctx context.Context, f store.Filter) ([]store.Record, error) {
	for want := f.Limit; ; f.Limit *= 4 {
		records, err := s.db.Incidents(ctx, f)
		if err != nil {
			return nil, err
		}
		all := len(records) < f.Limit
		records = slices.DeleteFunc(records, func(r store.Record) bool { return !bot.IsIncident(r.Key) })
		if all || len(records) >= want {
			return records[:min(want, len(records))], nil
		}
	}
}

// told is everything about one stream: its card, and its events in words.
func (s *source) told(ctx context.Context, r store.Record, line bot.ListLine) (admin.History, error) {
	events, err := s.db.Events(ctx, r.Key)
	if errors.Is(err, store.ErrForgotten) {
		out := admin.History{Incident: incident(r, line)}
		out.Card = []string{fmt.Sprintf("#%d %s", line.Number, line.Title), line.Status, words.In("").Say("history.forgotten")}
		return out, nil
	}
	if err != nil {
		return admin.History{}, err
	}
	w := words.In(bot.Language(events))
	card, err := bot.Stands(ctx, s.db, events, w)
	if err != nil {
		return admin.History{}, err
	}
	out := admin.History{Incident: incident(r, line), Card: strings.Split(bot.CardText(card, w), "\n")}
	if !bot.IsIncident(r.Key) { // lists do not show it: its record has no line
		out.Title, out.Status, out.Open = card.Title, card.Status, !card.Over
	}
	for _, e := range events {
		out.Events = append(out.Events, admin.Event{Seq: e.Seq, At: e.At, By: e.By, Kind: e.Kind, Text: bot.EventText(e, w), Data: e.Data})
	}
	return out, nil
}

// own is what belongs to no incident and no storm: pauses and reloads, in amsbot's own words.
func (s *source) own(ctx context.Context) (admin.History, error) {
	out := admin.History{Incident: admin.Incident{Key: store.BotStream}}
	events, err := s.db.Events(ctx, store.BotStream)
	if errors.Is(err, store.ErrNoIncident) {
		return out, nil
	}
	w := words.In("")
	for _, e := range events {
		out.Events = append(out.Events, admin.Event{Seq: e.Seq, At: e.At, By: e.By, Kind: e.Kind, Text: bot.EventText(e, w), Data: e.Data})
	}
	return out, err
}

// Incidents are the newest ones.
func (s *source) Incidents(ctx context.Context, which admin.Which) ([]admin.Incident, error) {
	f := store.Filter{Limit: which.Limit}
	if f.Limit == 0 {
		f.Limit = admin.DefaultLimit
	}
	if which.Open {
		f.Open = &which.Open
	}
	records, err := s.newest(ctx, f)
	if err != nil {
		return nil, unread(err)
	}
	var out []admin.Incident
	for _, r := range records {
		out = append(out, incident(r, bot.LineOf(r)))
	}
	return out, nil
}

// Health is how the running bot is.
func (s *source) Health(ctx context.Context) (admin.Health, error) {
	if s.app == nil {
		return admin.Health{}, admin.ErrNoBot
	}
	return s.app.health.report(ctx, s.db, words.In(s.app.config.Language)), nil
}

func incident(r store.Record, l bot.ListLine) admin.Incident {
	return admin.Incident{Key: r.Key, Number: l.Number, Title: l.Title, Status: l.Status, Open: !l.Over, First: r.First, Last: r.Last}
}
