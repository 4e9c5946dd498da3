package scenarios

import (
	"fmt"
	"strconv"
	"time"

	"amsbot/scenarios/secret"
)

// world is what expressions read while they are worked out.
type world struct {
	values map[string]any
	secret func(name string) (any, error)
	mask   masks // of what a step finds
	// reference reads a secret that is no value of expressions. It is set
	// while a step runs.
	reference func(ref string) (string, error)
}

// newWorld builds the environment of a scenario's expressions from facts.
// Secrets read as [redacted] until somebody puts the real reader in.
func newWorld(vars map[string]any, f Facts) *world {
	return worldWith(vars, f, alertView(f.Incident))
}

// worldWith is newWorld for whoever has merged the alerts already.
func worldWith(vars map[string]any, f Facts, alert map[string]any) *world {
	teams := make([]string, len(f.Incident.Teams))
	for i, t := range f.Incident.Teams {
		teams[i] = t.Name
	}
	in := f.Incident
	match := map[string]any{}
	for k, v := range f.Groups {
		match[k] = v
	}
	steps := map[string]any{}
	left := newBudget(100)
	for name, fields := range f.Steps {
		one := map[string]any{}
		for k, v := range fields {
			one[k] = plainValue(v, left, 0)
		}
		steps[name] = one
	}
	return &world{
		values: map[string]any{
			"incident": map[string]any{"id": in.ID, "number": in.Number, "title": clipBytes(in.Title, maxText),
				"description": clipBytes(in.Description, maxText), "status": in.Status, "urgency": in.Urgency,
				"priority": in.Priority, "key": in.Key, "url": in.URL, "teams": teams,
				"service":    map[string]any{"id": in.Service.ID, "name": in.Service.Name},
				"policy":     map[string]any{"id": in.Policy.ID, "name": in.Policy.Name},
				"created_at": in.CreatedAt.UTC().Format(time.RFC3339)},
			"alert": alert, "vars": vars, "match": match, "steps": steps, "target": f.Target,
		},
		secret: func(string) (any, error) { return secret.Redacted, nil },
	}
}

// textOf turns a value into text. Lists, mappings and nothing are no text.
func textOf(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case nil:
		return "", fmt.Errorf("it is nothing")
	}
	return "", fmt.Errorf("it is a list or a mapping, no text")
}
