//go:build race

package app_test

// Crowds are smaller where every access to memory is watched.
const (
	crowdAtOnce = 40
	crowdOf     = 120
)
