package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"amsbot/store"
)

// After an unclean stop a start waits so long for the file to be verified. What
// amsbot goes on with is verified first, however long that takes; what is left
// when the time is over is verified while it runs.
const lookOverFor = 20 * time.Second

// lookOverMost is when the process that reads the file is given up.
const lookOverMost = 10 * time.Minute

// VerifyFile is the name of the command by which amsbot calls itself to read a
// database that was not closed in order.
const VerifyFile = "verify-file"

// FileReport is what that command prints.
type FileReport struct {
	Histories int      `json:"histories"`
	Faults    []string `json:"faults,omitempty"`
	Next      string   `json:"next,omitempty"` // those behind this history were not read yet
}

// ReportFile verifies a database that nobody has open: first what amsbot goes on
// with, then the rest for about as long as lookOverFor.
func ReportFile(ctx context.Context, path string, key HistoryKey) (FileReport, error) {
	end := time.Now().Add(lookOverFor)
	db, err := store.Open(path, store.Options{ReadOnly: true, LockWait: time.Second, Key: key.Bytes()})
	if err != nil {
		return FileReport{}, err
	}
	var report FileReport
	v, err := db.VerifyOpen(ctx)
	report.add(v)
	if err == nil && len(v.Faults) == 0 {
		v, err = db.VerifyFrom(ctx, "", max(0, time.Until(end)))
		report.add(v)
		report.Histories, report.Next = v.Streams, v.Next
	}
	return report, errors.Join(err, db.Close())
}

// oneLine is what is damaged, said once.
func oneLine(err error) string {
	text := strings.ReplaceAll(err.Error(), store.ErrDamaged.Error()+": ", "")
	return strings.ReplaceAll(text, "\n", "; ")
}

func (r *FileReport) add(v store.Verified) {
	for _, f := range v.Faults {
		r.Faults = append(r.Faults, strings.TrimSpace(f.Stream+" "+oneLine(f.Err)))
	}
}

// lookOver verifies the database if it was not closed in order: the process was
// killed, or the machine was. It answers where the rest begins that is to be
// verified later, "" if there is none. A start after a clean stop reads nothing.
func (a *App) lookOver(ctx context.Context) (rest string, err error) {
	path := a.config.Database
	unclean, err := store.Unclean(path, 2*time.Second)
	if err != nil {
		return "", storeTrouble(err)
	}
	if !unclean {
		return "", nil
	}
	if err := a.fits(path); err != nil {
		return "", err
	}
	a.log.Warn("the database was not closed in order; it is verified before amsbot goes on with it", "database", path)
	limited, cancel := context.WithTimeoutCause(ctx, cmp.Or(a.reads, lookOverMost), errTooLong)
	defer cancel()
	report, err := a.report(limited, path)
	if err == nil && len(report.Faults) > 0 {
		err = fmt.Errorf("%w: %s", store.ErrDamaged, strings.Join(report.Faults, "; "))
	}
	if err != nil {
		err = fmt.Errorf("%s was not closed in order: %w", path, err)
		if ctx.Err() != nil { // amsbot is stopped, and nothing is wrong
			return "", err
		}
		if errors.Is(err, errTooLong) {
			return "", trouble(err, "start amsbot again: what was read by then is read faster; if it comes to that again, put the database on a faster disk")
		}
		if errors.Is(err, errUnread) {
			return "", trouble(err, "start amsbot again; if it was ended for want of memory, give it more")
		}
		return "", storeTrouble(err)
	}
	if report.Next != "" {
		a.log.Warn("what is open is as it was written; the rest of a large database is verified while amsbot runs", "histories", report.Histories)
	}
	return report.Next, nil
}

// fits is an error when the history key is not that of the file, which is no
// damage.
func (a *App) fits(path string) error {
	db, err := OpenStore(path, store.Options{ReadOnly: true, LockWait: time.Second, Key: a.secrets.History.Bytes()})
	if err != nil {
		return err
	}
	return db.Close()
}

// errUnread is that the file was not read to its end, which says nothing about it.
var errUnread = errors.New("the process that reads it was ended from outside")

// errTooLong is the same, for want of time.
var errTooLong = fmt.Errorf("it was not read within %s, which says nothing about it", lookOverMost)

// outside says whether somebody else has ended a process: whoever stops amsbot, or
// a kernel that has no memory left. A fault of its own ends it otherwise.
func outside(exit *exec.ExitError) bool {
	status, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return false
	}
	return slices.Contains([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP}, status.Signal())
}

// report has the file read, by a process of its own where that is possible.
func (a *App) report(ctx context.Context, path string) (report FileReport, err error) {
	if a.net.Program == "" {
		return ReportFile(ctx, path, a.secrets.History)
	}
	cmd := exec.CommandContext(ctx, a.net.Program, VerifyFile, path)
	cmd.Env = append(quiet(os.Environ()), EnvHistory+"="+a.secrets.History.Key.Reveal())
	var said, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &complaint
	err = cmd.Run()
	switch exit := (*exec.ExitError)(nil); {
	case ctx.Err() != nil:
		return report, fmt.Errorf("the process that reads it: %w", context.Cause(ctx))
	case errors.As(err, &exit) && outside(exit):
		return report, fmt.Errorf("%w: %w", errUnread, err)
	case errors.As(err, &exit) && exit.ExitCode() != 1: // a fault of its memory: bolt read beyond the file
		return report, fmt.Errorf("%w: the process that read it has ended: %v", store.ErrDamaged, err)
	case err != nil && complaint.Len() > 0:
		return report, fmt.Errorf("%w: %s", store.ErrDamaged, strings.TrimSpace(complaint.String()))
	case err != nil:
		return report, fmt.Errorf("the process that reads it: %w", err)
	}
	return report, json.Unmarshal(said.Bytes(), &report)
}

// verifyRest verifies what a start left over, a little at a time. What it finds
// ends nothing: a history is verified whenever it is read, too.
func (a *App) verifyRest(ctx context.Context, db *store.DB, next string) error {
	var found []error
	for next != "" {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
		v, err := db.VerifyFrom(ctx, next, 20*time.Millisecond)
		if err != nil {
			if ctx.Err() == nil {
				a.log.Error("the rest of the database could not be verified", "behind", next, "err", err)
			}
			return nil
		}
		for _, f := range v.Faults {
			a.log.Error("a history is not as it was written; amsbot history --verify tells more", "incident", f.Stream, "err", f.Err)
			found = append(found, fmt.Errorf("%s: %w", f.Stream, f.Err))
			a.health.set("history", errors.Join(found[:min(len(found), 10)]...))
		}
		if next = v.Next; next == "" {
			a.log.Info("all of the database is verified", "faults", len(found))
		}
	}
	return nil
}
