package pagerduty

import (
	"context"
	"net/url"
	"slices"
	"time"

	"amsbot/bot"
)

const mostWindows = 20 // of one service that are open at the same time

// maintenance are PagerDuty's own maintenance windows that are open now on a
// service, an answer at most a minute old, and for some minutes an older one where
// they cannot be read. Else there are none then: nearly always that is so,
// PagerDuty itself makes no incident while one is open, and a trouble of one route
// must not keep every recovery from happening. Who has to be sure opens the window
// in amsbot, which asks its own disk.
func (c *Client) maintenance(ctx context.Context, service string) []bot.Window {
	if !validID(service) {
		return nil
	}
	read := func(ctx context.Context) ([]bot.Window, error) { return c.readWindows(ctx, service) }
	open, err := c.work.get(ctx, service, read)
	if err == nil && slices.ContainsFunc(open, func(w bot.Window) bool { return !time.Now().Before(w.Until) }) {
		c.work.forget(service) // it may have been extended, and just now that matters
		open, err = c.work.get(ctx, service, read)
	}
	if err != nil {
		c.log.Warn("pagerduty: maintenance windows not read", "service", service, "error", err)
	}
	return slices.Clone(open)
}

func (c *Client) readWindows(ctx context.Context, service string) ([]bot.Window, error) {
	var page struct {
		Windows list[struct {
			ID          text
			Description text
			Start       moment       `json:"start_time"`
			End         moment       `json:"end_time"`
			By          loose[named] `json:"created_by"`
			Services    list[named]
		}] `json:"maintenance_windows"`
	}
	query := url.Values{"filter": {"ongoing"}, "service_ids[]": {service}, "limit": {"100"}}
	err := c.exchange(ctx, call{verb: "read maintenance of " + service, class: lookup}, request{
		method: "GET", path: "/maintenance_windows?" + query.Encode(), out: &page,
	})
	if err != nil {
		return nil, err
	}
	var open []bot.Window
	for _, w := range page.Windows {
		mine := slices.ContainsFunc(w.Services, func(s named) bool { return s.id() == service })
		if !mine || w.Start.time().IsZero() || !w.End.time().After(w.Start.time()) || len(open) == mostWindows {
			continue // whatever the filter made of it: it says nothing about this service
		}
		open = append(open, bot.Window{
			ID: named{ID: w.ID}.id(), What: w.Description.line(200), By: w.By.v.name(),
			From: w.Start.time(), Until: w.End.time(),
		})
	}
	return open, nil
}
