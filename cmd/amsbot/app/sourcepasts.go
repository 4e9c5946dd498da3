package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/scenarios"
	"amsbot/store"
)

const (
	mostPage     = 4 << 20 // bytes of a page, but for its last incident
	mostVersions = 500     // of scenarios whose definitions are kept
)

// Pasts are incidents as they went, a page at a time.
func (s *source) Pasts(ctx context.Context, from admin.From) (admin.Page, error) {
	limit := from.Limit
	if limit < 1 || limit > admin.MostPasts {
		limit = admin.MostPasts
	}
	records, err := s.db.Onwards(ctx, store.Mark{First: from.First, Key: from.Key}, limit)
	if err != nil {
		return admin.Page{}, unread(err)
	}
	var page admin.Page
	size := 0
	for i, r := range records {
		if bot.IsIncident(r.Key) {
			wide, err := s.past(ctx, r, &page)
			if err != nil {
				return admin.Page{}, unread(err)
			}
			size += wide
		}
		if i == limit-1 || size > mostPage {
			page.Next = &admin.From{First: r.First, Key: r.Key}
			break
		}
	}
	return page, nil
}

// forgottenSize is about what an incident takes without its runs.
const forgottenSize = 512

// past puts one incident on a page, and says how large it is there.
func (s *source) past(ctx context.Context, r store.Record, page *admin.Page) (size int, err error) {
	events, err := s.db.Events(ctx, r.Key)
	if errors.Is(err, store.ErrForgotten) {
		page.Incidents = append(page.Incidents, admin.Pasts{Incident: incident(r, bot.LineOf(r)), Forgotten: true})
		return forgottenSize, nil
	}
	if err != nil {
		return 0, err
	}
	p := admin.Pasts{Incident: incident(r, bot.LineOf(r)), Runs: bot.Pasts(events)}
	for i := range p.Runs {
		if err := s.define(ctx, &p.Runs[i]); err != nil {
			return 0, err
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("pasts: write %s: %w", r.Key, err)
	}
	page.Incidents = append(page.Incidents, p)
	return len(raw), nil
}

// define says of each step of a run what decided what it did.
func (s *source) define(ctx context.Context, run *bot.Past) error {
	if run.Version == "" {
		return nil
	}
	s.mu.Lock()
	known, ok := s.definitions[run.Version]
	s.mu.Unlock()
	if !ok {
		var err error
		if known, err = s.definitionsOf(ctx, run.Sources); err != nil {
			return err
		}
		s.mu.Lock()
		if s.definitions == nil || len(s.definitions) > mostVersions {
			s.definitions = map[string]map[string]string{}
		}
		s.definitions[run.Version] = known
		s.mu.Unlock()
	}
	for i := range run.Steps {
		run.Steps[i].Definition = known[run.Steps[i].Name]
	}
	return nil
}

// definitionsOf are those of a scenario's steps, by name; none where this amsbot
// cannot make that version any more.
func (s *source) definitionsOf(ctx context.Context, files map[string]string) (map[string]string, error) {
	out := map[string]string{}
	var sources []scenarios.Source
	for name, hash := range files {
		data, err := s.db.Blob(ctx, hash)
		if errors.Is(err, store.ErrNoBlob) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		sources = append(sources, scenarios.Source{Name: name, Data: data})
	}
	sc, err := scenarios.Pin(sources, scenarios.Options{})
	if err != nil {
		return out, nil
	}
	for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
		for _, st := range sc.Steps(p) {
			out[st.Name] = st.Definition()
		}
	}
	return out, nil
}
