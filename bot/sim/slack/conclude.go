package slack

import "encoding/json"

// submitted is the app's word on a submission.
type submitted struct {
	Action string            `json:"response_action"`
	View   json.RawMessage   `json:"view"`
	Errors map[string]string `json:"errors"`
}

// trouble is what Slack says when an app's answer makes no sense.
const trouble = "We had some trouble connecting. Try again?"

// conclude does what the acknowledgement of a submission says.
func (s *Server) conclude(v *view, payload json.RawMessage) {
	v.Busy = false
	if v.closed || s.top(v.user) != v {
		return
	}
	var in submitted
	if len(payload) > 0 && json.Unmarshal(payload, &in) != nil {
		v.Problem = trouble
		return
	}
	switch in.Action {
	case "":
		s.pop(v.user)
	case "clear":
		s.closeAll(v.user)
	case "errors":
		inputs := v.inputsOf()
		for id := range in.Errors {
			if inputs[id] == nil {
				v.Problem = trouble
				return
			}
		}
		v.Errors = in.Errors
		if len(in.Errors) == 0 {
			v.Problem = trouble
		}
	case "update", "push":
		s.concludeWith(v, in)
	default:
		v.Problem = trouble
	}
}

func (s *Server) concludeWith(v *view, in submitted) {
	o, p := s.checkedView(string(in.View), inModal)
	if p == nil && in.Action == "update" {
		s.put(v, o)
		return
	}
	if p == nil {
		_, p = s.openView(v.user, o)
	}
	if p != nil {
		v.Problem = trouble
	}
}
