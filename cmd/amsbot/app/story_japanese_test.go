package app_test

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// inJapanese is the shop with one scenario, for a team in Tokyo.
func inJapanese(scenario string) map[string]string {
	files := one(scenario)
	files["project.yaml"] = project + "language: ja\ntime_zone: Asia/Tokyo\n"
	return files
}

// A project that speaks Japanese: everything that anybody reads in its channel and
// in PagerDuty is Japanese, but for what is code: verdicts, names, outputs and the
// reasons of steps.
func TestJapaneseRecovery(t *testing.T) {
	story(t, inJapanese(web(gatherMetrics)), func(s *stage) {
		s.down()
		s.until("recovery is offered", s.offered("復旧対応を実行"))
		s.settle()
		s.press(dan, "復旧対応を実行")
		if got, want := s.confirm("復旧対応を実行"), "復旧対応 web-down を実行しますか？"; !strings.Contains(got, want) {
			t.Errorf("the confirm is %q", got)
		}
		s.press(aiko, "復旧対応を実行")
		s.says("担当者の指示で復旧")
		s.settle()
		s.ams(aiko, "lsit")
		s.ams(aiko, "list")
		s.amsIn(s.dm(aiko), aiko, "list")
		s.settle()
		s.slack(`
			card: #1 Health check of web-1 failed: 担当者の指示で復旧
			reply: *動作確認: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *情報取得* / OK numbers · status 200 · {"quota_bytes":4194304,"used_bytes":1677721,"used_percent":40}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / NG: status 500, expected 200 / 復旧対応の実行を待っています。
			only dan: ここで「復旧対応を実行」を行う権限がありません。権限がある人: <!subteam^S0SHOPOPS1>, <@U0CHIE0001>。
			reply: Aiko Tanaka さんが復旧対応を指示しました。
			reply: *動作確認: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			reply: *復旧対応: OK* / OK restart · status 200 · {"done":"restart"}
			reply: *復旧確認: OK* / OK health · status 200 · ok
			reply: 復旧対応が成功しました。復旧確認は OK です。
			only aiko: ` + "`lsit` はありません。 `/ams list` ではありませんか？" + `
			only aiko: 未解決のインシデントはありません。`)
		s.heard(s.dm(aiko), `only aiko: No incident is open.`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			aiko: resolved -> 200
			amsbot: note amsbot: 担当者の指示で復旧 -> 200`)
		s.same("The notes", s.notes(), `
			amsbot: amsbot: 担当者の指示で復旧 / 復旧対応が成功しました。復旧確認は OK です。 / シナリオ web-down、対象 web-1.shop.example（…） / 動作確認: NG (1 件中 0 件 OK) /   NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"} / 復旧対応: OK (1 件中 1 件 OK) /   OK restart · status 200 · {"done":"restart"} / 復旧確認: OK (1 件中 1 件 OK) /   OK health · status 200 · ok / amsbot の参照番号: …`)
		s.is("resolved")
		s.recoveries(1)
	})
}

// No scenario fits: handed over, in the words of the trade.
func TestJapaneseHandedOver(t *testing.T) {
	story(t, inJapanese(web()), func(s *stage) {
		s.raise("ディスク使用率が 90 % を超えました", nil)
		s.says("一次対応へ引き継ぎ")
		s.settle()
		s.ams(aiko, "why 1")
		s.press(aiko, "引き受ける")
		s.settle()
		s.slack(`
			card: #1 ディスク使用率が 90 % を超えました: 一次対応へ引き継ぎ: 該当するシナリオがありません
			broadcast: <@U0AIKO0001> *#1* ディスク使用率が 90 % を超えました / 該当するシナリオがありません。 / 対応をお願いします。
			only aiko: 該当するシナリオがありません。 / • web-down 非該当: title: "ディスク使用率が 90 % を超えました" は /^Health check/ に一致しません
			reply: Aiko Tanaka さんが引き受けました。`)
		s.pagerduty(`
			amsbot: level 2 -> 200
			amsbot: note amsbot: 一次対応へ引き継ぎ -> 200
			aiko: acknowledged -> 200`)
		s.allJapanese(written...)
	})
}

// A hold names its end in the project's zone, where nothing can show each reader
// their own: in the thread, and in PagerDuty's note.
func TestJapaneseMaintenance(t *testing.T) {
	story(t, inJapanese(web("autonomy: auto")), func(s *stage) {
		s.ams(aiko, "maintenance service shop-web 30m ラック移設")
		s.down()
		s.says("復旧対応を保留")
		s.settle()
		s.same("Slack", timeless(s.slackLines()), `
			message: Aiko Tanaka さんがメンテナンスを設定しました: shop のサービス shop-web、TIME まで (ラック移設)。終了まで（または '/ams maintenance end 1' まで）、対象は動作確認と報告だけを行い、復旧対応は行いません。
			card: #1 Health check of web-1 failed: 復旧対応を保留 · NG: status 500, expected 200
			reply: *動作確認: NG* / NG health · status 500, expected 200 · {"error":"database pool exhausted","status":"error"}
			broadcast: <@U0AIKO0001> *#1* Health check of web-1 failed / 復旧対応を保留しています: メンテナンス中: shop のサービス shop-web、2000-01-01 09:30 JST まで（Aiko Tanaka (ラック移設)）。終了後に再開します（ “/ams maintenance end 1” で早期終了） / メンテナンス中の対応は担当者にお任せします。終了後に amsbot が再確認します。`)
		if got := s.notes(); !regexp.MustCompile(`2000-01-01 09:3\d JST まで`).MatchString(got) {
			t.Errorf("the note is %q", got)
		}
		s.allJapanese(written...)
		s.pass(time.Second)
	})
}
