package pagerduty

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"amsbot/scenarios"
)

// MostIncident is how many bytes ParseIncident reads: more than an incident
// with as many alerts as a snapshot keeps ever has.
const MostIncident = 16 << 20

// Errors of ParseIncident.
var (
	// ErrNoIncidentHere: it is JSON, and no incident.
	ErrNoIncidentHere = errors.New("there is no incident in it")
	// ErrSeveral: it is a list of incidents.
	ErrSeveral = errors.New("there is more than one incident in it")
)

// ParseIncident reads an incident as it is printed somewhere: the REST API's
// answer, alone or with the answer about its alerts beside it or in it; the body
// of a V3 webhook; a snapshot of amsbot's own; or the bare incident of any of
// these. It is what a read by REST would have made of it, with the same limits:
// odd values are left out, and what is not said is zero, so that whoever asked
// has to say what is missing. An error is about the whole: no JSON, too long,
// ErrNoIncidentHere, ErrSeveral.
func ParseIncident(data []byte) (scenarios.Incident, error) {
	wrap := func(err error) (scenarios.Incident, error) {
		return scenarios.Incident{}, fmt.Errorf("pagerduty: read incident: %w", err)
	}
	if len(data) > MostIncident {
		return wrap(fmt.Errorf("more than %d MiB", MostIncident>>20))
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := wellFormed(data); err != nil {
		return wrap(err)
	}
	found, alerts, err := unwrap(data)
	if err != nil {
		return wrap(err)
	}
	var in printed
	if err := json.Unmarshal(found, &in); err != nil {
		return wrap(ErrNoIncidentHere)
	}
	if len(alerts) > 0 {
		in.Alerts = alerts
	}
	if in.empty() {
		return wrap(ErrNoIncidentHere)
	}
	return in.core(), nil
}

// wellFormed is nil for one value of JSON, else says where it ends to be one.
func wellFormed(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	var all json.RawMessage
	err := d.Decode(&all)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return fmt.Errorf("%s: something follows the JSON", position(data, d.InputOffset()))
	}
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("it is empty")
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: no JSON: %w", position(data, syntax.Offset), err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: the JSON ends too early", position(data, int64(len(data))))
	}
	return fmt.Errorf("no JSON: %w", err)
}

func position(data []byte, offset int64) string {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("line %d, column %d", line, len(before)-bytes.LastIndexByte(before, '\n')-1)
}

// unwrap finds the incident in what may stand around it, and the alerts beside
// it.
func unwrap(data []byte) (json.RawMessage, list[printedAlert], error) {
	var around struct {
		Incident  json.RawMessage
		Incidents list[json.RawMessage]
		Alerts    list[printedAlert]
		Event     loose[struct{ Data json.RawMessage }]
	}
	if json.Unmarshal(data, &around) != nil {
		return nil, nil, ErrNoIncidentHere
	}
	switch inner := around.Event.v.Data; {
	case isObject(around.Incident):
		return around.Incident, around.Alerts, nil
	case len(around.Incidents) > 1:
		return nil, nil, ErrSeveral
	case len(around.Incidents) == 1:
		return around.Incidents[0], around.Alerts, nil
	case isObject(inner):
		var about struct{ Incident json.RawMessage } // of a note, a responder request
		if json.Unmarshal(inner, &about) == nil && isObject(about.Incident) {
			inner = about.Incident
		}
		return inner, around.Alerts, nil
	}
	return data, nil, nil
}

func isObject(raw json.RawMessage) bool { return len(raw) > 0 && raw[0] == '{' }

// printed is an incident in the words of all its prints: webhooks and snapshots
// have shorter ones for a few things.
type printed struct {
	incident
	Short    whole  `json:"number"`
	ShortKey text   `json:"key"`
	ShortURL text   `json:"url"`
	Priority called `json:"priority"`
	Service  called `json:"service"`
	Policy   called `json:"escalation_policy"`
	Shorter  called `json:"policy"`
	Alerts   list[printedAlert]
}

// printedAlert is an alert, in the words of the REST API or of a snapshot.
type printedAlert struct {
	alert
	ShortKey text `json:"key"`
	Source   text
	Details  json.RawMessage
}

// called is a reference, or the bare name of what it refers to.
type called struct{ named }

func (c *called) UnmarshalJSON(data []byte) error {
	*c = called{}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &c.Name)
	}
	var n loose[named]
	err := n.UnmarshalJSON(data)
	c.named = n.v
	return err
}

// empty says that nothing in it belongs to an incident.
func (p *printed) empty() bool {
	return p.ID == "" && p.Title == "" && p.Service.ref() == scenarios.Ref{} && len(p.Alerts) == 0
}

func (p *printed) core() scenarios.Incident {
	i := &p.incident
	i.Number = cmp.Or(i.Number, p.Short)
	i.Key, i.URL = cmp.Or(i.Key, p.ShortKey), cmp.Or(i.URL, p.ShortURL)
	i.Priority.v, i.Service.v = p.Priority.named, p.Service.named
	i.Policy.v = cmp.Or(p.Policy.named, p.Shorter.named)
	s := i.core()
	var all []alert
	for _, a := range p.Alerts {
		all = append(all, a.alert.with(a))
	}
	slices.SortStableFunc(all, func(a, b alert) int {
		return cmp.Or(a.CreatedAt.time().Compare(b.CreatedAt.time()), cmp.Compare(a.ID, b.ID))
	})
	s.Alerts = snapshot(all)
	return s
}

// with takes over what a snapshot says in words of its own.
func (a alert) with(p printedAlert) alert {
	a.Key = cmp.Or(a.Key, p.ShortKey)
	body := &a.Body.v
	if len(body.Details) == 0 {
		body.Details = p.Details
	}
	body.CEF.v.Source = cmp.Or(body.CEF.v.Source, p.Source)
	return a
}
