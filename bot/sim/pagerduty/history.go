package pagerduty

import (
	"strconv"
	"strings"
	"time"
)

// entry is one log entry.
type entry struct {
	id, kind   string
	at         time.Time
	by         actor
	incident   *incident
	text       string
	alert      *alert
	user       *User   // who was notified
	assignees  []*User // who was assigned
	resolution string
	note       string
	ackTimeout int
}

// record writes the log of the incident, and of the account.
func (s *Server) record(i *incident, kind string, by actor, text string) *entry {
	e := &entry{id: "R" + newID(""), kind: kind, at: now(), by: by, incident: i, text: text}
	i.log = append(i.log, e)
	s.entries = append(s.entries, e)
	s.changed = true
	return e
}

func channelText(channel string) string {
	switch channel {
	case "events_api_v2":
		return "the Events API"
	case "api":
		return "the API"
	case "website":
		return "the website"
	}
	return "monitoring"
}

func itoa(n int) string { return strconv.Itoa(n) }

func names(people []*User) string {
	var all []string
	for _, u := range people {
		all = append(all, u.Name)
	}
	if len(all) == 0 {
		return "nobody"
	}
	return strings.Join(all, ", ")
}
