package pagerduty

import (
	"context"
	"fmt"
)

const mostOpen = 10000 // PagerDuty pages no further

// listOpen reads the open incidents of the account, a hundred at a time. whole
// is false when there are more than can be listed.
func (c *Client) listOpen(ctx context.Context, class priority) (open []*incident, whole bool, err error) {
	const size = 100
	for offset := 0; offset+size <= mostOpen; offset += size {
		var page struct {
			Incidents list[*incident]
			More      bool
		}
		err := c.exchange(ctx, call{verb: "list open incidents", class: class}, request{
			method: "GET", out: &page,
			path: fmt.Sprintf("/incidents?statuses[]=triggered&statuses[]=acknowledged&date_range=all&limit=%d&offset=%d", size, offset),
		})
		if err != nil {
			return nil, false, err
		}
		for _, i := range page.Incidents {
			if i != nil && validID(string(i.ID)) {
				open = append(open, i)
			}
		}
		if !page.More {
			return open, true, nil
		}
	}
	return open, false, nil
}
