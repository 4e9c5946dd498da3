package bot

import (
	"strings"
	"testing"

	"amsbot/scenarios"
)

// byTwo is a scenario whose recovery takes two people, and its tests.
func byTwo(approval, tests string) map[string]string {
	files := tested(tests)
	files["web.yaml"] = strings.Replace(files["web.yaml"], "autonomy: auto", "autonomy: ask", 1) + "approval: " + approval + "\n"
	files["project.yaml"] += "permissions: {run: [UAIKO, UBEN], approve: [UBEN, UCHIE], break_glass: [UAIKO, UCHIE]}\n"
	return files
}

// A test of a scenario says who asks, who approves and who goes alone.
func TestFixturesOfTwo(t *testing.T) {
	got, _ := playAll(t, byTwo("{expires: 10m, second_person: true}", `
  - name: two people
    clicks: [{press: recover, by: aiko, user: UAIKO, after: 1m}, {press: approve, by: ben, user: UBEN, after: 2m}]
    steps: {health: [NG, NG, OK]}
    expect:
      outcome: recovered at a person's word
      acts: [escalate first_line, resolve]
      waiting: {contains: ["Asked by: aiko", "May approve: UBEN, UCHIE", "[Approve]"], lacks: ["[Run Recovery]"]}
      note: {contains: ["Asked for by aiko, approved by ben"]}
  - name: one person alone
    clicks: [{press: recover, by: aiko, user: UAIKO}, {press: approve, by: aiko, user: UAIKO}]
    expect: {outcome: expired, refused: {contains: [You may not Approve here]}}
  - name: twice the same
    clicks: [{press: recover, by: ben, user: UBEN}, {press: approve, by: ben, user: UBEN}]
    expect: {outcome: expired, recover: none, refused: {contains: [You asked for it yourself]}}
  - name: nobody approves
    clicks: [{press: recover, by: aiko, after: 3m}]
    expect:
      outcome: expired
      card: {contains: ["aiko asked for the recovery, and nobody approved it in time"]}
      recover: none
      waiting: {contains: ["May approve: everyone else"]}
  - name: the glass
    clicks: [{press: break_glass, by: aiko, text: nobody is awake, user: UAIKO}]
    steps: {health: [NG, NG, OK]}
    expect:
      outcome: recovered at a person's word
      messages: {contains: ["aiko runs the recovery on web-1.example without a second person. Reason: nobody is awake"]}
      note: {contains: ["aiko broke the glass, without a second person: nobody is awake"]}
  - name: the glass without a reason
    clicks: [{press: break_glass, by: aiko, user: UAIKO}]
    expect: {outcome: expired, refused: {contains: ["Say why"]}}
  - name: the glass without run
    clicks: [{press: break_glass, by: chie, text: let me, user: UCHIE}]
    expect: {outcome: expired, refused: {contains: ["You may not Break Glass here. Who may: UAIKO, UBEN."]}}
  - name: checked again
    clicks: [{press: recover, by: aiko}, {press: check, by: ben}, {press: recover, by: ben}, {press: approve, by: aiko}]
    steps: {health: [NG, NG, NG, OK]}
    expect:
      outcome: recovered at a person's word
      messages: {contains: ["The request of aiko to run the recovery is withdrawn: it is checked again."]}
      note: {contains: ["Asked for by ben, approved by aiko"]}
  - name: over meanwhile
    clicks: [{press: recover, by: aiko}]
    news: [{is: resolved, after: 5m}]
    expect: {outcome: resolved by monitoring, recover: none, messages: {contains: ["withdrawn: the incident is over"]}}
`))
	for name, p := range got {
		if !p.OK() {
			t.Errorf("%s: %v %+v\n%s", name, p.Err, p.Failures, p.Card())
		}
	}
	if len(got) != 9 {
		t.Errorf("%d tests were played", len(got))
	}
	never, _ := playAll(t, byTwo("{second_person: true, break_glass: false}", `
  - name: no glass
    clicks: [{press: break_glass, by: aiko, text: nobody is awake}]
    expect: {outcome: expired, recover: none, refused: {contains: [This scenario lets nobody recover alone]}}
`))
	if p := never["no glass"]; !p.OK() {
		t.Errorf("%v %+v", p.Err, p.Failures)
	}
}

