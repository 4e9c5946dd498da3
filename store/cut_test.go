package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// cutEnv makes this test binary a process that does one thing to a file, and is
// killed at a point of it: "WORK POINT NTH LINKS PATH".
const cutEnv = "AMSBOT_STORE_CUT"

// workUntilCut does it. A process that comes to its end says "done".
func workUntilCut(what string) {
	var work, point, links, path string
	var nth int
	if _, err := fmt.Sscan(strings.ReplaceAll(what, "|", " "), &work, &point, &nth, &links, &path); err != nil {
		fmt.Println(err)
		return
	}
	passes = func(p string) {
		if p != point {
			return
		}
		if nth--; nth == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	if links == "none" {
		hardLink = func(string, string) error { return &os.LinkError{Op: "link", Err: syscall.EPERM} }
	}
	if err := cutWorks[work](path); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("done")
}

// cutWorks are what is cut short: each leaves no half of itself.
var cutWorks = map[string]func(path string) error{
	"restore": func(path string) error {
		_, err := Restore(context.Background(), path, Restoring{Backup: path + ".backup", Stream: BotStream,
			Mark: func(*View) (Change, error) { return change("restored"), nil }})
		return err
	},
	"seal": func(path string) error { return Seal(context.Background(), path, historyKey, nil) },
	"backup": func(path string) error {
		db, err := Open(path, Options{})
		if err != nil {
			return err
		}
		_, err = db.BackupTo(context.Background(), path+".second")
		return errors.Join(err, db.Close())
	},
	"forget": func(path string) error {
		db, err := Open(path, Options{Around: func(what string, commit func() error) error {
			if what != "upkeep" {
				return commit()
			}
			passes("before")
			err := commit()
			passes("after")
			return err
		}})
		if err != nil {
			return err
		}
		_, err = db.forgetWhole()
		return errors.Join(err, db.Close())
	},
}

// forgetWhole removes everything that is over.
func (db *DB) forgetWhole() (events int, err error) {
	for mark := (Mark{}); ; {
		done, err := db.Forget(context.Background(), time.Now().Add(time.Hour), mark)
		events += done.Events
		if err != nil || !done.More {
			return events, err
		}
		mark = done.Next
	}
}

// cutShort runs a work until it is killed at a point, on the database of a folder.
func cutShort(t *testing.T, path, work, point, links string, nth int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(exe)
	child.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%s|%d|%s|%s", cutEnv, work, point, nth, links, path))
	said, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("%s was not killed at %s: %v, %s", work, point, err, said)
	}
}

// old makes what was left behind as old as what a dead process left.
func old(t *testing.T, path string) {
	t.Helper()
	for _, f := range leftBehind(t, path) {
		long := time.Now().Add(-2 * leftFor)
		if err := os.Chtimes(f, long, long); err != nil {
			t.Fatal(err)
		}
	}
}

