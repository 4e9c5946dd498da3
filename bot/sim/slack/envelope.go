package slack

import (
	"encoding/json"
	"time"
)

// ackWithin is the time that an app has to acknowledge an envelope.
const ackWithin = 3 * time.Second

// Ack is one acknowledgement as it came in, for tests.
type Ack struct {
	At         time.Time       `json:"at"`
	EnvelopeID string          `json:"envelope_id"`
	Payload    json.RawMessage `json:"payload,omitempty"`
	// Kind is the acknowledged envelope's: events_api, interactive,
	// slash_commands; empty when no envelope waits for it any more.
	Kind string `json:"kind,omitempty"`
	// Dropped: 20 KiB or more. Slack pretends that it never came.
	Dropped bool `json:"dropped,omitempty"`
	// Unknown: late, a second time, without an ID, or of no envelope.
	Unknown bool `json:"unknown,omitempty"`
}

// envelope is one delivery that waits for its acknowledgement.
type envelope struct {
	id      string
	kind    string
	payload any
	attempt int // of an events_api delivery
	// answered is called under the lock with the acknowledgement's payload;
	// missed when none came in time, with the reason in Slack's words.
	answered func(json.RawMessage)
	missed   func(reason string)
	over     chan struct{} // closed after either
}

// deliver gives an envelope to one open socket and starts the 3 s clock. With
// no socket it is missed at once. The caller holds s.mu.
func (s *Server) deliver(e *envelope) {
	e.id = s.uuid()
	e.over = make(chan struct{})
	k := s.pick()
	if k == nil {
		close(e.over)
		e.missed("dispatch_failed")
		return
	}
	s.envelopes[e.id] = e
	frame := s.frame(e)
	k.send(frame)
	if s.twice > 0 {
		s.twice--
		if again := s.pick(); again != nil {
			again.send(frame)
		}
	}
	started := s.spawn(func() {
		t := time.NewTimer(ackWithin)
		defer t.Stop()
		select {
		case <-e.over:
		case <-t.C:
			s.do(func() { s.miss(e, "operation_timeout") })
		case <-s.done:
			s.do(func() { s.miss(e, "operation_timeout") })
		}
	})
	if !started {
		s.miss(e, "operation_timeout")
	}
}

func (s *Server) miss(e *envelope, reason string) {
	if s.envelopes[e.id] != e {
		return // acknowledged in the meantime
	}
	delete(s.envelopes, e.id)
	e.missed(reason)
	close(e.over)
}

func (s *Server) frame(e *envelope) []byte {
	f := map[string]any{
		"envelope_id": e.id, "type": e.kind, "payload": e.payload,
		"accepts_response_payload": e.kind != "events_api",
	}
	if e.kind == "events_api" {
		f["retry_attempt"] = e.attempt
		f["retry_reason"] = ""
		if e.attempt > 0 {
			f["retry_reason"] = "timeout"
		}
	}
	return encode(f)
}

// acknowledge takes a frame of the app, from whichever connection.
func (s *Server) acknowledge(frame []byte) {
	var in struct {
		EnvelopeID string          `json:"envelope_id"`
		Payload    json.RawMessage `json:"payload"`
	}
	a := Ack{At: time.Now().UTC()}
	bad := json.Unmarshal(frame, &in) != nil
	a.EnvelopeID, a.Payload = in.EnvelopeID, in.Payload
	e := s.envelopes[in.EnvelopeID]
	a.Dropped = len(frame) >= maxAck
	a.Unknown = bad || e == nil
	if e != nil {
		a.Kind = e.kind
	}
	s.acks = newest(append(s.acks, a))
	if a.Dropped || a.Unknown {
		return
	}
	delete(s.envelopes, e.id)
	if e.answered != nil {
		e.answered(in.Payload)
	}
	close(e.over)
}

// Acks lists the acknowledgements that came in, oldest first; of a very long
// run only the newest.
func (s *Server) Acks() []Ack {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Ack(nil), s.acks...)
}

// Duplicate makes Slack deliver the next n envelopes twice, the second time on
// any connection.
func (s *Server) Duplicate(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.twice += n
}

// redeliver is when an event is sent again after it was not acknowledged: at
// once (its 3 s are over by then), after a minute, after five.
var redeliver = []time.Duration{0, time.Minute, 5 * time.Minute}

// event sends an Events API event and keeps trying. Each attempt has a new
// envelope and the same event_id.
func (s *Server) event(inner map[string]any) {
	now := time.Now()
	inner["event_ts"] = s.ts()
	payload := map[string]any{
		"token": "pretend", "team_id": s.opt.Team.ID, "api_app_id": s.opt.AppID,
		"type": "event_callback", "event_id": s.id("Ev"), "event_time": now.Unix(), "event": inner,
		"authorizations": []any{map[string]any{
			"team_id": s.opt.Team.ID, "user_id": s.opt.Bot.ID, "is_bot": true, "is_enterprise_install": false,
		}},
		"is_ext_shared_channel": false,
	}
	s.attempt(payload, 0)
}

func (s *Server) attempt(payload map[string]any, n int) {
	s.deliver(&envelope{kind: "events_api", payload: payload, attempt: n, missed: func(reason string) {
		if n >= len(redeliver) {
			return
		}
		wait := redeliver[n]
		if reason == "dispatch_failed" {
			wait = max(wait, ackWithin) // nobody listened: the attempt counts, but its time has not passed
		}
		s.after(wait, func() { s.attempt(payload, n+1) })
	}})
}