// Who may approve and break the glass: the ceiling, what the project takes away,
// and what holds where neither says anything.
func TestWhoApproves(t *testing.T) {
	b := loaded(t, map[string]string{"project.yaml": testedProject, "web.yaml": strings.Replace(responding, "AUTONOMY", "ask", 1)})
	for _, c := range []struct {
		name             string
		ceiling, project scenarios.Permissions
		approves, alone  string // who of U1, U2 and U3 may
	}{
		{"nothing is said", scenarios.Permissions{Run: []string{"U1", "U2"}}, scenarios.Permissions{}, "U1 U2", ""},
		{"the project narrows run", scenarios.Permissions{Run: []string{everyone}}, scenarios.Permissions{Run: []string{"U2"}}, "U2", ""},
		{"the project says approve alone", scenarios.Permissions{Run: []string{"U1", "U2"}}, scenarios.Permissions{Approve: []string{"U2", "U3"}}, "U2", ""},
		{"the ceiling says approve", scenarios.Permissions{Run: []string{"U1"}, Approve: []string{"U3"}}, scenarios.Permissions{Run: []string{"U1"}}, "U3", ""},
		{"nobody approves", scenarios.Permissions{Run: []string{everyone}, Approve: []string{}}, scenarios.Permissions{}, "", ""},
		{"the project widens nothing", scenarios.Permissions{Run: []string{"U1"}, Approve: []string{"U1"}}, scenarios.Permissions{Approve: []string{everyone}, BreakGlass: []string{everyone}}, "U1", ""},
		{"the glass", scenarios.Permissions{Run: []string{"U1", "U2"}, BreakGlass: []string{"U2", "U3"}}, scenarios.Permissions{}, "U1 U2", "U2"},
		{"the glass, narrowed", scenarios.Permissions{Run: []string{everyone}, BreakGlass: []string{everyone}}, scenarios.Permissions{BreakGlass: []string{"U3"}}, "U1 U2 U3", "U3"},
		{"without view nothing", scenarios.Permissions{View: []string{"U2"}, Run: []string{everyone}, BreakGlass: []string{everyone}}, scenarios.Permissions{}, "U2", "U2"},
	} {
		b.Ceiling = c.ceiling
		set := b.Scenarios()
		set.Projects[0].Permissions = c.project
		var approves, alone []string
		for _, user := range []string{"U1", "U2", "U3"} {
			may := b.may(t.Context(), viewOf(set.Projects[0]), user)
			if may.can(DoApprove) {
				approves = append(approves, user)
			}
			if may.can(DoBreakGlass) {
				alone = append(alone, user)
			}
		}
		if got := strings.Join(approves, " "); got != c.approves {
			t.Errorf("%s: %q may approve, not %q", c.name, got, c.approves)
		}
		if got := strings.Join(alone, " "); got != c.alone {
			t.Errorf("%s: %q may go alone, not %q", c.name, got, c.alone)
		}
	}
}

// The words that say that somebody goes alone, and those that only look like it.
func TestBreaksGlass(t *testing.T) {
	for text, want := range map[string]string{
		"break glass: nobody is here": "nobody is here",
		"Break Glass nobody is here":  "nobody is here",
		" break-glass： 誰もいない":         "誰もいない",
		"break_glass":                 "",
		"breakglass :":                "",
		"breaking glass":              "-",
		"the glass breaks":            "-",
		"":                            "-",
	} {
		k := Click{Act: DoRecover, Text: text}.breaksGlass()
		if alone := k.Act == DoBreakGlass; alone != (want != "-") || alone && k.Text != want {
			t.Errorf("%q is %s %q", text, k.Act, k.Text)
		}
	}
	if k := (Click{Act: DoEscalate, Text: "break glass: x"}).breaksGlass(); k.Act != DoEscalate {
		t.Error("an escalation breaks glass")
	}
}

// A history of two people is told for replay as it was pressed, without names.
func TestPastOfTwo(t *testing.T) {
	got, _ := playAll(t, byTwo("{expires: 10m, second_person: true}", `
  - name: two people
    clicks: [{press: recover, by: aiko, after: 1m}, {press: approve, by: ben, after: 2m}]
    steps: {health: [NG, NG, OK]}
    expect: {outcome: recovered at a person's word}
  - name: the glass
    clicks: [{press: break_glass, by: aiko, text: nobody is awake, after: 1m}]
    steps: {health: [NG, NG, OK]}
    expect: {outcome: recovered at a person's word}
`))
	for name, want := range map[string][2]string{
		"two people": {"recover by aiko, approve by ben", "a person asked for recover; a person pressed approve"},
		"the glass":  {"break_glass by aiko", "a person broke the glass: nobody is awake; a person pressed recover"},
	} {
		p := got[name]
		all := Pasts(p.Rehearsal.Events)
		if !p.OK() || len(all) != 1 {
			t.Fatalf("%s: %v %+v, %d runs", name, p.Err, p.Failures, len(all))
		}
		var clicks []string
		for _, c := range all[0].Clicks {
			clicks = append(clicks, c.Act+" by "+c.Name)
		}
		if got := strings.Join(clicks, ", "); got != want[0] {
			t.Errorf("%s: pressed were %s, not %s", name, got, want[0])
		}
		if path := strings.Join(all[0].Path, "; "); !strings.Contains(path, want[1]) {
			t.Errorf("%s: the path is %s", name, path)
		}
	}
}
