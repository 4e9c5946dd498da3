package scenarios

import (
	"slices"
	"strings"
)

// DidYouMean is a hint for a name that is not among the known ones: the nearest
// of them, else, where they are few, all; "" where nothing helps.
func DidYouMean(wrong string, known []string) string { return didYouMean(wrong, known) }

// Nearest is the known name that somebody most likely meant: that which the fewest
// changes of letters lead to, at most two, whatever the case; "" where none is near.
func Nearest(wrong string, known []string) string {
	best, least := "", 3
	if len([]rune(wrong)) <= 3 {
		least = 2 // of three letters two are a guess
	}
	for _, k := range known[:min(len(known), maxValues)] {
		d := distance(strings.ToLower(wrong), strings.ToLower(k))
		if d < least && d < len([]rune(wrong)) || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	return best
}

// didYouMean is a hint with the known name nearest to a wrong one, else, where
// they are few, with all of them; "" where nothing helps.
func didYouMean(wrong string, known []string) string {
	if best := Nearest(wrong, known); best != "" {
		return "did you mean " + best + "?"
	}
	if len(known) == 0 || len(known) > 24 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(known))
	return "known here: " + strings.Join(sorted, ", ")
}

// nearest is a hint for a key that is not among these: the one of a mapping
// below that has the very name, else what didYouMean says.
func (k keys) nearest(wrong string) string {
	for _, one := range k {
		for _, s := range append(one.shape.of[:len(one.shape.of):len(one.shape.of)], one.shape) {
			if slices.Contains(s.keys.names(), wrong) {
				return "it belongs below " + one.name + ": " + one.name + ": {" + wrong + ": …}"
			}
		}
	}
	return didYouMean(wrong, k.names())
}

// distance is the number of edits (insert, delete, replace, swap of
// neighbours) between two short texts; long ones are far apart.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	var before []int
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next := make([]int, len(y)+1)
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if before != nil && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row = row, next
	}
	return row[len(y)]
}
