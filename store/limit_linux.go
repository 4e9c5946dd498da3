package store

import "syscall"

// limited says whether somebody has limited the address space of this process.
func limited() bool {
	var most syscall.Rlimit
	return syscall.Getrlimit(syscall.RLIMIT_AS, &most) == nil && most.Cur != ^uint64(0)
}
