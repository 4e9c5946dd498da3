package store

import (
	"syscall"
	"testing"
)

// Whoever limits the address space needs it for something else.
func TestMapForLimited(t *testing.T) {
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &was); err != nil {
		t.Fatal(err)
	}
	limit := was
	limit.Cur = min(was.Max, 1<<62)
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &limit); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_AS, &was) }()
	if got := mapFor(3<<30, false); got != initialMap {
		t.Errorf("%d", got)
	}
}
