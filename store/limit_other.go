//go:build !linux

package store

// limited is not known.
func limited() bool { return false }
