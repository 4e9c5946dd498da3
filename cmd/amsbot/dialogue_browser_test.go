package main_test

import (
	"fmt"
	"path/filepath"
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus goes to an element without the mouse.
func (b *browser) focus(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(n => n && !n.disabled && (n.focus(), document.activeElement === n))(document.querySelector(%q))`, selector))
}

// enter goes to an element without the mouse and presses Enter on it.
func (b *browser) enter(selector string) {
	b.t.Helper()
	b.focus(selector)
	b.keys("\r")
}

// send presses Ctrl and Enter, which sends a dialogue.
func (b *browser) send() {
	b.t.Helper()
	b.do(cdp.KeyEvent(kb.Enter, cdp.KeyModifiers(kb.ModifierCtrl)))
}

// closed waits until no dialogue is open.
func (b *browser) closed() { b.t.Helper(); b.until(`!document.querySelector("dialog[data-modal]")`) }

// both takes a picture at the width of a desk and at that of a phone.
func (b *browser) both(name string) {
	b.picture(name)
	b.size(390, 844)
	b.picture(name + "-narrow")
	b.size(1440, 900)
}

// TestDialoguesInABrowser is what an operator does with the keyboard alone: every
// dialogue opens with the cursor in its first field, says at the field what is
// wrong, and is sent without the mouse.
func TestDialoguesInABrowser(t *testing.T) {
	chromium(t)
	demo := start(t, "demo", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "amsbot.db"))
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)
	b.as("aiko", "Aiko Tanaka")
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-button-text="Run Recovery"]`)

	// Escalate: to whom, and a note for them.
	b.enter(`[data-button-text="Escalate"]`)
	b.visible(`dialog[data-modal] [data-block-id="escalate.to"]`)
	b.until(`document.activeElement.tagName === "TEXTAREA"`)
	b.keys("the *pool* is full <!channel>")
	b.focus(`select[data-block-id="escalate.to"]`)
	b.keys("sec")
	b.both("escalate")
	b.send()
	b.closed()
	b.says("#messages article", "Aiko Tanaka escalates it to the second line.")
	b.says("#messages article", "the ∗pool∗ is full <!channel>")

	// The shortcut of a message: what can be done now.
	b.enter(`#messages [data-shortcuts]`)
	b.until(`document.activeElement.dataset.shortcut === "ams_act"`)
	b.keys("\r")
	b.visible(`dialog[data-modal] [data-block-id="choose.act"]`)
	b.until(`document.activeElement.dataset.blockId === "choose.act"`)
	b.both("shortcut")
	b.send() // Run Recovery stands first: asked once more
	b.says(`dialog[data-modal]`, "/restart")
	b.both("confirm")
	b.enter(`[data-modal-act="close"]`)
	b.closed()

	// Pause: what is missing is said at its field.
	b.say("/ams pause")
	b.visible(`dialog[data-modal] [data-block-id="pause.text"]`)
	b.send()
	b.visible(`[data-error="pause.text"]`)
	b.both("pause")
	b.keys("moving house")
	b.send()
	b.closed()
	b.says("#messages article", "(moving house): recoveries are held")
	b.say("/ams resume")
	b.visible(`dialog[data-modal] [data-block-id="resume.scope"]`)
	b.both("resume")
	b.send()
	b.closed()

	// Maintenance: all that is wrong at once.
	b.say("/ams maintenance new")
	b.visible(`dialog[data-modal] [data-block-id="maintain.until"]`)
	b.focus(`select[data-block-id="maintain.for"]`)
	b.keys("unt")
	b.focus(`textarea[data-block-id="maintain.text"]`)
	b.keys(" kernel")
	b.send()
	b.visible(`[data-error="maintain.until"]`)
	b.both("maintenance")
	b.enter(`[data-modal-act="close"]`)
	b.closed()

	// Resolve as noise.
	b.enter(`[data-button-text="Resolve"]`)
	b.visible(`dialog[data-modal] [data-block-id="resolve.noise"]`)
	b.keys("a probe of ours")
	b.focus(`[data-block-id="resolve.noise"] input`)
	b.keys(" ")
	b.both("resolve")
	b.send()
	b.closed()
	b.visible(`[data-incident="1"][data-status="resolved"]`)
	b.says("#messages article", "· noise")
}
