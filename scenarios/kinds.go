package scenarios

import (
	"context"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// kind is one thing that a step can be. A new kind is a file of its own and
// one line here.
type kind struct {
	name    string
	timeout time.Duration // of one try unless said otherwise; 0: it has none
	grace   time.Duration // what ending a try takes beyond its timeout
	doc     string        // what it does, and when it is OK, NG and UNKNOWN
	short   []shape       // what may stand for the keys, or there are none
	keys    keys
	rules   map[string]any // as JSON Schema: what holds between the keys
	example string         // YAML: the key with all that it needs
	fields  fields         // what later steps may read
	writes  map[string]any // as JSON Schema: such a step changes things, check and gather refuse it
	compile func(*compiler, *yaml.Node, *Step) action
}

var kinds []kind

func init() {
	kinds = []kind{httpKind, execKind, sshKind, nagiosKind, dnsKind, tcpKind, tlsKind, waitKind}
}

// action is a compiled step's own part.
type action interface {
	// show describes it in one line with its values filled in.
	show(w *world) (string, error)
	// try does it once. ctx ends when the try's time is over.
	try(ctx context.Context, w *world, t Tools) Outcome
}

// Kinds lists the kinds of steps, sorted.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	slices.Sort(names)
	return names
}

// shape is what may stand at the key of the kind.
func (k kind) shape() shape {
	ways := k.short
	if len(k.keys) > 0 {
		ways = append(ways[:len(ways):len(ways)], aMapping(k.keys).besides(k.rules))
	}
	if len(ways) == 1 {
		return ways[0]
	}
	return either(ways...)
}

func kindNamed(name string) (kind, bool) {
	for _, k := range kinds {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

// joinWords is "a, b or c".
func joinWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
