package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const (
	maxFile  = 1 << 20
	maxDepth = 20
)

// tree parses one file into its node tree and checks what holds for any file
// of ours, whatever it says: one document, no tags, anchors, aliases or
// merges, no key twice, no mapping without end. It returns nil where there is
// nothing to read on with.
func (r *reader) tree(data []byte) *yaml.Node {
	if len(data) > maxFile {
		r.file0("the file has %d bytes, at most %d are read", len(data), maxFile)
		return nil
	}
	if !utf8.Valid(data) {
		r.file0("the file is not UTF-8")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decode(dec, &doc); err != nil {
		if errors.Is(err, io.EOF) {
			r.file0("the file is empty")
			return nil
		}
		r.syntax(err)
		return nil
	}
	var second yaml.Node
	switch err := decode(dec, &second); {
	case err == nil:
		r.fail(&second, "write one file per scenario", "a second document: it would be ignored")
	case !errors.Is(err, io.EOF):
		r.syntax(err)
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) == 0 {
		r.file0("the file is empty")
		return nil
	}
	root := doc.Content[0]
	if !r.plain(root, 1) {
		return nil
	}
	return root
}

// decode is Decode, except that what makes the parser panic is an error.
func decode(dec *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: cannot be read: %v", p)
		}
	}()
	return dec.Decode(into)
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '([^']+)' referenced`)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// fromParser is what yaml.v3's parser says, whose lines count from 0; those of
// its scanner count from 1.
var fromParser = regexp.MustCompile(`^did not find expected (?:key|node content|'-' indicator|',' or '[]}]'|<)`)

// syntax notes yaml.v3's own error, which ends the list of a file.
func (r *reader) syntax(err error) {
	text := err.Error()
	at := &yaml.Node{}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1])
		text = text[len(m[0]):]
		if at.Line > 0 && fromParser.MatchString(text) {
			at.Line++
		}
	}
	hint := ""
	if m := unknownAnchor.FindStringSubmatch(text); m != nil {
		hint = "quote it if the * belongs to the text: '*" + m[1] + "'"
		for i, line := range r.lines() {
			if col := strings.Index(line, "*"+m[1]); col >= 0 {
				at.Line, at.Column = i+1, utf8.RuneCountInString(line[:col])+1
				break
			}
		}
	}
	if at.Line > 0 && hint == "" {
		near := r.line(at.Line) + r.line(at.Line-1) + r.line(at.Line+1)
		if strings.Contains(near, "${{") || strings.Contains(near, "/") {
			hint = "quote every text that holds ${{ }} or /…/: '…'"
		}
	}
	r.fail(at, hint, "YAML: %s", text)
}

// plain checks a node and all below it. It reports false when the tree is too
// deep to be walked further.
func (r *reader) plain(n *yaml.Node, depth int) bool {
	if depth > maxDepth {
		r.fail(n, "", "nested more than %d deep", maxDepth)
		return false
	}
	switch {
	case n.Kind == yaml.AliasNode:
		r.fail(n, "quote it if the * belongs to the text: '*"+n.Value+"'", "an alias (*%s): write the value out", n.Value)
		return true
	case n.Anchor != "":
		r.fail(n, "quote it if the & belongs to the text", "an anchor (&%s): write the value out where it is needed", n.Anchor)
	case n.Style&yaml.TaggedStyle != 0:
		r.fail(n, "YAML reads a leading ! as a tag and drops it: quote the text: '"+clip(n.Tag, 40)+"'", "a tag (%s)", clip(n.Tag, 40))
	}
	if n.Kind == yaml.MappingNode {
		r.keys(n)
	}
	for _, c := range n.Content {
		if !r.plain(c, depth+1) {
			return false
		}
	}
	return true
}

// keys checks the keys of one mapping: plain texts, none twice.
func (r *reader) keys(n *yaml.Node) {
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode:
			r.fail(k, "quote it", "a key that is no text")
			continue
		case k.Tag == "!!merge":
			r.fail(k, "write the keys out", "a merge key (<<)")
			continue
		}
		if first, ok := seen[k.Value]; ok {
			r.fail(k, "", "the key %s is there twice, first in line %d", clip(k.Value, 40), first.Line)
			continue
		}
		seen[k.Value] = k
	}
}

// clip shortens a text for a message.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
