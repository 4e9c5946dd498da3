package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/store"
)

// OpenStore opens the database; its errors say what to do.
func OpenStore(path string, o store.Options) (*store.DB, error) {
	db, err := store.Open(path, o)
	if err != nil {
		return nil, storeTrouble(err)
	}
	return db, nil
}

// What a network file system does to a database, and what to do about it.
const (
	RemoteRisk = "its lock may not keep another machine's amsbot away, and what it says is written may not be"
	RemoteHint = "put the database on a disk of this machine: name it under database in amsbot.yaml"
)

// FileSystem names the network file system that a path is on; "": none that is known.
func (n Network) FileSystem(path string) string {
	if n.Remote != nil {
		return n.Remote(path)
	}
	return store.Remote(path)
}

// wayBack is what to do about a database that cannot be used.
const wayBack = "keep the file; restore a backup (amsbot restore FILE), or move it away and start with a new database: what is open is found again in PagerDuty"

// storeTrouble says what to do about an error of the store.
func storeTrouble(err error) error {
	switch {
	case errors.Is(err, store.ErrHeld):
		return trouble(err, "stop the other amsbot, or name another database")
	case errors.Is(err, store.ErrNewer):
		return trouble(err, "start the amsbot that wrote it, or a newer one")
	case errors.Is(err, store.ErrNotStore):
		return trouble(err, "name amsbot's own database, under database in amsbot.yaml or with --db")
	case errors.Is(err, store.ErrSealed):
		return trouble(err, "set "+EnvHistory+" to that key; without it the history can be read, and a new database be started")
	case errors.Is(err, store.ErrOtherKey):
		return trouble(err, "set "+EnvHistory+" to that key; to change it, set NEW,OLD and run: amsbot history --seal")
	case errors.Is(err, store.ErrUnsealed):
		return trouble(err, "if it never was, stop amsbot and run: amsbot history --seal; if it was, somebody took the seal away: restore a backup (amsbot restore FILE)")
	case errors.Is(err, store.ErrDamaged):
		return trouble(err, wayBack)
	}
	return trouble(err, "see that the folder of the database exists and is writable, and that its disk has room")
}

// beginFor is how long a disk that cannot write may take at the start of a new
// database; then amsbot does not start.
const beginFor = 20 * time.Second

