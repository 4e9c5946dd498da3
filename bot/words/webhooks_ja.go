package words

// webhooksJA are the texts about PagerDuty's webhooks that do not come, with the
// same arguments as the English ones.
var webhooksJA = map[string]string{
	"webhooks.silent": "Webhook が届いていません。%d 件のインシデントを定期取得で検知しました。",
	"webhooks.again":  "Webhook の受信を再開しました。その間に %d 件のインシデントを定期取得で検知しました。",

	"webhooks.refused":   "届く Webhook の署名シークレットが一致しません%.0[1]s%.0[2]s。サブスクリプションのシークレットを PAGERDUTY_WEBHOOK_SECRET に設定し（切り替え中はカンマ区切りで 2 つ）、amsbot を再起動してください。",
	"webhooks.none":      "/pagerduty/webhook 宛ての Webhook サブスクリプションが PagerDuty にありません%.0[1]s%.0[2]s。作成するか、定期取得だけで運用する場合は amsbot.yaml の pagerduty に `webhook: none` と書いてください。",
	"webhooks.off":       "Webhook サブスクリプション %s が無効です%.0[2]s。PagerDuty で有効にしてください。",
	"webhooks.disabled":  "拒否が 3 回続いたため、PagerDuty が Webhook サブスクリプション %s を 1 日停止しています%.0[2]s。amsbot の手前にある機器が応答していないか確認し、PagerDuty で有効にしてください。",
	"webhooks.filtered":  "Webhook サブスクリプション %s の対象に、サービス %s またはその新規インシデントが含まれていません。PagerDuty で対象を広げてください。",
	"webhooks.elsewhere": "Webhook サブスクリプション %s の対象に、含まれていないサービスまたは新規インシデントがあります%.0[2]s。PagerDuty で対象を広げてください。",
	"webhooks.active":    "PagerDuty 上の Webhook サブスクリプション %s は有効です%.0[2]s。宛先からプロキシ、ファイアウォール、TLS を経て amsbot の /pagerduty/webhook に届くか確認してください。",
	"webhooks.unknown":   "PagerDuty の Webhook サブスクリプションを amsbot から参照できません%.0[1]s%.0[2]s。/pagerduty/webhook 宛てのものが有効か、PagerDuty で確認してください。",

	"list.webhooks": "%s から: %s",
}
