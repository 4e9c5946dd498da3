package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// killed is a database as a process leaves it that was killed.
func killed(t *testing.T, incidents int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amsbot.db")
	db, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range incidents {
		_, err := db.Commit(t.Context(), fmt.Sprintf("pd:shop:Q%03d", i), func(*store.View) (store.Change, error) {
			return store.Change{Events: []store.NewEvent{{Kind: "received", By: "test"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err = errors.Join(err, db.Close(), os.WriteFile(path, data, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

// over is an amsbot that looks a database over with this script in its own place.
func over(t *testing.T, path, script string) *App {
	t.Helper()
	program := filepath.Join(t.TempDir(), "amsbot")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return &App{config: Config{Database: path}, net: Network{Program: program}, log: slog.New(slog.DiscardHandler), health: newHealth()}
}

// Whatever becomes of the process that reads the file, the start ends in words.
func TestWhoReadsTheFileDies(t *testing.T) {
	path := killed(t, 3)
	for script, want := range map[string]string{
		`kill -BUS $$`: "the process that read it has ended: signal: bus error",
		`echo "unexpected fault address 0x7f" >&2; exit 2`:                               "the process that read it has ended: exit status 2",
		`echo "amsbot: store: read everything: file is damaged: checksum" >&2; exit 1`:   "checksum",
		`echo '{"faults":["pd:shop:Q001 file is damaged: the chain breaks"]}'`:           "pd:shop:Q001 file is damaged: the chain breaks",
		`test "$1 $2" = "verify-file ` + path + `" && echo '{"histories":3,"next":"x"}'`: "",
	} {
		rest, err := over(t, path, script).lookOver(t.Context())
		if want == "" {
			if err != nil || rest != "x" {
				t.Errorf("%s: %q, %v", script, rest, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), path+" was not closed in order: ") || !strings.Contains(err.Error(), want) || Hint(err) != wayBack {
			t.Errorf("%s: %v (%s)", script, err, Hint(err))
		}
	}
	for _, signal := range []string{"KILL", "TERM"} { // for want of memory, say: no damage
		_, err := over(t, path, "kill -"+signal+" $$").lookOver(t.Context())
		if !errors.Is(err, errUnread) || errors.Is(err, store.ErrDamaged) || !strings.HasPrefix(Hint(err), "start amsbot again") {
			t.Errorf("%s: %v (%s)", signal, err, Hint(err))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := over(t, path, `exec sleep 60`).lookOver(ctx); !errors.Is(err, context.DeadlineExceeded) || Hint(err) != "" {
		t.Errorf("it hangs: %v (%s)", err, Hint(err))
	}
	late := over(t, path, `exec sleep 60`)
	late.reads = 100 * time.Millisecond
	if _, err := late.lookOver(t.Context()); !errors.Is(err, errTooLong) || !strings.HasPrefix(Hint(err), "start amsbot again: ") {
		t.Errorf("it takes too long: %v (%s)", err, Hint(err))
	}
}

// A database that was closed in order is not read at all.
func TestCleanStartReadsNothing(t *testing.T) {
	path := killed(t, 1)
	db, err := store.Open(path, store.Options{})
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if rest, err := over(t, path, `exit 1`).lookOver(t.Context()); err != nil || rest != "" {
		t.Errorf("%q, %v", rest, err)
	}
}

// What a start left over is verified while amsbot runs, and what is wrong is told.
func TestRestIsVerified(t *testing.T) {
	path := killed(t, 40)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(data), `{"v":1,"incident":"pd:shop:Q030"`)
	for n := at; n >= 0; {
		data[n+5] ^= 2
		next := strings.Index(string(data[n+1:]), `{"v":1,"incident":"pd:shop:Q030"`)
		if next < 0 {
			break
		}
		n += 1 + next
	}
	if at < 0 || os.WriteFile(path, data, 0o600) != nil {
		t.Fatal("it is not there")
	}
	db, err := store.Open(path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a := over(t, path, "")
	if err := a.verifyRest(t.Context(), db, "pd:shop:Q010"); err != nil {
		t.Fatal(err)
	}
	for _, p := range a.health.report(t.Context(), db, words.In("en")).Parts {
		if p.OK != (p.Name != "history") || !p.OK && !strings.Contains(p.Why, "pd:shop:Q030") {
			t.Errorf("%+v", p)
		}
	}
}
