package sim

import (
	"context"
	"fmt"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/slack"
)

// slackFault is slack.Fault in JSON.
type slackFault struct {
	Method     string `json:"method"`
	After      int    `json:"after"`
	Times      int    `json:"times"`
	Status     int    `json:"status"`
	RetryAfter span   `json:"retry_after"`
	NoHeader   bool   `json:"no_header"`
	Body       string `json:"body"`
	Error      string `json:"error"`
	Hang       bool   `json:"hang"`
	Cut        bool   `json:"cut"`
	CutAfter   bool   `json:"cut_after"`
	Slow       span   `json:"slow"`
}

// pagerDutyFault is pagerduty.Fault in JSON.
type pagerDutyFault struct {
	Method string         `json:"method"`
	Path   string         `json:"path"`
	Kind   pagerduty.Kind `json:"kind"`
	Status int            `json:"status"`
	Delay  span           `json:"delay"`
	Times  int            `json:"times"`
	For    span           `json:"for"`
}

// lifted names a fault to be taken out.
type lifted struct {
	ID int `json:"id"` // 0: all
}

// faultRoutes make the neighbours fail.
func (s *Sim) faultRoutes() []route {
	type reason struct {
		Reason string `json:"reason"`
	}
	type count struct {
		N int `json:"n"`
	}
	return []route{
		post("slack/fault", `{"method":"chat.*","after":0,"times":1,"status":429,"retry_after":"2s"}`,
			"make calls fail: status (with retry_after or no_header, body), error, hang, cut, cut_after, slow; times -1 is all; answers an id",
			func(_ context.Context, in slackFault) (any, error) {
				return result{"ok": true, "id": s.faultSlack(in)}, nil
			}),
		post("slack/heal", `{"id":0}`, "take a fault out, or all with 0",
			func(_ context.Context, in lifted) (any, error) { return done, s.healSlack(in.ID) }),
		post("slack/disconnect", `{"reason":"refresh_requested"}`, "send all sockets a disconnect: warning, refresh_requested, link_disabled, too_many_websockets",
			func(_ context.Context, in reason) (any, error) {
				return result{"ok": true, "told": s.Slack.Disconnect(in.Reason)}, nil
			}),
		post("slack/drop", `{"n":1}`, "cut sockets without a word, -1: all",
			func(_ context.Context, in count) (any, error) {
				return result{"ok": true, "cut": s.Slack.Drop(in.N)}, nil
			}),
		post("slack/duplicate", `{"n":1}`, "deliver the next n envelopes twice",
			func(_ context.Context, in count) (any, error) { s.Slack.Duplicate(in.N); return done, nil }),
		post("pagerduty/fault", `{"method":"PUT","path":"/incidents","kind":"status","status":503,"times":1,"for":"1m"}`,
			`make requests fail (kind status, limit, bare_limit, hang, cut_before, cut_after, slow) or, with method "webhook", deliveries (late, twice, lost, reversed); answers an id`,
			func(_ context.Context, in pagerDutyFault) (any, error) {
				return result{"ok": true, "id": s.PagerDuty.Fault(pagerduty.Fault{
					Method: in.Method, Path: in.Path, Kind: in.Kind, Status: in.Status,
					Delay: time.Duration(in.Delay), Times: in.Times, For: time.Duration(in.For),
				})}, nil
			}),
		post("pagerduty/heal", `{"id":0}`, "take a fault out, or all with 0",
			func(_ context.Context, in lifted) (any, error) { s.PagerDuty.Heal(in.ID); return done, nil }),
	}
}

func (s *Sim) faultSlack(in slackFault) int {
	lift := s.Slack.Fault(slack.Fault{
		Method: in.Method, After: in.After, Times: in.Times, Status: in.Status, RetryAfter: time.Duration(in.RetryAfter),
		NoHeader: in.NoHeader, Body: in.Body, Error: in.Error, Hang: in.Hang, Cut: in.Cut, CutAfter: in.CutAfter, Slow: time.Duration(in.Slow),
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultN++
	s.faults[s.faultN] = lift
	return s.faultN
}

func (s *Sim) healSlack(id int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id != 0 && s.faults[id] == nil {
		return fmt.Errorf("sim: heal Slack: fault %d is %w", id, errUnknown)
	}
	for n, lift := range s.faults {
		if id == 0 || n == id {
			lift()
			delete(s.faults, n)
		}
	}
	return nil
}
