package scenarios

import "testing"

// TestElsewhere: what runs on another machine may go on there when amsbot does not.
func TestElsewhere(t *testing.T) {
	const there = "ssh: {host: a, user: u, agent: true, known_hosts: /k"
	for step, want := range map[string]bool{
		"    exec: [\"true\"]\n":                              false,
		"    nagios: [\"true\"]\n":                            false,
		"    http: http://a/\n":                               false,
		"    " + there + ", command: [\"true\"]}\n":           true,
		"    nagios: {" + there + "}, command: [\"true\"]}\n": true,
	} {
		if got := stepOf(t, step, "").Elsewhere(); got != want {
			t.Errorf("%s: %v", step, got)
		}
	}
}
