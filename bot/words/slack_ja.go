package words

// slackJA are the texts that bot/slack says itself: modals, Home, field names,
// answers to what it could not make out, and why Slack refused something.
var slackJA = map[string]string{
	// On the card.
	"slack.alert":         "アラートの内容",
	"slack.more":          "ほか %d 件はスレッドにあります",
	"slack.alert.more":    "ほか %d 件は PagerDuty にあります",
	"slack.lost":          "一部を省略しています。全文はスレッド、PagerDuty、 `/ams history` にあります。",
	"slack.open":          "PagerDuty で開く",
	"slack.confirm.title": "実行しますか？",
	"slack.confirm.text":  "インシデントに対する操作です。",
	"slack.confirm.no":    "キャンセル",

	// The app, where Slack shows what it is for.
	"manifest.about":   "PagerDuty のインシデントへの一次対応",
	"manifest.command": "インシデントと一次対応の操作",

	"manifest.shortcut":       "インシデントを操作",
	"manifest.shortcut.about": "このカードのインシデントにできる操作",

	// On the index of a crowded channel.
	"slack.index.since": "%s から",
	"slack.together":    "*対応が必要なインシデント %d 件*: %s",

	// Dialogues.
	"slack.form.send":   "送信",
	"slack.form.close":  "キャンセル",
	"slack.form.shut":   "閉じる",
	"slack.form.choose": "選択…",
	"slack.form.wait":   "お待ちください…",
	"slack.form.still":  "amsbot が処理中です。結果はここに表示します。",
	"slack.form.done":   "完了しました。",
	"slack.form.gone":   "Slack が入力画面を時間内に開けませんでした。もう一度押すか、コマンドを使ってください。一覧: `/ams help`",

	// The shortcut on a message.
	"slack.shortcut.none": "このメッセージは 1 件のインシデントのものではありません。カードか、そのスレッドのメッセージで使ってください。",

	// Answers.
	"slack.failed":        "処理できませんでした。実行されていない可能性があります。カードを確認してから、やり直してください。続く場合は amsbot の管理者に連絡してください（原因はログにあります）。",
	"slack.busy":          "amsbot が混み合っています。少し待ってからやり直してください。",
	"slack.stopping":      "amsbot を再起動しています。少し待ってからやり直してください。",
	"slack.stale":         "別の版の amsbot が出したボタンです。 `/ams show` で現在のカードを表示してください。",
	"slack.foreign":       "amsbot が所属していないワークスペースまたはアプリからの操作のため、何も実行していません。",
	"slack.mean":          "`%s` はありません。 `/ams %s` ではありませんか？",
	"slack.unknown":       "`%s` はありません。使い方: `/ams help`",
	"slack.home.unshown":  "ホームを表示できませんでした。少し待ってから開き直してください。",
	"slack.file.unread":   "出力を amsbot の保存領域から読み取れなかったため、添付していません。",
	"slack.file.refused":  "出力を添付できませんでした: %s",
	"slack.thread.nocard": "インシデントのカードがまだないため、スレッドに返信できません。",

	// Why Slack refused.
	"slack.why.channel":   "Slack に amsbot が参照できるチャンネル「%s」がありません。名前を確認するか、amsbot をチャンネルに招待してください。",
	"slack.why.invite":    "amsbot が Slack のチャンネルに参加していません。チャンネルで /invite を使って招待してください。",
	"slack.why.archived":  "Slack のチャンネルがアーカイブされています。アーカイブを解除するか、別のチャンネルを設定してください。",
	"slack.why.gone":      "Slack のメッセージが削除されたか、編集できなくなっています。",
	"slack.why.scope":     "Slack アプリに権限（スコープ） %s がありません。アプリに追加して再インストールしてください。",
	"slack.why.token":     "Slack が amsbot のトークンを受け付けません（%s）。アプリを再インストールし、新しいトークンを設定してください。",
	"slack.why.blocks":    "Slack がメッセージの形式を拒否しました（%s）。",
	"slack.why.long":      "メッセージが Slack の上限を超えています。",
	"slack.why.thread":    "Slack のスレッドが削除されています。",
	"slack.why.user":      "Slack に該当するユーザーがいないか、退会しています。",
	"slack.why.plan":      "ユーザーグループは Slack の有料プランで利用できます。",
	"slack.why.forbidden": "Slack またはチャンネルの設定により、amsbot は投稿できません（%s）。",
	"slack.why.code":      "Slack がエラー「%s」を返しました。",
	"slack.why.limit":     "Slack から送信頻度を下げるよう求められています。",
	"slack.why.down":      "Slack に接続できません。",
	"slack.why.trouble":   "Slack 側で障害が発生しています（%s）。",
	"slack.why.lost":      "Slack からの応答が届きませんでした。",
}
