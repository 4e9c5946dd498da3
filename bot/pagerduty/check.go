package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
)

// SetupError is something that whoever runs amsbot has to put right.
type SetupError struct {
	Err  error
	Next string // the next thing to do
}

func (e *SetupError) Error() string { return e.Err.Error() }

// Unwrap is the cause.
func (e *SetupError) Unwrap() error { return e.Err }

// Hint is the next thing to do.
func (e *SetupError) Hint() string { return e.Next }

// Check says before work begins whether the token works and amsbot's own user
// exists with the configured address. Errors that a person has to put right are
// a *SetupError; others (no network, a rate limit) may pass by themselves. It
// asks for the users, not for /users/me, which an account key does not have.
func (c *Client) Check(ctx context.Context) error {
	if err := c.CheckToken(ctx); err != nil {
		return err
	}
	_, err := c.CheckSelf(ctx)
	return err
}

// CheckToken says whether the token may read at all. Errors are those of Check.
func (c *Client) CheckToken(ctx context.Context) error {
	return setup(c.ask(ctx, call{verb: "check token", class: firstRead}, func(ctx context.Context) error {
		_, err := c.api.ListUsersWithContext(ctx, pd.ListUsersOptions{Limit: 1})
		return err
	}))
}

// Self is amsbot's own user as PagerDuty has it.
type Self struct {
	bot.Person
	Called bool // it has rules by which PagerDuty would notify it
}

// CheckSelf says whether amsbot's own user exists, logs in with the configured
// address and may respond. Errors are those of Check.
func (c *Client) CheckSelf(ctx context.Context) (Self, error) {
	u, err := c.user(ctx, c.self.ID)
	switch {
	case errors.Is(err, bot.ErrNotFound):
		return Self{}, &SetupError{err, "pagerduty.user is the ID of amsbot's own PagerDuty user, as in the address of its page (/users/P…); create the user if there is none"}
	case err != nil:
		return Self{}, setup(err)
	case !strings.EqualFold(strings.TrimSpace(u.Email), c.self.Email):
		return Self{}, &SetupError{
			fmt.Errorf("pagerduty: check user %s: its login address is not %s", u.ID, c.self.Email),
			"pagerduty.from must be the address with which the user of pagerduty.user logs in",
		}
	case strings.HasPrefix(u.Role, "read_only"):
		return Self{}, &SetupError{
			fmt.Errorf("pagerduty: check user %s: its role is %s", u.ID, u.Role),
			"give amsbot's PagerDuty user a role that may respond to incidents",
		}
	}
	c.people.put(c.self.ID, personOf(*u))
	return Self{personOf(*u), len(u.NotificationRules) > 0}, nil
}

func setup(err error) error {
	var e *callError
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch {
	case e.gone():
		return &SetupError{err, "pagerduty.api_url is the base of the REST API (https://api.pagerduty.com, in the EU https://api.eu.pagerduty.com)"}
	case e.forbidden():
		return &SetupError{err, "PAGERDUTY_TOKEN must be a REST API key with full access; create one under Integrations, API Access Keys"}
	case e.status/100 == 3, e.status/100 == 2:
		return &SetupError{err, "pagerduty.api_url must be the base of PagerDuty's REST API"}
	}
	return err
}
