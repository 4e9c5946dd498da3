package scenarios

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestWarnings: what each folder is warned of, and nothing else.
func TestWarnings(t *testing.T) {
	const project = "name: shop\nservices: [web, PDB00001]\n"
	scenario := func(name, when, more string) string {
		if !strings.Contains(more, "check:") {
			more += "check: [{name: c, exec: [look, \"${{ target }}\"]}]\n"
		}
		return "name: " + name + "\nwhen: " + when + "\ntarget: ${{ incident.id }}\n" + more
	}
	const mends = "recover: [{name: r, exec: [mend, \"${{ target }}\"], idempotent: true}]\n"
	for name, c := range map[string]struct {
		files []string // project, then scenarios
		want  []string
	}{
		"nothing": {[]string{project, scenario("a", "{title: x}", mends)}, nil},
		"a service that none covers": {[]string{"name: shop\nservices: [web, db]\n", scenario("a", "{service: web, title: x}", "")},
			[]string{"project.yaml:2:11: no scenario covers the service db"}},
		"a regular expression covers": {[]string{"name: shop\nservices: [web, db]\n", scenario("a", "{service: '/^(web|db)$/'}", "")}, nil},
		"an ID may be any name":       {[]string{project, scenario("a", "{service: web}", "")}, nil},
		"never chosen": {[]string{project, scenario("a", "{title: x}", ""), scenario("b", "{title: [x, y], urgency: [high, low]}", "")},
			[]string{"1.yaml:2:7: it is never chosen: whatever fits it fits b too, which has more conditions (2.yaml)"}},
		"never chosen, of a pattern": {[]string{project, scenario("a", "{title: disk full}", ""), scenario("b", "{title: '/^disk/', service: [web, PDB00001]}", "")},
			[]string{"1.yaml:2:7: it is never chosen: whatever fits it fits b too"}},
		"always a tie": {[]string{project, scenario("a", "{urgency: high, title: x}", ""), scenario("b", "{title: x, service: '/.*/'}", "")},
			[]string{"1.yaml:2:7: it is never chosen: whatever fits it fits b too, and nothing decides between them (2.yaml)"}},
		"another target may be missing": {[]string{project, scenario("a", "{title: x}", ""),
			strings.Replace(scenario("b", "{title: x, urgency: [high, low]}", ""), "incident.id", "alert.details.host", 1)}, nil},
		"another if": {[]string{project, scenario("a", "{title: x}", ""), scenario("b", "{title: x, urgency: [high, low], if: incident.number > 1}", "")}, nil},
		"the less exact one is chosen for the rest": {[]string{project, scenario("a", "{title: x}", ""), scenario("b", "{title: x, urgency: high}", "")}, nil},
		"may not run twice": {[]string{project, scenario("a", "{title: x}", strings.ReplaceAll(mends, ", idempotent: true", ""))},
			[]string{"1.yaml:4:11: no step of recover may run twice"}},
		"tried again": {[]string{project, scenario("a", "{title: x}", strings.ReplaceAll(mends, "idempotent: true", "attempts: 3")+mends[:0])},
			[]string{"1.yaml:4:11: no step of recover may run twice", "1.yaml:4:11: r is tried up to 3 times"}},
		"observes, and has endings": {[]string{project, scenario("a", "{title: x}", "autonomy: observe\nthen: {failed: escalate}\n")},
			[]string{"1.yaml:5:7: what then says is never done: autonomy: observe only reports"}},
		"observes, and could recover": {[]string{project, scenario("a", "{title: x}", "autonomy: observe\nthen: {failed: escalate}\n"+mends)}, nil},
		"nobody may press": {[]string{project + "permissions: {run: []}\n", scenario("a", "{title: x}", mends)},
			[]string{"1.yaml:1:7: nobody may press Run Recovery"}},
		"nobody needs to press": {[]string{project + "permissions: {run: []}\n", scenario("a", "{title: x}", "autonomy: auto\n"+mends)}, nil},
		"a re-check that may be skipped": {[]string{project, scenario("a", "{title: x}", "autonomy: auto\ncheck: [{name: c, if: incident.number > 1, exec: [look, \"${{ target }}\"]}, {name: w, wait: 1s}]\n"+mends)},
			[]string{"1.yaml:5:9: every step of check may be skipped"}},
		"a re-check that looks elsewhere": {[]string{project, scenario("a", "{title: x}", "autonomy: auto\ncheck: [{name: c, exec: [look]}]\n"+mends)},
			[]string{"1.yaml:5:9: it recovers by itself what the incident names"}},
		"a re-check without time": {[]string{project, scenario("a", "{title: x}", "autonomy: auto\ncheck: [{name: c, timeout: 3m, exec: [look, \"${{ target }}\"]}]\ndeadline: 1h\n"+mends)},
			[]string{"1.yaml:5:9: one check may take 3m"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := fstest.MapFS{"project.yaml": {Data: []byte(c.files[0])}}
			for i, text := range c.files[1:] {
				folder[textual(i+1)+".yaml"] = &fstest.MapFile{Data: []byte(text)}
			}
			set, err := LoadFS(folder, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := set.Warnings()
			if len(got) != len(c.want) {
				t.Fatalf("got %d:\n%v", len(got), got)
			}
			for i, want := range c.want {
				if !strings.HasPrefix(got[i].String(), want) {
					t.Errorf("got %s, want %s", got[i], want)
				}
			}
		})
	}
}
