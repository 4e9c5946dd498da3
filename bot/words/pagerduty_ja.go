package words

// pagerdutyJA are the texts that bot/pagerduty says itself: why an act could not
// be done, or did not have to be.
var pagerdutyJA = map[string]string{
	"pagerduty.reference": "amsbot の参照番号: %s", // the last line of a note

	"pagerduty.untried":   "実行していません。",
	"pagerduty.malformed": "amsbot から PagerDuty への要求の形式に誤りがありました。",
	"pagerduty.no_id":     "PagerDuty の ID がありません。",
	"pagerduty.no_email":  "PagerDuty で照合できるメールアドレスがありません。",

	"pagerduty.merged":       "%s に統合されています。",
	"pagerduty.resolved":     "すでに解決済みです。",
	"pagerduty.resolved.by":  "すでに %s が解決にしています。",
	"pagerduty.acknowledged": "%s が対応中です。",
	"pagerduty.assigned":     "担当は %s です。",
	"pagerduty.unassigned":   "担当者がいません。",
	"pagerduty.uncovered":    "動作確認の対象外のアラートが残っています: %s。",
	"pagerduty.and":          "%s、%s",
	"pagerduty.nobody":       "なし",
	"pagerduty.somebody":     "不明",

	"pagerduty.neither":         "%s予備の連絡先にも送れません: %s",
	"pagerduty.nobody_at":       "%s に当番がいません。",
	"pagerduty.nobody_there":    "当番がいません。",
	"pagerduty.level":           "レベル %d",
	"pagerduty.level_of":        "%[2]s のレベル %[1]d",
	"pagerduty.target":          "エスカレーション先",
	"pagerduty.level_unknown":   "現在のレベルが分かりません。",
	"pagerduty.level_last":      "すでにエスカレーションポリシーの最後のレベルです。",
	"pagerduty.no_escalation":   "PagerDuty がエスカレーションを受け付けません: %s。",
	"pagerduty.no_level":        "該当するレベルがありません",
	"pagerduty.no_assignee":     "エスカレーション先のユーザーが PagerDuty にいません。",
	"pagerduty.no_policy":       "エスカレーションポリシー %s がありません。",
	"pagerduty.no_policy_of_it": "インシデントのエスカレーションポリシーがありません。",
	"pagerduty.no_target":       "エスカレーション先が指定されていません。",
	"pagerduty.no_user":         "PagerDuty にユーザー %s がいません。",

	"pagerduty.limit":         "PagerDuty のレート制限に達しました。",
	"pagerduty.requester":     "操作を行うユーザーが PagerDuty にいません。",
	"pagerduty.unauthorized":  "PagerDuty 上で、このユーザーにはその操作の権限がありません。",
	"pagerduty.gone":          "PagerDuty に存在しません（または削除されました）。",
	"pagerduty.token":         "PagerDuty が amsbot のトークンを拒否しました: %s。",
	"pagerduty.no_permission": "権限なし",
	"pagerduty.refused":       "PagerDuty が拒否しました: %s。",
	"pagerduty.address":       "PagerDuty のアドレスが転送されています。pagerduty.api_url の設定を確認してください。",
	"pagerduty.fault":         "PagerDuty 側で障害が発生しています（ステータス %d）。",
	"pagerduty.unreached":     "PagerDuty に接続できません。",
	"pagerduty.unread":        "PagerDuty の応答を読み取れませんでした。",
	"pagerduty.silent":        "PagerDuty が応答しませんでした。",
	"pagerduty.unasked":       "PagerDuty に問い合わせできませんでした。",
	"pagerduty.unsaid":        "PagerDuty の応答から結果を確認できません。",
}

// outboxJA are the texts about what bot/outbox, which says nothing itself, could
// not deliver.
var outboxJA = map[string]string{
	"outbox.unread":  "操作の記録を読み取れません。",
	"outbox.nowhere": "送信先がありません。",
	"outbox.inside":  "応答がありませんでした。amsbot 内部のエラーです。",
}
