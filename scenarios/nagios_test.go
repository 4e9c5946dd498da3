package scenarios

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// pluginFile writes a plugin that prints text and exits so.
func pluginFile(t *testing.T, text, exit string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "check_made_up")
	if err := os.WriteFile(path, []byte("#!/bin/sh\ncat "+dir+"/text\n"+exit+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNagiosStates is RESPONSE.md's table for nagios.
func TestNagiosStates(t *testing.T) {
	for _, c := range []struct {
		exit    string
		verdict Verdict
		why     string
		state   string
	}{
		{"exit 0", OK, "OK", "OK"},
		{"exit 1", NG, "WARNING", "WARNING"},
		{"exit 2", NG, "CRITICAL", "CRITICAL"},
		{"exit 3", Unknown, "the plugin says UNKNOWN", "UNKNOWN"},
		{"exit 4", Unknown, "exit 4, which no plugin's state has", "UNKNOWN"},
		{"exit 255", Unknown, "exit 255, which no plugin's state has", "UNKNOWN"},
		{"exit 126", Unknown, "exit 126: the plugin cannot be executed", "UNKNOWN"},
		{"exit 127", Unknown, "exit 127: there is no such plugin", "UNKNOWN"},
		{"kill -KILL $$", Unknown, "ended by signal killed", "UNKNOWN"},
		{"sleep 60", Unknown, "not finished in time, stopped", "UNKNOWN"},
	} {
		o := stepOf(t, "    nagios: ["+pluginFile(t, "THING - fine so far | a=1s;2;3;0;4\n", c.exit)+"]\n    timeout: 2s\n", "").
			Do(context.Background(), Facts{}, Tools{})
		if o.Verdict != c.verdict || o.Why != c.why || o.Line != "THING - fine so far" || o.Fields["state"] != c.state {
			t.Errorf("%s: %s, %q, %q, %v; want %s, %q, %s", c.exit, o.Verdict, o.Why, o.Line, o.Fields["state"], c.verdict, c.why, c.state)
		}
		want := map[string]any{"a": map[string]any{"value": 1.0, "unit": "s", "warn": "2", "crit": "3", "min": 0.0, "max": 4.0}}
		if got := o.Fields["perfdata"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: perfdata %v", c.exit, got)
		}
		if _, has := o.Fields["exit"]; has == (c.exit == "sleep 60" || c.exit == "kill -KILL $$") {
			t.Errorf("%s: fields %v", c.exit, o.Fields)
		}
	}
}

func TestNagiosThatCannotStart(t *testing.T) {
	o := stepOf(t, "    nagios: [/usr/lib/nagios/plugins/check_no_such_thing]\n", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != Unknown || !strings.Contains(o.Why, "does not exist") || o.Fields != nil {
		t.Errorf("%s, %q, %v", o.Verdict, o.Why, o.Fields)
	}
	o = stepOf(t, "    nagios: [\"true\"]\n", "").Do(context.Background(), Facts{}, Tools{})
	if o.Verdict != OK || o.Fields["text"] != "" || !reflect.DeepEqual(o.Fields["perfdata"], map[string]any{}) {
		t.Errorf("a plugin that says nothing: %s, %q, %v", o.Verdict, o.Why, o.Fields)
	}
}

// TestReadPlugin is the plugins' guide: text, long text and performance data
// in two places.
func TestReadPlugin(t *testing.T) {
	for _, c := range []struct{ out, text, long, labels string }{
		{"OK", "OK", "", ""},
		{"OK\n", "OK", "", ""},
		{"\nOK late\n", "OK late", "", ""},
		{"DISK OK | /=3", "DISK OK", "", "/"},
		{"|a=1", "", "", "a"},
		{"OK | a=1\nline 1\nline 2 | b=2\nc=3\nd=4\n", "OK", "line 1\nline 2 ", "a b c d"},
		{"OK\nonly long\n\ntext\n", "OK", "only long\n\ntext", ""},
		{"OK\n|b=2", "OK", "", "b"},
		{"OK | a=1 | b=2", "OK", "", "a b"},
		{"OK | a=1 torn" + gap + "off=5 b=2\n| c=3", "OK", "[…]\n b=2", "a c"},
		{"OK | a=1 b=12345" + gap + "678", "OK", "[…]", "a"},
		{"OK | a=1 x=" + gap + "22 b=2", "OK", "[…]\n b=2", "a"},
	} {
		got := readPlugin(c.out)
		if got.text != c.text || got.long != c.long {
			t.Errorf("%q: text %q, long %q", c.out, got.text, got.long)
		}
		if labels := labelsOf(got.perfdata); labels != c.labels {
			t.Errorf("%q: labels %q, want %q", c.out, labels, c.labels)
		}
	}
}

// TestNagiosFieldsAreRead: what a plugin measured is read by later steps.
func TestNagiosFieldsAreRead(t *testing.T) {
	s := loadOne(t, head+`check:
  - name: disk
    nagios: [`+pluginFile(t, `DISK WARNING | /=91.5%;90;95;0;100 '/var/my data'=5B 'a''b=c'=U;1:;~:5`, "exit 1")+`]
  - {name: full, if: 'steps["disk"].perfdata["/"].value > 90', exec: ["true"]}
  - {name: not full, if: 'steps.disk.perfdata["/"].value < 91', exec: ["true"]}
  - {name: blank, if: 'steps["disk"].perfdata["/var/my data"].value == 5', exec: ["true"]}
  - {name: no such, if: '(steps["disk"].perfdata["/home"].value ?? 0) > 90', exec: ["true"]}
  - {name: missing, if: 'steps["disk"].perfdata["/home"].value > 90', exec: ["true"]}
  - {name: not known, if: 'steps["disk"].perfdata["a''b=c"].value > 1', exec: ["true"]}
  - {name: asked, if: '"/home" in steps["disk"].perfdata', exec: ["true"]}
  - name: shown
    exec: [echo, "${{ steps.disk.text }}", "${{ steps.disk.perfdata[\"/\"].value }} ${{ steps.disk.perfdata[\"/\"].unit }}", "${{ steps.disk.perfdata[\"a'b=c\"].crit }}"]
`, Options{})
	f := Facts{Steps: map[string]map[string]any{}}
	outcomes := map[string]Outcome{}
	for _, st := range s.Check {
		outcomes[st.Name] = st.Do(context.Background(), f, Tools{})
		f.Steps[st.Name] = outcomes[st.Name].Fields
	}
	for name, want := range map[string]string{"full": "exit 0", "not full": "its if is false", "blank": "exit 0", "no such": "its if is false",
		"missing": `steps.disk.perfdata["/home"] is missing`, "not known": `steps.disk.perfdata["a'b=c"].value is missing`, "asked": "its if is false"} {
		if got := outcomes[name].Why; !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := outcomes["shown"].Line; got != "DISK WARNING 91.5 % ~:5" {
		t.Errorf("shown: %q (%s)", got, outcomes["shown"].Why)
	}
}

// TestWorst: ending a command takes its grace too.
func TestWorst(t *testing.T) {
	for kind, grace := range map[string]time.Duration{"exec: [\"true\"]": killGrace + pipeGrace, "nagios: [\"true\"]": sshGrace,
		"ssh: {host: a, user: u, agent: true, known_hosts: /k, command: [\"true\"]}": sshGrace} {
		st := stepOf(t, "    "+kind+"\n    timeout: 10s\n    attempts: 2\n    every: 1s\n", "")
		if got, want := st.worst(), 2*(10*time.Second+grace)+time.Second; got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
}
