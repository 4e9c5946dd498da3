package pagerduty

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"amsbot/bot"
	"amsbot/scenarios"
)

// The types here decode what PagerDuty sends without ever failing on a field of
// an unexpected type: one odd value of an alert's making must not make an
// incident unreadable, or a page would be swallowed.

const (
	mostText  = 4 << 10 // bytes of one text
	mostTitle = 1024    // runes of a title, PagerDuty's own limit of a summary
)

// text is a foreign text: valid UTF-8, at most 4 KiB, otherwise as it came. A
// number or a truth is its literal, null and anything else is empty.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	*t = ""
	switch {
	case len(data) == 0 || bytes.Equal(data, []byte("null")) || data[0] == '{' || data[0] == '[':
	case plain(data):
		*t = text(cut(string(data[1:len(data)-1]), mostText))
	case data[0] == '"':
		var s string
		if json.Unmarshal(data, &s) == nil {
			*t = text(cut(s, mostText))
		}
	default:
		*t = text(cut(string(data), mostText))
	}
	return nil
}

// plain says whether a string of JSON says what it is as it stands, as nearly all
// do: it need not be decoded again.
func plain(data []byte) bool {
	return len(data) >= 2 && data[0] == '"' && !bytes.ContainsRune(data, '\\') && utf8.Valid(data)
}

// line is the text as one line of at most so many runes.
func (t text) line(most int) string {
	s := strings.Join(strings.Fields(string(t)), " ")
	return runes(s, most)
}

// title is the text within the limit of titles.
func (t text) title() string { return runes(string(t), mostTitle) }

// cut makes s valid UTF-8 of at most so many bytes, without half a character.
func cut(s string, most int) string {
	if len(s) > most+utf8.UTFMax {
		s = s[:most+utf8.UTFMax] // so that what comes is not linear in what was sent
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// runes is s, at most so many runes long.
func runes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}

// whole is a number; 0 for whatever is none.
type whole int

func (w *whole) UnmarshalJSON(data []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(data), `"`))
	if err != nil || n < 0 {
		n = 0
	}
	*w = whole(n)
	return nil
}

// moment is a time; zero for whatever is none.
type moment time.Time

func (m *moment) UnmarshalJSON(data []byte) error {
	at, err := time.Parse(time.RFC3339Nano, strings.Trim(string(data), `"`))
	if err != nil || at.Year() < 1 || at.Year() > 9999 {
		at = time.Time{}
	}
	*m = moment(at.UTC())
	return nil
}

func (m moment) time() time.Time { return time.Time(m) }

// list is an array; empty for whatever is none, without the items that are not
// what they should be.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	*l = nil
	var raw []json.RawMessage
	if json.Unmarshal(data, &raw) != nil {
		return nil
	}
	for _, r := range raw {
		var v T
		if json.Unmarshal(r, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// loose is an object; zero for whatever is none.
type loose[T any] struct{ v T }

func (o *loose[T]) UnmarshalJSON(data []byte) error {
	var v T
	if json.Unmarshal(data, &v) != nil {
		var zero T
		v = zero
	}
	o.v = v
	return nil
}

// named is anything with an ID: a reference, or the whole of what it refers to.
type named struct {
	ID      text
	Type    text
	Summary text
	Name    text
	Email   text
	URL     text `json:"html_url"`
}

// id is the ID, or "" where it is not one.
func (n named) id() string {
	if validID(string(n.ID)) {
		return string(n.ID)
	}
	return ""
}

func (n named) name() string {
	if n.Name != "" {
		return n.Name.line(200)
	}
	return n.Summary.line(200)
}

func (n named) ref() scenarios.Ref { return scenarios.Ref{ID: n.id(), Name: n.name()} }

// user says whether it is a person, or amsbot's own user, and no integration.
func (n named) user() bool { return strings.HasPrefix(string(n.Type), "user") }

func (n named) person() bot.Person {
	p := bot.Person{ID: n.id(), Name: n.name()}
	if n.user() {
		p.Email = n.Email.line(254)
	}
	return p
}

// incident is an incident as the REST API answers it.
type incident struct {
	ID          text
	Number      whole `json:"incident_number"`
	Title       text
	Description text
	Status      text
	Urgency     text
	Key         text                               `json:"incident_key"`
	URL         text                               `json:"html_url"`
	CreatedAt   moment                             `json:"created_at"`
	UpdatedAt   moment                             `json:"updated_at"`
	ChangedAt   moment                             `json:"last_status_change_at"`
	ChangedBy   loose[named]                       `json:"last_status_change_by"`
	Priority    loose[named]                       `json:"priority"`
	Service     loose[named]                       `json:"service"`
	Policy      loose[named]                       `json:"escalation_policy"`
	Teams       list[named]                        `json:"teams"`
	Assigned    list[struct{ Assignee named }]     `json:"assignments"`
	Acked       list[struct{ Acknowledger named }] `json:"acknowledgements"`
	Via         text                               `json:"assigned_via"`
	Resolved    loose[struct {
		Type     text
		Incident named
	}] `json:"resolve_reason"`
}

func (i *incident) resolved() bool { return i.Status == "resolved" }

func (i *incident) assignees() []bot.Person {
	var all []bot.Person
	for _, a := range i.Assigned {
		all = append(all, a.Assignee.person())
	}
	return all
}

// acknowledgers are the people who acknowledged and still have it; a monitoring
// tool that acknowledged is no person.
func (i *incident) acknowledgers() []bot.Person {
	var all []bot.Person
	for _, a := range i.Acked {
		if a.Acknowledger.user() {
			all = append(all, a.Acknowledger.person())
		}
	}
	return all
}

func (i *incident) mergedInto() string {
	if i.Resolved.v.Type != "merge_resolve_reason" {
		return ""
	}
	return i.Resolved.v.Incident.id()
}

// core is what a scenario may know of it, without its alerts.
func (i *incident) core() scenarios.Incident {
	s := scenarios.Incident{
		ID: named{ID: i.ID}.id(), Number: int(i.Number), Title: i.Title.title(), Description: string(i.Description),
		Status: string(i.Status), Urgency: string(i.Urgency), Priority: i.Priority.v.name(), Key: string(i.Key),
		URL: webURL(i.URL), Service: i.Service.v.ref(), Policy: i.Policy.v.ref(), CreatedAt: i.CreatedAt.time(),
	}
	for _, t := range i.Teams {
		s.Teams = append(s.Teams, t.ref())
	}
	return s
}

// webURL is the URL where it is one that people may be sent to.
func webURL(t text) string {
	if s := string(t); strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}
