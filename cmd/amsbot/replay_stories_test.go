package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"amsbot/bot"
	"amsbot/bot/admin"
	"amsbot/scenarios"
	"amsbot/store"
)

// storiesIn is where package bot keeps them.
const storiesIn = "../../bot/testdata/stories"

// story is a history as a running amsbot wrote it.
func story(t *testing.T, name string) []store.Event {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(storiesIn, name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var events []store.Event
	for d := json.NewDecoder(bytes.NewReader(data)); d.More(); {
		var e store.Event
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

// retold is a scenario that says what the one of a recorded story said, as far as
// its history tells.
func retold(t *testing.T, events []store.Event, run bot.Past) *scenarios.Set {
	t.Helper()
	text := `name: web-down
when: {service: shop-web, title: '/^Health check/'}
target: ${{ alert.details.host }}
check: [{name: health, http: {url: "http://${{ alert.details.address }}/healthz", expect: {status: 200}}, timeout: 2s}]
`
	if run.Autonomy != "" {
		text += "autonomy: " + string(run.Autonomy) + "\n"
	}
	for _, e := range events {
		var m struct{ Recover, Gather []string }
		if e.Kind == "matched" && e.Into(&m) == nil && len(m.Recover) > 0 && !strings.Contains(text, "recover:") {
			text += "recover: [{name: restart, http: {method: POST, url: \"http://${{ alert.details.control }}/restart\"}, timeout: 20s, idempotent: true}]\nrecheck: {settle: 1s, every: 1s, stable: 2, within: 10s}\n"
		}
		if len(m.Gather) > 0 && !strings.Contains(text, "gather:") {
			text += "gather: [{name: numbers, http: {url: \"http://${{ alert.details.control }}/disk\"}, timeout: 2s}]\n"
		}
	}
	project := "name: shop\nservices: [shop-web]\nhosts: [\"*.shop.example\"]\nfirst_line: {policy: PSHOPEP, level: 2}\nsecond_line: {policy: PSHOPEP, level: 3}\n"
	set, err := scenarios.LoadFS(fstest.MapFS{"project.yaml": {Data: []byte(project)}, "web.yaml": {Data: []byte(text)}}, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What a running amsbot really did comes out the same when it is rehearsed with a
// scenario that says what the scenario of then said. Stories of two incidents are
// replayed together, in their order.
func TestReplayOfRecordedStories(t *testing.T) {
	for name, want := range map[string]map[string]int{
		"AcknowledgedDuringTheRecovery":         {noDifference: 1},
		"AskExpiresAndHeals":                    {noDifference: 1},
		"AskRecoversAtAPersonsWord":             {noDifference: 1},
		"AutoFails":                             {noDifference: 1},
		"AutoRecovers":                          {noDifference: 1},
		"CameBack":                              {noDifference: 1, cannotTell: 1}, // the second waits for a person
		"CheckOK":                               {noDifference: 1},
		"CheckUnknown":                          {noDifference: 1},
		"DeadlineDuringTheRecovery":             {cannotTell: 2}, // it had another deadline, and a second restart
		"EndingsWithText":                       {otherPath: 1},  // it had a then of its own
		"EscalationToNobody":                    {cannotTell: 1}, // it waits for a person
		"FailedRecoveryThatHealed":              {noDifference: 1},
		"InterruptedMarkDone":                   {cannotTell: 1},
		"InterruptedRunAgain":                   {cannotTell: 1},
		"Lock":                                  {noDifference: 1, cannotTell: 1}, // nobody else holds the lock
		"Merged":                                {noDifference: 2},
		"NoScenarioFits":                        {noDifference: 1},
		"Observe":                               {noDifference: 1},
		"Override":                              {noDifference: 2}, // the cooldown holds again
		"PausedInTheMiddle":                     {cannotTell: 1},
		"Reopened":                              {noDifference: 1},
		"ResolvedByMonitoringDuringTheRecovery": {noDifference: 1},
		"TakeOver":                              {cannotTell: 1},   // it waits for a person
		"Tie":                                   {newlyMatched: 1}, // there is only one scenario now
		"Unacknowledged":                        {noDifference: 1},
	} {
		t.Run(name, func(t *testing.T) {
			events := story(t, name)
			set := retold(t, events, bot.Pasts(events)[0])
			all := []admin.Pasts{{Incident: admin.Incident{Key: events[0].Incident, First: events[0].At}, Runs: define(set, bot.Pasts(events))}}
			if _, err := os.Stat(filepath.Join(storiesIn, name+"2.jsonl")); err == nil {
				more := story(t, name+"2")
				all = append(all, admin.Pasts{Incident: admin.Incident{Key: more[0].Incident, First: more[0].At}, Runs: define(set, bot.Pasts(more))})
			}
			if text, out := replayText(t, set, all); !reflect.DeepEqual(out.Counts, want) {
				t.Errorf("%v, want %v\n%s", out.Counts, want, text)
			}
		})
	}
}
