package scenarios

import "github.com/expr-lang/expr/types"

// The kinds of values that a field has.
const (
	ofText   = "a text"
	ofNumber = "a whole number"
	ofTexts  = "a list of texts"
	ofAny    = "any value"
	ofMap    = "any values, by key"
	ofRef    = "`id` and `name`, two texts"
)

// typed is what the type checker of expressions makes of them.
var typed = map[string]types.Type{
	ofText: types.String, ofNumber: types.Int, ofTexts: types.Array(types.String),
	ofRef: types.Map{"id": types.String, "name": types.String},
	ofMap: types.Map{types.Extra: types.Any}, ofAny: types.Any,
}

// types is the typed mapping of the fields.
func (f fields) types() types.Map {
	out := types.Map{}
	for _, one := range f {
		out[one.name] = typed[one.of]
	}
	return out
}

// rootNames is what an expression may begin with.
var rootNames = []field{
	{"incident", "its fields", "The PagerDuty incident."},
	{"alert", "its fields", "What its open alerts agree on. A value that differs between them is ambiguous: nothing recovers by itself."},
	{"target", ofText, "What the scenario's `target` came out as. Not in `when` and `target` themselves."},
	{"vars", "your constants", "The variables of the scenario, over those of its project."},
	{"match", "your named groups", "What the named groups of the regular expressions in `when` matched."},
	{"steps", "fields, by the step's name", "What earlier steps found: `steps[\"health endpoint\"].status`. In later steps, `then` and `links`; the steps of `gather` run side by side and do not see each other."},
	{"secrets", "your secrets", "In `${{ }}` of a step, alone in its braces: `Bearer ${{ secrets.token }}`."},
}

// incidentFields is all that expressions read of an incident.
var incidentFields = fields{
	{"id", ofText, "PagerDuty's ID."},
	{"number", ofNumber, "The number that people call it by."},
	{"title", ofText, "The title."},
	{"description", ofText, "The longer description, often empty."},
	{"status", ofText, "`triggered`, `acknowledged` or `resolved`."},
	{"urgency", ofText, "`high` or `low`."},
	{"priority", ofText, "The priority's name, empty where there is none."},
	{"key", ofText, "The key that the monitoring tool gave it."},
	{"url", ofText, "Its page in PagerDuty."},
	{"service", ofRef, "The service."},
	{"policy", ofRef, "The escalation policy."},
	{"teams", ofTexts, "The names of its teams."},
	{"created_at", ofText, "When it began, as `2026-03-01T09:30:00Z`."},
}

// alertFields is all that expressions read of the alerts.
var alertFields = fields{
	{"id", ofText, "PagerDuty's ID of the alert."},
	{"key", ofText, "The monitoring tool's key."},
	{"status", ofText, "`triggered` or `resolved`."},
	{"summary", ofText, "The monitoring tool's one line."},
	{"severity", ofText, "`critical`, `error`, `warning` or `info`."},
	{"source", ofText, "What raised it."},
	{"created_at", ofText, "When it was raised, as `2026-03-01T09:30:00Z`."},
	{"details", ofMap, "All else that the monitoring tool says: `alert.details.host`. Capped at 1,000 values and 256 KiB."},
}

// builtins is every function that an expression may call.
var builtins = []string{"len", "lower", "upper", "trim", "split", "int", "float", "string", "abs", "min", "max"}
