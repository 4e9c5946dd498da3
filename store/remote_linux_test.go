package store

import (
	"path/filepath"
	"syscall"
	"testing"
)

func TestRemote(t *testing.T) {
	var s syscall.Statfs_t
	if err := syscall.Statfs("/proc", &s); err != nil {
		t.Fatal(err)
	}
	if got := Remote("/proc"); got != "" {
		t.Errorf("/proc is on %s", got)
	}
	remotes[uint32(s.Type)] = "proc" // as if it came over a network
	defer delete(remotes, uint32(s.Type))
	if got := Remote("/proc"); got != "proc" {
		t.Errorf("what is known is called %q", got)
	}
	if got := Remote(filepath.Join(t.TempDir(), "nowhere")); got != "" {
		t.Errorf("what is not there is on %s", got)
	}
}
