package pagerduty

import (
	"crypto/rand"
	"fmt"
	"time"
)

const (
	triggered    = "triggered"
	acknowledged = "acknowledged"
	resolved     = "resolved"

	viaPolicy = "escalation_policy"
	viaDirect = "direct_assignment"
)

// obj is a JSON object on its way out.
type obj = map[string]any

// actor is who did something, and through which channel.
type actor struct {
	user    *User
	service *Service // the service's integration, or one of its timers, when user is nil
	channel string   // api, website, timeout, auto, events_api_v2
	client  obj      // the monitoring tool, for webhooks
}

func (a actor) name() string {
	switch {
	case a.user != nil:
		return a.user.Name
	case a.channel == "timeout":
		return "PagerDuty"
	case a.service != nil:
		return "monitoring (" + a.service.Name + ")"
	}
	return "PagerDuty"
}

// stamp is a person, or an integration, at a time.
type stamp struct {
	actor
	at time.Time
}

type incident struct {
	id, key, title, body string
	number               int
	status, urgency      string
	service              *Service
	policy               *EscalationPolicy
	priority             *Priority
	bridge               obj

	via       string
	level     int // 1-based position in the policy; 0: assigned directly
	round     int // how often the policy has started again
	assignees []stamp
	acks      []stamp

	created, updated, ended, statusAt time.Time
	statusBy                          actor
	mergedInto                        *incident

	escalateAt, ackLapses, snoozedTo time.Time

	alerts     []*alert
	notes      []note
	updates    []note
	log        []*entry
	responders []*responder
}

func (i *incident) open() bool { return i.status != resolved }

func (i *incident) assigned(u *User) bool {
	for _, a := range i.assignees {
		if a.user == u {
			return true
		}
	}
	return false
}

type alert struct {
	id, key, summary, status, severity string
	source, component, group, class    string
	details                            any
	created, ended                     time.Time
	events                             int
	incident                           *incident
	service                            *Service
}

type note struct {
	id, content, subject, html string
	by                         actor
	at                         time.Time
}

type responder struct {
	user      *User
	state     string // pending, joined, declined
	message   string
	requester *User
	at        time.Time
}

type window struct {
	id, description string
	start, end      time.Time
	services        []*Service
	by              *User
	number          int
}

// newID makes an ID of PagerDuty's newer form. It is random, so that the
// incidents of two runs are never taken for the same.
func newID(prefix string) string { return prefix + rand.Text()[:13] }

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
