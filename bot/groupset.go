package bot

import (
	"iter"
	"slices"
	"strconv"
	"strings"
)

// groupBetween stands between the key of a group card and the incidents that a
// button of it is about.
const groupBetween = "|"

// How much of a button the numbers of incidents take, and how many they may be.
const (
	groupSetRoom = 1800
	groupSetMost = 5000
)

// fittingNumbers is how many of the first numbers a button can name, and how.
func fittingNumbers(numbers []int) (n int, set string) {
	for n = len(numbers); n > 0; n -= max(1, n/20) {
		if set = writeNumbers(numbers[:n]); len(set) <= groupSetRoom && n <= groupSetMost {
			return n, set
		}
	}
	return 0, ""
}

// writeNumbers writes numbers in their order, each by its distance from the one
// before, and those that follow one another as one: "rs.2-4" are 1000, 1002 and
// the four after it.
func writeNumbers(numbers []int) string {
	var out []string
	last := 0
	for first, more := range spans(numbers) {
		one := strconv.FormatInt(int64(first-last), 36)
		if more > 0 {
			one += "-" + strconv.FormatInt(int64(more), 36)
		}
		out = append(out, one)
		last = first + more
	}
	return strings.Join(out, ".")
}

// readNumbers reads what writeNumbers wrote; false for what it did not.
func readNumbers(set string) ([]int, bool) {
	var out []int
	last := int64(0)
	for one := range strings.SplitSeq(set, ".") {
		first, more, run := strings.Cut(one, "-")
		step, err := strconv.ParseInt(first, 36, 32)
		if err != nil || step <= 0 {
			return nil, false
		}
		n := int64(0)
		if run {
			if n, err = strconv.ParseInt(more, 36, 32); err != nil || n <= 0 {
				return nil, false
			}
		}
		if int64(len(out))+n >= groupSetMost {
			return nil, false
		}
		for i := range n + 1 {
			out = append(out, int(last+step+i))
		}
		last += step + n
	}
	return out, writeNumbers(out) == set
}

// shortNumbers names incidents by number, as many as there is room for, and says
// how many more there are: "#1, #5–#9".
func shortNumbers(numbers []int) string {
	text, left := "", len(numbers)
	for first, more := range spans(numbers) {
		name := numberName(first)
		switch {
		case more == 1:
			name += ", " + numberName(first+1)
		case more > 1:
			name += "–" + numberName(first+more)
		}
		if text != "" && len(text)+len(name) > shortMost {
			return text + ", +" + strconv.Itoa(left)
		}
		text, left = strings.TrimPrefix(text+", "+name, ", "), left-more-1
	}
	return text
}

// spans are numbers in their order: each with how many follow it without a gap.
func spans(numbers []int) iter.Seq2[int, int] {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	return func(yield func(int, int) bool) {
		for i := 0; i < len(sorted); {
			run := 1
			for i+run < len(sorted) && sorted[i+run] == sorted[i]+run {
				run++
			}
			if !yield(sorted[i], run-1) {
				return
			}
			i += run
		}
	}
}
