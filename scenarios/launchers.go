package scenarios

import "strings"

// remotes hand their arguments to a shell elsewhere, or to one of another user.
var remotes = []string{"ssh", "rsh", "mosh", "pdsh", "su", "runuser", "watch"}

// launcher is a program that runs what one of its arguments says.
type launcher struct {
	reads   bool   // it reads code, or a file of it; else it starts a program
	options string // the letters of its options that take the next argument
	words   int    // that it takes before
	assigns bool   // A=B may stand before
}

// launchers are those that an author may well use.
var launchers = map[string]launcher{
	"sh": {reads: true, options: "oO"}, "bash": {reads: true, options: "oO"}, "dash": {reads: true, options: "oO"}, "ash": {reads: true, options: "oO"},
	"zsh": {reads: true, options: "oO"}, "ksh": {reads: true, options: "oO"}, "mksh": {reads: true, options: "oO"}, "busybox": {reads: true},
	"fish": {reads: true}, "csh": {reads: true}, "tcsh": {reads: true}, "pwsh": {reads: true}, "expect": {reads: true},
	"python": {reads: true, options: "WX"}, "python3": {reads: true, options: "WX"}, "perl": {reads: true, options: "I"},
	"ruby": {reads: true, options: "CEIr"}, "node": {reads: true, options: "Cr"}, "lua": {reads: true, options: "l"}, "php": {reads: true, options: "cdz"},
	"awk": {reads: true, options: "Fv"}, "gawk": {reads: true, options: "Filv"}, "mawk": {reads: true, options: "FvW"},
	"env": {options: "Cu", assigns: true}, "sudo": {options: "CDghpRrTtUu", assigns: true}, "doas": {options: "Cu"},
	"xargs": {options: "adEILnPs"}, "parallel": {options: "aIjNn"}, "nice": {options: "n"}, "ionice": {options: "cn"}, "nohup": {}, "setsid": {},
	"timeout": {options: "ks", words: 1}, "stdbuf": {options: "eio"}, "time": {options: "fo"}, "chroot": {words: 1}, "flock": {options: "Ew", words: 1},
	"chrt": {options: "DPT", words: 1}, "taskset": {words: 1}, "nsenter": {options: "tSG"}, "unshare": {}, "systemd-run": {options: "HMpu"}, "strace": {options: "aEeIoOPpsSuX"},
}

// begun reports whether what runs is said by these arguments, which stand
// behind the launcher.
func (l launcher) begun(behind []string) bool {
	words := 0
	for i, word := range behind {
		switch {
		case isOption(word), strings.HasPrefix(word, "+"), l.assigns && strings.Contains(word, "="):
		case i > 0 && l.takes(behind[i-1]):
		default:
			words++
		}
	}
	return words > l.words
}

// takes reports whether an option takes the next argument.
func (l launcher) takes(option string) bool {
	return isOption(option) && !strings.HasPrefix(option, "--") && strings.Contains(l.options, option[len(option)-1:])
}

func isOption(s string) bool { return len(s) > 1 && s[0] == '-' }
