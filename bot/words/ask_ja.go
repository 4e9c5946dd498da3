package words

// askJA are the answers to /ams that are about no single act.
var askJA = map[string]string{
	"find.none":            "インシデント %s はここにありません。未解決: %s。",
	"find.more":            " ほか %d 件",
	"find.mean":            "「%s」ではありませんか？",
	"find.name":            "取り違えを防ぐため、インシデントを指定してください: `/ams %s` 。未解決:",
	"find.service.none":    "%s の未解決のインシデントはここにありません。未解決: %s。",
	"find.service.several": "未解決のインシデントが %d 件あります（%s）。番号で指定してください:",
	"note.empty":           "インシデントの後にメモを書いてください: `/ams note 1234 電源ケーブルが抜けていた`",

	"list.deaf":      "%s から PagerDuty の情報を取得できていません。表示が古い可能性があります。",
	"list.refuses":   "%s から PagerDuty が情報の取得を拒否しています。表示が古い可能性があります。amsbot の管理者は PagerDuty のトークンを確認してください。",
	"list.damaged":   "あるインシデントの記録が壊れているため、%s からその新しい情報を取り込めていません。他のインシデントは通常どおりです。amsbot の管理者は `amsbot healthcheck` で対象を確認してください。",
	"list.partly":    "%s から PagerDuty の情報の一部を取り込めていません。未解決のインシデントがすべて表示されていない可能性があります。amsbot の管理者は `amsbot healthcheck` で原因を確認してください。",
	"list.unwritten": "%s から amsbot はディスクに書き込めず、新しい情報を取り込めていません。表示が古い可能性があります。PagerDuty の呼び出しは続きます。amsbot の管理者は `amsbot healthcheck` で原因を確認してください。",

	"autonomy.check": "動作確認のみ",

	"scenarios.nowhere":     "閲覧できるプロジェクトがこのチャンネルにありません。プロジェクトのチャンネルかダイレクトメッセージで実行してください。",
	"scenarios.none":        "%s のシナリオはまだありません。",
	"scenarios.unknown":     "シナリオ「%s」はここにありません。指定できるもの: %s。",
	"scenarios.mean":        "シナリオ「%s」はここにありません。 `/ams scenarios %s` ではありませんか？",
	"scenarios.does":        "動作確認: %s、復旧対応: %s",
	"scenarios.looks":       "動作確認: %s",
	"scenarios.used":        "最終使用: #%d、%s",
	"scenarios.unused":      "未使用",
	"scenarios.paused":      "一時停止中: %s（%s）",
	"scenarios.breaker":     "ブレーカー: 復旧対応が %d 回連続で失敗したため担当者の指示が必要",
	"scenarios.storm":       "多発のため復旧対応を保留中",
	"scenarios.maintenance": "メンテナンス中、%s まで",

	"stats.head":      "*%s、直近 %s*",
	"stats.most":      "%d 件を超えるため、新しいものだけを集計しました（%s 以降）。",
	"stats.none":      "インシデントはありません。",
	"stats.count":     "インシデント *%d* 件、うち未解決 %d 件",
	"stats.alone":     "人の対応なしで完了: *%[2]d 件中 %[1]d 件（%[3]d %%）*",
	"stats.took":      "一次対応までの時間: 中央値 %s、90 パーセンタイル %s（%d 件で計測）",
	"stats.outcomes":  "結果別: %s",
	"stats.pending":   "結果なし",
	"stats.scenarios": "シナリオ別: %s",
	"stats.scenario":  "%s %d 件（人の対応なし %d 件）",
	"stats.unmatched": "該当なし",
	"stats.noise":     "ノイズとされたもの: %d 件",
	"stats.meaning": "_人の対応なし: 異常なし、または amsbot が復旧し、解決済みで、amsbot が誰も呼び出さず、誰も引き受けや操作をせず、再発しなかったもの。" +
		"未解決のものと該当シナリオのないものも母数に含みます。_",
	"stats.span": "「%s」は期間として読み取れません。 `/ams stats 7d` 、 `/ams stats 30d` 、 `/ams stats 24h` のように指定してください（最長 %s）。",

	"help": "*/ams* はすべてのインシデントの一次対応を自動で行います。人の判断が必要なものは、ここで操作できます。\n" +
		"*見る* （回答はあなただけに表示）\n" +
		"`/ams list` 未解決の一覧 · `show 1234` カード · `why 1234` シナリオの選定理由 · `history 1234` 全履歴\n" +
		"`/ams scenarios` 対応できること · `stats 30d` 実績 · `maintenance` メンテナンスの一覧\n" +
		"*操作する* （全員に表示）\n" +
		"`/ams take 1234` 引き受ける · `check 1234` 動作確認 · `recover 1234` 復旧対応 · `approve 1234` 承認 · `escalate 1234` エスカレーション · `resolve 1234` 解決 · `note 1234 text` メモ\n" +
		"復旧対応が中断したとき: `/ams again 1234` 再実行 · `done 1234` 完了を報告\n" +
		"`/ams pause` 一時停止 · `resume` 再開 · `maintenance service NAME 2h 理由` 設定 · `maintenance end NUMBER` 終了\n" +
		"インシデントは番号、PagerDuty の ID、サービス名（未解決が 1 件のとき）、 `last` （見るとき）のいずれかで指定します。 `take` と `escalate` は `take 12 14-20` のようにまとめて指定できます。個別の説明: `/ams help resolve`",

	"help.list": "`/ams list`: このチャンネルのプロジェクトの未解決を、新しい順に担当とともに表示します。応答のない連携先、一時停止、メンテナンスも表示します。" +
		"ダイレクトメッセージでは、閲覧できるすべてのプロジェクトが対象です。",
	"help.show": "`/ams show INCIDENT`: インシデントのカードをあなただけに表示します。省略すると最新の 1 件です。\n例: `/ams show 1234` 、 `/ams show shop-web`",
	"help.why":  "`/ams why INCIDENT`: シナリオの選定理由と、ほかが該当しなかった理由を表示します。省略すると最新の 1 件です。\n例: `/ams why 1234` 、 `/ams why last`",
	"help.history": "`/ams history INCIDENT`: 誰が何をし、どうなったかを時刻とともにすべて表示します。省略すると、未解決が 1 件ならそのインシデントです。\n" +
		"例: `/ams history 1234`",
	"help.scenarios": "`/ams scenarios [NAME]`: ここで対応できるシナリオの内容、復旧対応の開始方法、現在の制限、最終使用を表示します。\n" +
		"例: `/ams scenarios` 、 `/ams scenarios web`",
	"help.stats": "`/ams stats [期間]`: 件数、人の対応なしで完了した件数、結果別、シナリオ別、所要時間を表示します。省略すると 7 日間です。\n" +
		"例: `/ams stats 30d`",
	"help.take": "`/ams take INCIDENT`: 担当になります。あなたの名前で PagerDuty に応答し、amsbot は自動で何も始めなくなります。省略できるのは未解決が 1 件のときです。番号を並べるとまとめて引き受け、結果を 1 度に表示します。\n" +
		"例: `/ams take 1234` 、 `/ams take 12 14 15` 、 `/ams take 12-20`",
	"help.check": "`/ams check INCIDENT`: 動作確認をやり直します。何も変更しません。省略できるのは未解決が 1 件のときです。\n" +
		"例: `/ams check 1234`",
	"help.recover": "`/ams recover INCIDENT`: インシデントを読み直して動作確認し、まだ NG なら、カードで可能な場合に復旧対応を行います。取り違えを防ぐため番号が必要です。 `/ams recover storm` は、ここで待っている多発の「すべてを復旧対応」です。\n" +
		"2 人の判断が必要な場合は、別の人の `/ams approve` を待ちます。権限のある人は `break glass:` と理由を付けて、承認なしで実行できます。\n" +
		"例: `/ams recover 1234` 、 `/ams recover 1234 break glass: ほかに誰もいないため`",
	"help.approve": "`/ams approve INCIDENT`: 別の人が申請した復旧対応を承認します。承認すると、動作確認をしてから実行します。取り違えを防ぐため番号、多発では `storm` が必要です。\n" +
		"例: `/ams approve 1234`",
	"help.again": "`/ams again INCIDENT`: 中断した復旧対応を、動作確認をしてからもう一度実行します。取り違えを防ぐため番号が必要です。\n" +
		"例: `/ams again 1234`",
	"help.done": "`/ams done INCIDENT`: 中断した復旧対応が済んでいることを報告します。動作確認をもう一度行います。取り違えを防ぐため番号が必要です。\n" +
		"例: `/ams done 1234`",
	"help.escalate": "`/ams escalate INCIDENT [to 宛先] [理由]`: PagerDuty が次のレベル、または指定した宛先（first line、second line、level 2、氏名）を呼び出します。省略できるのは未解決が 1 件のときです。番号だけを並べると、まとめて次のレベルを呼び出します。\n" +
		"例: `/ams escalate 1234 再起動しても復旧しない` 、 `/ams escalate 1234 to second line: DB 接続が枯渇` 、 `/ams escalate 12-20`",
	"help.resolve": "`/ams resolve INCIDENT [noise] [原因]`: あなたの名前で PagerDuty で解決にし、書いた内容をメモに残します。 `noise` を付けるとノイズとして数えます。取り違えを防ぐため番号が必要です。\n" +
		"例: `/ams resolve 1234 電源ケーブルが抜けていた` 、 `/ams resolve 1234 noise: 監視の設定ミス`",
	"help.note": "`/ams note INCIDENT TEXT`: 履歴と PagerDuty にメモを追加します。本文を省略すると入力画面が開きます。\n" +
		"例: `/ams note 1234 ベンダーが対応中`",
	"help.pause": "`/ams pause [all | project NAME | scenario NAME] [理由]`: 再開まで復旧対応を保留します。動作確認と引き継ぎは続きます。自動では終わりません。終了時刻を決める場合は `/ams maintenance` を使います。省略すると入力画面が開きます。\n" +
		"例: `/ams pause リリース作業` 、 `/ams pause scenario web-down 再起動を繰り返す`",
	"help.resume": "`/ams resume [all | project NAME | scenario NAME]`: 復旧対応を再開します。シナリオのブレーカーも解除します。省略すると入力画面が開きます。\n" +
		"例: `/ams resume all` 、 `/ams resume scenario web-down`",
	"help.maintenance": "`/ams maintenance`: メンテナンスの一覧です。\n" +
		"`/ams maintenance [service | target | scenario | project | all] NAME TIME [理由]`: 終了まで、対象は動作確認と報告だけを行い、復旧対応は行いません。\n" +
		"`/ams maintenance new`: 入力画面が開きます。 `/ams maintenance end NUMBER`: 終了します。\n" +
		"例: `/ams maintenance service shop-web 2h カーネル更新` 、 `/ams maintenance target web-1 until 04:00`",
	"help.help": "`/ams help [SUBCOMMAND]`: 一覧、または個別の使い方です。 `/ams SUBCOMMAND help` でも表示できます。",
}
