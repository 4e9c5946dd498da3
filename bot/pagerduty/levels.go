package pagerduty

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	pd "github.com/PagerDuty/go-pagerduty"

	"amsbot/bot"
)

// Levels are the levels of a policy, by name or ID, with who is on call; first
// level first. The answer may be a minute old. bot.ErrNotFound when there is no
// such policy.
func (c *Client) Levels(ctx context.Context, policy string) ([]bot.Level, error) {
	id, err := c.policy(ctx, policy)
	if err != nil {
		return nil, err
	}
	levels, err := c.levelsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	return levels, nil
}

// levelsOf answers older levels beside an error, where there are any. What it
// answers is the caller's own.
func (c *Client) levelsOf(ctx context.Context, id string) ([]bot.Level, error) {
	levels, err := c.levels.get(ctx, id, func(ctx context.Context) ([]bot.Level, error) {
		return c.readLevels(ctx, id)
	})
	own := slices.Clone(levels)
	for n := range own {
		own[n].OnCall = slices.Clone(own[n].OnCall)
	}
	return own, err
}

func (c *Client) readLevels(ctx context.Context, id string) ([]bot.Level, error) {
	var policy *pd.EscalationPolicy
	err := c.ask(ctx, call{verb: "read escalation policy " + id, class: lookup}, func(ctx context.Context) (err error) {
		policy, err = c.api.GetEscalationPolicyWithContext(ctx, id, &pd.GetEscalationPolicyOptions{})
		return err
	})
	if err != nil {
		return nil, err
	}
	var levels []bot.Level
	for n, rule := range policy.EscalationRules {
		levels = append(levels, bot.Level{Level: n + 1, Timeout: time.Duration(min(rule.Delay, 1e6)) * time.Minute})
	}
	for offset := uint(0); offset < 10000; {
		page, err := c.onCalls(ctx, id, offset)
		if err != nil {
			return nil, err
		}
		for _, o := range page.OnCalls {
			if n := int(o.EscalationLevel); n >= 1 && n <= len(levels) && validID(o.User.ID) {
				levels[n-1].OnCall = addPerson(levels[n-1].OnCall, personOf(o.User))
			}
		}
		if !page.More || len(page.OnCalls) == 0 {
			break
		}
		offset += uint(len(page.OnCalls))
	}
	for n := range levels {
		levels[n].OnCall = c.known(ctx, levels[n].OnCall)
	}
	return levels, nil
}

// onCalls has a rate limit of its own, whose size nobody publishes: it is asked
// through the cache alone.
func (c *Client) onCalls(ctx context.Context, policy string, offset uint) (page *pd.ListOnCallsResponse, err error) {
	err = c.ask(ctx, call{verb: "read who is on call for " + policy, class: lookup}, func(ctx context.Context) (err error) {
		page, err = c.api.ListOnCallsWithContext(ctx, pd.ListOnCallOptions{
			EscalationPolicyIDs: []string{policy}, Includes: []string{"users"}, Limit: 100, Offset: offset,
		})
		return err
	})
	return page, err
}

// addPerson adds a person who is not among the people yet: somebody is on call
// once for every schedule of a level.
func addPerson(people []bot.Person, p bot.Person) []bot.Person {
	if slices.ContainsFunc(people, func(o bot.Person) bool { return o.ID == p.ID }) {
		return people
	}
	return append(people, p)
}

// policy is the ID of a policy that is given by name or ID.
func (c *Client) policy(ctx context.Context, policy string) (string, error) {
	policy = strings.TrimSpace(policy)
	if policy == "" {
		return "", fmt.Errorf("pagerduty: find escalation policy: no name: %w", bot.ErrNotFound)
	}
	if validID(policy) {
		_, err := c.levelsOf(ctx, policy)
		if err == nil {
			return policy, nil
		}
		// A name may look like an ID.
		if !errors.Is(err, bot.ErrNotFound) && !refusal(err) || errors.Is(err, bot.ErrRefused) {
			return "", err
		}
	}
	return c.named.get(ctx, policy, func(ctx context.Context) (string, error) {
		return c.searchPolicy(ctx, policy)
	})
}

func (c *Client) searchPolicy(ctx context.Context, name string) (string, error) {
	verb := fmt.Sprintf("find escalation policy %q", cut(name, 200))
	for offset := uint(0); offset < 10000; {
		var page *pd.ListEscalationPoliciesResponse
		err := c.ask(ctx, call{verb: verb, class: lookup}, func(ctx context.Context) (err error) {
			page, err = c.api.ListEscalationPoliciesWithContext(ctx, pd.ListEscalationPoliciesOptions{
				Query: name, Limit: 100, Offset: offset,
			})
			return err
		})
		if err != nil {
			return "", err
		}
		for _, p := range page.EscalationPolicies {
			if (p.Name == name || p.Name == "" && p.Summary == name) && validID(p.ID) {
				return p.ID, nil
			}
		}
		if !page.More || len(page.EscalationPolicies) == 0 {
			break
		}
		offset += uint(len(page.EscalationPolicies))
	}
	return "", fmt.Errorf("pagerduty: %s: %w", verb, bot.ErrNotFound)
}
