package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"amsbot/scenarios"
	"amsbot/scenarios/secret"
)

// watched is an output that says when something stands in it.
type watched struct {
	mu   sync.Mutex
	text bytes.Buffer
	want string
	seen chan struct{}
	once sync.Once
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.want) {
		w.once.Do(func() { close(w.seen) })
	}
	return len(p), nil
}

// slow is a scenario whose check takes a minute, and an incident for it.
func slow(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "incident.json")
	for name, text := range map[string]string{
		"incident.json": `{"incident": {"title": "slow", "service": "any"}}`,
		"slow.yaml": "name: slow\nwhen: {title: slow}\ntarget: t\ncheck:\n" +
			"  - {name: sleeps, exec: {command: [/bin/sleep, \"60\"]}, timeout: 2m}\n" +
			"  - {name: never, exec: [/usr/bin/touch, " + filepath.Join(dir, "ran") + "]}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, file
}

func TestTryStopsItsStepsOnCtrlC(t *testing.T) {
	dir, file := slow(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &watched{want: "Run just now:", seen: make(chan struct{})}
	ended := make(chan error, 1)
	go func() {
		root := command()
		root.SetArgs([]string{"try", "--incident", file, "--run", dir})
		root.SetOut(out)
		ended <- root.ExecuteContext(ctx)
	}()
	select {
	case <-out.seen:
	case err := <-ended:
		t.Fatalf("it has ended: %v", err)
	}
	cancel()
	select {
	case err := <-ended:
		if err == nil || err.Error() != "try: stopped before all steps had run" {
			t.Errorf("%v", err)
		}
	case <-time.After(patient):
		t.Fatal("it goes on")
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("the next step ran all the same")
	}
}

// A terminal or a pipe that says nothing does not hold it.
func TestTryStopsReadingOnCtrlC(t *testing.T) {
	dir, _ := slow(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	silence, _ := io.Pipe()
	root := command()
	root.SetArgs([]string{"try", "--incident", "-", dir})
	root.SetIn(silence)
	root.SetOut(io.Discard)
	if err := root.ExecuteContext(ctx); err == nil || err.Error() != "try: stopped before the incident was read" {
		t.Errorf("%v", err)
	}
	_ = silence.Close()
}

func TestPrinterMasksAndTidies(t *testing.T) {
	m := &secret.Masker{}
	m.Add("hunter22")
	var out bytes.Buffer
	p := &printer{out: &out, mask: m}
	p.say("%s", "a hunter22\n\x1b[2J")
	p.json(map[string]string{"hunter22": "x\"hunter22"})
	if want := "a [redacted]··[2J\n{\n  \"[redacted]\": \"x\\\"[redacted]\"\n}\n"; out.String() != want || p.err != nil {
		t.Errorf("%q, %v", out.String(), p.err)
	}
	m.Add("\": \"")
	if p.json(map[string]string{"a": "b"}); p.err == nil || out.Len() > 60 {
		t.Errorf("what is no JSON any more was written: %v", p.err)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		30 * time.Minute: "30m", 2 * time.Hour: "2h", 90 * time.Minute: "1h30m", 48 * time.Hour: "2d",
		25 * time.Hour: "25h", 1500 * time.Millisecond: "1.5s", time.Hour + time.Second: "1h0m1s", 0: "0s", 10 * time.Minute: "10m",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}

// Whatever a file says that calls itself a history: it is understood or refused,
// and what comes of it can be printed.
func FuzzUnderstand(f *testing.F) {
	for _, name := range []string{"AutoRecovers", "Tie", "TakeOver"} {
		data, err := os.ReadFile(filepath.Join(storiesIn, name+".jsonl"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte(`{"key":"pd:shop:Q1","events":[` + strings.ReplaceAll(strings.TrimSpace(string(data)), "\n", ",") + `]}`))
	}
	for _, text := range []string{`{"events":[{"kind":"matched"}]}`, `{"events":[{"kind":"read","data":{"snapshot":{"incident":{"id":"Q1"}}}}]}`,
		`{"events":[{"kind":"run","data":7},{"kind":"ended","data":{"phase":"recheck","round":-1}}]}`, `{"incident":{"title":"x"}}`, `[]`} {
		f.Add([]byte(text))
	}
	set, err := scenarios.LoadFS(scenarios.Examples(), scenarios.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := understand(data)
		if err != nil {
			return
		}
		p := &printer{out: io.Discard}
		one := newTrial(set, a)
		one.print(p)
		if p.json(one); p.err != nil {
			t.Errorf("it cannot be printed: %v", p.err)
		}
	})
}
