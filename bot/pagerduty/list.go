package pagerduty

import (
	"context"
	"fmt"
	"net/url"
	"slices"
)

const (
	pageSize = 100   // PagerDuty's largest
	mostOpen = 10000 // PagerDuty pages no further
	mostNew  = 1000  // of a service that has more than that: what is newer than the last poll, and more
)

// page reads one page of incidents; more says that others follow. What has no
// ID is left out.
func (c *Client) page(ctx context.Context, what call, query string) (all []*incident, more bool, err error) {
	var page struct {
		Incidents list[*incident]
		More      bool
	}
	what.verb = "list incidents"
	err = c.exchange(ctx, what, request{method: "GET", path: "/incidents?" + query, out: &page})
	if err != nil {
		return nil, false, err
	}
	for _, i := range page.Incidents {
		if i != nil && validID(string(i.ID)) {
			all = append(all, i)
		}
	}
	return all, page.More, nil
}

// listOpen reads the open incidents of the account. Where there are more than
// PagerDuty lists, it reads them by service; beyond names the services that have
// more than that themselves: of those the oldest are answered, and the newest.
func (c *Client) listOpen(ctx context.Context, class priority) (open []*incident, beyond []string, err error) {
	open, whole, err := c.listPart(ctx, class, nil, oldest)
	if err != nil || whole {
		return open, nil, err
	}
	services, err := c.services(ctx, class)
	if err != nil {
		return nil, nil, err
	}
	open = nil
	for part := range slices.Chunk(services, pageSize) {
		more, missing, err := c.listServices(ctx, class, part)
		if err != nil {
			return nil, nil, err
		}
		open, beyond = append(open, more...), append(beyond, missing...)
	}
	return open, beyond, nil
}

// listServices is listOpen of some services: in halves, where there are too many.
func (c *Client) listServices(ctx context.Context, class priority, services []string) (open []*incident, beyond []string, err error) {
	open, whole, err := c.listPart(ctx, class, services, oldest)
	switch {
	case err != nil || whole:
		return open, nil, err
	case len(services) == 1:
		late, _, err := c.listPart(ctx, class, services, newest)
		return append(open, late...), services, err
	}
	open, beyond, err = c.listServices(ctx, class, services[:len(services)/2])
	if err != nil {
		return nil, nil, err
	}
	more, missing, err := c.listServices(ctx, class, services[len(services)/2:])
	return append(open, more...), append(beyond, missing...), err
}

// end is from where a list is read, and how far.
type end struct {
	order string
	most  int
}

var (
	oldest = end{"asc", mostOpen}
	newest = end{"desc", mostNew}
)

// listPart reads the open incidents of some services, nil for all, a hundred at
// a time. whole is false when there are more than can be listed.
func (c *Client) listPart(ctx context.Context, class priority, services []string, from end) (open []*incident, whole bool, err error) {
	only := url.Values{"service_ids[]": services}.Encode()
	for offset := 0; offset+pageSize <= min(c.reach, from.most); offset += pageSize {
		page, more, err := c.page(ctx, call{class: class}, fmt.Sprintf(
			"statuses[]=triggered&statuses[]=acknowledged&date_range=all&sort_by=created_at:%s&limit=%d&offset=%d&%s", from.order, pageSize, offset, only))
		if err != nil {
			return nil, false, err
		}
		open = append(open, page...)
		if !more {
			return open, true, nil
		}
	}
	return open, false, nil
}

// services are the IDs of all services.
func (c *Client) services(ctx context.Context, class priority) ([]string, error) {
	var all []string
	for offset := 0; offset+pageSize <= mostOpen; offset += pageSize {
		var page struct {
			Services list[named]
			More     bool
		}
		err := c.exchange(ctx, call{verb: "list services", class: class}, request{
			method: "GET", path: fmt.Sprintf("/services?limit=%d&offset=%d", pageSize, offset), out: &page,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, ids(page.Services)...)
		if !page.More {
			break
		}
	}
	return all, nil
}