func leftBehind(t *testing.T, path string) []string {
	t.Helper()
	left, err := filepath.Glob(path + "*.new-*")
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// readyToCut is a database with three incidents that are over, and a backup from
// when there were two.
func readyToCut(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "amsbot.db")
	db := &testDB{t: t, DB: mustOpen(t, path)}
	for i := range 3 {
		if i == 2 {
			if _, err := db.BackupTo(context.Background(), path+".backup"); err != nil {
				t.Fatal(err)
			}
		}
		db.commit(fmt.Sprintf("pd:acme:P%d", i), over(about("over", fmt.Sprint("blob ", i))))
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// incidents is how many there are, and whether the mark of a restore is.
func incidents(t *testing.T, path string, o Options) (n int, marked bool) {
	t.Helper()
	db := mustOpenWith(t, path, o)
	records, err := db.Incidents(context.Background(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	marks, err := db.Events(context.Background(), BotStream)
	if err != nil && !errors.Is(err, ErrNoIncident) {
		t.Fatal(err)
	}
	if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
		t.Error(err)
	}
	return len(records), len(marks) > 0
}

// Restore is killed at each of its points, with hard links and without: the name
// is always that of the old file or of the new one, each whole, and what was there
// is never lost.
func TestRestoreIsKilled(t *testing.T) {
	for _, links := range []string{"links", "none"} {
		points := []string{"made", "copied", "opened", "marked", "kept", "exchanged"}
		if links == "none" {
			points = append(points, "half-kept")
		}
		for _, point := range points {
			t.Run(links+" "+point, func(t *testing.T) {
				path := readyToCut(t)
				cutShort(t, path, "restore", point, links, 1)
				mustBeSound(t, path)
				n, marked := incidents(t, path, Options{})
				if want := point == "exchanged"; marked != want || (n == 2) != want || (n == 3) == want {
					t.Errorf("%d incidents, restored: %v", n, marked)
				}
				kept, err := filepath.Glob(path + ".before-*")
				if err != nil || (point == "kept" || point == "exchanged") != (len(kept) == 1) {
					t.Errorf("kept: %v, %v", kept, err)
				}
				for _, f := range kept {
					if n, _ := incidents(t, f, Options{ReadOnly: true}); n != 3 {
						t.Errorf("%s has %d incidents", f, n)
					}
				}
				if err := cutWorks["restore"](path); err != nil {
					t.Errorf("once more: %v", err)
				}
				old(t, path)
				if n, marked := incidents(t, path, Options{}); n != 2 || !marked {
					t.Errorf("once more: %d incidents, restored: %v", n, marked)
				}
				if left := leftBehind(t, path); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		}
	}
}

// A seal is killed at each of its points: the file is as it was, or sealed whole.
func TestSealIsKilled(t *testing.T) {
	for _, point := range []string{"made", "copied", "signing", "signed", "exchanged"} {
		t.Run(point, func(t *testing.T) {
			path := readyToCut(t)
			cutShort(t, path, "seal", point, "links", 1)
			if point != "exchanged" {
				if n, _ := incidents(t, path, Options{}); n != 3 {
					t.Errorf("%d incidents", n)
				}
				if err := cutWorks["seal"](path); err != nil {
					t.Errorf("once more: %v", err)
				}
			}
			old(t, path)
			if n, _ := incidents(t, path, Options{Key: historyKey}); n != 3 {
				t.Errorf("%d incidents", n)
			}
			if left := leftBehind(t, path); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A backup is killed at each of its points: there is none, or a whole one.
func TestBackupIsKilled(t *testing.T) {
	for _, point := range []string{"made", "copied", "linked"} {
		path := readyToCut(t)
		cutShort(t, path, "backup", point, "links", 1)
		_, err := os.Stat(path + ".second")
		if (err == nil) != (point == "linked") {
			t.Errorf("at %s: %v", point, err)
		}
		if err == nil {
			if n, _ := incidents(t, path+".second", Options{ReadOnly: true}); n != 3 {
				t.Errorf("at %s: %d incidents", point, n)
			}
		}
		if n, _ := incidents(t, path, Options{}); n != 3 {
			t.Errorf("at %s: the database has %d incidents", point, n)
		}
	}
}

// Retention is killed before and after its transaction: an incident's events are
// all there or all removed, with the blobs that only they were about.
func TestForgetIsKilled(t *testing.T) {
	for _, point := range []string{"before", "after"} {
		path := readyToCut(t)
		opening := 1 // Open and Close are upkeep, too
		cutShort(t, path, "forget", point, "links", opening+1)
		mustBeSound(t, path)
		db := mustOpen(t, path)
		records, err := db.Incidents(context.Background(), Filter{})
		if err != nil || len(records) != 3 {
			t.Fatalf("%d records, %v", len(records), err)
		}
		gone := 0
		for _, r := range records {
			if r.Gone != 0 && r.Gone != r.Seq {
				t.Errorf("%s is half removed: %+v", r.Key, r)
			}
			if r.Gone == r.Seq {
				gone++
			}
		}
		if want := map[string]int{"before": 0, "after": 3}[point]; gone != want {
			t.Errorf("killed %s: %d are removed, want %d", point, gone, want)
		}
		if n, err := db.forgetWhole(); err != nil || n != 3-gone {
			t.Errorf("once more: %d events, %v", n, err)
		}
		if err := errors.Join(db.Check(context.Background()), db.Close()); err != nil {
			t.Error(err)
		}
	}
}

// What belongs to somebody else stays his, whoever restores or seals it.
func TestOwnerStays(t *testing.T) {
	for _, work := range []string{"restore", "seal"} {
		path := readyToCut(t)
		uid, gid := os.Getuid(), os.Getgid()
		if uid == 0 { // only root can give a file away
			uid, gid = 65532, 65533
		}
		if err := errors.Join(os.Chown(path, uid, gid), os.Chmod(path, 0o640)); err != nil {
			t.Fatal(err)
		}
		if err := cutWorks[work](path); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		owner := info.Sys().(*syscall.Stat_t)
		if int(owner.Uid) != uid || int(owner.Gid) != gid || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: owner %d, group %d, mode %v", work, owner.Uid, owner.Gid, info.Mode())
		}
		if work == "restore" { // in place of nothing: the folder's
			dir := filepath.Join(filepath.Dir(path), "data")
			if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, uid, gid), os.Rename(path+".backup", dir+"/a.db.backup")); err != nil {
				t.Fatal(err)
			}
			if err := cutWorks[work](dir + "/a.db"); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(dir + "/a.db")
			if err != nil {
				t.Fatal(err)
			}
			if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != uid || info.Mode().Perm() != 0o600 {
				t.Errorf("in place of nothing: owner %d, mode %v", owner.Uid, info.Mode())
			}
		}
	}
}

// Names that are the database's own are no names for a copy of it.
func TestOwnNames(t *testing.T) {
	db := newDB(t)
	dir := filepath.Dir(db.Path())
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"amsbot.db", "amsbot.db.holder", "amsbot.db.new-7"} {
		for _, path := range []string{filepath.Join(dir, name), filepath.Join(link, name)} {
			if _, err := db.BackupTo(t.Context(), path); !errors.Is(err, ErrOwnFile) {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	path := db.Path()
	other := filepath.Join(dir, "copy")
	if _, err := db.BackupTo(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	cut := &testDB{t: t, DB: mustOpen(t, other)}
	if err := cut.Close(); err != nil {
		t.Fatal(err)
	}
	for _, backup := range []string{other, filepath.Join(link, "copy")} {
		if _, err := Restore(t.Context(), other, Restoring{Backup: backup}); !errors.Is(err, ErrOwnFile) {
			t.Errorf("restore %s from %s: %v", other, backup, err)
		}
	}
	if left := leftBehind(t, path); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What is being made now is nobody's to remove, nor what only looks like it.
func TestSweepLeavesWhatIsYoung(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "amsbot.db")
	for name, age := range map[string]time.Duration{
		"amsbot.db.new-1": 0, "amsbot.db.new-2": 2 * leftFor, "amsbot.db.new-2.holder": 2 * leftFor,
		"amsbot.db.before-1": 2 * leftFor, "other.db.new-3": 2 * leftFor, "amsbot.db": 2 * leftFor,
		"amsbot.db.new-2026-11-22": 2 * leftFor, "amsbot.db.new-": 2 * leftFor, "amsbot.db.new-4.gz": 2 * leftFor,
	} {
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600), os.Chtimes(filepath.Join(dir, name), at, at)); err != nil {
			t.Fatal(err)
		}
	}
	sweep(path)
	left, err := os.ReadDir(dir)
	var names []string
	for _, f := range left {
		names = append(names, f.Name())
	}
	if want := []string{"amsbot.db", "amsbot.db.before-1", "amsbot.db.new-", "amsbot.db.new-1", "amsbot.db.new-2026-11-22", "amsbot.db.new-4.gz", "other.db.new-3"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("left: %v, %v", names, err)
	}
}
