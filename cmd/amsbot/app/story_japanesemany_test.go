package app_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"amsbot/cmd/amsbot/app"
)

// speaksJapanese has amsbot itself speak Japanese, too: on Home and in direct
// messages.
func speaksJapanese(c *app.Config) { c.Language = "ja" }

// written is what stands in these stories as it was written elsewhere.
var written = []string{"shop-web web-down scenario:shop/web-down web-1.shop.example health restart GET POST http time address control environment host", "Health check of web failed", "Queue is stuck",
	`status 500, expected 200 {"error":"database pool exhausted"} {"done":"restart"} ok`, "Aiko Tanaka", "Ben Brook", "Chie Mori", "Dan Weber",
	"incident.triggered incident.acknowledged incident.escalated incident.resolved", // as PagerDuty calls it
	`service: "shop-queue"; title: "…" /^Health check/`}                             // of what scenarios want
// stormSays waits until the storm's card says something.
func (s *stage) stormSays(text string) {
	s.Helper()
	s.until("the storm's card says "+text, func() bool {
		return slices.ContainsFunc(strings.Split(s.slackLines(), "\n"), func(l string) bool {
			return strings.HasPrefix(l, "card: 多発: ") && strings.Contains(l, text)
		})
	})
}

// A storm in Japanese: the brake, who may not decide, one machine first, and its end.
func TestJapaneseStorm(t *testing.T) {
	story(t, inJapanese(web("autonomy: auto", brakes("storm: 3 per 5m"))), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(chie))
		s.onEach(4)
		s.stormSays("待ち 4 件")
		s.settle()
		s.recoveries(0)
		all := "4 件すべてを復旧対応"
		if got, want := s.confirm(all), "web-4.shop.example"; !strings.Contains(got, want) {
			t.Errorf("the confirm is %q", got)
		}
		for _, text := range []string{"list", "scenarios", "stats", "show 2", "why 2", "history 2", "maintenance", "help recover"} {
			s.ams(ben, text)
		}
		s.press(aiko, all) // may run, but not override
		s.ams(chie, "recover storm")
		s.settle()
		s.recoveries(1)
		s.ams(ben, "history 1")
		s.ams(chie, "recover storm")
		s.pass(6 * time.Minute)
		s.stormSays("多発は収束しました")
		s.settle()
		s.saidOnce("broadcast: <@U0AIKO0001> *多発: web-down* 多数の対象で同時に障害が起きています（待ち 4 件）。",
			"only aiko: ここで「すべてを復旧対応」を行う権限がありません。権限がある人: <@U0CHIE0001>。",
			"only chie: *多発: web-down（4 件）* Chie Mori さんが続行を指示しました（4 件、まず 1 件）。",
			"reply: 完了: 4 件が復旧しました。", "only chie: ここで判断を待っている多発はありません。")
		s.allJapanese(written...)
	}, unhurried, configured(speaksJapanese))
}

// The first machine does not come back, and where it takes two people: asked for,
// approved, stopped.
func TestJapaneseStormOfTwo(t *testing.T) {
	files := inJapanese(web("approval: {expires: 30m, second_person: true}", brakes("storm: 2 per 5m")))
	story(t, files, func(s *stage) {
		s.onEach(3)
		s.ail("stubborn")
		s.stormSays("待ち 3 件")
		s.settle()
		s.press(chie, "3 件すべてを復旧対応")
		s.until("somebody may approve it", s.offered("承認"))
		s.press(chie, "承認")
		s.ams(chie, "approve storm")
		s.ams(ben, "approve storm")
		s.stormSays("停止: #1 が復旧しませんでした")
		s.settle()
		s.recoveries(1)
		s.saidOnce("reply: Ben Brook さんが承認しました。Chie Mori さんが申請した復旧対応を始めます（3 件、まず 1 件）。",
			"停止: #1 web-1.shop.example が復旧しませんでした。待ちは 2 件です。")
		s.allJapanese(written...)
	}, unhurried, configured(speaksJapanese))
}

// A crowded channel in Japanese: the index, the card of a group, a press on all of
// it, the same by word, a card on demand, and the calm.
func TestJapaneseCrowd(t *testing.T) {
	story(t, inJapanese(web()), func(s *stage) {
		s.must(s.sim.Slack.OpenHome(ben))
		s.flood(1, 40, time.Second)
		s.indexSays("インシデント多発: 40 件")
		take := "38 件まとめて引き受ける"
		s.until("the group card stands", func() bool {
			all := s.groupCards()
			return len(all) == 1 && slices.Contains(labels(elements(all[0])), take)
		})
		m := s.groupCards()[0]
		s.click(ben, take, m)
		s.until("Ben has them", func() bool { return len(s.assigned(benPD)) == 38 })
		s.click(aiko, take, m)
		s.click(dan, "38 件をエスカレーション", m)
		s.ams(aiko, "take 1-3 50")
		s.ams(aiko, "resolve 1 2")
		s.ams(aiko, "escalate 9-8")
		s.ams(aiko, "take 1-9999")
		s.ams(aiko, "escalate 1 2 号機も停止")
		s.chooses(dan, s.choice("#30 "))
		s.ams(ben, "list")
		s.indexSays("落ち着きました")
		s.settle()
		s.saidOnce("only ben: 引き受け: 38 件（#3–#40）。", "message: Ben Brook さんが 38 件を引き受けました: #3–#40。",
			"only aiko: 未実行（#3–#40）: ", "only aiko: 引き受け: 2 件（#1, #2）。")
		s.allJapanese(written...)
	}, unhurried, configured(speaksJapanese))
}
