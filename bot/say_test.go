package bot

import (
	"strings"
	"testing"
)

func TestFileName(t *testing.T) {
	for step, want := range map[string]string{
		"Last errors":            "last-errors.txt",
		"../etc/passwd":          "---etc-passwd.txt",
		"直近のログ (web)":            "直近のログ--web-.txt",
		"größe":                  "größe.txt",
		strings.Repeat("ログ", 40): strings.Repeat("ログ", 30) + ".txt",
	} {
		if got := fileName(step); got != want {
			t.Errorf("%s: %q, not %q", step, got, want)
		}
	}
}
