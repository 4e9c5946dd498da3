package bot

import "strings"

// Nearest is what somebody most likely meant who typed a word that is not known:
// of the known ones that which the fewest changes of letters lead to, at most
// two; "" where none is near.
func Nearest(word string, known []string) string {
	best, least := "", 3
	typed := []rune(strings.ToLower(word))
	for _, k := range known {
		if len(typed) > 64 || len(k) > 256 {
			continue // typed by nobody
		}
		d := distance(typed, []rune(strings.ToLower(k)))
		if d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if least >= len([]rune(best)) {
		return ""
	}
	return best
}

// distance is how many letters have to be changed to get from x to y; two
// letters in the wrong order are one change.
func distance(x, y []rune) int {
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			change := 1
			if x[i-1] == y[j-1] {
				change = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}
