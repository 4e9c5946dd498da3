package scenarios

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"path"
	"slices"
)

// versionOf is a hash that no two different sets of sources share: every part
// is preceded by its length.
func versionOf(name string, sources []Source) string {
	h := sha256.New()
	part := func(b []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
		h.Write(b)
	}
	part([]byte(name))
	for _, s := range sources {
		part([]byte(s.Name))
		part(s.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Pin makes the very version of a scenario that an incident matched from its
// kept sources. Checks between several scenarios do not apply. The error is
// Problems when this version of amsbot refuses what an earlier one accepted.
func Pin(sources []Source, o Options) (*Scenario, error) {
	l := &loader{options: o, projects: map[string]*owned{}}
	l.projects["."] = &owned{project: &Project{Name: "default", Default: true, Vars: map[string]any{}}}
	var scenario *Source
	for i, src := range sources {
		if path.Base(src.Name) != projectFile {
			if scenario != nil {
				return nil, errors.New("scenarios: pin: two scenarios in the sources of one")
			}
			scenario = &sources[i]
			continue
		}
		r := newReader(src.Name, src.Data)
		root := r.tree(src.Data)
		if root == nil {
			return nil, r.problems
		}
		p := r.project(root)
		if len(r.problems) > 0 {
			return nil, r.problems
		}
		l.projects["."] = &owned{project: p, source: src}
	}
	if scenario == nil {
		return nil, errors.New("scenarios: pin: no scenario in the sources")
	}
	r := newReader(scenario.Name, scenario.Data)
	root := r.tree(scenario.Data)
	if root == nil {
		return nil, r.problems
	}
	s := r.scenario(root, l.projects["."].project, o)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	s.sources = slices.Clone(sources)
	s.Version = versionOf(s.Name, s.sources)
	return s, nil
}
