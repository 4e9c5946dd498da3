package slack

const (
	maxStack    = 3
	maxViewSize = 250 * 1024
)

// view is one modal or Home tab as Slack keeps it.
type view struct {
	View
	user     string
	hash     string
	external string
	blocks   []any
	notify   bool // view_closed is wanted
	root     string
	previous string
	closed   bool
}

// checkedView judges a view's JSON for a surface and completes it.
func (s *Server) checkedView(raw string, on surface) (map[string]any, *problem) {
	if len(raw) > maxViewSize {
		return nil, &problem{code: "view_too_large"}
	}
	v, ok := decode([]byte(raw))
	o, isObject := v.(map[string]any)
	if !ok || !isObject {
		return nil, &problem{code: "invalid_arguments", messages: []string{"must provide an object [json-pointer:/view]"}}
	}
	c := &check{on: on, fileReady: s.fileReady}
	if o["type"] != string(on) {
		c.fail("/view/type", "must be a valid enum value")
	}
	blocks := must(func(c *check, at string, v any) { c.blocks(at, v, 1, maxViewBlocks) })
	form := shape{
		"type": must(anyValue), "blocks": blocks, "private_metadata": may(str(0, 3000)),
		"callback_id": may(str(0, 255)), "external_id": may(str(0, 255)),
	}
	if on == inModal {
		form["title"] = must(plain(1, 24))
		form["submit"], form["close"] = may(plain(1, 24)), may(plain(1, 24))
		form["clear_on_close"], form["notify_on_close"] = may(truth), may(truth)
		form["submit_disabled"] = may(truth)
	}
	form.judge(c, "/view", o)
	if on == inModal && c.inputs > 0 && o["submit"] == nil {
		c.fail("/view", "missing required field: submit")
	}
	if len(c.problems) > 0 {
		return nil, &problem{code: "invalid_arguments", messages: c.problems}
	}
	s.name(o["blocks"])
	return o, nil
}

// put stores a view's content as its newest version with a new hash.
func (s *Server) put(v *view, o map[string]any) {
	v.hash = s.ts() + "." + s.short()
	v.blocks, _ = o["blocks"].([]any)
	v.notify, _ = o["notify_on_close"].(bool)
	v.external, _ = o["external_id"].(string)
	for key, value := range map[string]any{
		"id": v.ID, "team_id": s.opt.Team.ID, "hash": v.hash, "app_id": s.opt.AppID, "bot_id": s.opt.BotID,
		"app_installed_team_id": s.opt.Team.ID, "root_view_id": v.root, "previous_view_id": v.previous,
	} {
		o[key] = value
	}
	for key, value := range map[string]any{"private_metadata": "", "callback_id": "", "external_id": "", "clear_on_close": false, "notify_on_close": false} {
		if o[key] == nil {
			o[key] = value
		}
	}
	if o["previous_view_id"] == "" {
		o["previous_view_id"] = nil
	}
	if o["state"] == nil {
		o["state"] = map[string]any{"values": map[string]any{}}
	}
	v.Version++
	v.Errors, v.Problem = nil, ""
	v.View.View = encode(o)
	s.views[v.ID] = v
}

// taken says whether another open view has this external_id.
func (s *Server) taken(o map[string]any, except string) bool {
	id, _ := o["external_id"].(string)
	for _, v := range s.views {
		if id != "" && v.external == id && v.ID != except && !v.closed {
			return true
		}
	}
	return false
}

// openView puts a new modal on top of a user's stack.
func (s *Server) openView(user string, o map[string]any) (reply, *problem) {
	if len(s.stacks[user]) >= maxStack {
		return fail("push_limit_reached")
	}
	if s.taken(o, "") {
		return fail("duplicate_external_id")
	}
	v := &view{View: View{ID: s.id("V"), Type: string(inModal)}, user: user}
	v.root = v.ID
	if stack := s.stacks[user]; len(stack) > 0 {
		v.root, v.previous = stack[0].ID, stack[len(stack)-1].ID
	}
	s.put(v, o)
	s.stacks[user] = append(s.stacks[user], v)
	return reply{"view": v.View.View}, nil
}

func viewsOpen(s *Server, q *request) (reply, *problem) {
	o, p := s.checkedView(q.args["view"], inModal)
	if p != nil {
		return nil, p
	}
	t, p := s.spend(q.args["trigger_id"])
	if p != nil {
		return nil, p
	}
	if t.view == "" {
		s.closeAll(t.user) // a modal that was open elsewhere gives way
	} // Unmeasured: from within a modal views.open is taken as views.push.
	return s.openView(t.user, o)
}

func viewsPush(s *Server, q *request) (reply, *problem) {
	o, p := s.checkedView(q.args["view"], inModal)
	if p != nil {
		return nil, p
	}
	t, p := s.spend(q.args["trigger_id"])
	if p != nil {
		return nil, p
	}
	if t.view == "" || len(s.stacks[t.user]) == 0 {
		return fail("not_found") // nothing to push onto
	}
	return s.openView(t.user, o)
}

func viewsUpdate(s *Server, q *request) (reply, *problem) {
	id, external := q.args["view_id"], q.args["external_id"]
	if (id == "") == (external == "") {
		return badArgument("must provide exactly one of view_id, external_id")
	}
	v := s.views[id]
	if external != "" {
		for _, x := range s.views {
			if x.external == external && !x.closed {
				v = x
			}
		}
	}
	if v == nil || v.closed {
		return fail("not_found")
	}
	o, p := s.checkedView(q.args["view"], surface(v.Type))
	switch {
	case p != nil:
		return nil, p
	case q.args["hash"] != "" && q.args["hash"] != v.hash:
		return fail("hash_conflict")
	case s.taken(o, v.ID):
		return fail("duplicate_external_id")
	}
	s.put(v, o)
	return reply{"view": v.View.View}, nil
}

func viewsPublish(s *Server, q *request) (reply, *problem) {
	u, ok := s.user(q.args["user_id"])
	if !ok || u.IsBot {
		return badArgument("invalid user_id [json-pointer:/user_id]")
	}
	o, p := s.checkedView(q.args["view"], inHome)
	if p != nil {
		return nil, p
	}
	v := s.homes[u.ID]
	switch {
	case v != nil && q.args["hash"] != "" && q.args["hash"] != v.hash:
		return fail("hash_conflict")
	case v == nil:
		v = &view{View: View{ID: s.id("V"), Type: string(inHome)}, user: u.ID}
		v.root = v.ID
	}
	if s.taken(o, v.ID) {
		return fail("duplicate_external_id")
	}
	s.put(v, o)
	s.homes[u.ID] = v
	return reply{"view": v.View.View}, nil
}

// top is the modal that a user sees, nil if none.
func (s *Server) top(user string) *view {
	stack := s.stacks[user]
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

// pop takes the top modal away.
func (s *Server) pop(user string) {
	if v := s.top(user); v != nil {
		v.closed = true
		s.stacks[user] = s.stacks[user][:len(s.stacks[user])-1]
	}
}

func (s *Server) closeAll(user string) {
	for _, v := range s.stacks[user] {
		v.closed = true
	}
	delete(s.stacks, user)
}

// inputsOf lists the input blocks of a view by block_id.
func (v *view) inputsOf() map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, b := range v.blocks {
		if o, ok := b.(map[string]any); ok && o["type"] == "input" {
			id, _ := o["block_id"].(string)
			all[id] = o
		}
	}
	return all
}
