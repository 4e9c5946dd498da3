package main_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// widths leaves a picture of what is shown behind, on a desk and on a phone.
func (b *browser) widths(name string) {
	b.picture(name)
	b.size(390, 844)
	b.click(`[data-tab="slack"]`)
	b.picture(name + "-narrow")
	b.size(1440, 900)
}

// asks types a slash command and waits for its answer, and until the composer is
// empty again.
func (b *browser) asks(text, answer string) {
	b.t.Helper()
	b.say(text)
	b.says("#messages article", answer)
	b.until(`document.querySelector("[data-composer=channel] textarea").value === ""`)
}

// TestHomeInABrowser opens Home as each person, by keyboard, and asks /ams for all
// that it answers.
func TestHomeInABrowser(t *testing.T) {
	chromium(t)
	demo := start(t, "demo", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "amsbot.db"))
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)
	b.key(`[data-channel="home"]`, kb.Enter, there("#home"))
	b.says("#home", "Nothing is open.")
	b.widths("empty")
	b.click(`[data-ailment="errors"]`)
	b.says("#home", "Waiting for you")
	b.says("#home", "Run Recovery waits for you")
	b.widths("waiting")
	for _, who := range []string{"ben", "chie", "dan", "aiko"} {
		b.key(`[data-who][aria-checked="true"]`, kb.ArrowRight, there(fmt.Sprintf(`[data-who=%q][aria-checked="true"]`, who)))
		if who == "dan" {
			b.says("#home", "Open incidents")
			b.until(`!document.querySelector("#home").innerText.includes("Waiting for you")`)
			continue
		}
		b.says("#home", "Waiting for you")
	}

	b.click(`[data-channel="shop-ops"]`)
	for _, c := range []struct{ say, answer string }{
		{"/ams", "Look (only you see the answer)"}, {"/ams help resolve", "with what you write as its note"},
		{"/ams list", "1 open"}, {"/ams show shop-web", "Go to the Card"}, {"/ams why 1", "was chosen"}, {"/ams history 1", "offered"},
		{"/ams scenarios", "asks before it recovers"}, {"/ams stats 30d", "Answered without a person"},
		{"/ams resolve", "Say which one"}, {"/ams recovr 1", "Did you mean"},
	} {
		b.asks(c.say, c.answer)
	}
	b.widths("answers")
	b.size(1440, 3200)
	b.picture("answers-long")
	b.size(1440, 900)

	b.asks("/ams pause it loops", "paused project:shop")
	b.asks("/ams maintenance service shop-db 2h new disk", "service shop-db")
	b.click(`[data-channel="home"]`)
	b.says("#home", "it loops")
	b.says("#home", "new disk")
	b.size(1440, 1400)
	b.picture("paused")
	b.widths("stopped")
	b.click(`#home [data-button-text="Resume"]`)
	b.says(`dialog[data-confirm]`, "recoveries may run again")
	b.click(`[data-confirm-act="yes"]`)
	b.until(`!document.querySelector("#home").innerText.includes("it loops")`)
	b.click(`#home [data-button-text="End"]`)
	b.click(`[data-confirm-act="yes"]`)
	b.until(`!document.querySelector("#home").innerText.includes("new disk")`)
	b.click(`#home [data-button-text="Pause…"]`)
	b.visible(`dialog[data-modal]`)
	b.picture("pause")
}
