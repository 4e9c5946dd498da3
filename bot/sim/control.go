package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"amsbot/bot/sim/slack"
)

// maxControl is the largest body that the control API reads.
const maxControl = 1 << 20

// route is one line of the control API: what is served and what GET /control/
// says about it, so that neither can be without the other.
type route struct {
	method, path string
	takes        string // an example of the body, or of the query; may be empty
	does         string
	serve        http.HandlerFunc
}

// result is what most routes answer.
type result map[string]any

var done = result{"ok": true}

// control serves the control API.
func (s *Sim) control() http.Handler {
	m := http.NewServeMux()
	all := s.controlRoutes()
	for _, r := range all {
		m.HandleFunc(r.method+" /control/"+r.path, r.serve)
	}
	m.HandleFunc("GET /control/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, manual(all))
	})
	m.HandleFunc("/control/", func(w http.ResponseWriter, r *http.Request) {
		for _, x := range all {
			if "/control/"+x.path == r.URL.Path {
				w.Header().Set("Allow", x.method)
				refuse(w, http.StatusMethodNotAllowed, r.URL.Path+" takes "+x.method)
				return
			}
		}
		refuse(w, http.StatusNotFound, "there is no "+r.URL.Path+"; GET /control/ lists what there is")
	})
	return m
}

func (s *Sim) controlRoutes() []route {
	all := []route{
		{"GET", "state", "?as=aiko", "everything as this person sees it (Slack ID or short name; empty: the first)", s.serveState},
		{"GET", "changes", "", "server-sent events: one at once, then one after each burst of changes", s.changes},
		{"GET", "calls", "?of=slack", "the calls that reached a neighbour: slack, pagerduty, or both when empty", s.serveCalls},
		{"GET", "messages", "?channel=shop-ops", "all messages of a channel, replies and ephemeral ones too; of all channels when empty", s.serveMessages},
		{"GET", "messages/versions", "?channel=shop-ops&ts=1700000000.000100", "every version of one message", s.serveVersions},
	}
	all = append(all, s.worldRoutes()...)
	all = append(all, s.slackRoutes()...)
	all = append(all, s.pagerDutyRoutes()...)
	return append(all, s.faultRoutes()...)
}

// manual is the control API in words.
func manual(all []route) string {
	var b strings.Builder
	b.WriteString(`The control API of the simulator. It is for tests, tools and the page; nothing
of it exists in the real Slack or PagerDuty.

Bodies are JSON (Content-Type: application/json) and hold no fields but those
named. Answers are JSON; a refusal is {"error": "..."} with a status of 400 or
more. Durations are strings like "1m30s". People are Slack user IDs in what they
do in Slack, and PagerDuty user IDs, addresses or names in PagerDuty.

`)
	for _, r := range all {
		fmt.Fprintf(&b, "%-4s /control/%s", r.method, r.path)
		if r.method == "GET" {
			b.WriteString(r.takes)
		}
		fmt.Fprintf(&b, "\n     %s\n", r.does)
		if r.method == "POST" && r.takes != "" {
			fmt.Fprintf(&b, "     %s\n", r.takes)
		}
	}
	return b.String()
}

// post makes a route out of what takes a body. A body with a field that T
// does not know is refused: a typing mistake must not pass for success.
func post[T any](path, takes, does string, act func(context.Context, T) (any, error)) route {
	return route{"POST", path, takes, does, func(w http.ResponseWriter, r *http.Request) {
		var in T
		if err := readJSON(w, r, &in); err != nil {
			refuse(w, http.StatusBadRequest, err.Error())
			return
		}
		out, err := act(r.Context(), in)
		if err != nil {
			refuse(w, status(err), err.Error())
			return
		}
		writeJSON(w, http.StatusOK, out)
	}}
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxControl))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("sim: read body: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("sim: read body: more than one JSON value")
	}
	return nil
}

// status is the HTTP status of a refusal: 409 for whatever a neighbour does not
// let people do, so that 400 is always a mistake in the request itself.
func status(err error) int {
	switch {
	case errors.Is(err, slack.ErrNotThere), errors.Is(err, errUnknown):
		return http.StatusNotFound
	case errors.Is(err, slack.ErrStopped):
		return http.StatusServiceUnavailable
	}
	return http.StatusConflict
}

// errUnknown is wrapped by what names a thing that does not exist.
var errUnknown = errors.New("unknown")

func refuse(w http.ResponseWriter, status int, why string) {
	writeJSON(w, status, result{"error": why})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"sim: the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the reader may have gone
}

// span is a duration in JSON: "1m30s".
type span time.Duration

func (d *span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return errors.New(`a duration is a string like "1m30s"`)
	}
	v, err := time.ParseDuration(text)
	*d = span(v)
	return err
}
