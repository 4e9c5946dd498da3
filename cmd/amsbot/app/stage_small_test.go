//go:build race

package app_test

// Crowds are smaller where every access to memory is watched; .ci/run tests the large
// ones once more without.
const (
	crowdAtOnce = 40
	crowdOf     = 80
	stormAtOnce = 30
	noisyOf     = 150
	guardedOf   = 40
	unfinished  = 60
)
