package scenarios

import "time"

// Incident is what a scenario may know of an incident, as read from
// PagerDuty. It is kept in the history and pins what was seen.
type Incident struct {
	ID          string    `json:"id"`
	Number      int       `json:"number"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Status      string    `json:"status"`
	Urgency     string    `json:"urgency"`
	Priority    string    `json:"priority,omitempty"`
	Key         string    `json:"key,omitempty"`
	URL         string    `json:"url,omitempty"`
	Service     Ref       `json:"service"`
	Policy      Ref       `json:"policy"`
	Teams       []Ref     `json:"teams,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	Alerts      []Alert   `json:"alerts,omitempty"`
}

// Ref names something in PagerDuty.
type Ref struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// Alert is one alert of an incident: the payload of the monitoring tool.
// Details is JSON as decoded by encoding/json.
type Alert struct {
	ID        string         `json:"id"`
	Key       string         `json:"key,omitempty"`
	Status    string         `json:"status"`
	Summary   string         `json:"summary,omitempty"`
	Severity  string         `json:"severity,omitempty"`
	Source    string         `json:"source,omitempty"`
	CreatedAt time.Time      `json:"created_at"`
	Details   map[string]any `json:"details,omitempty"`
}

// Facts is all that a step may read.
type Facts struct {
	Incident Incident
	Target   string
	Groups   map[string]string         // named groups of the regular expressions that matched
	Steps    map[string]map[string]any // fields of earlier steps, by the step's name
}
