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
	"told.not":              "対象外: %d 件（%s）: %s",
}