// begin writes into a new database when its history begins: by PagerDuty's clock, by
// which incidents do, else by ours.
func begin(ctx context.Context, db *store.DB, theirs func() (time.Time, bool)) error {
	if end, _ := db.End(); end != 0 {
		return nil
	}
	at, ok := theirs()
	if !ok {
		at = time.Now()
	}
	stream, decide := bot.Begun(at.UTC())
	for end := time.Now().Add(beginFor); ; {
		_, err := db.Commit(ctx, stream, decide)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return storeTrouble(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// verifyFor is how long one part of a verification takes.
const verifyFor = 3 * time.Second

// Verify compares histories with what was written: one, or some of all.
func (s *source) Verify(ctx context.Context, part admin.Stretch) (admin.Verified, error) {
	if part.Incident != "" {
		return s.verifyOne(ctx, part.Incident)
	}
	v, err := s.db.VerifyFrom(ctx, part.Behind, verifyFor)
	if err != nil {
		return admin.Verified{}, err
	}
	out := admin.Verified{Histories: v.Streams, Next: v.Next, Sealed: s.db.Sealed(), Key: s.db.Keyed()}
	out.End, _ = s.db.End()
	for _, f := range v.Faults {
		out.Faults = append(out.Faults, s.fault(ctx, f))
	}
	if v.Next != "" {
		return out, nil
	}
	switch err := s.db.VerifyLists(ctx); {
	case errors.Is(err, store.ErrDamaged):
		out.Faults = append(out.Faults, s.fault(ctx, store.Fault{Err: err}))
	case err != nil:
		return admin.Verified{}, err
	}
	return out, nil
}

func (s *source) verifyOne(ctx context.Context, which string) (admin.Verified, error) {
	out := admin.Verified{Histories: 1, Sealed: s.db.Sealed(), Key: s.db.Keyed()}
	out.End, _ = s.db.End()
	key, err := s.keyOf(ctx, which)
	if err != nil {
		return out, err
	}
	switch err = s.db.Verify(ctx, key); {
	case errors.Is(err, store.ErrDamaged):
		out.Faults, err = []admin.Fault{s.fault(ctx, store.Fault{Stream: key, Err: err})}, nil
	case errors.Is(err, store.ErrNoIncident):
		err = fmt.Errorf("history: %q: %w", which, admin.ErrNoIncident)
	}
	return out, err
}

// keyOf is the key of the history that a person means. The lists may be damaged,
// too: a key that is one needs none.
func (s *source) keyOf(ctx context.Context, which string) (string, error) {
	which = strings.TrimPrefix(which, "#")
	if which == store.BotStream || strings.Contains(which, ":") {
		return which, nil
	}
	return s.find(ctx, which)
}

// fault names an incident by the number that people know it by, where its record
// can still be read.
func (s *source) fault(ctx context.Context, f store.Fault) admin.Fault {
	out := admin.Fault{Incident: f.Stream, Forged: errors.Is(f.Err, store.ErrForged), Why: f.Err.Error()}
	if f.Stream == "" {
		return out
	}
	_ = s.db.Read(ctx, f.Stream, func(v *store.View) error {
		if r, known := v.Record(); known {
			out.Number = bot.LineOf(r).Number
		}
		return nil
	})
	return out
}

// Backup writes a copy of the database to a new file. Its errors say what to do,
// but for fs.ErrExist.
func (s *source) Backup(ctx context.Context, path string) (int64, error) {
	size, err := s.db.BackupTo(ctx, path)
	switch {
	case err == nil, errors.Is(err, fs.ErrExist), ctx.Err() != nil:
		return size, err
	case errors.Is(err, store.ErrOwnFile):
		err = trouble(err, "name another file, on another disk at best")
	case errors.Is(err, store.ErrDamaged):
		err = trouble(err, wayBack)
	default:
		err = trouble(err, "no backup was made; see that its folder exists where the bot runs, that the bot's user may write there, and that its disk has room")
	}
	return 0, err
}

// followLink is what to do about a database that another file cannot replace.
const followLink = "nothing was touched; name the file that it leads to with --db FILE"

// Restore puts a backup in the place of the database; see store.Restore. Its
// errors say what to do.
func Restore(ctx context.Context, path, backup string, key HistoryKey) (store.Restored, error) {
	stream, mark := bot.Restored(backup)
	done, err := store.Restore(ctx, path, store.Restoring{Backup: backup, Key: key.Bytes(), Stream: stream, Mark: mark})
	switch {
	case err == nil:
		return done, nil
	case errors.Is(err, store.ErrHeld):
		err = trouble(err, "stop the bot, then restore")
	case errors.Is(err, store.ErrLink):
		err = trouble(err, followLink)
	case errors.Is(err, store.ErrOwnFile):
		err = trouble(err, "name a backup of it: amsbot backup FILE makes one while the bot runs")
	case errors.Is(err, store.ErrSealed), errors.Is(err, store.ErrOtherKey), errors.Is(err, store.ErrUnsealed):
		err = trouble(err, "set "+EnvHistory+" as it was when the backup was made (or unset it, if it was not); nothing was touched")
	case errors.Is(err, store.ErrNewer):
		err = trouble(err, "nothing was touched; restore it with the amsbot that wrote it, or a newer one")
	case errors.Is(err, store.ErrDamaged), errors.Is(err, store.ErrNotStore):
		err = trouble(err, "nothing was touched; take another backup")
	default:
		err = trouble(err, "see that the backup can be read, that the folder of the database can be written, and that its disk has room for another copy")
	}
	return done, err
}

// Seal seals the history of a database that no bot runs on with a key; see
// store.Seal. Its errors say what to do.
func Seal(ctx context.Context, path string, key HistoryKey) error {
	if key.Key.Empty() {
		return trouble(errors.New("history: seal: there is no key"), "set "+EnvHistory+" to it: openssl rand -hex 32 makes one")
	}
	err := store.Seal(ctx, path, key.Bytes(), key.OldBytes())
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrLink):
		return trouble(err, followLink)
	case errors.Is(err, store.ErrSealed), errors.Is(err, store.ErrOtherKey):
		return trouble(err, "to change its key, set "+EnvHistory+" to NEW,OLD, where OLD is that key; if it is NEW already, there is nothing to do")
	case errors.Is(err, store.ErrUnsealed):
		return trouble(err, "set "+EnvHistory+" to the new key alone")
	}
	return storeTrouble(err)
}
