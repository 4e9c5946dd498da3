package main_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// button presses a button of a card, and its dialogue.
func (b *browser) button(label string) {
	b.t.Helper()
	selector := fmt.Sprintf("[data-button-text=%q]", label)
	// A card that is over loses its buttons with its next edit: wait for that, so
	// that it is the newest card's button.
	b.until(fmt.Sprintf("document.querySelectorAll(%q).length === 1", selector))
	b.click(selector)
}

// as switches who I am, and waits until the page shows their Slack.
func (b *browser) as(who, name string) {
	b.t.Helper()
	b.click(fmt.Sprintf("[data-who=%q]", who))
	b.until(fmt.Sprintf(`document.body.innerText.includes("as %s")`, name))
}

// TestDemoInABrowser is the newcomer's first hour: the real bot as a process of
// its own, the page in a real browser.
func TestDemoInABrowser(t *testing.T) {
	chromium(t)
	db := filepath.Join(t.TempDir(), "amsbot.db")
	demo := start(t, "demo", "--listen", "127.0.0.1:0", "--db", db)
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)

	// The patient falls ill; the card comes, and asks.
	b.click(`[data-ailment="errors"]`)
	b.says("#messages article", "NG: status 500, expected 200")
	b.visible(`[data-button-text="Run Recovery"]`)
	b.visible(`[data-phone="aiko"][data-ringing="yes"]`)
	b.picture("waiting")
	b.size(1440, 1600)
	b.picture("card", "#messages article")
	b.size(1440, 900)

	// Dan may not.
	b.as("dan", "Dan Weber")
	b.button("Run Recovery")
	b.click(`[data-confirm-act="yes"]`)
	b.says("#messages article", "You may not Run Recovery here")
	b.picture("refused")

	// Aiko may: the dialogue names the target and the command.
	b.as("aiko", "Aiko Tanaka")
	b.button("Run Recovery")
	b.says(`dialog[data-confirm]`, "web-1.shop.example")
	b.says(`dialog[data-confirm]`, "/restart")
	b.picture("confirm")
	b.click(`[data-confirm-act="yes"]`)
	b.visible(`[data-health="healthy"]`)
	b.says("#messages article", "Recovered at a person's word")
	b.visible(`[data-incident="1"][data-status="resolved"]`)
	b.picture("recovered")

	// What no scenario fits goes to the first line, with why.
	b.click(`[data-raise="unmatched"]`)
	b.says("#messages article", "No scenario fits this incident")
	b.says("#messages article", "Handed over: no scenario fits") // its card has its buttons
	b.visible(`[data-incident="2"]`)
	b.button("Take Over")
	b.visible(`[data-incident="2"][data-status="acknowledged"]`)
	b.say("/ams list")
	b.says("#messages article", "1 open")
	b.button("Resolve")
	b.says(`dialog[data-modal]`, "is resolved in PagerDuty, in your name")
	b.picture("resolve")
	b.click(`[data-modal-act="submit"]`)
	b.visible(`[data-incident="2"][data-status="resolved"]`)

	// The bot is killed; what comes meanwhile is not lost.
	b.click(`[data-bot="kill"]`)
	b.visible(`[data-bot-state="stopped"]`)
	b.click(`[data-ailment="stubborn"]`)
	b.visible(`[data-incident="3"][data-status="triggered"]`)
	b.picture("killed")
	b.click(`[data-bot="start"]`)
	b.visible(`[data-bot-state="running"]`)
	b.visible(`[data-button-text="Run Recovery"]`)

	// This target was recovered a moment ago: Aiko may not override that, Chie
	// may, and is asked by name. A restart does not help this one: second line.
	b.button("Run Recovery")
	b.says(`dialog[data-confirm]`, "This overrides: cooldown")
	b.click(`[data-confirm-act="yes"]`)
	b.says("#messages article", "You may not override it here; who may")
	b.as("chie", "Chie Mori")
	b.button("Run Recovery")
	b.click(`[data-confirm-act="yes"]`)
	b.visible(`[data-phone="chie"][data-ringing="yes"]`)
	b.says("#messages article", "web is still down after a restart of web-1.shop.example")
	b.picture("escalated")
	b.click(`[data-channel="home"]`)
	b.picture("home")
	b.size(390, 844)
	b.click(`[data-tab="slack"]`)
	b.picture("narrow")
}

// TestDemoStormInABrowser is a storm on the page: one card, one decision, which
// Chie may take and Aiko may not, with the keyboard. The first was helped, and the others go on.
func TestDemoStormInABrowser(t *testing.T) {
	chromium(t)
	demo := start(t, "demo", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "amsbot.db"))
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-health="ill"]`)
	b.click(`[data-raise="storm"]`)
	b.size(1440, 1600)
	// The first of them may have been asked about before there was a storm.
	const all, card = `[data-button-text^="Run Recovery on All 1"]`, `#messages article:has([data-button-text^="Run Recovery on All"])`
	b.until(`/All 1[23]$/.test(document.querySelector('` + all + `')?.dataset.buttonText)`)
	b.says(card, " waiting: the storm brake holds their recoveries")
	b.says("#messages article", "@Aiko Tanaka Storm of web-down")
	b.picture("storm", card)
	b.reached()
	b.key(all, kb.Enter, there(`dialog[data-confirm][open]`))
	b.says(`dialog[data-confirm]`, "First on web-")
	b.focused(`[data-confirm-act="yes"]`)
	b.keys(kb.Enter)
	b.says("#messages article", "You may not Run Recovery on All here")
	b.as("chie", "Chie Mori")
	b.key(all, kb.Enter, there(`dialog[data-confirm][open]`))
	b.focused(`[data-confirm-act="yes"]`)
	b.keys(kb.Enter)
	b.says("#messages article", "Works again (1")
	b.visible(`[data-health="healthy"]`)
}
