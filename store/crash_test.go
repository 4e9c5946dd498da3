package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// childEnv makes this test binary the process that is to be killed: it names
// the file to write to.
const childEnv = "AMSBOT_STORE_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		writeUntilKilled(path)
		os.Exit(1)
	}
	if what := os.Getenv(cutEnv); what != "" {
		workUntilCut(what)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeUntilKilled commits from several goroutines and prints each commit that
// was acknowledged.
func writeUntilKilled(path string) {
	db, err := Open(path, Options{LockWait: 10 * time.Second})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println("holds", os.Getpid())
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := 0; ; n++ {
				incident := fmt.Sprint("pd:acme:P", (w+n)%5)
				due := time.Unix(int64(n), 0)
				c := Change{
					Events: []NewEvent{{Kind: "a", Data: strings.Repeat("x", n%3000)}, {Kind: "wanted", To: "slack"}},
					Guards: map[string]any{fmt.Sprint("g", n%50): n},
					Seen:   []string{fmt.Sprint(db.Epoch(), " ", w, " ", n)},
					Views:  []string{"card:" + incident},
					Due:    &due,
				}
				events, err := db.Commit(context.Background(), incident, func(v *View) (Change, error) {
					if acts := v.Pending(); len(acts) > 5 {
						c.Settled = []uint64{acts[0].Event.Seq}
					}
					return c, nil
				})
				if err != nil {
					fmt.Println("error", err)
					return
				}
				for _, e := range events {
					fmt.Printf("ack %s %d %s.\n", e.Incident, e.Seq, e.Prev)
				}
			}
		})
	}
	writers.Wait()
}

// What was acknowledged survives SIGKILL at any moment, and the file is sound.
func TestKilledWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amsbot.db")
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	acked := map[string]string{} // "incident seq" -> prev
	for round := range 8 {
		killWhileWriting(t, exe, path, acked, 1+random.IntN(300))
		mustBeSound(t, path)
		db := mustOpen(t, path)
		if want := uint64(2 * (round + 1)); db.Epoch() != want {
			t.Errorf("epoch %d, want %d", db.Epoch(), want)
		}
		lost := 0
		have := map[string]string{}
		for i := range 5 {
			events, err := db.Events(context.Background(), fmt.Sprint("pd:acme:P", i))
			if err != nil && !errors.Is(err, ErrNoIncident) {
				t.Fatal(err)
			}
			for _, e := range events {
				have[fmt.Sprint(e.Incident, " ", e.Seq)] = e.Prev
			}
		}
		for what, prev := range acked {
			if got, ok := have[what]; !ok || got != prev {
				lost++
			}
		}
		if lost > 0 {
			t.Errorf("round %d: lost %d of %d acknowledged events", round, lost, len(acked))
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d acknowledged events", len(acked))
}

// killWhileWriting runs a child until it has acknowledged some events, kills
// it, and adds all that it had acknowledged.
func killWhileWriting(t *testing.T, exe, path string, acked map[string]string, after int) {
	t.Helper()
	child := exec.Command(exe)
	child.Env = append(os.Environ(), childEnv+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Wait() }()
	defer func() { _ = child.Process.Kill() }()
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		var incident, prev string
		var seq, pid int
		if _, err := fmt.Sscanf(line, "holds %d", &pid); err == nil {
			mustBeHeldBy(t, path, pid)
			continue
		}
		if !strings.HasSuffix(line, ".") {
			if strings.HasPrefix(line, "error") {
				t.Fatal(line)
			}
			continue // cut off by the kill
		}
		fields := strings.Fields(strings.TrimSuffix(line, "."))
		if len(fields) == 4 {
			prev = fields[3]
		}
		if _, err := fmt.Sscanf(line, "ack %s %d", &incident, &seq); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		acked[fmt.Sprint(incident, " ", seq)] = prev
		if n == after {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func mustBeHeldBy(t *testing.T, path string, pid int) {
	t.Helper()
	_, err := Open(path, Options{})
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d on ", pid)) {
		t.Errorf("open what %d holds: %v", pid, err)
	}
}
