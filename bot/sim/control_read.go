package sim

import (
	"net/http"
	"strings"
	"time"

	"amsbot/bot/sim/pagerduty"
	"amsbot/bot/sim/patient"
	"amsbot/bot/sim/slack"
)

// state is everything that the page shows, as one person sees it.
type state struct {
	Now       time.Time       `json:"now"`
	People    []person        `json:"people"`
	Slack     slack.State     `json:"slack"`
	PagerDuty pagerduty.State `json:"pagerduty"`
	Patient   *patient.State  `json:"patient,omitempty"`
	Bot       *botState       `json:"bot,omitempty"`
}

func (s *Sim) serveState(w http.ResponseWriter, r *http.Request) {
	as := r.URL.Query().Get("as")
	viewer, ok := s.viewer(as)
	if !ok {
		refuse(w, http.StatusNotFound, "sim: nobody here is called "+as)
		return
	}
	writeJSON(w, http.StatusOK, state{
		Now: time.Now().UTC(), People: s.people, Slack: s.Slack.State(viewer),
		PagerDuty: s.PagerDuty.State(), Patient: s.patientState(), Bot: s.bot(),
	})
}

// viewer finds a person by Slack ID or short name; nobody asked for is the
// first.
func (s *Sim) viewer(as string) (string, bool) {
	for _, p := range s.people {
		short, _, _ := strings.Cut(p.Name, " ")
		if as == "" || as == p.Slack || strings.EqualFold(as, short) {
			return p.Slack, true
		}
	}
	return "", as == ""
}

func (s *Sim) serveCalls(w http.ResponseWriter, r *http.Request) {
	out := result{}
	of := r.URL.Query().Get("of")
	if of == "" || of == "slack" {
		out["slack"] = s.Slack.Calls()
	}
	if of == "" || of == "pagerduty" {
		out["pagerduty"] = s.PagerDuty.Calls()
	}
	if len(out) == 0 {
		refuse(w, http.StatusNotFound, "sim: there is no neighbour "+of)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Sim) serveMessages(w http.ResponseWriter, r *http.Request) {
	out := map[string][]slack.Message{}
	if name := r.URL.Query().Get("channel"); name != "" {
		out[name] = append([]slack.Message{}, s.Slack.Messages(name)...)
	} else {
		for _, c := range s.opt.Slack.Channels {
			out[c.Name] = append([]slack.Message{}, s.Slack.Messages(c.ID)...)
		}
		for _, p := range s.people {
			for _, c := range s.Slack.State(p.Slack).Channels {
				if c.IM {
					out[c.Name] = append([]slack.Message{}, s.Slack.Messages(c.ID)...)
				}
			}
		}
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Sim) serveVersions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	writeJSON(w, http.StatusOK, append([]slack.Message{}, s.Slack.Versions(q.Get("channel"), q.Get("ts"))...))
}
