package words

// reloadJA are the texts about scenarios that were read again.
var reloadJA = map[string]string{
	"reload.refused":   "*変更後のシナリオ（ %s ）は読み込めません。* 変更前のシナリオを引き続き使用します。",
	"reload.elsewhere": "このプロジェクトのファイルに問題はありません。ほかのファイル: %s。",
	"reload.more":      "… ほか %d 件。 `amsbot lint` で全件を確認できます。",
	"reload.mended":    "シナリオ（ %s ）の問題が解消し、現在の内容が有効になりました。",

	"list.refused":           "シナリオ %s は %s に読み込みを拒否しました。変更前のシナリオを使用中: %s",
	"list.refused.more":      "（ほか %d 件）",
	"list.refused.elsewhere": "ほかのプロジェクトのファイルに問題あり",

	"problems": "問題 %d 件",
	"projects": "%d プロジェクト",

	"event.reloaded":       "シナリオを再読み込み（%s）: %[3]s に %[2]d 件、追加: %[4]s、変更: %[5]s、削除: %[6]s",
	"event.reload_refused": "シナリオの読み込みを拒否（%s）: %s: %s",
}
