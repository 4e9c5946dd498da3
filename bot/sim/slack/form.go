package slack

import (
	"context"
	"encoding/json"
	"maps"
)

// Submit is a person pressing the submit button of the modal on top.
type Submit struct {
	User   string `json:"user"`
	ViewID string `json:"view_id"`
	// Values are what the person has put in; what is left out is as the view
	// has it at first.
	Values Values `json:"values"`
}

// shown finds a view that a person has before them: the top modal or Home.
func (s *Server) shown(u User, id string) (*view, error) {
	if top := s.top(u.ID); top != nil && (id == "" || top.ID == id) {
		return top, nil
	}
	if home := s.homes[u.ID]; home != nil && home.ID == id && s.top(u.ID) == nil {
		return home, nil
	}
	return nil, refuse(ErrNotThere, "view %q", id)
}

// payload is a view as an app gets it in an interaction.
func (v *view) payload(values map[string]any) map[string]any {
	out, _ := decode(v.View.View)
	o, _ := out.(map[string]any)
	o["state"] = values
	return o
}

func (s *Server) clickView(u User, c Click, r *Result) (map[string]any, error) {
	v, err := s.shown(u, c.ViewID)
	if err != nil {
		return nil, err
	}
	t, ok := elementIn(v.blocks, c)
	if !ok {
		return nil, refuse(ErrNotThere, "element %q in view %s", c.ActionID, v.ID)
	}
	if silent(v, t) {
		return nil, refuse(ErrRefused, "input %q does not dispatch actions", c.ActionID)
	}
	action, inputs, err := act(t, c, s.ts())
	if err != nil {
		return nil, err
	}
	values, err := state(v.blocks, inputs)
	if err != nil {
		return nil, err
	}
	from := v.ID
	if v.Type == string(inHome) {
		from = ""
	}
	r.TriggerID = s.newTrigger(u.ID, from)
	p := s.about("block_actions", u)
	maps.Copy(p, map[string]any{
		"container": map[string]any{"type": "view", "view_id": v.ID}, "trigger_id": r.TriggerID,
		"view": v.payload(values), "actions": []any{action},
	})
	return p, nil
}

// silent says whether an element stands in an input block without
// dispatch_action: using it tells the app nothing before the submission.
func silent(v *view, t target) bool {
	b := v.inputsOf()[t.blockID]
	dispatch, _ := b["dispatch_action"].(bool)
	return b != nil && !dispatch
}

// Submit sends a form and waits for the app's word on it, at most 3 s. What
// Slack checks by itself (required inputs, lengths) is refused without a word
// to the app, and shown under the inputs.
func (s *Server) Submit(ctx context.Context, in Submit) (Result, error) {
	defer s.changed()
	return s.wait(ctx, func(r *Result) (*envelope, error) {
		u, err := s.person(in.User)
		if err != nil {
			return nil, err
		}
		v, err := s.shown(u, in.ViewID)
		if err != nil {
			return nil, err
		}
		if err := v.ready(in.Values); err != nil {
			return nil, err
		}
		values, err := state(v.blocks, in.Values)
		if err != nil {
			return nil, err
		}
		r.TriggerID = s.newTrigger(u.ID, v.ID)
		v.Errors, v.Problem, v.Busy = nil, "", true
		p := s.about("view_submission", u)
		maps.Copy(p, map[string]any{"view": v.payload(values), "trigger_id": r.TriggerID, "response_urls": []any{}})
		return &envelope{
			kind: "interactive", payload: p,
			answered: func(payload json.RawMessage) { s.conclude(v, payload) },
			missed:   func(string) { v.Busy, v.Problem = false, trouble },
		}, nil
	})
}

// ready says whether Slack lets a form go, and marks what is wrong with it.
func (v *view) ready(given Values) error {
	o, _ := decode(v.View.View)
	fields, _ := o.(map[string]any)
	switch {
	case v.Type != string(inModal) || fields["submit"] == nil:
		return refuse(ErrNotThere, "submit button of view %s", v.ID)
	case v.Busy:
		return refuse(ErrRefused, "view %s is being submitted", v.ID)
	}
	for id, inputs := range given {
		if v.inputsOf()[id] == nil && len(inputs) > 0 && !v.accessory(id) {
			return refuse(ErrNotThere, "input %q in view %s", id, v.ID)
		}
	}
	if wrong := missing(v, given); len(wrong) > 0 {
		v.Errors = wrong
		return refuse(ErrRefused, "view %s: %v", v.ID, wrong)
	}
	return nil
}

// accessory says whether a block without being an input has stateful elements.
func (v *view) accessory(id string) bool {
	for _, b := range v.blocks {
		if o, _ := b.(map[string]any); o["block_id"] == id {
			return len(elementsOf(o)) > 0
		}
	}
	return false
}

// CloseView closes the modal on top, or with all the whole stack. The app is
// told of each view that asked for it (notify_on_close).
func (s *Server) CloseView(ctx context.Context, user, viewID string, all bool) error {
	s.mu.Lock()
	u, err := s.person(user)
	var v *view
	if err == nil {
		v, err = s.shown(u, viewID)
	}
	if err == nil && v.Type == string(inHome) {
		err = refuse(ErrNotThere, "modal %q", viewID)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	closed := []*view{v}
	if all {
		closed = append([]*view(nil), s.stacks[user]...)
		s.closeAll(user)
	} else {
		s.pop(user)
	}
	s.mu.Unlock()
	s.changed()
	for _, v := range closed {
		if !v.notify {
			continue
		}
		_, err := s.wait(ctx, func(*Result) (*envelope, error) {
			values, err := state(v.blocks, nil)
			if err != nil {
				return nil, err
			}
			p := s.about("view_closed", u)
			p["view"], p["is_cleared"] = v.payload(values), all
			return &envelope{kind: "interactive", payload: p}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
