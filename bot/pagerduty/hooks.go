package pagerduty

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"amsbot/bot"
	"amsbot/scenarios"
)

// subscription is a webhook subscription as the REST API answers it.
type subscription struct {
	ID       text
	Active   bool
	Events   list[text]
	Filter   loose[named]
	Delivery loose[struct {
		URL      text
		Disabled bool `json:"temporarily_disabled"`
	}] `json:"delivery_method"`
}

// leads says whether it leads to a webhook of an amsbot's.
func (s *subscription) leads() bool {
	u, ok := s.address()
	return ok && strings.HasSuffix(strings.TrimRight(u.Path, "/"), WebhookPath)
}

// address is where it leads, without what may be a secret: a proxy in front of amsbot
// may want a password, or a token behind the path.
func (s *subscription) address() (*url.URL, bool) {
	u, err := url.Parse(string(s.Delivery.v.URL))
	if err != nil {
		return nil, false
	}
	return &url.URL{Scheme: u.Scheme, Host: strings.ToLower(u.Host), Path: u.Path, RawPath: u.RawPath}, true
}

// tells says whether it tells of new incidents of a service.
func (s *subscription) tells(service scenarios.Ref) bool {
	f := s.Filter.v
	return (f.Type != "service_reference" || f.id() == service.ID) &&
		(len(s.Events) == 0 || slices.Contains(s.Events, "incident.triggered"))
}

// subscriptions reads them all.
func (c *Client) subscriptions(ctx context.Context, class priority) ([]subscription, error) {
	var all []subscription
	for offset := 0; offset+pageSize <= mostOpen; offset += pageSize {
		var page struct {
			Subscriptions list[subscription] `json:"webhook_subscriptions"`
			More          bool
		}
		err := c.exchange(ctx, call{verb: "list webhook subscriptions", class: class}, request{
			method: "GET", path: fmt.Sprintf("/webhook_subscriptions?limit=%d&offset=%d", pageSize, offset), out: &page,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Subscriptions...)
		if !page.More || len(page.Subscriptions) == 0 {
			break
		}
	}
	return all, nil
}

// Subscription is a V3 webhook subscription that leads to an amsbot.
type Subscription struct {
	ID       string
	URL      string // without user, password, query and fragment
	Host     string // of URL, with its port if it names one
	Active   bool
	Disabled bool     // PagerDuty has switched it off for a day, after three drops in a row
	Lacks    []string // what amsbot would like to be told and is not
	Service  string   // the only service that it tells of; "" where it has no such filter
	Team     bool     // it tells of the services of a team, which need not be ours
}

// heardOf are the events that amsbot makes use of as they come. What it is not told
// of it finds by its poll, later.
var heardOf = []string{
	"incident.triggered", "incident.acknowledged", "incident.unacknowledged", "incident.escalated", "incident.reassigned",
	"incident.delegated", "incident.resolved", "incident.reopened",
}

// Subscriptions are those whose address ends as amsbot's does, which may be another
// amsbot's: under which name it is reached from outside it does not know.
func (c *Client) Subscriptions(ctx context.Context) ([]Subscription, error) {
	all, err := c.subscriptions(ctx, lookup)
	if err != nil {
		return nil, setup(err)
	}
	var out []Subscription
	for _, s := range all {
		u, ok := s.address()
		if !ok || !s.leads() || !validID(string(s.ID)) {
			continue
		}
		found := Subscription{
			ID: string(s.ID), URL: text(u.String()).line(200), Host: text(u.Host).line(200), Active: s.Active, Disabled: s.Delivery.v.Disabled,
			Team: s.Filter.v.Type == "team_reference",
		}
		if s.Filter.v.Type == "service_reference" {
			found.Service = s.Filter.v.id()
		}
		for _, event := range heardOf {
			if len(s.Events) > 0 && !slices.Contains(s.Events, text(event)) {
				found.Lacks = append(found.Lacks, event)
			}
		}
		out = append(out, found)
	}
	return out, nil
}

// Ping is the type of the test event that Ping asks for.
const Ping = "pagey.ping"

// Ping has PagerDuty send a test event to a subscription, soon.
func (c *Client) Ping(ctx context.Context, subscription string) error {
	if !validID(subscription) {
		return fmt.Errorf("pagerduty: test webhook subscription %q: %w", cut(subscription, 64), bot.ErrNotFound)
	}
	return c.exchange(ctx, call{verb: "test webhook subscription " + subscription, class: lookup, write: true}, request{
		method: "POST", path: "/webhook_subscriptions/" + subscription + "/ping",
	})
}
