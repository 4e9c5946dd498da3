package main_test

import (
	"path/filepath"
	"testing"
)

// TestDemoInJapanese: what a team that reads Japanese sees, wide and on a phone;
// nothing of it runs out of the page.
func TestDemoInJapanese(t *testing.T) {
	chromium(t)
	demo := start(t, "demo", "--language", "ja", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "amsbot.db"))
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-button-text="復旧対応を実行"]`)
	b.says("#messages article", "復旧対応の実行を待っています")
	b.says("#messages article", "情報取得")
	b.size(1440, 1600)
	b.picture("waiting", "#messages article")
	b.size(390, 1400)
	b.click(`[data-tab="slack"]`)
	b.until(`document.querySelector("#messages").scrollWidth <= document.querySelector("#messages").clientWidth`)
	b.picture("narrow")
	b.size(1440, 900)
	b.as("aiko", "Aiko Tanaka")
	b.button("復旧対応を実行")
	b.says(`dialog[data-confirm]`, "もう一度動作確認をしてから実行します")
	b.picture("confirm")
	b.click(`[data-confirm-act="yes"]`)
	b.says("#messages article", "担当者の指示で復旧")
	b.visible(`[data-incident="1"][data-status="resolved"]`)
	b.picture("recovered")
	b.say("/ams help")
	b.says("#messages article", "一次対応")
	b.click(`[data-channel="home"]`)
	b.says("main", "未解決のインシデント")
	b.picture("home")
}
