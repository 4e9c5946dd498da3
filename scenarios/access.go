package scenarios

import (
	"regexp"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// access is how amsbot gets onto a machine over SSH. A project says it for all
// its steps, a step says what differs.
type access struct {
	user       string
	port       int
	key        string // a reference; "" for none
	passphrase string // a reference; "" for none
	agent      bool
	knownHosts string
	jump       *jump // nil: straight
}

// jump is a machine on the way.
type jump struct {
	host string
	access
}

var loginName = regexp.MustCompile(`^[^\s:/@-][^\s:/]*$`)

// accessKeys is what is said of a machine, be it the target or one on the way.
var accessKeys = keys{
	{name: "user", shape: aWordLike(loginName), example: "user: amsbot",
		doc: "Who logs in. There is no default."},
	{name: "key", shape: aWordLike(secretRef), example: "key: file:/etc/amsbot/id_ed25519",
		doc: "Where the private key comes from: `file:/path` or `env:NAME`, never the key itself. `key`, `passphrase` and `agent` are said together: a step that says one of them takes none from its project."},
	{name: "passphrase", shape: aWordLike(secretRef), example: "key: file:/etc/amsbot/id_ed25519\npassphrase: env:SHOP_KEY_PASSPHRASE",
		doc: "Where the passphrase of an encrypted key comes from: `env:NAME` or `file:/path`."},
	{name: "agent", shape: aTruth, fallback: "false", example: "agent: true",
		doc: "Uses the keys of the agent that `SSH_AUTH_SOCK` in amsbot's environment names. The agent is never forwarded."},
	{name: "known_hosts", shape: aWordLike(wholePath), example: "known_hosts: /etc/amsbot/known_hosts",
		doc: "The file with the keys of the machines, in the form that `ssh` keeps. A machine whose key is not in it is not talked to; there is no way around that."},
}

// jumpKeys is every key of `jump`.
var jumpKeys = append(keys{
	{name: "host", shape: aWord, required: true, example: "host: bastion.shop.example",
		doc: "The machine on the way, by name or address. It never comes from an incident."},
	{name: "port", shape: aNumber(1, 65535), fallback: "22", example: "port: 2222", doc: "Its port."},
}, accessKeys...)

// projectSSHKeys is every key of `ssh` in project.yaml.
var projectSSHKeys = append(accessKeys[:len(accessKeys):len(accessKeys)],
	key{name: "port", shape: aNumber(1, 65535), fallback: "22", example: "port: 2222", doc: "The port where steps say none."},
	key{name: "jump", shape: aMapping(jumpKeys), example: "jump: {host: bastion.shop.example}",
		doc: "A machine through which the others are reached. What is not said of it is as for them. It resolves their names, unless `hosts` lists networks."})

// projectAccess reads `ssh` of project.yaml.
func (r *reader) projectAccess(n *yaml.Node) access {
	f := r.fields(n, "ssh", projectSSHKeys)
	a := r.access(f, access{port: 22})
	if v := f["port"]; v != nil {
		a.port = r.integer(v, "port", 1, 65535)
	}
	if v := f["jump"]; v != nil {
		a.jump = r.jump(v, a)
	}
	return a
}

// access reads accessKeys, over what holds where they are not said.
func (r *reader) access(f map[string]*yaml.Node, a access) access {
	if v := f["user"]; v != nil {
		if s, ok := r.word(v, "user"); ok {
			a.user = s
			if !loginName.MatchString(s) || strings.ContainsFunc(s, unicode.IsControl) {
				r.fail(v, "", "user %s is no login name", clip(s, 40))
			}
		}
	}
	if f["key"] != nil || f["passphrase"] != nil || f["agent"] != nil {
		a.key, a.passphrase, a.agent = "", "", false
	}
	a.key = r.reference(f["key"], "key", a.key)
	a.passphrase = r.reference(f["passphrase"], "passphrase", a.passphrase)
	if v := f["agent"]; v != nil {
		a.agent = r.boolean(v, "agent")
	}
	if v := f["passphrase"]; v != nil && f["key"] == nil {
		r.fail(v, "say key too: the three are said together", "a passphrase without a key")
	}
	if v := f["known_hosts"]; v != nil {
		if s, ok := r.word(v, "known_hosts"); ok {
			a.knownHosts = s
			if !wholePath.MatchString(s) {
				r.fail(v, "", "known_hosts has to be an absolute path, not %s", clip(s, 60))
			}
		}
	}
	return a
}

// reference reads where a secret comes from. What stands there instead is
// never repeated: it may be the secret.
func (r *reader) reference(n *yaml.Node, what, otherwise string) string {
	if n == nil {
		return otherwise
	}
	if n.Kind == yaml.ScalarNode && secretRef.MatchString(n.Value) {
		return n.Value
	}
	r.fail(n, "write file:/path or env:NAME", "%s is no reference: a secret never stands in YAML", what)
	return "file:/" // something was said: that it is missing would confuse
}

// jump reads a machine on the way; outer is how the target is reached.
func (r *reader) jump(n *yaml.Node, outer access) *jump {
	f := r.fields(n, "jump", jumpKeys)
	outer.jump, outer.port = nil, 22
	j := &jump{access: r.access(f, outer)}
	if v := f["port"]; v != nil {
		j.port = r.integer(v, "port", 1, 65535)
	}
	switch v := f["host"]; {
	case v != nil:
		if s, ok := r.word(v, "host"); ok {
			j.host = strings.Trim(s, "[]")
			if !isHost(j.host) {
				r.fail(v, "", "host %s is no host", clip(s, 60))
			}
		}
	case n.Kind == yaml.MappingNode:
		r.fail(n, "say host: bastion.shop.example", "jump has no host")
	}
	return j
}

// complete notes what is missing before anybody can log in.
func (r *reader) complete(n *yaml.Node, a access) {
	const where = " here, or below ssh: in project.yaml for all steps"
	if a.jump != nil {
		r.complete(n, a.jump.access)
	}
	switch {
	case a.knownHosts == "":
		r.fail(n, "say known_hosts: /etc/amsbot/known_hosts"+where, "nothing says which host keys are right")
	case a.user == "":
		r.fail(n, "say user: amsbot"+where, "nothing says who logs in")
	case a.key == "" && a.passphrase == "" && !a.agent:
		r.fail(n, "say key: file:/etc/amsbot/id_ed25519"+where, "there is neither a key nor an agent to log in with")
	}
}
