package words

// groupJA are the texts of the group cards of a crowded channel.
var groupJA = map[string]string{
	"group.title":      "%d 件 × %s · %s",
	"group.title.over": "%d 件 × %s · %s: 落ち着きました",
	"group.detail":     "ボタンはここに表示中のインシデントだけに働きます。後から増えた分は、もう一度押してください。",
	"group.empty":      "それぞれのカードに分かれました",
	"group.none":       "該当シナリオなし",
	"group.stale":      "このボタンには対象のインシデントがありません。最新のカードで押してください。",
	"group.lost":       "記録できなかったため何も実行していません。もう一度押してください",

	"button.take_all":         "%d 件まとめて引き受ける",
	"button.take_all.yes":     "まとめて引き受ける",
	"button.escalate_all":     "%d 件をエスカレーション",
	"button.escalate_all.yes": "まとめてエスカレーション",

	"confirm.take_all.title":     "%d 件まとめて引き受けますか？",
	"confirm.take_all":           "あなたの名前で PagerDuty の %d 件を引き受けます: %s。",
	"confirm.escalate_all.title": "%d 件をまとめてエスカレーションしますか？",
	"confirm.escalate_all":       "次のレベルの当番を %d 件について呼び出します: %s。",

	"accepted.take_all":     "%s さんが %d 件を引き受けました: %s。",
	"accepted.escalate_all": "%s さんが %d 件を次のレベルへエスカレーションします: %s。",
	"told.take_all":         "引き受け: %d 件（%s）。",
	"told.escalate_all":     "エスカレーション: %d 件（%s）。",
	"told.not":              "未実行（%s）: %s",

	// A command on several incidents.
	"several.none":      "該当するインシデントはここにありません。未解決の一覧: `/ams list`",
	"several.lost":      "記録できなかったため何も実行していません。もう一度入力してください",
	"several.most":      "一度に指定できるのは %d 件、%d 文字までです。 `/ams %s 12-20` のように減らしてください。",
	"several.backwards": "`%d-%d` は順序が逆です。 `/ams %s %d-%d` と入力してください。",
	"several.text":      "複数のインシデントは番号だけで指定します: `/ams %s 12 14` 。1 件に理由を付けるときは、数字以外で始めてください: `/ams %s 12 計 14 台が停止` 。",
	"several.single":    "`/ams %s` は 1 件ずつ指定してください。まとめて操作できるもの: `/ams take 12 14 15` 、 `/ams escalate 12-20` 。",
}
