package scenarios

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"syscall"
)

// apart is how a program is started: in a group of its own, and killed by the
// kernel when the thread that started it ends, and so when amsbot is killed.
// What it has started itself is not, and a program of another user (sudo) sheds
// it: those are found by their group at the next start.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// notOurs says, by what came of a signal to a group, whether only processes of
// other users are left in it.
func notOurs(err error) bool { return errors.Is(err, syscall.EPERM) }

// programOf is a program that has just been started; false where the system
// does not say what tells it from others.
func programOf(pid int) (Program, bool) {
	boot := bootID()
	s, ok := procOf(pid)
	return Program{Group: pid, Began: s.began, Session: s.session, Boot: boot}, ok && boot != ""
}

// alive says whether a process of the group is left. The leader is known by
// when it began. Where it is gone the number of its group is given to nobody
// while somebody is in it; that it was not given away in between is told by the
// session, which was the session of the amsbot that started it.
func (p Program) alive() bool {
	if p.Group <= 1 || p.Boot == "" || p.Boot != bootID() {
		return false
	}
	if leader, ok := procOf(p.Group); ok && !leader.over {
		return leader.began == p.Began && leader.group == p.Group
	}
	self, ok := procOf(os.Getpid())
	entries, err := os.ReadDir("/proc")
	if err != nil || !ok {
		return false
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if s, ok := procOf(pid); ok && !s.over && s.group == p.Group && s.session == p.Session && p.Began <= s.began && s.began < self.began {
			return true
		}
	}
	return false
}

func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return string(bytes.TrimSpace(id))
}

// proc is what the kernel says of a process.
type proc struct {
	over           bool // it has ended, and waits to be seen
	group, session int
	began          uint64
}

func procOf(pid int) (s proc, ok bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return proc{}, false
	}
	// The second field is the name, in parentheses, and may hold anything.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return proc{}, false
	}
	s.over = fields[0][0] == 'Z' || fields[0][0] == 'X'
	var errs [3]error
	s.group, errs[0] = strconv.Atoi(string(fields[2]))
	s.session, errs[1] = strconv.Atoi(string(fields[3]))
	s.began, errs[2] = strconv.ParseUint(string(fields[19]), 10, 64)
	return s, errs == [3]error{}
}
