package words

// answerJA are answers to what people do and ask.
var answerJA = map[string]string{
	"act.take":        "引き受ける",
	"act.recover":     "復旧対応を実行",
	"act.escalate":    "エスカレーション",
	"act.resolve":     "解決にする",
	"act.check":       "動作確認をやり直す",
	"act.note":        "メモを追加",
	"act.again":       "再実行",
	"act.mark_done":   "対応完了を報告",
	"act.recover_all": "すべてを復旧対応",
	"act.pause":       "一時停止",
	"act.resume":      "再開",

	"accepted.take":        "%s さんが引き受けました。",
	"accepted.recover":     "%s さんが復旧対応を指示しました。",
	"accepted.escalate":    "%s さんが次のレベルへエスカレーションしました。",
	"accepted.resolve":     "%s さんが解決にしました。",
	"accepted.check":       "%s さんが動作確認のやり直しを指示しました。",
	"accepted.note":        "%s さんがメモを追加しました。",
	"accepted.recover_all": "%s さんがすべての復旧対応を指示しました。",
	"accepted.again":       "%s さんが復旧対応の再実行を指示しました。",
	"accepted.mark_done":   "%s さんが復旧対応の完了を報告しました。",
	"accepted.override":    "（次の制限を超えて実行: %s）。",

	"refused.over": "すでに終了しています（%s）。",

	"refused.forgotten":  "保存期間を過ぎたため、履歴は削除されています。",
	"refused.permission": "ここで「%s」を行う権限がありません。権限がある人: %s。",
	"refused.view":       "閲覧権限のないプロジェクトのインシデントです。",
	"refused.user":       "この操作は PagerDuty 上であなたの名前で行われますが、Slack と同じメールアドレスの PagerDuty ユーザーが見つかりません。amsbot の管理者に PagerDuty への登録を依頼するか、「エスカレーション」を押してください。",
	"refused.pagerduty":  "PagerDuty が応答しないため、PagerDuty 上のあなたのユーザーを確認できません。何も実行していません。1 分ほどおいて押し直すか、PagerDuty で操作してください。",
	"refused.override":   "%s により保留中です。あなたには制限を超えて実行する権限がありません。権限がある人: %s。",
	"refused.guard":      "%s により保留中です。最新のカードのボタンから、制限を超えて実行するか選べます。",
	"refused.yours":      "「%s」は %s 前に実行済みです。",
	"refused.twice":      "「%s」は受け付け済みです。もう一度押す必要はありません。",
	"refused.first":      "先に %s さんが「%s」を実行しています。",
	"refused.held":       "実行されません: %s。",
	"refused.taken":      "%s さんがすでに対応中です。",
	"refused.expired":    "復旧対応の実行期限が過ぎています。「動作確認をやり直す」から再開できます。",
	"refused.closed":     "「%s」は現在できません。できる操作はカードに表示されています。",

	"everyone": "全員",
	"nobody":   "未設定（amsbot.yaml または project.yaml の `permissions` で指定）",
	"none":     "なし",

	"nobody.gone": "なし（プロジェクトが設定から削除されています。PagerDuty で操作するか、project.yaml を戻してください）",

	"find.which":    "どのインシデントですか？ 未解決: %s。番号または `last` で指定してください。",
	"find.never":    "インシデントはまだありません。",
	"find.none":     "インシデント %s はここにありません。未解決: %s。",
	"scope.which":   "「%s」の対象を指定してください。このチャンネルはどのプロジェクトにも属していません: `all` 、 `project:NAME` 、 `scenario:PROJECT/NAME` のいずれか",
	"scope.unknown": "%s %s はここにありません。 `all` 、 `project:NAME` 、 `scenario:PROJECT/NAME` のいずれかで指定してください。",

	"down.name.slack":     "Slack",
	"down.name.pagerduty": "PagerDuty",
	"down.since":          "%s が %s から応答していません",
	"down.alone":          "%s。",
	"down.wait":           "%s。送信待ち: %s。",
	"down.and":            "、",
	"down.cards":          "カード %d 件",
	"down.messages":       "メッセージ %d 件",
	"down.acts":           "操作 %d 件",

	"list.none":    "未解決のインシデントはありません。",
	"list.head":    "*未解決 %d 件*",
	"list.more":    "… ほか %d 件、 `/ams show NUMBER` で確認できます: %s",
	"list.holder":  "担当: %s",
	"list.paused":  "一時停止中: %[1]s（%[2]s）。 “/ams resume %[1]s” で解除",
	"list.storm":   "多発: %s。各インシデントの復旧対応は保留中、専用カードでまとめて判断できます",
	"list.breaker": "ブレーカー: %[1]s は復旧対応が %[2]d 回連続で失敗（最後は #%[3]d）したため承認制です。 “/ams resume %[1]s” で解除",

	"paused.done":     "%s さんが %s を一時停止しました。 “/ams resume %s” まで復旧対応は保留します。引き継ぎとエスカレーションは続きます。",
	"paused.already":  "%s はすでに %s さんが一時停止しています。 “/ams resume %[1]s” で解除できます。",
	"resumed.done":    "%s さんが %s を再開しました。",
	"resumed.breaker": "ブレーカーを解除しました。自動復旧のシナリオは再び自動で復旧します。",
	"resumed.already": "%s は一時停止していません。",
	"resumed.still":   "引き続き一時停止中: %[1]s（%[2]s）。 “/ams resume %[1]s” で解除",

	"why.none": "シナリオはまだ選定されていません。",
	"why.head": "シナリオ *%s* を選定しました。対象: %s",
	"why.yes":  "• *%s* 該当: %s",
	"why.no":   "• %s 非該当: %s",

	"help": "*/ams* はすべてのインシデントの一次対応を自動で行います。人の判断が必要なものは、ここで操作できます。\n" +
		"`/ams list` 未解決の一覧 · `/ams show 12` カード · `/ams why 12` シナリオの選定理由 · `/ams history 12` 全履歴\n" +
		"`/ams take 12` 引き受ける · `/ams recover 12` 復旧対応 · `/ams check 12` 動作確認 · `/ams escalate 12` エスカレーション · `/ams resolve 12` 解決 · `/ams note 12 text` メモ\n" +
		"`/ams pause [all | project:NAME | scenario:PROJECT/NAME] [理由]` 一時停止 · `/ams resume [同左]` 再開\n" +
		"`/ams maintenance` メンテナンスの一覧 · `/ams maintenance service NAME 2h 理由` 設定 · `/ams maintenance end NUMBER` 終了\n" +
		"インシデントは番号、PagerDuty の ID、 `last` のいずれかで指定します。 `show` と `why` は省略すると最新の 1 件です。",
}
