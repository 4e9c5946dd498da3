package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// TestNoFiles: what only looks like a file is never opened.
func TestNoFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pipe.yaml", "project.yaml", "pipe.test.yaml"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "zero.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := Load(dir, Options{})
	if err == nil || strings.Count(err.Error(), "this is no file, but a pipe, a device or the like; take it out of the folder") != 4 {
		t.Errorf("%v", err)
	}
	if all, err := ReadFixtures(os.DirFS(dir), &Set{}); len(all) != 0 || err != nil {
		t.Errorf("%v, %v", all, err)
	}
}

// listing is a scenario for many services, or for many titles.
func listing(name, key, format string, many int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\nwhen: {%s: [", name, key)
	for i := range many {
		fmt.Fprintf(&b, format+", ", i)
	}
	return b.String() + "]}\ntarget: x\ncheck: [{name: c, exec: [ls]}]\n"
}

// TestLongLists: lists are held against each other in bounded time. What grew
// with the product of their lengths would not come to an end here.
func TestLongLists(t *testing.T) {
	project := strings.Replace(listing("p", "x", "service-%d", 10_000), "when: {x:", "services:", 1)
	project, _, _ = strings.Cut(project, "}")
	_, err := LoadFS(fstest.MapFS{"project.yaml": {Data: []byte(project)},
		"s.yaml": {Data: []byte(listing("s", "service", "servicf-%d", 10_000))}}, Options{})
	if err == nil || !strings.Contains(err.Error(), "the service servicf-0 is not one of the project's: it never fits; did you mean service-0?") {
		t.Errorf("%.300v", err)
	}
	literals, regular := make([]pattern, 400), make([]pattern, 400)
	for i := range literals {
		literals[i] = pattern{literal: fmt.Sprint(i)}
		c := &compiler{r: newReader("x", nil)}
		if regular[i], _ = c.pattern(nil, fmt.Sprintf("/^x{9}%d$/", i)); c.r.problems != nil {
			t.Fatal(c.r.problems)
		}
	}
	for _, with := range [][]pattern{literals[200:], regular[200:]} {
		left := effort(10_000)
		if meet(literals[:200], with, &left) || !left.spent() {
			t.Errorf("%d left", left)
		}
	}
	folder := fstest.MapFS{
		"a.yaml": {Data: []byte(listing("a", "title", strings.Repeat("y", 1900)+"%d", 100))},
		"b.yaml": {Data: []byte("name: b\nwhen: {title: '/^x{1000}x{900}$/'}\ntarget: x\ncheck: [{name: c, exec: [ls]}]\n")},
	}
	if _, err := LoadFS(folder, Options{}); err == nil || !strings.Contains(err.Error(), "too many values in when to be held against each other") {
		t.Errorf("%.300v", err)
	}
}
