package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"amsbot/bot/outbox"
	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/scenarios/secret"
	"amsbot/store"
)

// folder is a set of these files.
func folder(t *testing.T, files map[string]string) *scenarios.Set {
	t.Helper()
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := scenarios.LoadFS(all, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// twoShops are two projects with a scenario each.
func twoShops() map[string]string {
	files := map[string]string{}
	for _, name := range []string{"east", "west"} {
		files[name+"/project.yaml"] = "name: " + name + "\nservices: [" + name + "]\nchannel: '#" + name + "'\n"
		files[name+"/web.yaml"] = strings.Replace(strings.Replace(responding, "AUTONOMY", "ask", 1), "service: web", "service: "+name, 1)
	}
	return files
}

// loaded is a Bot with these files, on a store of its own.
func loaded(t *testing.T, files map[string]string) *Bot {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "amsbot.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(db.Verify(context.Background(), botStream), db.Close()); err != nil && !errors.Is(err, store.ErrNoIncident) {
			t.Error(err)
		}
	})
	n := &neighbours{}
	b, err := New(Options{DB: db, Scenarios: folder(t, files), Incidents: n, OnCalls: n, Users: n, Members: strangers{},
		Account: "shop", Self: Person{ID: "PBOT"}, Tools: scenarios.Tools{Mask: &secret.Masker{}}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// record is the stream "bot" in words, and who is told what.
func record(t *testing.T, b *Bot) string {
	t.Helper()
	events, err := b.DB.Events(t.Context(), botStream)
	if err != nil && !errors.Is(err, store.ErrNoIncident) {
		t.Fatal(err)
	}
	var out []string
	for _, e := range events {
		if x, ok := into[wanted](e); ok && e.Kind == kindWanted {
			var m MessageArgs
			decode(x.Args, &m)
			out = append(out, m.Channel+": "+m.Text)
			continue
		}
		out = append(out, e.Kind+": "+EventText(e, words.In("en")))
	}
	return strings.Join(out, "\n")
}

func wants(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.TrimSpace(strings.ReplaceAll(want, "\n\t\t", "\n")); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestReloadSaysWhatChanged(t *testing.T) {
	b := loaded(t, twoShops())
	reload := func(change func(map[string]string)) Changes {
		files := twoShops()
		change(files)
		set := folder(t, files)
		c, err := b.Reload(t.Context(), set, ReloadChange)
		if err != nil {
			t.Fatal(err)
		}
		if b.Scenarios() != set {
			t.Error("another set is in force")
		}
		return c
	}
	reload(func(map[string]string) {}) // the same: nothing is written
	reload(func(f map[string]string) { f["east/web.yaml"] += "description: changed\n" })
	c := reload(func(f map[string]string) {
		f["east/mail.yaml"] = strings.NewReplacer("name: web", "name: mail", "service: east", "title: mail").Replace(f["east/web.yaml"])
		delete(f, "west/web.yaml")
		delete(f, "west/project.yaml")
	})
	if !slices.Equal(c.GoneProjects, []string{"west"}) || len(c.NewProjects) > 0 {
		t.Errorf("%+v", c)
	}
	reload(func(f map[string]string) { f["north/project.yaml"] = "name: north\nservices: [north]\n" })
	reload(func(f map[string]string) { // in no scenario's version
		f["north/project.yaml"] = "name: north\nservices: [north]\npermissions: {run: []}\n"
	})
	wants(t, record(t, b), `
		reloaded: scenarios reloaded (change): 2 in 2 projects; new: none; changed: east/web; gone: none
		reloaded: scenarios reloaded (change): 2 in 1 project; new: east/mail; changed: east/web; gone: west/web
		reloaded: scenarios reloaded (change): 2 in 3 projects; new: west/web; changed: none; gone: east/mail
		reloaded: scenarios reloaded (change): 2 in 3 projects; new: none; changed: none; gone: none`)
}

// What a refusal says, to whom, is hostile to nobody: it is escaped, capped and
// without secrets; and a file's owner is told by the set in force.
func TestRefusalIsTold(t *testing.T) {
	b := loaded(t, twoShops())
	b.Tools.Mask.Add("hunter2-hunter2")
	var many scenarios.Problems
	for i := range 17 {
		many = append(many, scenarios.Problem{File: "west/web.yaml", Line: i + 1, Col: 1, Text: "<!channel> *bold* hunter2-hunter2 " + strings.Repeat("x", 1000)})
	}
	many = append(many, scenarios.Problem{File: "west/sub/a.yaml", Text: "y"}, scenarios.Problem{File: "new.yaml", Text: "nobody's"})
	refuse := func(problems scenarios.Problems) bool {
		news, err := b.RefuseReload(t.Context(), Refusal{Folder: "/etc/<amsbot>", Why: ReloadSignal, Problems: problems})
		if err != nil {
			t.Fatal(err)
		}
		return news
	}
	if !refuse(many) || refuse(many) {
		t.Error("it is news once")
	}
	if got := record(t, b); strings.Contains(got, "hunter2") || len(got) > 8000 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	long := "<!channel> *bold* [redacted] " + strings.Repeat("x", 300)
	texts := record(t, b)
	texts = texts[strings.Index(texts, "\n")+1:]
	var want []string
	for i := range 5 {
		want = append(want, "• "+plain(cut(fmt.Sprintf("west/web.yaml:%d:1: %s", i+1, long), 300), 300))
	}
	wants(t, texts, "#west: *The changed scenarios of /etc/&lt;amsbot&gt; are refused.* Those of before stay in force.\n"+
		strings.Join(want, "\n")+"\n… and 14 more; `amsbot lint` shows all.")

	// Other mistakes, of the other project: it is told, too, and both of the end.
	refuse(scenarios.Problems{{File: "east/web.yaml", Line: 1, Text: "z"}})
	if _, err := b.Reload(t.Context(), b.Scenarios(), ReloadChange); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(record(t, b), "\n")
	wants(t, strings.Join(lines[len(lines)-6:], "\n"), `
		reload_refused: scenarios refused (signal): 1 problem: east/web.yaml:1: z
		#east: *The changed scenarios of /etc/&lt;amsbot&gt; are refused.* Those of before stay in force.
		• east/web.yaml:1: z
		reloaded: scenarios reloaded (change): 2 in 2 projects; new: none; changed: none; gone: none
		#east: The scenarios of /etc/&lt;amsbot&gt; have no mistakes any more: they are in force as they are written now.
		#west: The scenarios of /etc/&lt;amsbot&gt; have no mistakes any more: they are in force as they are written now.`)
}

// The largest refusal and the largest reload fit the store.
func TestLargeReloadFits(t *testing.T) {
	files := map[string]string{}
	var all scenarios.Problems
	for i := range 300 {
		name := fmt.Sprintf("p%d", i)
		files[name+"/project.yaml"] = "name: " + name + "\nservices: [" + name + "]\nchannel: '#" + name + "'\n"
		files[name+"/web.yaml"] = strings.Replace(strings.Replace(responding, "AUTONOMY", "ask", 1), "service: web", "service: "+name, 1)
		for line := range 20 {
			all = append(all, scenarios.Problem{File: name + "/web.yaml", Line: line, Text: strings.Repeat("\u2028<", 500)})
		}
	}
	b := loaded(t, files)
	if news, err := b.RefuseReload(t.Context(), Refusal{Folder: strings.Repeat("/x", 2000), Why: ReloadChange, Problems: all}); err != nil || !news {
		t.Fatal(news, err)
	}
	if _, err := b.Reload(t.Context(), folder(t, twoShops()), ReloadChange); err != nil {
		t.Fatal(err)
	}
}

// A message of amsbot's own is settled in the stream "bot", once, however often
// it is answered, and moves no incident on.
func TestRecordOfOwnMessages(t *testing.T) {
	b := loaded(t, twoShops())
	for i := range 3 {
		if _, err := b.RefuseReload(t.Context(), Refusal{Folder: "d", Problems: scenarios.Problems{{File: "east/web.yaml", Line: i, Text: "x"}}}); err != nil {
			t.Fatal(err)
		}
	}
	acts, err := b.DB.Acts(t.Context())
	if err != nil || len(acts) != 3 {
		t.Fatal(acts, err)
	}
	for i, states := range [][]outbox.State{{outbox.Unknown, outbox.Done, outbox.Done}, {outbox.Refused, outbox.Done}, {outbox.Unknown}} {
		act := outbox.Act{Incident: botStream, Seq: acts[i].Event.Seq, To: ToSlack, Kind: ActPost, By: amsbot}
		for _, state := range states {
			if err := b.Record(t.Context(), act, outbox.Result{State: state}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var kinds []string
	events, err := b.DB.Events(t.Context(), botStream)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events[6:] {
		s, _ := into[settled](e)
		kinds = append(kinds, fmt.Sprint(e.Kind, " ", s.Wanted))
	}
	wants(t, strings.Join(kinds, ", "), "unknown 2, done 2, failed 4, unknown 6")
	left, err := b.DB.Acts(t.Context())
	if err != nil || len(left) != 1 || left[0].Event.Seq != 6 {
		t.Errorf("%v %v", left, err)
	}
	if all, err := b.DB.Incidents(t.Context(), store.Filter{}); err != nil || len(all) > 0 || len(b.lanes) > 0 {
		t.Errorf("%v %v %v", all, err, b.lanes)
	}
}

// A version that no set has any more is kept while it is asked for.
func TestOldVersionsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := loaded(t, twoShops())
		var versions []string
		for _, s := range b.Scenarios().Scenarios {
			versions = append(versions, s.Version)
		}
		files := twoShops()
		for range 3 {
			time.Sleep(50 * time.Minute)
			b.pinnedNow(versions[0])
			files["east/project.yaml"] += "# again\n"
			files["west/project.yaml"] += "# again\n"
			if _, err := b.Reload(t.Context(), folder(t, files), ReloadChange); err != nil {
				t.Fatal(err)
			}
		}
		_, first := b.pinned[versions[0]]
		_, second := b.pinned[versions[1]]
		if !first || second {
			t.Errorf("the one that is used is kept: %v, the other: %v", first, second)
		}
		for _, s := range b.Scenarios().Scenarios {
			if sc, known := b.pinnedNow(s.Version); !known || sc != s {
				t.Errorf("%s of the set in force is not kept", s.Name)
			}
		}
	})
}

// Where a project is gone nobody may do anything: the ceiling alone would give
// more than the project did.
func TestNobodyMayInAProjectThatIsGone(t *testing.T) {
	b := loaded(t, twoShops())
	b.Ceiling = scenarios.Permissions{View: []string{everyone}, Run: []string{everyone}, Resolve: []string{everyone}, Resume: []string{everyone}, Override: []string{everyone}}
	w := words.In("en")
	for name, want := range map[string]bool{"east": true, "gone": false, "": false} {
		may := b.may(t.Context(), &projectView{Name: name}, "U0AIKO0001")
		for _, act := range []string{DoTake, DoRecover, DoEscalate, DoResolve, DoNote, DoPause, DoResume, doOverride, AskShow} {
			if may.can(act) != want {
				t.Errorf("%q: %s: %v", name, act, !want)
			}
			if who := may.who(act, w); (who == w.Say("everyone")) != want {
				t.Errorf("%q: %s: %s", name, act, who)
			}
		}
	}
}
