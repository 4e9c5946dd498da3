package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// maxSpan bounds every duration, so that sums of them cannot overflow.
const maxSpan = 30 * 24 * time.Hour

// span is a duration above zero, or from zero on where zero means something.
func (r *reader) span(n *yaml.Node, what string, zero bool) time.Duration {
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float") && n.Value != "0" {
		r.fail(n, "did you mean "+clip(n.Value, 20)+"s?", "%s is %s without a unit", what, clip(n.Value, 20))
		return 0
	}
	s := n.Value
	if n.Value != "0" || n.Kind != yaml.ScalarNode {
		var ok bool
		if s, ok = r.word(n, what); !ok {
			return 0
		}
	}
	d, err := parseSpan(s)
	switch {
	case err != nil:
		r.fail(n, "write it like 30s, 5m, 2h or 7d", "%s is no duration: %s", what, clip(s, 40))
	case d < 0 || d == 0 && !zero:
		r.fail(n, "", "%s has to be more than nothing, not %s", what, s)
	case d > maxSpan:
		r.fail(n, "", "%s is longer than 30 days", what)
	default:
		return d
	}
	return 0
}

// parseSpan is time.ParseDuration that also knows days.
func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n > 36500 || n < 0 {
			return 0, fmt.Errorf("scenarios: parse duration %q: no number of days", s)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(s)
}

// spanText is a duration as authors write it: 90s, 30m, 6h, 7d.
func spanText(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d >= time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
