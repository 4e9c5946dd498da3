package pagerduty

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"time"

	"amsbot/bot"
)

// The types of hints that are not PagerDuty's event types.
const (
	Malformed    = "malformed"     // signed, and yet no event
	IncidentOpen = "incident.open" // the poll sees it open
	IncidentGone = "incident.gone" // the poll does not see it open any more
)

// hook is the envelope of a V3 webhook. It is decoded in one go, and not by loose
// parts, each of which would be gone through once more: webhooks come by thousands.
type hook struct {
	ID    text
	Type  text   `json:"event_type"`
	At    moment `json:"occurred_at"`
	Agent named  `json:"agent"`
	Data  hookData
}

// hookData is the data of an event, whichever its type: of the type "incident"
// it is the incident itself, of any other it may name one. This is not the shape
// that the REST API uses.
type hookData struct {
	ID        text
	Type      text
	Number    whole
	Title     text
	Status    text
	Urgency   text
	URL       text     `json:"html_url"`
	Service   named    `json:"service"`
	Assignees *[]named `json:"assignees"`
	Incident  named    `json:"incident"`
}

var eventForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,200}$`)

// hintOf decodes a signed body; now stands in where the event has no time. It
// never fails: what is no event is a hint of the type Malformed.
func hintOf(body []byte, now time.Time) bot.Hint {
	var envelope struct{ Event hook }
	_ = json.Unmarshal(body, &envelope) // what is not of its type is left out, and of what is no JSON all
	e := &envelope.Event
	h := bot.Hint{Source: "webhook", Event: e.ID.line(200), Type: e.Type.line(100), At: e.At.time()}
	if h.At.IsZero() {
		h.At = now.UTC()
	}
	if !eventForm.MatchString(h.Event) {
		// The body is what is signed: without an ID it has to name itself. An ID
		// that is none would be no key either, and be refused each time it comes.
		sum := sha256.Sum256(body)
		h.Event = "body:" + hex.EncodeToString(sum[:16])
	}
	if h.Type == "" {
		h.Type = Malformed
		return h
	}
	if a := e.Agent; a.user() {
		h.Agent = a.person()
	}
	e.Data.fill(&h)
	return h
}

func (d *hookData) fill(h *bot.Hint) {
	if d.Type != "incident" {
		i := d.Incident
		h.ID, h.Title, h.URL = i.id(), i.Summary.title(), webURL(i.URL)
		return
	}
	h.ID = named{ID: d.ID}.id()
	h.Number, h.Title, h.Status, h.Urgency = int(d.Number), d.Title.title(), d.Status.line(40), d.Urgency.line(40)
	h.URL, h.Service = webURL(d.URL), d.Service.ref()
	if d.Assignees != nil {
		h.Assigned = ids(*d.Assignees)
	}
}

func ids(all []named) []string {
	var found []string
	for _, n := range all {
		if id := n.id(); id != "" {
			found = append(found, id)
		}
	}
	return found
}

// openHint is what the poll says of an open incident.
func openHint(i *incident, now time.Time) bot.Hint {
	h := bot.Hint{
		Source: "poll", Type: IncidentOpen, ID: named{ID: i.ID}.id(), Number: int(i.Number), Title: i.Title.title(),
		Status: i.Status.line(40), Urgency: i.Urgency.line(40), URL: webURL(i.URL), Service: i.Service.v.ref(),
	}
	for _, at := range []moment{i.UpdatedAt, i.ChangedAt, i.CreatedAt, moment(now.UTC())} {
		if h.At = at.time(); !h.At.IsZero() {
			break
		}
	}
	if by := i.ChangedBy.v; by.user() {
		h.Agent = by.person()
	}
	for _, p := range i.assignees() {
		h.Assigned = append(h.Assigned, p.ID)
	}
	for _, p := range i.acknowledgers() {
		h.Acked = append(h.Acked, p.ID)
	}
	return h
}

// goneHint is what the poll says of an incident that is not open any more.
func goneHint(id string) bot.Hint {
	return bot.Hint{Source: "poll", Type: IncidentGone, ID: id, At: time.Now().UTC()}
}
