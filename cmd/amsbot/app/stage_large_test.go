//go:build !race

package app_test

// How many incidents come at once in the crowds, and within a minute in the largest.
const (
	crowdAtOnce = 200
	crowdOf     = 1000
)
