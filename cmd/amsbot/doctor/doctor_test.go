package doctor_test

import (
	"flag"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden file anew")

var free = regexp.MustCompile(`\d+ [KMG]B are free`)

// TestWell: nothing is wrong, and each line says what was looked at.
func TestWell(t *testing.T) {
	s := wellSet(t)
	s.sendTest = true
	lines, well := s.look(t)
	got := free.ReplaceAllString(strings.Join(lines, "\n")+"\n", "N GB are free")
	want, err := os.ReadFile("testdata/well.golden")
	if *update {
		write(t, "testdata/well.golden", got)
	}
	if err != nil || got != string(want) || !well {
		t.Errorf("well %v, %v; it is not testdata/well.golden:\n%s", well, err, got)
	}
}

// fault is a set-up that is not well.
type fault struct {
	fault func(*set)
	want  []string // the beginnings of all lines that are not OK
	next  string   // part of what to do
}

var ok = regexp.MustCompile(`^[A-Za-z ]+: OK `)

// check asks the doctor about each fault: it is one line, or what follows from it,
// and says what to do; nothing else is NG or UNKNOWN by it.
func check(t *testing.T, faults map[string]fault) {
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			s := wellSet(t)
			c.fault(s)
			lines, well := s.look(t)
			var wrong []string
			for _, line := range lines {
				if !ok.MatchString(line) && !strings.Contains(line, "webhook secret: it is not tested -> amsbot doctor --send-test") {
					wrong = append(wrong, line)
				}
			}
			same := slices.EqualFunc(wrong, c.want, strings.HasPrefix)
			if !same || well || !strings.Contains(strings.Join(wrong, "\n"), c.next) {
				t.Errorf("well %v, want %q and %q, got\n%s", well, c.want, c.next, strings.Join(lines, "\n"))
			}
			for _, line := range wrong {
				if !strings.Contains(line, " -> ") {
					t.Errorf("nobody is told what to do: %s", line)
				}
			}
		})
	}
}
