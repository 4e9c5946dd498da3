package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"amsbot/scenarios"
)

// What a folder looks like changes with every file that the loader would read
// otherwise, and with nothing else.
func TestLook(t *testing.T) {
	write := func(text string, path ...string) func(string) error {
		return func(dir string) error {
			return os.WriteFile(filepath.Join(append([]string{dir}, path...)...), []byte(text), 0o644)
		}
	}
	in := func(what func(string, string) error, from, to string) func(string) error {
		return func(dir string) error { return what(filepath.Join(dir, from), filepath.Join(dir, to)) }
	}
	for name, c := range map[string]struct {
		change func(dir string) error
		same   bool
	}{
		"nothing":        {func(string) error { return nil }, true},
		"a longer file":  {write("name: longer", "shop", "web.yaml"), false},
		"a touched file": {func(dir string) error { return os.Chtimes(dir+"/shop/web.yaml", time.Time{}, time.Unix(1, 0)) }, false},
		"a file that took its place, alike in all else": {func(dir string) error {
			path := dir + "/shop/web.yaml"
			info, err := os.Stat(path)
			return errors.Join(err, os.WriteFile(path+".new", []byte("name: web"), 0o644),
				os.Chtimes(path+".new", info.ModTime(), info.ModTime()), os.Rename(path+".new", path))
		}, false},
		"a file that may be read by now": {func(dir string) error { return os.Chmod(dir+"/shop/web.yaml", 0o600) }, false},
		"a new file":                     {write("name: b", "shop", "b.yml"), false},
		"a file that is gone":            {func(dir string) error { return os.Remove(dir + "/shop/web.yaml") }, false},
		"another name":                   {in(os.Rename, "shop/web.yaml", "shop/b.yaml"), false},
		"a link elsewhere":               {func(dir string) error { return errors.Join(os.Remove(dir+"/..data"), os.Symlink("..2", dir+"/..data")) }, false},
		"a link to nothing":              {func(dir string) error { return os.Remove(dir + "/..data") }, false},
		"a link to a folder":             {func(dir string) error { return os.Symlink("shop", dir+"/b") }, false},
		"no folder":                      {os.RemoveAll, false},
		"a hidden file":                  {write("x", "shop", ".web.yaml.swp"), true},
		"what is left out":               {write("x", "shop", "_web.yaml"), true},
		"in a folder that is left out":   {write("x", "..1", "more.yaml"), true},
		"an editor's file":               {write("x", "shop", "web.yaml~"), true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "scenarios")
			for _, err := range []error{
				os.MkdirAll(dir+"/shop", 0o755), os.Mkdir(dir+"/..1", 0o755), os.Mkdir(dir+"/..2", 0o755),
				write("name: web", "shop", "web.yaml")(dir), write("name: a", "..1", "a.yaml")(dir), write("name: a", "..2", "a.yaml")(dir),
				os.Symlink("..1", dir+"/..data"), os.Symlink("..data/a.yaml", dir+"/a.yaml"),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			before := look(dir)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			if after := look(dir); (after == before) != c.same {
				t.Errorf("it looked like\n%s\nand now like\n%s", before, after)
			}
		})
	}
}

// The folder itself is a link to this release or that.
func TestLookThroughALink(t *testing.T) {
	dir := t.TempDir()
	for _, release := range []string{"1", "2"} {
		if err := errors.Join(os.Mkdir(dir+"/"+release, 0o755), os.WriteFile(dir+"/"+release+"/a.yaml", []byte("name: a"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	link := dir + "/now"
	if err := os.Symlink("1", link); err != nil {
		t.Fatal(err)
	}
	before := look(link)
	if err := errors.Join(os.Remove(link), os.Symlink("2", link)); err != nil {
		t.Fatal(err)
	}
	if look(link) == before {
		t.Errorf("it looks the same: %s", before)
	}
}

func TestProblemsOf(t *testing.T) {
	for _, c := range []struct {
		err     error
		want    string
		lasting bool
	}{
		{scenarios.Problems{{File: "/etc/amsbot/shop/web.yaml", Line: 8, Col: 3, Text: "x", Hint: "y"}}, "shop/web.yaml:8:3: x; y", true},
		{scenarios.Problems{{File: "/etc/amsbot", Text: "there is no such folder"}}, "amsbot: there is no such folder", true},
		{&fs.PathError{Op: "open", Path: "web.yaml", Err: fs.ErrPermission}, "amsbot: open web.yaml: permission denied; see that amsbot may read the folder", false},
	} {
		if got, lasting := problemsOf("/etc/amsbot/", c.err); got.Error() != c.want || lasting != c.lasting {
			t.Errorf("%v, %v", got, lasting)
		}
	}
}
