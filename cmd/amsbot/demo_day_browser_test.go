package main_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused says that an element has the keyboard.
func (b *browser) focused(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.activeElement && document.activeElement.matches(%q)`, selector))
}

// keys presses keys where the keyboard is.
func (b *browser) keys(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(cdp.KeyEvent(k))
	}
}

// at brings the keyboard to an element that stands once, as somebody does who has
// gone there with Tab.
func (b *browser) at(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(all => all.length === 1 && !all[0].disabled && (all[0].focus(), document.activeElement === all[0]))(document.querySelectorAll(%q))`, selector))
}

// key presses a key on an element until something is so: the page may draw it anew
// in the moment between.
func (b *browser) key(selector, key, so string) {
	b.t.Helper()
	b.at(selector)
	b.keys(key)
	b.until(so)
}

// gone and there are expressions of the page.
func gone(selector string) string  { return fmt.Sprintf(`!document.querySelector(%q)`, selector) }
func there(selector string) string { return fmt.Sprintf(`document.querySelector(%q)`, selector) }

func labelled(label string) string { return fmt.Sprintf("[data-button-text=%q]", label) }

// types sends a message or a slash command without the mouse.
func (b *browser) types(text string) {
	b.t.Helper()
	b.at(`[data-composer="channel"] textarea`)
	b.keys(text, kb.Enter)
}

// row is what Tab passes in the row of buttons that an element stands in.
func (b *browser) row(first string, n int) string {
	b.t.Helper()
	b.at(first)
	var all []string
	for range n {
		label, err := cdp.Run(b.ctx, cdp.Evaluate[string](`document.activeElement.dataset.buttonText || document.activeElement.getAttribute("aria-label") || document.activeElement.tagName`))
		if err != nil {
			b.t.Fatal(err)
		}
		all = append(all, label)
		b.keys(kb.Tab)
	}
	return strings.Join(all, ", ")
}

// reached says that whatever acts in the channel can have the keyboard, in the order
// of the page, and has a name; and that all of these are among it.
func (b *browser) reached(labels ...string) {
	b.t.Helper()
	found, err := cdp.Run(b.ctx, cdp.Evaluate[[]string](`[...document.querySelectorAll("#messages :is(button, select, a[href], input, [data-button-text], [role=button])")].filter(n => n.checkVisibility()).map(n => {
		const name = n.dataset.buttonText || n.getAttribute("aria-label") || n.innerText.trim();
		n.focus({preventScroll: true});
		return (document.activeElement === n && n.tabIndex === 0 && name ? "" : "out of reach: ") + (name || n.outerHTML);
	})`))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range found {
		if strings.HasPrefix(f, "out of reach: ") {
			b.t.Error(f)
		}
	}
	for _, l := range labels {
		if !slices.Contains(found, l) {
			b.t.Errorf("there is no %s among %q", l, found)
		}
	}
}

// TestOperatorsDay is an operator's day on the demo's page: taken over, refused,
// recovered, escalated by a dialogue, paused, looked up. What a mouse can do the
// keyboard can, in the order in which one reads, and Escape closes what is open
// without doing anything.
func TestOperatorsDay(t *testing.T) {
	chromium(t)
	demo := start(t, "demo", "--listen", "127.0.0.1:0", "--db", filepath.Join(t.TempDir(), "amsbot.db"))
	b := browse(t, demo.line())
	b.visible(`[data-bot-state="running"]`)
	b.as("aiko", "Aiko Tanaka")
	b.takesOver()
	b.isRefused()
	b.recovers()
	b.escalates()
	b.pauses()
	b.looksUp()
}

// takesOver: the first incident comes, and Aiko takes it with the keyboard.
func (b *browser) takesOver() {
	b.t.Helper()
	b.key(`[data-ailment="errors"]`, kb.Enter, there(labelled("Run Recovery")))
	b.says("#messages article", "@Aiko Tanaka #1 Health check of web-1 failed") // once the card stands still
	if got, want := b.row(labelled("Run Recovery"), 5), "Run Recovery, Take Over, Escalate, Resolve, More actions"; got != want {
		b.t.Errorf("Tab goes %s, not %s", got, want)
	}
	b.reached("Run Recovery", "Take Over", "Escalate", "Resolve", "More actions")
	b.key(labelled("Take Over"), kb.Enter, there(`[data-incident="1"][data-status="acknowledged"]`))
	b.says("#messages article", "Aiko Tanaka (acknowledged)")
	b.until(gone(labelled("Take Over")))
}

// isRefused: Dan may look, and is told who may do more. The dialogue has the
// keyboard while it is open.
func (b *browser) isRefused() {
	b.t.Helper()
	b.as("dan", "Dan Weber")
	b.key(labelled("Run Recovery"), " ", there(`dialog[data-confirm][open]`))
	b.focused(`[data-confirm-act="yes"]`)
	b.keys(kb.Enter)
	b.says(`[data-ephemeral="yes"]`, "You may not Run Recovery here")
}

