package scenarios

import (
	"context"
	"os"
	"strings"
	"testing"
)

// installed is a program of another Debian package. Where it is absent the
// test is left out, but not where CI is set: there nothing is skipped.
func installed(t *testing.T, path, pkg string) string {
	t.Helper()
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("CI is set, and there is no %s: install %s", path, pkg)
	}
	t.Skipf("there is no %s: install %s", path, pkg)
	return ""
}

func plugins(t *testing.T, name string) string {
	t.Helper()
	return installed(t, "/usr/lib/nagios/plugins/"+name, "monitoring-plugins-basic")
}

// TestRealPlugins runs Debian's monitoring plugins.
func TestRealPlugins(t *testing.T) {
	for _, c := range []struct {
		name, args string
		verdict    Verdict
		why, text  string
		labels     string
	}{
		{"check_dummy", `, 0, all is well`, OK, "OK", "OK: all is well", ""},
		{"check_dummy", `, 1, "soon | full=91%;90;95"`, NG, "WARNING", "WARNING: soon", "full"},
		{"check_dummy", `, 2`, NG, "CRITICAL", "CRITICAL", ""},
		{"check_dummy", `, 3, who knows`, Unknown, "the plugin says UNKNOWN", "UNKNOWN: who knows", ""},
		{"check_dummy", ``, Unknown, "the plugin says UNKNOWN", "check_dummy: Could not parse arguments", ""},
		{"check_disk", `, -w, "0%", -c, "0%", -p, /`, OK, "OK", "DISK OK", "/"},
		{"check_disk", `, -w, "100%", -c, "0%", -p, /`, NG, "WARNING", "DISK WARNING", "/"},
		{"check_disk", `, -w, "0%", -c, "0%", -p, /no/such/path`, NG, "CRITICAL", "DISK CRITICAL", ""},
		{"check_procs", `, -c, "1:1", -C, no-such-program`, NG, "CRITICAL", "PROCS CRITICAL", "procs"},
		{"check_load", `, -w, "99999,99999,99999", -c, "99999,99999,99999"`, OK, "OK", "LOAD OK", "load1 load15 load5"},
	} {
		o := stepOf(t, "    nagios: ["+plugins(t, c.name)+c.args+"]\n", "").Do(context.Background(), Facts{}, Tools{})
		if text, _ := o.Fields["text"].(string); o.Verdict != c.verdict || !strings.HasPrefix(o.Why, c.why) || !strings.HasPrefix(text, c.text) {
			t.Errorf("%s%s: %s, %q, text %q (%s)", c.name, c.args, o.Verdict, o.Why, text, o.Output)
		}
		data, _ := o.Fields["perfdata"].(map[string]any)
		if got := labelsOf(data); got != c.labels {
			t.Errorf("%s%s: labels %q, want %q", c.name, c.args, got, c.labels)
		}
		for label, v := range data {
			if _, ok := v.(map[string]any)["value"].(float64); !ok {
				t.Errorf("%s%s: %s is %v", c.name, c.args, label, v)
			}
		}
	}
}
