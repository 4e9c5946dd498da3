package slack

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// press is what a button carries: which offer of which incident it accepts. It
// is no permission and no command; whether it still stands is the conductor's
// to say.
type press struct {
	Act      string
	Offer    uint64
	Override bool
	Incident string
}

// pressVersion begins every token, so that a later form can be told apart from
// one that still stands on an old card.
const pressVersion = "1"

// token is the press as a button's value: version, act, offer (base 36), flags,
// incident, with the incident last because it may hold anything.
func (p press) token() string {
	flags := ""
	if p.Override {
		flags = "o"
	}
	return strings.Join([]string{pressVersion, p.Act, strconv.FormatUint(p.Offer, 36), flags, p.Incident}, "|")
}

// parsePress reads a token. Every press is written in one way only, so that
// what was parsed is what somebody drew.
func parsePress(s string) (press, error) {
	bad := func(why string) (press, error) { return press{}, fmt.Errorf("slack: read button: %s", why) }
	part := strings.SplitN(s, "|", 5)
	if len(part) != 5 || part[0] != pressVersion {
		return bad("not one of ours")
	}
	if !isAct(part[1]) {
		return bad("no act")
	}
	offer, err := strconv.ParseUint(part[2], 36, 64)
	if err != nil {
		return bad("no offer")
	}
	if part[4] == "" || !utf8.ValidString(part[4]) {
		return bad("no incident")
	}
	p := press{Act: part[1], Offer: offer, Override: part[3] == "o", Incident: part[4]}
	if p.token() != s {
		return bad("not as we write it")
	}
	return p, nil
}

// isAct says whether s could be the name of an act: lower-case words.
func isAct(s string) bool {
	return s != "" && len(s) <= 20 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") == ""
}
