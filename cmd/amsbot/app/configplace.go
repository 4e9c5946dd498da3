package app

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// placed are the mistakes of a configuration, a line each, with file, line and
// column where they stand in it: what is missing has no place.
func placed(name string, data []byte, wrong error) string {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil || len(root.Content) == 0 {
		root.Content = []*yaml.Node{{}}
	}
	var out []string
	for _, text := range strings.Split(wrong.Error(), "\n") {
		at := name
		if n := placeOf(root.Content[0], text); n != nil {
			at = fmt.Sprintf("%s:%d:%d", name, n.Line, n.Column)
		}
		out = append(out, at+": "+text)
	}
	return strings.Join(out, "\n")
}

// placeOf is the value that a mistake is about, which begins with the way to it
// ("permissions.run: …"); of a list the element that it quotes. nil: there is none.
func placeOf(n *yaml.Node, text string) *yaml.Node {
	end := strings.IndexAny(text, ": ")
	if end < 0 {
		return nil
	}
	for _, key := range strings.Split(text[:end], ".") {
		if n = valueOf(n, key); n == nil {
			return nil
		}
	}
	for _, one := range n.Content {
		if n.Kind == yaml.SequenceNode && strings.Contains(text, fmt.Sprintf("%q", one.Value)) {
			return one
		}
	}
	return n
}

// valueOf is the value of a key of a mapping; nil where there is none.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
