package bot

import (
	"encoding/json"
	"slices"
	"strconv"

	"amsbot/scenarios"
	"amsbot/store"
)

// kept is a snapshot as it is recorded: without our secrets, and not too large.
func (b *Bot) kept(snap *Snapshot) *Snapshot {
	s := fit(b.masked(*snap))
	return &s
}

// masked takes our secrets out of what PagerDuty says, should one be in it.
func (b *Bot) masked(snap Snapshot) Snapshot {
	hide := func(texts ...*string) {
		for _, t := range texts {
			*t = b.Tools.Mask.Mask(*t)
		}
	}
	in := &snap.Incident
	hide(&in.Title, &in.Description, &in.Key, &in.URL, &in.Priority, &in.Service.Name, &in.Policy.Name)
	snap.Maintenance = slices.Clone(snap.Maintenance)
	for i := range snap.Maintenance {
		hide(&snap.Maintenance[i].What, &snap.Maintenance[i].By)
	}
	in.Teams, in.Alerts = slices.Clone(in.Teams), slices.Clone(in.Alerts)
	for i := range in.Teams {
		hide(&in.Teams[i].Name)
	}
	for i := range in.Alerts {
		a := &in.Alerts[i]
		hide(&a.Key, &a.Summary, &a.Severity, &a.Source)
		if a.Details != nil {
			a.Details, _ = b.maskedValue(a.Details).(map[string]any)
		}
	}
	return snap
}

// maskedValue is a detail without our secrets. A number in which one stands
// becomes a text.
func (b *Bot) maskedValue(v any) any {
	switch v := v.(type) {
	case nil, bool:
		return v
	case string:
		return b.Tools.Mask.Mask(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[b.Tools.Mask.Mask(k)] = b.maskedValue(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = b.maskedValue(e)
		}
		return out
	case float64: // as people write it: JSON has an exponent where it is large
		if plain := strconv.FormatFloat(v, 'f', -1, 64); b.Tools.Mask.Mask(plain) != plain {
			return b.Tools.Mask.Mask(plain)
		}
	}
	return v
}

// snapshotMost is how many bytes of an event a snapshot may take.
const snapshotMost = store.MaxData * 3 / 4

// fit makes a snapshot small enough to be an event, whatever stands in its
// alerts: one that the store refuses could never be recorded, and the incident
// would never be read. First long details are cut, of the newest alerts before
// the others; then those lose their details, which makes their target unknown
// and so holds a recovery; then the other texts are cut.
func fit(snap Snapshot) Snapshot {
	size := sizeOf(snap)
	if size <= snapshotMost {
		return snap
	}
	alerts := slices.Clone(snap.Incident.Alerts)
	snap.Incident.Alerts = alerts
	for _, most := range []int{1000, 200, 60, 0} {
		for i := len(alerts) - 1; i >= 0 && size > snapshotMost; i-- {
			a := &alerts[i]
			size -= sizeOf(a.Details)
			a.Details = shortDetails(a.Details, most)
			size += sizeOf(a.Details)
		}
	}
	if sizeOf(snap) <= snapshotMost {
		return snap
	}
	for i := range alerts {
		shorten(&alerts[i])
	}
	snap.Incident.Description = cut(snap.Incident.Description, 1000)
	return snap
}

// shortDetails are details whose texts have at most so many runes; nil where
// none may be left.
func shortDetails(details map[string]any, most int) map[string]any {
	if most == 0 || details == nil {
		return nil
	}
	short := make(map[string]any, len(details))
	for k, v := range details {
		short[k] = shortValue(v, most)
	}
	return short
}

func shortValue(v any, most int) any {
	switch v := v.(type) {
	case string:
		return cut(v, most)
	case map[string]any:
		return shortDetails(v, most)
	case []any:
		short := make([]any, len(v))
		for i, one := range v {
			short[i] = shortValue(one, most)
		}
		return short
	}
	return v
}

func shorten(a *scenarios.Alert) {
	a.Summary, a.Source, a.Severity = cut(a.Summary, 100), cut(a.Source, 100), cut(a.Severity, 20)
	a.Status, a.Key = cut(a.Status, 20), cut(a.Key, 255)
}

func sizeOf(v any) int {
	raw, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	return len(raw)
}
