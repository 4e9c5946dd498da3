package pagerduty

import (
	"context"
	"fmt"
)

const (
	pageSize = 100   // PagerDuty's largest
	mostOpen = 10000 // PagerDuty pages no further
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

// listOpen reads the open incidents of the account, a hundred at a time. whole
// is false when there are more than can be listed.
func (c *Client) listOpen(ctx context.Context, class priority) (open []*incident, whole bool, err error) {
	for offset := 0; offset+pageSize <= mostOpen; offset += pageSize {
		page, more, err := c.page(ctx, call{class: class}, fmt.Sprintf(
			"statuses[]=triggered&statuses[]=acknowledged&date_range=all&sort_by=created_at:asc&limit=%d&offset=%d", pageSize, offset))
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
