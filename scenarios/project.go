package scenarios

import (
	"maps"
	"strings"
	"time"
	_ "time/tzdata" // time_zone is checked on machines that have no zone files

	"gopkg.in/yaml.v3"
)

// project reads a project.yaml.
func (r *reader) project(root *yaml.Node) *Project {
	p := &Project{Vars: map[string]any{}, secrets: map[string]string{}, at: places{file: r.file, name: root, services: root}}
	f := r.fields(root, "project.yaml", projectKeys)
	if n := f["name"]; n != nil {
		p.Name, _ = r.word(n, "name")
		p.at.name = n
	} else if root.Kind == yaml.MappingNode {
		r.fail(root, "", "the project has no name")
	}
	if n := f["default"]; n != nil {
		p.Default = r.boolean(n, "default")
		p.at.chosen = n
	}
	if n := f["services"]; n != nil {
		p.Services = r.words(n, "services")
		p.at.services = n
	} else if !p.Default && root.Kind == yaml.MappingNode {
		r.fail(root, "list the PagerDuty services: services: [shop-web]", "the project has no services")
	}
	r.contact(p, f)
	if n := f["hosts"]; n != nil {
		p.hosts, p.Hosts = r.hosts(n, "hosts")
	}
	if n := f["vars"]; n != nil {
		p.Vars = r.vars(n)
	}
	if n := f["secrets"]; n != nil {
		p.secrets = r.secrets(n)
	}
	if n := f["ssh"]; n != nil {
		p.ssh = r.projectAccess(n)
	}
	return p
}

// contacts reads whom people may have to call.
func (r *reader) contacts(n *yaml.Node) []Contact {
	var out []Contact
	for _, one := range r.list(n, "contacts") {
		f := r.fields(one, "the contact", contactKeys)
		var c Contact
		for key, into := range map[string]*string{"name": &c.Name, "phone": &c.Phone, "email": &c.Email, "note": &c.Note} {
			if v := f[key]; v != nil {
				*into, _ = r.word(v, key)
			}
		}
		if one.Kind == yaml.MappingNode && (f["name"] == nil || f["phone"] == nil && f["email"] == nil) {
			r.fail(one, "say name, and phone or email", "nobody can be reached by this contact")
		}
		out = append(out, c)
	}
	return out
}

// contact reads where a project's people are, and who may do what.
func (r *reader) contact(p *Project, f map[string]*yaml.Node) {
	if n := f["channel"]; n != nil {
		if s, ok := r.word(n, "channel"); ok {
			p.Channel = s
			if !slackChannel.MatchString(s) {
				r.fail(n, "write an ID (C0123ABCD) or a quoted name ('#shop')", "channel %s is no Slack channel", clip(s, 60))
			}
		}
	}
	if n := f["shared"]; n != nil {
		p.Shared = r.boolean(n, "shared")
	}
	if n := f["permissions"]; n != nil {
		p.Permissions = r.permissions(n)
	}
	if n := f["first_line"]; n != nil {
		p.FirstLine = r.lineOf(n, "first_line")
	}
	if n := f["second_line"]; n != nil {
		p.SecondLine = r.lineOf(n, "second_line")
	}
	if n := f["contacts"]; n != nil {
		p.Contacts = r.contacts(n)
	}
	if n := f["language"]; n != nil {
		p.Language = r.oneOf(n, "language", languages...)
	}
	if n := f["time_zone"]; n != nil {
		if s, ok := r.word(n, "time_zone"); ok {
			p.TimeZone = s
			if _, err := time.LoadLocation(s); err != nil || s == "Local" {
				r.fail(n, "write it like Europe/Vienna", "time_zone %s is not known", clip(s, 60))
			}
		}
	}
}

func (r *reader) permissions(n *yaml.Node) Permissions {
	f := r.fields(n, "permissions", permissionKeys)
	who := func(key string) []string {
		v := f[key]
		if v == nil {
			return nil
		}
		if v.Kind == yaml.SequenceNode && len(v.Content) == 0 {
			return []string{} // nobody, said on purpose
		}
		words := r.words(v, key)
		for i, w := range words {
			if !slackWho.MatchString(w) {
				at := v
				if nodes := r.list(v, key); len(nodes) == len(words) {
					at = nodes[i]
				}
				r.fail(at, "write Slack user IDs (U…), user group IDs (S…), channel IDs (C…) or everyone", "%s: %s is nobody", key, clip(w, 60))
			}
		}
		return words
	}
	return Permissions{View: who("view"), Run: who("run"), Approve: who("approve"), BreakGlass: who("break_glass"),
		Resolve: who("resolve"), Resume: who("resume"), Override: who("override")}
}

