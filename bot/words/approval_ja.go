package words

// approvalJA are the texts of approvalEN in Japanese.
var approvalJA = map[string]string{
	"act.approve":     "承認",
	"act.break_glass": "緊急実行",

	"button.approve":     "承認",
	"button.break_glass": "緊急実行",

	"headline.approve": "復旧対応の承認待ち",
	"wait.approve":     "%s さんが復旧対応を申請しました。別の人の承認が必要です。",
	"field.asked_by":   "申請者",
	"field.approvers":  "承認できる人",
	"card.approve":     "承認期限",
	"everyone.else":    "申請者以外の全員",
	"nobody.else":      "ほかにいません。amsbot.yaml または project.yaml の `permissions` で指定します",
	"by.two":           "%s（承認: %s）",
	"said.approved":    "申請: %s さん、承認: %s さん",
	"said.glass":       "%s さんが承認なしで緊急実行: %s",

	"confirm.approve.title":     "復旧対応 %s を承認しますか？",
	"confirm.approve":           "申請者: %s さん",
	"confirm.break_glass.title": "復旧対応 %s を緊急実行しますか？",
	"confirm.break_glass":       "承認なしで実行します。チャンネル全員に通知し、二次対応を呼び出します。",
	"confirm.break_glass.next":  "次の画面で理由を入力します。",

	"requested.recover":  "%s さんが %s の復旧対応を申請しました。%s までに別の人の承認が必要です。承認できる人: %s。",
	"requested.again":    "%s さんが %s の復旧対応の再実行を申請しました。%s までに別の人の承認が必要です。承認できる人: %s。",
	"requested.override": "次の制限を超えて実行します: %s。",

	"accepted.approve":     "%s さんが承認しました。%s さんが申請した復旧対応を始めます。",
	"accepted.break_glass": " *緊急実行* : %s さんが %s の復旧対応を承認なしで実行します。",
	"glass.reason":         "理由: %s",

	"withdrawn":        "%s さんの復旧対応の申請は取り下げられました: %s。",
	"withdrawn.checks": "動作確認をやり直すため",
	"withdrawn.over":   "インシデントが終了したため",
	"withdrawn.left":   "対象のインシデントが待ち状態でなくなったため",
	"end.unapproved":   "%s さんが復旧対応を申請しましたが、期限内に承認されませんでした。「動作確認をやり直す」から再開できます。",

	"guard.permission": "権限",
	"held.permission":  "権限: %s さんには現在この操作の権限がありません。権限のある人が操作し直してください",
	"guard.approval":   "承認",
	"held.approval":    "承認: この復旧対応には 2 人の判断が必要ですが、%s さんが 1 人でまとめて実行しました。このインシデントのカードから申請できます",

	"refused.own":            "あなた自身の申請です。別の人の承認が必要です。承認できる人: %s。",
	"refused.asked":          "%s さんがすでに申請しています。同意する場合は、カードの「承認」を押すか `/ams approve %d` を入力してください。",
	"refused.asked.yours":    "すでに申請済みです。別の人の承認が必要です。承認できる人: %s。",
	"refused.withdrawn":      "%s さんの申請は取り下げられています。できる操作はカードに表示されています。",
	"refused.asker":          "申請した %s さんには現在この操作の権限がありません。何も実行していません。権限のある人が申請し直してください。",
	"refused.unasked":        "承認待ちのものはありません。",
	"refused.glass.needless": "この復旧対応に承認は不要です。「復旧対応を実行」を押してください。",
	"refused.glass.never":    "このシナリオは緊急実行できません。「復旧対応を実行」を押し、別の人の承認を受けてください。承認できる人: %s。",
	"refused.glass.why":      "理由を入力してください: `/ams recover %d break glass: 理由`",
	"refused.glass.storm":    "理由を入力してください: `/ams recover storm break glass: 理由`",

	"note.glass": "緊急実行: %s さんが復旧対応 %s（対象 %s）を amsbot から承認なしで実行します。理由: %s",

	"event.requested":  "%s さんが「%s」を申請: 別の人の承認が必要",
	"event.approved":   "%s さんが承認",
	"event.unapproved": "期限内に承認されませんでした。",
	"event.glass":      "%s さんが承認なしで緊急実行: %s",

	"storm.requested":     "%s さんが %d 件すべての復旧対応（まず 1 件）を申請しました。%s までに別の人の承認が必要です。承認できる人: %s。",
	"storm.approved":      "%s さんが承認しました。%s さんが申請した復旧対応を始めます（%d 件、まず 1 件）。",
	"storm.glass":         " *緊急実行* : %s さんが %d 件すべての復旧対応（まず 1 件）を承認なしで実行します。理由: %s",
	"storm.unapproved":    "%s さんがすべての復旧対応を申請しましたが、期限内に承認されませんでした。",
	"storm.withdrawn":     "%s さんの申請は取り下げられました。対象のインシデントはもう待っていません。",
	"refused.asked.all":   "%s さんがすでに申請しています。同意する場合は、カードの「承認」を押してください。",
	"refused.glass.empty": "理由を入力してください。",
}
