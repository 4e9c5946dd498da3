package scenarios_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amsbot/bot/sim/patient"
	"amsbot/scenarios"
)

// ill starts the demo's patient and makes it ill.
func ill(t *testing.T, ailment string) *patient.Patient {
	t.Helper()
	p := patient.New(patient.Options{Dir: t.TempDir(), HealsAfter: time.Second})
	if err := p.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := p.Ail(ailment); err != nil {
		t.Fatal(err)
	}
	return p
}

// incidentOf is what the patient's monitor raises for an ailment.
func incidentOf(t *testing.T, p *patient.Patient, name string) scenarios.Incident {
	t.Helper()
	hosts := map[string]string{patient.Web: "web-1", patient.DB: "db-1", patient.Queue: "queue-1", patient.Edge: "edge-1"}
	for _, a := range patient.Ailments() {
		if a.Name != name {
			continue
		}
		check := name
		if name == "slow" {
			check = "latency"
		}
		return scenarios.Incident{ID: "Q1", Number: 1, Title: a.Title, Urgency: "high", Service: scenarios.Ref{ID: "P1", Name: a.Service},
			Alerts: []scenarios.Alert{{ID: "A1", Status: "triggered", Details: map[string]any{
				"host": hosts[a.Service] + ".shop.example", "address": p.Address(), "control": p.ControlAddress(),
				"environment": "production", "check": check, "value": 1.0}}}}
	}
	t.Fatalf("no ailment %s", name)
	return scenarios.Incident{}
}

// phase runs the steps of a phase as amsbot does: a recovery stops at its first
// failed step, the others run to their end.
func phase(s *scenarios.Scenario, p scenarios.Phase, f scenarios.Facts) (scenarios.Verdict, []scenarios.Outcome) {
	var all []scenarios.Outcome
	for _, st := range s.Steps(p) {
		o := st.Do(context.Background(), f, scenarios.Tools{})
		all = append(all, o)
		f.Steps[st.Name] = o.Fields
		if p == scenarios.Recover && o.Verdict != scenarios.OK && !o.Skipped {
			break
		}
	}
	return scenarios.Judge(all), all
}

// quick loads the examples with the waiting between attempts cut short.
func quick(t *testing.T) *scenarios.Set {
	t.Helper()
	short := strings.NewReplacer("every: 1s", "every: 10ms", "every: 5s", "every: 10ms", "every: 2s", "every: 10ms", "attempts: 4", "attempts: 2",
		"status: 200, within: 2s", "status: 200, within: 500ms", "timeout: 4s", "timeout: 1s")
	folder := fstest.MapFS{}
	err := fs.WalkDir(scenarios.Examples(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(scenarios.Examples(), name)
		folder[name] = &fstest.MapFile{Data: []byte(short.Replace(string(data)))}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	set, err := scenarios.LoadFS(folder, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestExamplesHealThePatient takes every ailment through its scenario, against
// the real service.
func TestExamplesHealThePatient(t *testing.T) {
	set := quick(t)
	for _, c := range []struct {
		ailment, scenario string
		check, recheck    scenarios.Verdict
	}{
		{"errors", "web-down", scenarios.NG, scenarios.OK},
		{"hangs", "web-down", scenarios.NG, scenarios.OK},
		{"refuses", "web-down", scenarios.NG, scenarios.OK},
		{"stubborn", "web-down", scenarios.NG, scenarios.NG},
		{"slow", "web-slow", scenarios.NG, scenarios.OK},
		{"disk", "disk-full", scenarios.NG, scenarios.OK},
		{"replica", "replica-behind", scenarios.NG, scenarios.OK},
		{"queue", "queue-stuck", scenarios.NG, scenarios.OK},
		{"certificate", "certificate-ends", scenarios.NG, scenarios.NG},
	} {
		t.Run(c.ailment, func(t *testing.T) {
			t.Parallel()
			p := ill(t, c.ailment)
			in := incidentOf(t, p, c.ailment)
			d := set.Match(in)
			if d.Scenario == nil || d.Scenario.Name != c.scenario {
				t.Fatalf("matched %+v", d)
			}
			f := scenarios.Facts{Incident: in, Target: d.Target, Groups: d.Groups, Steps: map[string]map[string]any{}}
			if v, all := phase(d.Scenario, scenarios.Check, f); v != c.check {
				t.Fatalf("check: %s %+v", v, all)
			}
			if _, all := phase(d.Scenario, scenarios.Gather, f); len(all) != len(d.Scenario.Gather) {
				t.Fatalf("gather: %+v", all)
			}
			if len(d.Scenario.Recover) > 0 {
				if v, all := phase(d.Scenario, scenarios.Recover, f); v != scenarios.OK {
					t.Fatalf("recover: %s %+v", v, all)
				}
			}
			if v, all := phase(d.Scenario, scenarios.Recheck, f); v != c.recheck {
				t.Fatalf("recheck: %s %+v", v, all)
			}
			texts(t, d.Scenario, f)
		})
	}
}

// texts fills in all that a person would read.
func texts(t *testing.T, s *scenarios.Scenario, f scenarios.Facts) {
	t.Helper()
	for _, endings := range [][]scenarios.Ending{s.Then.OK, s.Then.Recovered, s.Then.Failed, s.Then.Unknown, s.Then.Held} {
		for _, e := range endings {
			if got, err := e.Message(f); err != nil || e.Text != "" && (got == "" || strings.Contains(got, "${{")) {
				t.Errorf("%s: %q, %v", e.Text, got, err)
			}
		}
	}
	for _, l := range s.Links {
		if got, err := l.URL(f); err != nil || !strings.HasPrefix(got, "https://wiki.shop.example/") {
			t.Errorf("%s: %q, %v", l.Name, got, err)
		}
	}
	for _, p := range []scenarios.Phase{scenarios.Check, scenarios.Gather, scenarios.Recover} {
		for _, st := range s.Steps(p) {
			if line, err := st.Show(f); err != nil || line == "" {
				t.Errorf("%s: %q, %v", st.Name, line, err)
			}
		}
	}
}

// TestWebTierUnreachable: where nothing answers at all the check is UNKNOWN,
// and so decides nothing.
func TestWebTierUnreachable(t *testing.T) {
	set := quick(t)
	p := ill(t, "unreachable")
	in := incidentOf(t, p, "unreachable")
	d := set.Match(in)
	f := scenarios.Facts{Incident: in, Target: d.Target, Groups: d.Groups, Steps: map[string]map[string]any{}}
	if v, all := phase(d.Scenario, scenarios.Check, f); v != scenarios.Unknown {
		t.Errorf("check: %s %+v", v, all)
	}
}

// TestHostileAlert: the worst that a monitor can say is matched or handed over,
// shown and run without harm.
func TestHostileAlert(t *testing.T) {
	set := quick(t)
	p := ill(t, "errors")
	for _, host := range []string{"-oProxyCommand=$(reboot)", "a\x00b", "<!channel>", "\xff\xfe", "x\u202ey", strings.Repeat("a", 100_000), "../../etc"} {
		in := incidentOf(t, p, "errors")
		in.Alerts[0].Details["host"] = host
		d := set.Match(in)
		if d.Scenario == nil {
			continue // no target: handed over
		}
		f := scenarios.Facts{Incident: in, Target: d.Target, Groups: d.Groups, Steps: map[string]map[string]any{}}
		if v, all := phase(d.Scenario, scenarios.Check, f); v != scenarios.NG {
			t.Errorf("%q: %s %+v", host, v, all)
		}
		texts(t, d.Scenario, f)
	}
}