// lineOf reads first_line or second_line.
func (r *reader) lineOf(n *yaml.Node, what string) Line {
	var l Line
	f := r.fields(n, what, lineKeys)
	if v := f["policy"]; v != nil {
		l.Policy, _ = r.word(v, "policy")
		l.Level = 1
	}
	if v := f["level"]; v != nil {
		l.Level = r.integer(v, "level", 1, 20)
	}
	if v := f["users"]; v != nil {
		l.Users = r.words(v, "users")
	}
	switch {
	case n.Kind != yaml.MappingNode:
	case f["policy"] == nil && f["users"] == nil:
		r.fail(n, "say policy and level, or users", "%s is nowhere", what)
	case f["policy"] != nil && f["users"] != nil:
		r.fail(n, "", "%s says both a policy and users", what)
	case f["level"] != nil && f["policy"] == nil:
		r.fail(f["level"], "", "%s says a level of no policy", what)
	}
	return l
}

// vars reads variables: constants of any shape.
func (r *reader) vars(n *yaml.Node) map[string]any {
	out := map[string]any{}
	if count := nodes(n); count > maxValues {
		r.fail(n, "", "vars has %d keys and values, at most %d are read", count, maxValues)
		return out
	}
	for _, e := range r.entries(n, "vars") {
		if !isName(e.key.Value) {
			r.fail(e.key, "use letters, digits and _", "the variable %s cannot be read by its name", clip(e.key.Value, 40))
			continue
		}
		out[e.key.Value] = r.constant(e.value, "the variable "+e.key.Value)
	}
	return out
}

func (r *reader) constant(n *yaml.Node, what string) any {
	switch {
	case n.Kind == yaml.MappingNode:
		out := map[string]any{}
		for _, e := range r.entries(n, what) {
			out[e.key.Value] = r.constant(e.value, what+"."+e.key.Value)
		}
		return out
	case n.Kind == yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			out = append(out, r.constant(c, what))
		}
		return out
	case n.Kind != yaml.ScalarNode:
		return ""
	}
	switch n.Tag {
	case "!!int", "!!float":
		if !plainNumber.MatchString(n.Value) {
			r.fail(n, "quote it, or write it in plain decimals", "%s: %s is a number in one reader of YAML and another in the next", what, clip(n.Value, 40))
			return 0
		}
		fallthrough
	case "!!bool":
		var v any
		if err := n.Decode(&v); err == nil {
			switch v.(type) {
			case int, float64, bool:
				if s, err := textOf(v); err == nil && s != n.Value { // 1.10 would be filled in as 1.1
					r.fail(n, "quote it, or write "+clip(s, 40), "%s: %s is read as %s", what, clip(n.Value, 40), clip(s, 40))
				}
				return v
			}
		}
		r.fail(n, "quote it", "%s: %s is no number that can be kept", what, clip(n.Value, 40))
		return 0
	}
	if s, ok := r.word(n, what); ok {
		return s
	}
	return ""
}

// secrets reads references to secrets. A secret itself in YAML is an error
// that does not repeat it.
func (r *reader) secrets(n *yaml.Node) map[string]string {
	out := map[string]string{}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "write secrets: {token: env:NAME}", "secrets are no references with names: a secret never stands in YAML")
		return out
	}
	for _, e := range r.entries(n, "secrets") {
		if !isName(e.key.Value) {
			r.fail(e.key, "use letters, digits and _", "the secret %s cannot be read by its name", clip(e.key.Value, 40))
			continue
		}
		out[e.key.Value] = ""
		ref, ok := e.value.Value, e.value.Kind == yaml.ScalarNode
		if ok && strings.Contains(ref, "${{") {
			r.fail(e.value, "", "the secret %s is looked up by this text: ${{ }} is not filled in here", e.key.Value)
			continue
		}
		if name, env := strings.CutPrefix(ref, "env:"); ok && env && isName(name) {
			out[e.key.Value] = ref
			continue
		}
		if path, file := strings.CutPrefix(ref, "file:"); ok && file && strings.HasPrefix(path, "/") {
			out[e.key.Value] = ref
			continue
		}
		r.fail(e.value, "write env:NAME or file:/path", "the secret %s is no reference: a secret never stands in YAML", e.key.Value)
	}
	return out
}

// join returns the project's values with the scenario's own over them.
func join[V any](project, own map[string]V) map[string]V {
	out := maps.Clone(project)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, own)
	return out
}
