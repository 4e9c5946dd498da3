package bot

import (
	"context"
	"slices"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/scenarios"
	"amsbot/store"
)

// meanwhile are members of every group; whoever is asked about one has something
// else happen before the answer is there.
type meanwhile struct {
	strangers
	happens func()
}

func (m *meanwhile) InGroup(context.Context, string, string) (bool, error) {
	if happens := m.happens; happens != nil {
		m.happens = nil
		happens()
	}
	return true, nil
}

// What somebody may is asked before the commit. Where the incident is matched into
// another project meanwhile, what they may in the first one lets them do nothing.
func TestClickWhileTheProjectChanges(t *testing.T) {
	for name, c := range map[string]struct {
		act   string
		moves bool
	}{
		"a note, the project stays": {DoNote, false}, "a note, the project changes": {DoNote, true},
		"all acts, the project stays": {DoChoose, false}, "all acts, the project changes": {DoChoose, true},
	} {
		t.Run(name, func(t *testing.T) {
			files := twoShops()
			files["east/project.yaml"] += "permissions: {view: [S0EAST]}\n"
			files["west/project.yaml"] += "permissions: {view: [UWEST]}\n"
			b := loaded(t, files)
			key := b.Key("Q1")
			write := func(kind string, data any) {
				t.Helper()
				if _, err := b.commit(t.Context(), key, func(c *change) error { c.write(kind, amsbot, data); return nil }); err != nil {
					t.Fatal(err)
				}
			}
			write(kindReceived, received{Hint: Hint{ID: "Q1", Status: "triggered"}, Project: &projectView{Name: "east"}})
			members := &meanwhile{}
			b.Members = members
			find, asked := Click{User: "U1", Channel: "D1", Incident: key, Act: c.act, Text: "hello"}, 0
			members.happens = func() { // once to find it, once to act
				asked++
				members.happens = func() {
					if asked++; c.moves {
						write(kindUnmatched, unmatched{Project: projectView{Name: "west"}})
					}
				}
			}
			a, err := b.Act(t.Context(), find)
			if err != nil || (a.Done || a.Form != nil) == c.moves || asked != 2 {
				t.Errorf("%+v, %v, asked %d times", a, err, asked)
			}
		})
	}
}

// A storm's decision goes on with an incident for which somebody had asked for a
// recovery of its own: they are told that it is not waited for any more.
func TestStormTakesWhatWaitsForApproval(t *testing.T) {
	b := loaded(t, twoShops())
	sc := b.Scenarios().Scenarios[0]
	b.pinNow(sc.Version, sc)
	key := b.Key("Q1")
	_, err := b.commit(t.Context(), key, func(c *change) error {
		east := projectView{Name: "east", Channel: "#east"}
		c.write(kindReceived, amsbot, received{Hint: Hint{ID: "Q1", Status: "triggered"}, Project: &east})
		c.write(kindRead, amsbot, readDone{Snapshot: &Snapshot{Incident: scenarios.Incident{ID: "Q1", Status: "triggered"}}})
		c.write(kindRun, amsbot, runBegan{N: 1, Self: b.Self})
		c.write(kindMatched, amsbot, matched{Project: east, Scenario: sc.Name, Version: sc.Version, Target: "web-1", Recover: []string{"first"}, Second: true})
		c.write(kindHeld, amsbot, held{Pass: c.in.pass.id, Guard: guardStorm, Storm: "storm:east/web:1"})
		c.write(kindConcluded, amsbot, concluded{Pass: c.in.pass.id, Branch: branchHeld, Outcome: HeldOutcome})
		offer := c.write(kindOffered, amsbot, offered{Acts: []string{DoRecover}, Expires: c.now.Add(sc.Approval.Expires)})
		c.write(kindRequested, "Aiko", requested{clicked: clicked{Act: DoRecover, Offer: offer, User: "U1", Name: "Aiko"}, Expires: c.now.Add(sc.Approval.Expires)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &storm{key: "storm:east/web:1", click: &clicked{Act: DoAll, User: "U2", Name: "Ben", Approved: &approver{User: "U3", Name: "Chie"}}}
	if r, err := b.sendTo(t.Context(), s, &stormMember{member: member{Incident: key}, sent: 5}); err != nil || r.state != stormRuns {
		t.Fatalf("%+v, %v", r, err)
	}
	events, err := b.DB.Events(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	at := func(kind string) int {
		return slices.IndexFunc(events, func(e store.Event) bool { return e.Kind == kind })
	}
	if withdrawn, clicked := at(kindWithdrawn), at(kindClicked); withdrawn < 0 || clicked < withdrawn {
		t.Errorf("withdrawn is event %d, and the click %d", withdrawn, clicked)
	}
}

// Whoever presses Approve twice is told that it was them.
func TestStormIsApprovedTwice(t *testing.T) {
	s := newTale(t, 2)
	s.add(kindOffered, offered{Acts: []string{DoAll}})
	offer := s.fold().seq
	s.add(kindRequested, requested{clicked: clicked{Act: DoAll, Offer: offer, User: "U1", Name: "Aiko"}, Expires: s.now.Add(time.Hour)})
	request := s.fold().seq
	s.add(kindClicked, clicked{Act: DoApprove, Offer: request, User: "U2", Name: "Ben"})
	for user, want := range map[string]string{"U2": "refused.twice", "U3": "refused.first"} {
		w := words.In("en")
		c := &stormChange{storm: s.fold(), now: s.now, w: w}
		said := w.Say(want, w.Say("act."+DoApprove))
		if want == "refused.first" {
			said = w.Say(want, "Ben", w.Say("act."+DoApprove))
		}
		if why := c.notWaiting(Click{Act: DoApprove, Offer: request, User: user}); why != said {
			t.Errorf("%s is told %q, not %q", user, why, said)
		}
	}
}
