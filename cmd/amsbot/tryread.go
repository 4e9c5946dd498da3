package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/bot/pagerduty"
	"amsbot/scenarios"
	"amsbot/store"
)

// asked is the incident that is tried.
type asked struct {
	incident scenarios.Incident
	then     *bot.Past // how it was decided when it happened; nil: not known
	file     string    // where it was read; "" for a database
}

const incidentHint = `give what GET /incidents/ID answers, the body of a V3 webhook, or amsbot history NUMBER --json`

// read reads the incident that the flags name.
func (f *tryFlags) read(ctx context.Context, stdin io.Reader) (a asked, err error) {
	if f.number == "" {
		return readIncident(ctx, f.incident, stdin)
	}
	path, err := database(f.db, f.config)
	if err != nil {
		return asked{}, err
	}
	err = withSource(ctx, path, func(s admin.Bot) error {
		h, err := s.History(ctx, f.number)
		if errors.Is(err, admin.ErrNoIncident) {
			return &usageError{fmt.Errorf("try: there is no incident %q", f.number), "amsbot history lists the incidents"}
		}
		if err == nil {
			a, err = fromHistory(h)
		}
		return err
	})
	return a, err
}

// readIncident reads a file, or stdin where it is called -.
func readIncident(ctx context.Context, file string, stdin io.Reader) (asked, error) {
	name, open := file, func() (io.ReadCloser, error) { return os.Open(file) }
	if file == "-" {
		name, open = "stdin", func() (io.ReadCloser, error) { return io.NopCloser(stdin), nil }
	}
	data, err := readAtMost(ctx, open, pagerduty.MostIncident+1)
	var missing *fs.PathError
	switch {
	case ctx.Err() != nil:
		return asked{}, errors.New("try: stopped before the incident was read")
	case errors.As(err, &missing) && missing.Op == "open":
		return asked{}, &usageError{fmt.Errorf("try: %w", err), incidentHint}
	case err != nil:
		return asked{}, &usageError{fmt.Errorf("try: read %s: %w", name, err), incidentHint}
	}
	a, err := understand(data)
	var wrong *usageError
	switch {
	case errors.As(err, &wrong):
		return asked{}, err
	case errors.Is(err, pagerduty.ErrSeveral):
		return asked{}, &usageError{fmt.Errorf("try: %s: %w", name, err), "take one of them: jq '{incident: .incidents[0]}' FILE"}
	case err != nil:
		return asked{}, &usageError{fmt.Errorf("try: %s: %w", name, err), incidentHint}
	}
	a.file = name
	return a, nil
}

// readAtMost opens a file and reads as far as it is let, and gives up when ctx
// ends: a terminal may never say anything, and a pipe not even be opened.
func readAtMost(ctx context.Context, open func() (io.ReadCloser, error), most int64) ([]byte, error) {
	type read struct {
		data []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		from, err := open()
		if err != nil {
			done <- read{err: err}
			return
		}
		data, err := io.ReadAll(io.LimitReader(from, most))
		done <- read{data, errors.Join(err, from.Close())}
	}()
	select {
	case r := <-done:
		return r.data, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// understand tells amsbot's own history from what PagerDuty prints.
func understand(data []byte) (asked, error) {
	var h admin.History
	if len(data) <= pagerduty.MostIncident && json.Unmarshal(data, &h) == nil && len(h.Events) > 0 && h.Events[0].Kind != "" {
		return fromHistory(h)
	}
	in, err := pagerduty.ParseIncident(data)
	return asked{incident: in}, err
}

// fromHistory takes the newest run of an incident as it was decided, else what
// was read of it last.
func fromHistory(h admin.History) (asked, error) {
	if !bot.IsIncident(h.Key) {
		return asked{}, &usageError{fmt.Errorf("try: %s is a storm, not an incident", h.Key), "name one of the incidents that its history names"}
	}
	var events []store.Event
	for _, e := range h.Events {
		events = append(events, store.Event{V: 1, Incident: h.Key, Seq: e.Seq, Kind: e.Kind, At: e.At, By: e.By, Data: e.Data})
	}
	var a asked
	snap, ok := bot.LastRead(events)
	if all := bot.Pasts(events); len(all) > 0 {
		a.then = &all[len(all)-1]
		snap = a.then.Snapshot
	} else if !ok {
		return asked{}, &usageError{fmt.Errorf("try: the incident has not been read yet"), "amsbot history says how far it is"}
	}
	kept, err := json.Marshal(snap.Incident) // a file says what it likes: the limits of a read hold for it too
	if err != nil {
		return asked{}, fmt.Errorf("try: read history: %w", err)
	}
	a.incident, err = pagerduty.ParseIncident(kept)
	return a, err
}
