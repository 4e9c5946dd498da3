package pagerduty

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"amsbot/scenarios"
)

const (
	mostAlerts  = 250     // of a snapshot
	allAlerts   = 1000    // PagerDuty's own limit of an incident
	mostValues  = 1000    // of one alert's details
	mostDetails = 1 << 20 // bytes of all details of a snapshot
	mostDepth   = 16      // of details within details
	mostKey     = 256     // bytes of a detail's name
)

// alert is an alert as the REST API answers it.
type alert struct {
	ID        text
	Key       text `json:"alert_key"`
	Status    text
	Summary   text
	Severity  text
	CreatedAt moment `json:"created_at"`
	Body      loose[struct {
		Details json.RawMessage
		CEF     loose[struct {
			Severity text
			Source   text `json:"source_origin"`
			Details  json.RawMessage
		}] `json:"cef_details"`
	}]
}

func (a *alert) open() bool { return a.Status != "resolved" }

// alerts reads all alerts of an incident, oldest first.
func (c *Client) alerts(ctx context.Context, id string, what call) ([]alert, error) {
	what.verb = "read alerts of " + id
	var all []alert
	size := 100
	for len(all) < allAlerts {
		var page struct {
			Alerts list[alert]
			More   bool
		}
		err := c.exchange(ctx, what, request{
			method: "GET", path: fmt.Sprintf("/incidents/%s/alerts?limit=%d&offset=%d", id, size, len(all)), out: &page,
		})
		what.paid = false
		if errors.Is(err, errTooLarge) && size > 1 {
			size = max(size/10, 1) // large payloads: fewer at a time
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Alerts...)
		if !page.More || len(page.Alerts) == 0 {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b alert) int {
		return cmp.Or(a.CreatedAt.time().Compare(b.CreatedAt.time()), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// snapshot is what a snapshot keeps of the alerts: the open ones before the
// others where there are too many, oldest first.
func snapshot(all []alert) []scenarios.Alert {
	if len(all) > mostAlerts {
		slices.SortStableFunc(all, func(a, b alert) int {
			switch {
			case a.open() == b.open():
				return 0
			case a.open():
				return -1
			}
			return 1
		})
		all = all[:mostAlerts]
	}
	room := mostDetails
	var kept []scenarios.Alert
	for _, a := range all {
		kept = append(kept, a.core(&room))
	}
	return kept
}

func (a *alert) core(room *int) scenarios.Alert {
	cef := a.Body.v.CEF.v
	s := scenarios.Alert{
		ID: named{ID: a.ID}.id(), Key: string(a.Key), Status: string(a.Status), Summary: a.Summary.title(),
		Severity: string(a.Severity), Source: string(cef.Source), CreatedAt: a.CreatedAt.time(),
		Details: details(a.Body.v.Details, room),
	}
	if s.Severity == "" {
		s.Severity = string(cef.Severity)
	}
	if len(s.Details) == 0 {
		s.Details = details(cef.Details, room)
	}
	return s
}

// details are an alert's details. A text, which some tools send in place of an
// object, becomes the detail "text", any other value the detail "value".
func details(raw json.RawMessage, room *int) map[string]any {
	if len(raw) == 0 {
		return nil
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil
	}
	switch v := value.(type) {
	case nil:
		return nil
	case map[string]any:
	case string:
		if v == "" {
			return nil
		}
		value = map[string]any{"text": v}
	default:
		value = map[string]any{"value": v}
	}
	t := trimmer{values: mostValues, room: room}
	kept, _ := t.trim(value, 0).(map[string]any)
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// trimmer cuts details to their limits, the same way each time: two reads of
// the same alert are equal.
type trimmer struct {
	values int
	room   *int // bytes left in the snapshot
}

// dropped stands for what has no place any more.
var dropped = new(struct{ _ byte })

func (t *trimmer) trim(value any, depth int) any {
	if t.values <= 0 || *t.room <= 0 || depth > mostDepth {
		return dropped
	}
	switch v := value.(type) {
	case map[string]any:
		return t.object(v, depth)
	case []any:
		kept := []any{}
		for _, item := range v {
			if item = t.trim(item, depth+1); item != any(dropped) {
				kept = append(kept, item)
			}
		}
		return kept
	case string:
		t.values--
		v = cut(v, min(mostText, *t.room))
		*t.room -= len(v)
		return v
	}
	t.values--
	*t.room -= 8
	return value
}

func (t *trimmer) object(v map[string]any, depth int) any {
	kept := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		item := t.trim(v[key], depth+1)
		if item == any(dropped) {
			continue
		}
		name := cut(key, mostKey)
		if _, taken := kept[name]; taken {
			name = cut(key, mostKey-8) + "~" + strconv.Itoa(len(kept))
		}
		*t.room -= len(name)
		kept[name] = item
	}
	return kept
}
