package scenarios

import (
	"path"
	"slices"
)

// Owner is the project that a file belongs to: that of its folder, else of the
// nearest folder above; false when no project lies there. The file is named as
// in a Source: from the folder that the set was read from.
func (s *Set) Owner(file string) (*Project, bool) {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		for _, p := range s.Projects {
			if path.Dir(p.File()) == dir {
				return p, true
			}
		}
		if dir == "." || dir == "/" {
			return nil, false
		}
	}
}

// Implied says that the folder has no project.yaml: one project without a name
// of its own has all scenarios and takes every service.
func (s *Set) Implied() bool {
	return len(s.Projects) == 1 && s.Projects[0].File() == ""
}

// Strays are the projects of an earlier set whose project.yaml is gone while
// scenarios of theirs are still there: they would fall to the project of a
// folder above, with its hosts and its permissions.
func (s *Set) Strays(before *Set) []*Project {
	owner := map[string]string{} // of the scenarios' files, by the project's file
	for _, sc := range s.Scenarios {
		owner[sc.file()] = sc.Project.File()
	}
	var out []*Project
	for _, sc := range before.Scenarios {
		p := sc.Project
		now, there := owner[sc.file()]
		gone := !slices.ContainsFunc(s.Projects, func(q *Project) bool { return q.File() == p.File() || q.Name == p.Name })
		if there && gone && now != p.File() && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// file is the scenario's own.
func (s *Scenario) file() string { return s.sources[len(s.sources)-1].Name }

// File is the project.yaml, named from the folder that the set was read from;
// "" where there is none.
func (p *Project) File() string { return p.at.file }
