package store

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// newMark stands in the names of files that are being made, between the name that
// they are to have and a number.
const newMark = ".new-"

// leftFor is how long nothing was written to such a file before its maker is taken
// for dead: who makes one writes without a rest.
const leftFor = 10 * time.Minute

// sweep removes what processes left behind that were killed while they made a file
// of this name. Nobody misses one that cannot be removed.
func sweep(path string) {
	all, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return
	}
	for _, f := range all {
		info, err := f.Info()
		if err != nil || !isNew(f.Name(), filepath.Base(path)) || !info.Mode().IsRegular() {
			continue
		}
		if time.Since(info.ModTime()) > leftFor {
			_ = os.Remove(filepath.Join(filepath.Dir(path), f.Name()))
		}
	}
}

// isNew says whether a name is one under which a file is being made that is to have
// another, or that of its holder: behind the mark stand the digits that
// os.CreateTemp puts there. Anything else somebody has named, who wants it.
func isNew(name, of string) bool {
	number, marked := strings.CutPrefix(strings.TrimSuffix(name, holderPath("")), of+newMark)
	return marked && number != "" && strings.Trim(number, "0123456789") == ""
}

// passes is told of each point between two things that a file system is to see.
// The process may be killed there at any time; tests do it there.
var passes = func(point string) {}

// hardLink is os.Link; there are file systems that have none.
var hardLink = os.Link
