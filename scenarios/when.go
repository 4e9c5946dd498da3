package scenarios

// When is what an incident has to be like. Every condition is required.
type When struct {
	Conditions []Condition
	If         string // the expression, "" for none

	condition *condition
	groups    []string // all named groups of the regular expressions
}

// Condition is one key of `when`: any one of its values will do.
type Condition struct {
	Key    string // service, title, urgency, priority, team, policy, details.host
	Values []string

	patterns []pattern
}
