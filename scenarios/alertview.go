package scenarios

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// maxValues and maxBytes bound what expressions see of one alert's details, so
// that none runs long over them. No monitoring tool comes near.
const (
	maxValues = 1000
	maxBytes  = 256 << 10 // of all texts and keys
)

// budget is what may still be taken over.
type budget struct{ values, bytes int }

func newBudget(times int) *budget { return &budget{times * maxValues, times * maxBytes} }

// takes spends the budget on one value; false when there is not enough left.
func (b *budget) takes(text string) bool {
	if b.values <= 0 || len(text) > b.bytes {
		return false
	}
	b.values--
	b.bytes -= len(text)
	return true
}

// ambiguous stands in the merged view for a value that differs.
type ambiguous struct{ path string }

// alertView merges the open alerts of an incident into one: what they agree
// on is there, what differs is ambiguous. Where none is open all of them speak:
// an incident that is reopened keeps its alerts resolved. Without one it is empty.
func alertView(in Incident) map[string]any {
	var merged map[string]any
	over := func(a Alert) bool { return strings.EqualFold(a.Status, "resolved") }
	all := slices.IndexFunc(in.Alerts, func(a Alert) bool { return !over(a) }) < 0
	for _, a := range in.Alerts {
		if over(a) && !all {
			continue
		}
		view := a.view()
		if merged == nil {
			merged = view
			continue
		}
		merged = merge(merged, view, "alert")
	}
	if merged == nil {
		return map[string]any{}
	}
	return merged
}

func (a Alert) view() map[string]any {
	details, _ := plainValue(a.Details, newBudget(1), 0).(map[string]any)
	view := map[string]any{"details": details}
	for k, v := range map[string]string{"id": a.ID, "key": a.Key, "status": a.Status,
		"summary": a.Summary, "severity": a.Severity, "source": a.Source} {
		if v != "" {
			view[k] = v
		}
	}
	if !a.CreatedAt.IsZero() {
		view["created_at"] = a.CreatedAt.UTC().Format(time.RFC3339)
	}
	return view
}

// merge joins two views; a key that only one of them has differs too.
func merge(a, b map[string]any, path string) map[string]any {
	out := make(map[string]any, len(a))
	for k := range a {
		out[k] = nil
	}
	for k := range b {
		out[k] = nil
	}
	for k := range out {
		p := path + "." + k
		av, aHas := a[k]
		bv, bHas := b[k]
		am, aMap := av.(map[string]any)
		bm, bMap := bv.(map[string]any)
		switch {
		case aMap && bMap:
			out[k] = merge(am, bm, p)
		case aHas && bHas && reflect.DeepEqual(av, bv):
			out[k] = av
		default:
			out[k] = ambiguous{p}
		}
	}
	return out
}

// plainValue turns decoded JSON into the few types that expressions know:
// nil, bool, string, int, float64, []any, map[string]any. What exceeds the
// budget, or the depth, is left out, in the order of the keys.
func plainValue(v any, left *budget, depth int) any {
	if depth > maxDepth {
		return nil
	}
	switch v := v.(type) {
	case nil, bool, string, int, float64:
		return v
	case map[string]any:
		out := make(map[string]any, min(len(v), maxValues))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if left.takes(k + textIn(v[k])) {
				out[k] = plainValue(v[k], left, depth+1)
			}
		}
		return out
	case []any:
		out := make([]any, 0, min(len(v), maxValues))
		for _, e := range v {
			if !left.takes(textIn(e)) {
				break // a gap would move what follows
			}
			out = append(out, plainValue(e, left, depth+1))
		}
		return out
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	}
	return plainOther(reflect.ValueOf(v))
}

func textIn(v any) string {
	s, _ := v.(string)
	return s
}

// plainOther covers numbers and texts of other Go types, which a caller that
// did not decode JSON may hand over.
func plainOther(v reflect.Value) any {
	switch {
	case v.CanInt():
		return int(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	}
	return nil
}

// findAmbiguous returns the path of the first ambiguous value in v, "" for
// none.
func findAmbiguous(v any) string {
	switch v := v.(type) {
	case ambiguous:
		return v.path
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if p := findAmbiguous(v[k]); p != "" {
				return p
			}
		}
	}
	return ""
}

// look follows a path through a view. It returns the ambiguous value that it
// meets on its way, and false where there is nothing.
func look(view map[string]any, path []string) (any, bool) {
	var at any = view
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = m[key]; !ok || at == nil {
			return nil, false
		}
		if _, differs := at.(ambiguous); differs {
			return at, true
		}
	}
	return at, true
}
