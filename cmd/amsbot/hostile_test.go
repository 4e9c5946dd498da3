package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// steers reports what of a text a terminal would act on.
func steers(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
}

// TestNothingSteersTheTerminal: neither the names of files nor what stands in
// them reaches a terminal as it is, also as JSON and in errors.
func TestNothingSteersTheTerminal(t *testing.T) {
	const hostile = "\u009b2J\u202edne\u2028\u061c\U000e0041"
	const good = "name: s\nwhen: {title: \"t" + `\x1b\u202e` + "\"}\ndescription: 'about " + hostile + "'\ntarget: x\ncheck: [{name: c, exec: [ls]}]\n"
	for name, text := range map[string]string{"good.yaml": good, "bad\x1b[2J\u202e.yaml": "name: s\n", "pro\x1b[2Jject.yml": "x: ["} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "incident.json"), []byte(`{"incident": {"id": "Q1", "title": "t`+`\u001b\u202e`+hostile+`", "service": {"summary": "`+hostile+`"}}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		incident := filepath.Join(dir, "incident.json")
		for _, args := range [][]string{{"lint", dir}, {"lint", "--format", "json", dir}, {"test", dir}, {"test", "--new", "s", dir},
			{"try", "--incident", incident, dir}, {"try", "--incident", incident, "--format", "json", dir}, {"try", "--incident", "no\x1b[2J", dir}} {
			var out, errs bytes.Buffer
			run(args, &out, &errs)
			if bad := steers(out.String() + errs.String()); bad != "" {
				t.Errorf("%s, %v: %q\n%s%s", name, args, bad, out.String(), errs.String())
			}
			if strings.Contains(strings.Join(args, " "), "json") && args[0] == "lint" && !json.Valid(out.Bytes()) {
				t.Errorf("%v: %s", args, out.String())
			}
		}
	}
}

// TestTryWaitsForNoPipe: Ctrl-C ends the waiting for a pipe that nobody writes to.
func TestTryWaitsForNoPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := readIncident(ctx, pipe, nil)
		done <- err
	}()
	select {
	case err := <-done:
		if err == nil || err.Error() != "try: stopped before the incident was read" {
			t.Errorf("%v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("it waits for the pipe")
	}
	if _, err := readBeside(os.DirFS(filepath.Dir(pipe)))("pipe"); err == nil || err.Error() != "pipe: it is no file" {
		t.Errorf("%v", err)
	}
}
