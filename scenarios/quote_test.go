package scenarios

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

func TestQuoteForShell(t *testing.T) {
	for want, args := range map[string][]string{
		`sudo systemctl restart web-1.service`: {"sudo", "systemctl", "restart", "web-1.service"},
		`echo ''`:                              {"echo", ""},
		`echo 'a b' '$(reboot)' '~'`:           {"echo", "a b", "$(reboot)", "~"},
		`echo 'it'\''s' \\ \''x'\'`:            {"echo", "it's", `\`, "'x'"},
		`echo 'A=1' '*' '# x' 'é'`:             {"echo", "A=1", "*", "# x", "é"},
		"echo 'a\nb'":                          {"echo", "a\nb"},
	} {
		if got := quoteForShell(args); got != want {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
}

// FuzzQuoteForShell: what arrives in a real shell is what was sent. Shells that
// are not installed are left out, sh never is.
func FuzzQuoteForShell(f *testing.F) {
	for _, s := range []string{"", "a b", "it's", `\`, `\'`, `'\''`, "$(reboot) `reboot` ${PATH}", "-n", "a\nb\r\n", "\xff\xfe\x80", "*?[a-z]{a,b}", "~root",
		"!!", "# no comment", "; reboot & | > /x < y", "A=1", "é \u202e", "\t\v\f\x01\x7f", "%s\\n"} {
		f.Add(s, s+s)
	}
	var found []string
	for _, shell := range []string{"sh", "bash", "zsh", "ksh"} {
		if path, err := exec.LookPath(shell); err == nil {
			found = append(found, path)
		} else if shell == "sh" {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if strings.ContainsRune(a+b, 0) || len(a)+len(b) > 10000 {
			return // no argument holds a NUL
		}
		line := quoteForShell([]string{"/usr/bin/printf", `%s\0`, a, b, "end"})
		for _, shell := range found {
			out, err := exec.Command(shell, "-c", line).Output()
			if err != nil {
				t.Fatalf("%s -c %q: %v", shell, line, err)
			}
			if want := a + "\x00" + b + "\x00end\x00"; !bytes.Equal(out, []byte(want)) {
				t.Fatalf("%s -c %q\ngave %q,\nwant %q", shell, line, out, want)
			}
		}
	})
}