// recovers: Escape is no, Enter is yes, and what comes of it is on the card.
func (b *browser) recovers() {
	b.t.Helper()
	b.as("aiko", "Aiko Tanaka")
	b.key(labelled("Run Recovery"), kb.Enter, there(`dialog[data-confirm][open]`))
	b.says(`dialog[data-confirm]`, "web-1.shop.example")
	b.keys(kb.Escape)
	b.until(gone(`dialog[data-confirm]`))
	b.visible(`[data-incident="1"][data-status="acknowledged"]`) // nothing has run
	b.visible(`[data-health="ill"], [data-health="unwell"], [data-health]:not([data-health="healthy"])`)
	b.key(labelled("Run Recovery"), kb.Enter, there(`dialog[data-confirm][open]`))
	b.focused(`[data-confirm-act="yes"]`)
	b.keys(kb.Enter)
	b.says("#messages article", "Recovered at a person's word")
	b.visible(`[data-incident="1"][data-status="resolved"]`)
	b.visible(`[data-health="healthy"]`)
}

// escalates: what no scenario fits goes on to the second line, with a note, by the
// dialogue: once closed without sending, then sent with the mouse.
func (b *browser) escalates() {
	b.t.Helper()
	b.click(`[data-raise="unmatched"]`)
	b.says("#messages article", "Handed over: no scenario fits")
	b.visible(`[data-incident="2"]`)
	b.key(labelled("Escalate"), kb.Enter, there(`dialog[data-modal][open]`))
	b.says(`dialog[data-modal]`, "Escalate to")
	b.keys(kb.Escape)
	b.until(gone(`dialog[data-modal]`))
	b.visible(`[data-phone="chie"][data-ringing="no"], [data-phone="chie"]:not([data-ringing="yes"])`)
	b.button("Escalate")
	b.says(`dialog[data-modal]`, "Escalate to")
	b.at(`dialog[data-modal] textarea`)
	b.keys("The mail queue is not mine.")
	b.picture("escalate")
	b.click(`dialog[data-modal] [data-modal-act="submit"]`)
	b.visible(`[data-phone="chie"][data-ringing="yes"]`)
	b.until(gone(`dialog[data-modal]`))
	b.says("#messages article", "@Chie Mori")
}

// pauses: a dialogue pauses the project for everybody to see, and says at the field
// what is missing; Home shows it, and a word lifts it.
func (b *browser) pauses() {
	b.t.Helper()
	b.types("/ams pause")
	b.says(`dialog[data-modal]`, "Pause Recoveries")
	b.key(`dialog[data-modal] [data-modal-act="submit"]`, kb.Enter, there(`dialog[data-modal] [data-error]`))
	b.picture("pause")
	b.key(`dialog[data-modal] select`, "p", `document.activeElement.selectedOptions[0].text === "project shop"`)
	b.at(`dialog[data-modal] textarea`)
	b.keys("New firewall.")
	b.key(`dialog[data-modal] [data-modal-act="submit"]`, kb.Enter, gone(`dialog[data-modal]`))
	b.says("#messages article", "Aiko Tanaka paused project:shop")
	b.key(`[data-channel="home"]`, kb.Enter, there("#home"))
	b.says("#home", "project:shop")
	b.says("#home", "Mail queue is not drained")
	b.picture("home")
	b.key(`[data-channel="shop-ops"]`, kb.Enter, there("#messages"))
	b.types("/ams resume project:shop")
	b.says("#messages article", "Aiko Tanaka resumed project:shop")
}

// looksUp: what was, by a word, and why, by the menu; arrows walk it and Escape
// closes it.
func (b *browser) looksUp() {
	b.t.Helper()
	b.types("/ams history 1")
	b.says(`[data-ephemeral="yes"]`, "Recovered at a person's word")
	menu := `[data-message]:has([data-button-text="Take Over"]) [data-overflow]`
	b.key(menu, kb.Enter, there(`[role="menu"]`))
	for i, item := range []string{"Add Note", "Why This Scenario", "Open in PagerDuty"} {
		b.focused(fmt.Sprintf(`[role="menuitem"]:nth-child(%d)[data-button-text=%q]`, i+1, item))
		b.keys(kb.ArrowDown)
	}
	b.keys(kb.Escape)
	b.until(gone(`[role="menu"]`))
	b.focused(`[data-overflow]`)
	b.key(menu, " ", there(`[role="menu"]`))
	b.at(`[role="menuitem"][data-button-text="Why This Scenario"]`)
	b.keys(kb.Enter)
	b.says(`[data-ephemeral="yes"]`, "No scenario fits")
}
