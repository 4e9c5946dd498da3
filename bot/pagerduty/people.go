package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"strings"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
)

// ByEmail finds the user with exactly this address, case aside: PagerDuty's own
// search is fuzzy. The answer may be ten minutes old.
func (c *Client) ByEmail(ctx context.Context, email string) (bot.Person, error) {
	email = strings.TrimSpace(email)
	if !validFrom(email) {
		return bot.Person{}, fmt.Errorf("pagerduty: find user %q: %w", cut(email, 254), bot.ErrNotFound)
	}
	p, err := c.emails.get(ctx, strings.ToLower(email), func(ctx context.Context) (bot.Person, error) {
		return c.searchEmail(ctx, email)
	})
	if err != nil {
		return bot.Person{}, err
	}
	return p, nil
}

func (c *Client) searchEmail(ctx context.Context, email string) (bot.Person, error) {
	verb := fmt.Sprintf("find user %q", email)
	for offset := uint(0); offset < 10000; {
		var page *pd.ListUsersResponse
		err := c.ask(ctx, call{verb: verb, class: lookup}, func(ctx context.Context) (err error) {
			page, err = c.api.ListUsersWithContext(ctx, pd.ListUsersOptions{Query: email, Limit: 100, Offset: offset})
			return err
		})
		if err != nil {
			return bot.Person{}, err
		}
		for _, u := range page.Users {
			if strings.EqualFold(strings.TrimSpace(u.Email), email) && validID(u.ID) {
				p := personOf(u)
				c.people.put(p.ID, p)
				return p, nil
			}
		}
		if !page.More || len(page.Users) == 0 {
			break
		}
		offset += uint(len(page.Users))
	}
	return bot.Person{}, fmt.Errorf("pagerduty: %s: %w", verb, bot.ErrNotFound)
}

// ByID reads the user with this ID; the answer may be an hour old.
func (c *Client) ByID(ctx context.Context, id string) (bot.Person, error) {
	if !validID(id) {
		return bot.Person{}, fmt.Errorf("pagerduty: read user %q: %w", cut(id, 64), bot.ErrNotFound)
	}
	return c.people.get(ctx, id, func(ctx context.Context) (bot.Person, error) {
		u, err := c.user(ctx, id)
		if err != nil {
			return bot.Person{}, err
		}
		return personOf(*u), nil
	})
}

func (c *Client) user(ctx context.Context, id string) (u *pd.User, err error) {
	err = c.ask(ctx, call{verb: "read user " + id, class: lookup}, func(ctx context.Context) (err error) {
		u, err = c.api.GetUserWithContext(ctx, id, pd.GetUserOptions{})
		return err
	})
	return u, err
}

func personOf(u pd.User) bot.Person {
	p := named{ID: text(cut(u.ID, 64)), Type: "user", Name: text(cut(u.Name, mostText)), Summary: text(cut(u.Summary, mostText)), Email: text(cut(u.Email, 254))}
	return p.person()
}

// known fills in the addresses of people where they can be had: references
// carry none. Who stays without is still named.
func (c *Client) known(ctx context.Context, people []bot.Person) []bot.Person {
	for n, p := range people {
		if p.Email != "" || p.ID == "" {
			continue
		}
		if p.ID == c.self.ID {
			people[n].Email = c.self.Email
			continue
		}
		if full, err := c.ByID(ctx, p.ID); err == nil {
			people[n].Email = full.Email
		}
	}
	return people
}

// userOf is the ID of the user with this login address; "" if there is none.
func (c *Client) userOf(ctx context.Context, from string) (string, error) {
	if strings.EqualFold(from, c.self.Email) {
		return c.self.ID, nil
	}
	p, err := c.ByEmail(ctx, from)
	if errors.Is(err, bot.ErrNotFound) {
		return "", nil
	}
	return p.ID, err
}
