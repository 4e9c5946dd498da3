//go:build !linux

package scenarios

import "syscall"

// apart is how a program is started: in a group of its own.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// notOurs cannot be told: the same is said of a group whose processes have ended.
func notOurs(error) bool { return false }

// programOf knows nothing that tells a process from a later one.
func programOf(int) (Program, bool) { return Program{}, false }

func (Program) alive() bool { return false }
