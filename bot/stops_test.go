package bot

import (
	"context"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"amsbot/store"
)

// watchful are members of every group, who notice where they are asked from.
type watchful struct {
	strangers
	t     *testing.T
	asked *int
}

func (m watchful) InGroup(context.Context, string, string) (bool, error) {
	*m.asked++
	if stack := string(debug.Stack()); strings.Contains(stack, "store.(*DB)") {
		m.t.Errorf("Slack is asked while the store is being read or written:\n%s", stack)
	}
	return true, nil
}

// A slow Slack delays nothing but itself: while it is asked who somebody is, no
// reading of the store is open, for which a commit would have to wait.
func TestNobodyIsAskedWhileTheStoreIsRead(t *testing.T) {
	files := twoShops()
	for name, text := range files {
		if strings.HasSuffix(name, "project.yaml") {
			files[name] = text + "permissions: {view: [S0OPS], run: [S0OPS]}\n"
		}
	}
	b := loaded(t, files)
	asked := 0
	b.Members = watchful{t: t, asked: &asked}
	b.Ceiling.Run = []string{everyone}
	_, err := b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{
			pauseGuard("project:east"):        paused{Scope: "project:east", Name: "Ben"},
			breakerGuard("scenario:west/web"): breaker{Scope: "scenario:west/web", Tripped: true, Failed: 3},
			stormKeys + "scenario:west/web":   brake{Scope: "scenario:west/web", Storm: "storm:west/web:1"},
			windowGuard(1):                    window{N: 1, Scope: covered{Kind: coverProject, Project: "east"}, Until: time.Now().Add(time.Hour)},
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Home(t.Context(), "U1"); err != nil {
		t.Error(err)
	}
	for _, about := range []string{AskList, AskMaintenance, AskScenarios, AskStats} {
		if _, err := b.Ask(t.Context(), Question{User: "U1", Channel: "D1", About: about}); err != nil {
			t.Errorf("%s: %v", about, err)
		}
	}
	for _, act := range []string{DoPause, DoResume, DoMaintain, DoEndMaintenance} {
		if _, err := b.Act(t.Context(), Click{User: "U1", Channel: "D1", Act: act, Open: true}); err != nil {
			t.Errorf("%s: %v", act, err)
		}
	}
	if asked == 0 {
		t.Error("nobody was asked: it shows nothing")
	}
}

// What was read of Home earlier never takes the place of what was read later: the
// time that says so goes on when somebody sets the clock back.
func TestHomeIsDatedByAClockThatIsNotSetBack(t *testing.T) {
	h, err := loaded(t, twoShops()).Home(t.Context(), "U1")
	if err != nil {
		t.Fatal(err)
	}
	if h.Updated == h.Updated.Round(0) {
		t.Error("it is the time of day alone")
	}
}
