package scenarios

import "path"

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

// File is the project.yaml, named from the folder that the set was read from;
// "" where there is none.
func (p *Project) File() string { return p.at.file }
