package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/scenarios"
)

// Ahead is how far our clock is ahead of PagerDuty's; ok is false while PagerDuty
// has not said its time.
func (c *Client) Ahead() (by time.Duration, ok bool) { return c.ahead.By() }

// User is a user by ID; bot.ErrNotFound if there is none. The answer may be an
// hour old.
func (c *Client) User(ctx context.Context, id string) (bot.Person, error) { return c.ByID(ctx, id) }

// CheckReads says whether the token may read incidents and the account's log.
// Errors are those of Check.
func (c *Client) CheckReads(ctx context.Context) error {
	for what, path := range map[string]string{"incidents": "/incidents?limit=1", "the log": "/log_entries?limit=1&is_overview=true"} {
		err := c.exchange(ctx, call{verb: "read " + what, class: lookup}, request{method: http.MethodGet, path: path, out: new(struct{})})
		if err != nil {
			return setup(err)
		}
	}
	return nil
}

// noIncident is the ID of none: PagerDuty's own are shorter.
const noIncident = "QAMSBOTASKSWHETHERITMAYCHANGEINCIDENTS"

// How PagerDuty refuses a change to an incident that is none: by one of these codes
// or as not found. Which it is nobody has written down.
const (
	codeNoIncident = 1004
	codeInvalid    = 2001
)

// CheckWrites says whether incidents may be changed with the token as amsbot's own
// user: it asks to acknowledge one that does not exist, and looks why that is
// refused. Errors are those of Check; one that says something else means that it
// could not be found out.
func (c *Client) CheckWrites(ctx context.Context) error {
	type change struct {
		ID     string `json:"id"`
		Type   string `json:"type"`
		Status string `json:"status"`
	}
	err := c.exchange(ctx, call{verb: "change an incident that does not exist", class: lookup, write: true, change: true}, request{
		method: http.MethodPut, path: "/incidents", from: c.self.Email,
		in: map[string][]change{"incidents": {{noIncident, "incident_reference", "acknowledged"}}},
	})
	var e *callError
	switch {
	case err == nil || !errors.As(err, &e):
		return err
	case e.code == codeNoRequester:
		return &SetupError{err, "pagerduty.from must be the address with which amsbot's PagerDuty user logs in"}
	case e.code == codeUnauthorized:
		return &SetupError{err, "give amsbot's PagerDuty user a role that may respond to incidents"}
	case e.forbidden():
		return &SetupError{err, "PAGERDUTY_TOKEN may only read; create a REST API key that is not read-only, under Integrations, API Access Keys"}
	case e.gone(), e.code == codeNoIncident, e.code == codeInvalid && strings.Contains(strings.ToLower(e.message), "incident"):
		return nil // it came as far as the incident
	}
	return setup(err)
}

// Service is a service of the account.
type Service struct {
	scenarios.Ref
	Policy     scenarios.Ref // its escalation policy
	AckTimeout time.Duration // after which PagerDuty takes an acknowledgement back; 0: never
}

// Services are all of the account. Errors are those of Check.
func (c *Client) Services(ctx context.Context) ([]Service, error) {
	var all []Service
	for offset := 0; offset+pageSize <= mostOpen; offset += pageSize {
		var page struct {
			Services list[struct {
				named
				Policy  loose[named] `json:"escalation_policy"`
				Timeout whole        `json:"acknowledgement_timeout"`
			}]
			More bool
		}
		err := c.exchange(ctx, call{verb: "list services", class: lookup}, request{
			method: http.MethodGet, path: fmt.Sprintf("/services?limit=%d&offset=%d", pageSize, offset), out: &page,
		})
		if err != nil {
			return nil, setup(err)
		}
		for _, s := range page.Services {
			all = append(all, Service{Ref: s.named.ref(), Policy: s.Policy.v.ref(), AckTimeout: time.Duration(s.Timeout) * time.Second})
		}
		if !page.More || len(page.Services) == 0 {
			break
		}
	}
	return all, nil
}
