package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"amsbot/scenarios"
)

// look is a folder of scenarios as it looks from outside: names, sizes, times
// and identities of the files, through links, so that it differs when one of
// them is written, replaced or linked elsewhere (Kubernetes swaps the link
// ..data). A folder that cannot be read looks like the reason.
func look(dir string) string {
	var b strings.Builder
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); name != dir && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) { // it has just gone, or links to nothing
			fmt.Fprintf(&b, "%q gone\n", name)
			return nil
		}
		if err != nil {
			return err
		}
		ext := path.Ext(name)
		if link := d.Type()&fs.ModeSymlink != 0 && info.IsDir(); !link && name != dir && ext != ".yaml" && ext != ".yml" {
			return nil // an editor's files come and go
		}
		fmt.Fprintf(&b, "%q %d %s %d %d\n", name, info.Size(), info.Mode(), info.ModTime().UnixNano(), identity(info))
		return nil
	})
	if err != nil {
		fmt.Fprintf(&b, "%v\n", err)
	}
	return b.String()
}

// identity is a file's own number, which a copy that takes its place does not have.
func identity(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}

// problemsOf are what the author has to mend, with the files as they are named
// in the folder. What could not be read is one, too: the folder as it is cannot
// be taken. lasting is false then: it may be read the next time.
func problemsOf(dir string, err error) (all scenarios.Problems, lasting bool) {
	var wrong scenarios.Problems
	if !errors.As(err, &wrong) {
		return scenarios.Problems{{File: filepath.Base(dir), Text: err.Error(), Hint: "see that amsbot may read the folder"}}, false
	}
	for _, p := range wrong {
		p.File = strings.TrimPrefix(p.File, path.Clean(dir)+"/")
		if p.File == path.Clean(dir) {
			p.File = path.Base(dir)
		}
		all = append(all, p)
	}
	return all, true
}
