package words

// indexJA are the texts of a crowded channel: its index, and what is said for many
// incidents together.
var indexJA = map[string]string{
	"index.title":      "インシデント多発: %d 件",
	"index.title.over": "インシデント多発: %d 件（落ち着きました）",
	"index.detail": "件数が多いため、このチャンネルでは個別のカードを省略しています。一次対応はすべて通常どおり進みます。" +
		"「カードを表示」で個別のカードをすぐに表示できます。",
	"index.detail.over":    "未解決のインシデントは、順に個別のカードを表示します。",
	"index.person":         "要対応（%d）",
	"index.acting":         "復旧対応中（%d）",
	"index.checking":       "動作確認中（%d）",
	"index.good":           "正常・未解決（%d）",
	"index.over":           "終了（%d）",
	"index.count.person":   "要対応 %d 件",
	"index.count.acting":   "復旧対応中 %d 件",
	"index.count.checking": "動作確認中 %d 件",
	"index.count.good":     "正常・未解決 %d 件",
	"index.count.over":     "終了 %d 件",
	"index.services":       "ほか %d サービス",
	"index.services.more":  "“/ams list” で未解決の一覧を確認できます。",
	"index.page":           "番号順の一覧（%d ページ目）",
	"index.unsaid":         "インシデント多発中のため、カードに書けませんでした。全文は “amsbot history %d” で確認できます。",

	"event.crowd":      "チャンネル %s はインシデント多発中: 待ちのカードを一覧にまとめます",
	"event.crowd.over": "チャンネル %s は落ち着きました",

	"act.show_card":      "カードを表示",
	"accepted.show_card": "%s さんがカードを表示しました。",
	"refused.card":       "#%d のカードはすでにあります。",
}
