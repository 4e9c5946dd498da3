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
	fields  []string      // what later steps may read
	compile func(*compiler, *yaml.Node, *Step) action
}

var kinds []kind

func init() { kinds = []kind{httpKind, execKind, waitKind} }

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
