package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

//go:embed examples
var examples embed.FS

// Examples returns the embedded example projects.
func Examples() fs.FS {
	sub, err := fs.Sub(examples, "examples")
	if err != nil {
		panic(err) // the folder is part of the binary
	}
	return sub
}

// Options says how scenarios reach what lies outside their files.
type Options struct {
	// Secrets turns a reference, "env:NAME" or "file:/path", into its
	// value; nil does it for real. It is asked each time a step runs.
	Secrets func(ref string) (string, error)
}

const (
	projectFile = "project.yaml"
	maxFiles    = 5000
	maxFolder   = 64 << 20
)

// Load reads a folder of scenarios and the folders below it. The error is
// Problems, all of them, when the author has something to mend, else what
// hindered the reading.
func Load(dir string, o Options) (*Set, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, Problems{{File: dir, Text: "there is no such folder", Hint: "name a folder of scenarios; amsbot's examples show what belongs there"}}
	case err != nil:
		return nil, fmt.Errorf("scenarios: load %s: %w", dir, err)
	case !info.IsDir():
		return nil, Problems{{File: dir, Text: "this is a file", Hint: "name the folder that it lies in"}}
	}
	set, err := LoadFS(os.DirFS(dir), o)
	var problems Problems
	if errors.As(err, &problems) {
		for i, p := range problems {
			problems[i].File = path.Join(dir, p.File)
		}
		return nil, problems
	}
	return set, err
}

// LoadFS is Load for a file system.
func LoadFS(fsys fs.FS, o Options) (*Set, error) {
	l := &loader{fsys: fsys, options: o, projects: map[string]*owned{}}
	if err := l.walk(); err != nil {
		return nil, err
	}
	return l.load()
}

// owned is a project and the bytes that it was made of.
type owned struct {
	project *Project
	source  Source
}

// loader reads one folder.
type loader struct {
	fsys     fs.FS
	options  Options
	files    []string // scenario files
	owners   []string // project files
	fixtures []string // files of fixtures, which Load leaves out
	projects map[string]*owned
	problems Problems
	size     int // of all that was read
}

// walk finds the files. Names that begin with a dot or an underscore are left
// out, as are Kubernetes' own folders beside mounted files.
func (l *loader) walk() error {
	return fs.WalkDir(l.fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("scenarios: load %s: %w", name, err)
		}
		base := path.Base(name)
		if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		mode := d.Type()
		if mode&fs.ModeSymlink != 0 {
			info, err := fs.Stat(l.fsys, name)
			if err != nil {
				return fmt.Errorf("scenarios: load %s: %w", name, err)
			}
			if mode = info.Mode().Type(); mode.IsDir() {
				l.problems = append(l.problems, Problem{File: name, Text: "a link to a folder is not followed", Hint: "move the folder here"})
				return nil
			}
		}
		ext := path.Ext(base)
		switch {
		case d.IsDir() || ext != ".yaml" && ext != ".yml":
		case !mode.IsRegular():
			// A pipe keeps whoever opens it waiting, a device may have no end.
			l.problems = append(l.problems, Problem{File: name, Text: "this is no file, but a pipe, a device or the like", Hint: "take it out of the folder"})
		case base == projectFile:
			l.owners = append(l.owners, name)
		case isFixture(base):
			l.fixtures = append(l.fixtures, name)
		case base == "project.yml":
			l.problems = append(l.problems, Problem{File: name, Text: "a project is described in project.yaml", Hint: "rename the file"})
		default:
			l.files = append(l.files, name)
		}
		if len(l.files)+len(l.owners)+len(l.fixtures) > maxFiles {
			return fmt.Errorf("scenarios: load: more than %d files", maxFiles)
		}
		return nil
	})
}

func (l *loader) load() (*Set, error) {
	set := &Set{}
	for _, name := range l.owners {
		if err := l.readProject(name, set); err != nil {
			return nil, err
		}
	}
	if len(l.files) == 0 && len(l.problems) == 0 {
		return nil, Problems{{File: ".", Text: "there is no scenario in this folder", Hint: "a scenario is a file NAME.yaml; amsbot's examples show some"}}
	}
	if len(l.owners) == 0 {
		// One team, one system: no project has to be written.
		p := &Project{Name: "default", Default: true, Vars: map[string]any{}}
		l.projects["."] = &owned{project: p}
		set.Projects = append(set.Projects, p)
	}
	for _, name := range l.files {
		s, err := l.readScenario(name)
		if err != nil {
			return nil, err
		}
		if s != nil {
			set.Scenarios = append(set.Scenarios, s)
		}
	}
	l.problems = append(l.problems, set.check()...)
	if len(l.problems) > 0 {
		l.problems.sort()
		return nil, l.problems
	}
	set.sort()
	return set, nil
}

// read reads one file, as far as it may be long.
func (l *loader) read(name string) ([]byte, error) {
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("scenarios: load %s: %w", name, err)
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > maxFile {
		// Enough to say that it is too long.
		return make([]byte, maxFile+1), nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1)) // it may have grown
	if err != nil {
		return nil, fmt.Errorf("scenarios: load %s: %w", name, err)
	}
	if l.size += len(data); l.size > maxFolder {
		return nil, fmt.Errorf("scenarios: load: more than %d MiB in all", maxFolder>>20)
	}
	return data, nil
}

func (l *loader) readProject(name string, set *Set) error {
	data, err := l.read(name)
	if err != nil {
		return err
	}
	r := newReader(name, data)
	p := &Project{Vars: map[string]any{}}
	if root := r.tree(data); root != nil {
		p = r.project(root)
		set.Projects = append(set.Projects, p)
	}
	l.problems = append(l.problems, r.problems...)
	l.projects[path.Dir(name)] = &owned{project: p, source: Source{Name: name, Data: data}}
	return nil
}

// readScenario returns nil where there was a problem.
func (l *loader) readScenario(name string) (*Scenario, error) {
	data, err := l.read(name)
	if err != nil {
		return nil, err
	}
	r := newReader(name, data)
	own := l.owner(name)
	if own == nil {
		r.file0("the scenario lies in no project; move it to the folder of a project.yaml")
		l.problems = append(l.problems, r.problems...)
		return nil, nil
	}
	root := r.tree(data)
	if root == nil {
		l.problems = append(l.problems, r.problems...)
		return nil, nil
	}
	s := r.scenario(root, own.project, l.options)
	l.problems = append(l.problems, r.problems...)
	if own.source.Name != "" {
		s.sources = append(s.sources, own.source)
	}
	s.sources = append(s.sources, Source{Name: name, Data: data})
	s.Version = versionOf(s.Name, s.sources)
	return s, nil
}

// owner finds the project of a file: that of its folder, else of the nearest
// folder above.
func (l *loader) owner(name string) *owned {
	for dir := path.Dir(name); ; dir = path.Dir(dir) {
		if p := l.projects[dir]; p != nil {
			return p
		}
		if dir == "." {
			return nil
		}
	}
}
