package bot

import (
	"strings"
	"testing"
	"time"

	"amsbot/bot/words"
	"amsbot/store"
)

// What holds all scenarios, or all of a project, is said once, and not on the line
// of each of them.
func TestScenarioListSaysAHoldOnce(t *testing.T) {
	files := twoShops()
	files["east/db.yaml"] = strings.NewReplacer("name: web", "name: db", "service: east", "service: east, urgency: high").Replace(files["east/web.yaml"])
	b := loaded(t, files)
	b.Ceiling.View = []string{everyone}
	until := time.Now().Add(time.Hour).UTC()
	_, err := b.DB.Commit(t.Context(), botStream, func(*store.View) (store.Change, error) {
		return store.Change{Guards: map[string]any{
			pauseGuard("all"):               paused{Name: "Aiko", Why: "moving <!here>"},
			pauseGuard("project:east"):      paused{Name: "Ben"},
			pauseGuard("scenario:west/web"): paused{Name: "Chie"},
			windowGuard(1):                  window{N: 1, Scope: covered{Kind: coverProject, Project: "east"}, Until: until},
			windowGuard(2):                  window{N: 2, Scope: covered{Kind: coverScenario, Project: "east", Name: "db"}, Until: until},
			windowGuard(3):                  window{N: 3, Scope: covered{Kind: coverAll}, From: until, Until: until.Add(time.Hour)},
		}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string]string{
		"en": `*paused (all) by Aiko (moving &lt;!here&gt;)*
*east*
*paused (project:east) by Ben*
*under maintenance until TIME*
• *db* · asks before it recovers · checks health; recovers by first, pause, second · not used yet · *under maintenance until TIME*
• *web* · asks before it recovers · checks health; recovers by first, pause, second · not used yet
*west*
• *web* · asks before it recovers · checks health; recovers by first, pause, second · not used yet · *paused (scenario:west/web) by Chie*`,
		"ja": `*一時停止中: all（Aiko） (moving &lt;!here&gt;)*
*east*
*一時停止中: project:east（Ben）*
*メンテナンス中、TIME まで*
• *db* · 指示後に復旧対応 · 動作確認: health、復旧対応: first, pause, second · 未使用 · *メンテナンス中、TIME まで*
• *web* · 指示後に復旧対応 · 動作確認: health、復旧対応: first, pause, second · 未使用
*west*
• *web* · 指示後に復旧対応 · 動作確認: health、復旧対応: first, pause, second · 未使用 · *一時停止中: scenario:west/web（Chie）*`,
	} {
		b.Language = lang
		a, err := b.Ask(t.Context(), Question{User: "U1", Channel: "D1", About: AskScenarios})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(a.Text, moment(until, words.In(lang)), "TIME"); got != want {
			t.Errorf("%s: got\n%s", lang, got)
		}
	}
}
