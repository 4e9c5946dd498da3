package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
)

// alertIn is an alert as the control API takes it.
type alertIn struct {
	Service  string         `json:"service"` // ID or name
	Title    string         `json:"title"`
	Severity string         `json:"severity"` // critical when empty
	Key      string         `json:"key"`      // dedup key; made up when empty
	Details  map[string]any `json:"details"`
	Text     string         `json:"text"` // details that are a string
}

// toggles switch the monitor; what is left out stays.
type toggles struct {
	Watching  *bool `json:"watching"`
	AutoClear *bool `json:"auto_clear"`
}

var (
	errNoPatient = fmt.Errorf("sim: patient: %w: this world has none", errUnknown)
	errNoBot     = fmt.Errorf("sim: bot: %w: nobody gave this simulator a bot to switch", errUnknown)
)

// worldRoutes are what happens to the patient, the monitor and the bot.
func (s *Sim) worldRoutes() []route {
	type nothing struct{}
	type ailing struct {
		Ailment string `json:"ailment"`
	}
	type clearing struct {
		Service string `json:"service"`
		Key     string `json:"key"`
	}
	type kind struct {
		Kind string `json:"kind"`
	}
	return []route{
		post("raise", `{"service":"shop-web","title":"Health check failed","severity":"critical","key":"web-1/health","details":{"host":"web-1.shop.example"}}`,
			"raise an alert; text in place of details makes them a string; answers the incident",
			func(_ context.Context, in alertIn) (any, error) { return s.raise(in) }),
		post("clear", `{"service":"shop-web","key":"web-1/health"}`, "clear an alert",
			func(_ context.Context, in clearing) (any, error) { return done, s.PagerDuty.Clear(in.Service, in.Key) }),
		post("example", `{"kind":"unmatched"}`, "raise a ready-made alert: unmatched, hostile, storm, again, another",
			func(_ context.Context, in kind) (any, error) { return done, s.example(in.Kind) }),
		post("ail", `{"ailment":"errors"}`, "make the patient ill; the state lists the ailments",
			func(_ context.Context, in ailing) (any, error) { return done, s.ail(in.Ailment) }),
		post("heal", `{}`, "make the patient healthy",
			func(context.Context, nothing) (any, error) { return done, s.ail(patient.Healthy) }),
		post("monitor", `{"watching":true,"auto_clear":true}`, "let the monitor watch or look away, and clear what is healthy again or leave it open",
			func(_ context.Context, in toggles) (any, error) { return done, s.monitor(in) }),
		post("bot/kill", `{}`, "kill the bot without warning",
			func(context.Context, nothing) (any, error) { return s.switchBot(Bot.Kill) }),
		post("bot/start", `{}`, "start the bot",
			func(context.Context, nothing) (any, error) { return s.switchBot(Bot.Start) }),
	}
}

func (s *Sim) raise(in alertIn) (any, error) {
	if in.Title == "" {
		return nil, errors.New("sim: raise: an alert needs a title")
	}
	a := pagerduty.Alert{Service: in.Service, Title: in.Title, Severity: in.Severity, DedupKey: in.Key, Source: "control"}
	if in.Text != "" {
		a.Details = in.Text
	} else if in.Details != nil {
		a.Details = in.Details
	}
	id, err := s.PagerDuty.Raise(a)
	return result{"ok": true, "incident": id}, err
}

func (s *Sim) ail(name string) error {
	if s.Patient == nil {
		return errNoPatient
	}
	if !slices.ContainsFunc(patient.Ailments(), func(a patient.Ailment) bool { return a.Name == name }) {
		return fmt.Errorf("sim: ail: ailment %q is %w", name, errUnknown)
	}
	return s.Patient.Ail(name)
}

func (s *Sim) monitor(in toggles) error {
	if s.Patient == nil {
		return errNoPatient
	}
	if in.Watching != nil {
		s.Patient.Monitor.Watch(*in.Watching)
	}
	if in.AutoClear != nil {
		s.Patient.Monitor.AutoClear(*in.AutoClear)
	}
	return nil
}

// stormSize is a small storm: enough to need an index, few enough to read.
const stormSize = 12

// example raises what people like to try.
func (s *Sim) example(kind string) error {
	if s.Patient == nil {
		return errNoPatient
	}
	m := s.Patient.Monitor
	switch kind {
	case "unmatched":
		_, err := m.Send(patient.Alert{
			Service: "shop-mail", Title: "Mail queue is not drained: 431 deferred", Severity: "error", Key: "mail-1/deferred",
			Details: map[string]any{"host": "mail-1.shop.example", "environment": "production", "check": "deferred", "value": 431},
		})
		return err
	case "hostile":
		return m.Hostile()
	case "storm":
		return m.Storm(stormSize)
	case "again":
		return m.Again()
	case "another":
		return m.Another()
	}
	return fmt.Errorf("sim: example: %q is %w", kind, errUnknown)
}

// switchBot presses the switch and tells how it stands then.
func (s *Sim) switchBot(press func(Bot) error) (any, error) {
	if s.opt.Bot == nil {
		return nil, errNoBot
	}
	err := press(s.opt.Bot)
	s.pulse.beat()
	return result{"ok": true, "running": s.opt.Bot.Running()}, err
}
