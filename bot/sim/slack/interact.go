package slack

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	triggerLife = 3 * time.Second
	answerLife  = 30 * time.Minute
	answerUses  = 5
)

// trigger is the right to open a modal, once, before a person who has just
// done something.
type trigger struct {
	user string
	at   time.Time
	used bool
	view string // the modal that it came from, if any
}

func (s *Server) newTrigger(user, view string) string {
	id := fmt.Sprintf("%d.%s", time.Now().Unix(), s.uuid())
	forget(s.triggers, func(t *trigger) time.Time { return t.at })
	s.triggers[id] = &trigger{user: user, at: time.Now(), view: view}
	return id
}

// forget drops what is an hour old, once there is much of it; by then it is
// good for nothing but a more exact error.
func forget[T any](all map[string]T, at func(T) time.Time) {
	if len(all) < 1000 {
		return
	}
	for id, x := range all {
		if time.Since(at(x)) > time.Hour {
			delete(all, id)
		}
	}
}

// spend uses a trigger: once, within 3 s.
func (s *Server) spend(id string) (*trigger, *problem) {
	t := s.triggers[id]
	switch {
	case t == nil:
		return nil, &problem{code: "invalid_trigger_id"}
	case t.used:
		return nil, &problem{code: "exchanged_trigger_id"}
	case time.Since(t.at) > triggerLife:
		return nil, &problem{code: "expired_trigger_id"}
	}
	t.used = true
	return t, nil
}

// answerURL is the right to answer a person where something was done.
type answerURL struct {
	user, channel string
	origin        *message // what was clicked; nil for a command
	at            time.Time
	uses          int
}

func (s *Server) newAnswer(a answerURL) string {
	id := s.uuid()
	a.at = time.Now()
	forget(s.answers, func(a *answerURL) time.Time { return a.at })
	s.answers[id] = &a
	return s.reach + "/response/" + id
}

// answer is a message that an app sends to a response URL, or with the
// acknowledgement of a slash command.
type answer struct {
	Text            string          `json:"text"`
	Blocks          json.RawMessage `json:"blocks"`
	Attachments     json.RawMessage `json:"attachments"`
	ResponseType    string          `json:"response_type"`
	ReplaceOriginal bool            `json:"replace_original"`
	DeleteOriginal  bool            `json:"delete_original"`
	ThreadTS        string          `json:"thread_ts"`
}

// serveResponse takes what is posted to a response URL. Slack answers `ok` as
// plain text, errors too.
func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	call := Call{At: time.Now().UTC(), Method: "response", Token: "none", Args: map[string]string{"body": string(raw)}}
	f := s.nextFault("response")
	if f != nil && !s.before(w, r, f, call) {
		return
	}
	status, text := http.StatusOK, "ok"
	s.do(func() {
		var in answer
		if err != nil || json.Unmarshal(raw, &in) != nil {
			status, text = http.StatusBadRequest, "invalid_payload"
			return
		}
		a := s.answers[r.PathValue("id")]
		if a == nil || a.uses >= answerUses || time.Since(a.at) > answerLife {
			status, text = http.StatusNotFound, "used_url"
			if a != nil && a.uses < answerUses {
				text = "expired_url"
			}
			return
		}
		a.uses++
		if p := s.respond(a, in, true); p != nil {
			status, text = http.StatusBadRequest, p.code
		}
	})
	call.OK, call.Status, call.Faulted = status == http.StatusOK, status, f != nil
	if !call.OK {
		call.Error = text
	}
	if f != nil && f.CutAfter {
		call.Lost, call.Status = true, 0
		s.record(call)
		panic(http.ErrAbortHandler)
	}
	s.record(call)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}

// respond does what an answer says: replace or delete the original, or say
// something, to the person alone unless response_type is in_channel.
func (s *Server) respond(a *answerURL, in answer, viaURL bool) *problem {
	q := &request{args: map[string]string{"text": in.Text, "blocks": string(in.Blocks), "attachments": string(in.Attachments)}}
	if in.DeleteOriginal {
		if a.origin == nil {
			return &problem{code: "no_text"}
		}
		a.origin.deleted = true
		s.channel(a.channel).uncount(a.origin)
		return nil
	}
	m, p := s.compose(q)
	if p != nil && !(viaURL && p.code == "msg_blocks_too_long") {
		return p
	}
	if empty(m) {
		return &problem{code: "no_text"}
	}
	if in.ReplaceOriginal && a.origin != nil {
		if a.origin.deleted {
			return &problem{code: "message_not_found"}
		}
		a.origin.edit(func(was *Message) { was.Text, was.Blocks, was.Attachments = m.Text, m.Blocks, m.Attachments })
		return nil
	}
	c := s.channel(a.channel)
	if c == nil || c.Archived {
		return &problem{code: "channel_not_found"}
	}
	m.ThreadTS = in.ThreadTS
	if m.ThreadTS != "" && c.find(m.ThreadTS) == nil {
		m.ThreadTS = ""
	}
	if in.ResponseType != "in_channel" {
		m.Ephemeral, m.To = true, a.user
	}
	kept := s.say(c, m)
	if a.origin == nil {
		a.origin = kept // a command's first answer is what later ones replace
	}
	return nil
}

// about is what every interaction says of who and where.
func (s *Server) about(kind string, u User) map[string]any {
	return map[string]any{
		"type": kind, "token": "pretend", "api_app_id": s.opt.AppID, "action_ts": s.ts(),
		"team":       map[string]any{"id": s.opt.Team.ID, "domain": s.opt.Team.Domain},
		"user":       map[string]any{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": s.opt.Team.ID},
		"enterprise": nil, "is_enterprise_install": false,
	}
}

// person finds somebody who can do things: a user, not a bot.
func (s *Server) person(id string) (User, error) {
	u, ok := s.user(id)
	if !ok || u.IsBot || u.Deleted {
		return User{}, refuse(ErrRefused, "user %q is nobody", id)
	}
	return u, nil
}

// place is what a payload says of a channel.
func place(c *channel) map[string]any {
	name := c.Name
	if c.IM {
		name = "directmessage"
	}
	return map[string]any{"id": c.ID, "name": name}
}
