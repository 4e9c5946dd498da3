package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"amsbot/cmd/amsbot/app"
	"amsbot/store"
)

// leastFree is how much room there has to be beside the database.
const leastFree = 200 << 20

func (d *doctor) lookAtMachine(context.Context) []Finding {
	n := &notes{group: machine}
	d.lookAtDatabase(n)
	d.lookAtDisk(n, filepath.Dir(d.c.Database))
	d.lookAtListen(n)
	return n.all
}

// lookAtDatabase says who has the file, and whether it could be written.
func (d *doctor) lookAtDatabase(n *notes) {
	path := d.c.Database
	what := "database " + path
	if d.running != nil {
		n.ok(what, "amsbot %s runs on it (pid %d, since %s)", d.running.Version, d.running.PID, moment(d.running.Since))
		for _, p := range d.running.Parts {
			if !p.OK {
				n.ng(p.Name+" of the amsbot that runs", p.Why, "its log says more; amsbot healthcheck asks again")
			}
		}
		return
	}
	if !d.alone() {
		n.unknown(what, "an amsbot runs on it that cannot be asked: "+tell(d.silent), "ask as the user that it runs as; its log says whether it is well")
		return
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if writable(n, what, filepath.Dir(path)) {
			n.ok(what, "there is none yet; amsbot run makes it, and its folder can be written")
		}
		return
	case err != nil:
		n.ng(what, err.Error(), "see that amsbot may read it")
		return
	}
	db, err := app.OpenStore(path, store.Options{ReadOnly: true, LockWait: time.Second, Key: d.secrets.History.Bytes()})
	if err != nil {
		n.wrong(what, err)
		return
	}
	locked := db.Sealed() && !db.Keyed()
	if err := db.Close(); err != nil {
		n.wrong(what, err)
		return
	}
	if locked {
		n.ng(what, "it is sealed with a key, and amsbot does not start without", "set "+app.EnvHistory+" to that key")
		return
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		n.ng(what, "it cannot be written: "+err.Error(), "let amsbot's user write it and its folder")
		return
	}
	_ = f.Close()
	if writable(n, what, filepath.Dir(path)) {
		n.ok(what, "it can be read and written (%s); no amsbot runs on it", size(uint64(info.Size())))
	}
}

// writable says whether files can be made in a folder, by making one.
func writable(n *notes, what, dir string) bool {
	f, err := os.CreateTemp(dir, ".amsbot-doctor-")
	if err != nil {
		n.ng(what, "its folder cannot be written: "+err.Error(), "make the folder, and let amsbot's user write it; or name another one under database in amsbot.yaml")
		return false
	}
	name := f.Name()
	_ = f.Close()
	if err := os.Remove(name); err != nil {
		n.ng(what, "its folder keeps what is removed: "+err.Error(), "let amsbot's user write the folder")
		return false
	}
	return true
}

func (d *doctor) lookAtDisk(n *notes, dir string) {
	what := "disk of the database"
	if system := d.o.Network.FileSystem(dir); system != "" {
		n.advise(what, "it is of another machine ("+system+"): "+app.RemoteRisk, app.RemoteHint)
	}
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		n.unknown(what, err.Error(), "make the folder "+dir)
		return
	}
	free := s.Bavail * uint64(s.Bsize)
	if free < leastFree {
		n.ng(what, "only "+size(free)+" are free", "make room: while the disk is full, webhooks are answered 503 and nothing is decided")
		return
	}
	n.ok(what, "%s are free", size(free))
}

func size(bytes uint64) string {
	switch {
	case bytes < 1<<20:
		return fmt.Sprintf("%d KB", (bytes+1023)>>10)
	case bytes < 10<<30:
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%d GB", bytes>>30)
}

// lookAtListen says whether the webhook's address is free, where nobody listens
// there yet and no test event is waited for.
func (d *doctor) lookAtListen(n *notes) {
	if !d.c.Hooked() || !d.alone() || d.o.SendTest {
		return
	}
	listen := d.o.Network.Listen
	if listen == nil {
		listen = net.Listen
	}
	what := "listen " + d.c.Listen
	l, err := listen("tcp", d.c.Listen)
	if err != nil {
		n.ng(what, tell(err), "choose another address under listen in amsbot.yaml")
		return
	}
	_ = l.Close()
	n.ok(what, "the address is free")
}

const (
	// someSkew is worth a word, and muchSkew is wrong: what is late, what is new and
	// when a window ends is decided by the clock.
	someSkew = 5 * time.Second
	muchSkew = time.Minute
)

// lookAtClock compares this machine's clock with those of the neighbours.
func (d *doctor) lookAtClock() []Finding {
	n := &notes{group: machine}
	clock := func(whose string, by time.Duration, ok bool) {
		what := "clock, beside " + whose
		way, next := "ahead", "let the machine keep time (timedatectl set-ntp true)"
		if by < 0 {
			way = "behind"
		}
		far := fmt.Sprintf("it is %s %s", by.Abs().Round(time.Second), way)
		switch {
		case !ok:
			n.unknown(what, "no answer of it said the time", "see above why it did not answer")
		case by.Abs() > muchSkew:
			n.ng(what, far, next)
		case by.Abs() > someSkew:
			n.advise(what, far, next)
		default:
			n.ok(what, "they agree")
		}
	}
	by, ok := d.slack.Ahead()
	clock(atSlack, by, ok)
	by, ok = 0, false
	if d.pager != nil {
		by, ok = d.pager.Ahead()
	}
	clock(atPagerDuty, by, ok)
	return n.all
}
