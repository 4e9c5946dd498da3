package sim

import (
	"errors"
	"os/exec"
	"strings"
	"testing"

	cdp "github.com/chromedp/chromedp"
	"github.com/slack-go/slack"

	"amsbot/bot/sim/pagerduty"
)

const lastCard = "#messages article:last-of-type "

func TestBrowserRecovers(t *testing.T) {
	b := browse(t)
	b.visible(`[data-health="healthy"]`)
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-health="ill"]`)
	b.says(lastCard, "Waiting for your decision")
	b.says(`[data-incident="1"]`, "pages Aiko in 0:2")
	b.until(`/^0:\d\d$/.test(document.querySelector("[data-countdown]").textContent)`)

	b.iAm("dan")
	b.click(lastCard+`[data-button-text="Run Recovery"]`, `[data-confirm-act="no"]`)
	b.click(lastCard+`[data-button-text="Run Recovery"]`, `[data-confirm-act="yes"]`)
	b.says(`[data-ephemeral="yes"]`, "Only visible to you")
	b.says(`[data-ephemeral="yes"]`, "for operators: ask @Aiko Tanaka")

	b.iAm("aiko")
	b.until(`!document.querySelector('[data-ephemeral="yes"]')`)
	before := eval[string](b, `(window.kept = document.querySelector("#messages article"), kept.dataset.message)`)
	b.click(`[data-button-text="Run Recovery"]`, `[data-confirm-act="yes"]`)
	b.says("#messages article", "Recovered at the word of @Aiko Tanaka")
	b.visible(`[data-health="healthy"]`)
	if !eval[bool](b, `kept.isConnected && kept.dataset.message === "`+before+`"`) {
		t.Error("the card was built anew instead of being edited in place")
	}
	b.says("#messages article", "(edited)")
	b.until(`!document.querySelector('[data-button-text="Run Recovery"]')`)
	b.says(`[data-incident="1"]`, "Resolved by")
}

func TestBrowserForms(t *testing.T) {
	b := browse(t)
	b.click(`[data-ailment="errors"]`, `[data-overflow]`, `[data-option-value="note"]`)
	b.visible(`dialog[data-modal] [data-action-id="text"]`)
	b.do(cdp.SendKeys(cdp.CSS(`[data-action-id="text"]`), "abc"))
	b.click(`[data-modal-act="submit"]`)
	b.says(`[data-error="note"]`, "five letters")
	if got := eval[string](b, `document.querySelector('[data-action-id="text"]').value`); got != "abc" {
		t.Errorf("after the error the field holds %q, want what was typed", got)
	}
	b.do(cdp.SendKeys(cdp.CSS(`[data-action-id="text"]`), " and <b>more</b>"))
	b.click(`[data-modal-act="submit"]`)
	b.until(`!document.querySelector("dialog[data-modal]")`)
	b.click(`#messages .sl-thread-link`)
	b.says("#thread", "abc and <b>more</b>")
	b.do(cdp.SendKeys(cdp.CSS(`[data-composer="thread"] textarea`), "/ams list"))
	b.click(`[data-composer="thread"] [data-send]`)
	b.says("[data-problem]", "not supported in threads")
	b.do(cdp.SendKeys(cdp.CSS(`[data-composer="channel"] textarea`), "/ams show *me*"))
	b.click(`[data-composer="channel"] [data-send]`)
	b.says(`[data-ephemeral="yes"]`, "You said show *me*. Try list")
	b.click(`[data-reload]`)
	b.until(`!document.querySelector('[data-ephemeral="yes"]')`)
	b.click(`[data-channel="home"]`)
	b.says("#home", "Nothing is open.")
}

// TestBrowserKeepsWhatIsTyped changes the world under a person who types.
func TestBrowserKeepsWhatIsTyped(t *testing.T) {
	b := browse(t)
	box := `[data-composer="channel"] textarea`
	b.do(cdp.SendKeys(cdp.CSS(box), "half a sen"))
	eval[bool](b, `(window.box = document.querySelector('`+box+`'), box.setSelectionRange(4, 4), true)`)
	b.sim.Patient.Monitor.Storm(5)
	b.until(`document.querySelectorAll("#messages article").length === 5`)
	if !eval[bool](b, `document.activeElement === box && box.value === "half a sen" && box.selectionStart === 4`) {
		t.Error("focus, text or caret were lost by a redraw")
	}
	b.until(`document.getElementById("live").textContent.includes("New message in shop-ops from amsbot")`)
	if !eval[bool](b, `(n => n.scrollHeight - n.scrollTop - n.clientHeight < 2)(document.getElementById("messages"))`) {
		t.Error("the list did not stay at its end")
	}
	eval[bool](b, `(document.getElementById("messages").scrollTop = 100, true)`)
	b.sim.Patient.Monitor.Storm(1)
	b.until(`document.querySelectorAll("#messages article").length === 6`)
	if got := eval[float64](b, `document.getElementById("messages").scrollTop`); got != 100 {
		t.Errorf("the list moved to %v while it was read", got)
	}
}

// What is typed while a message is on its way is the next one: what comes of the
// first neither joins it nor takes it away, and what was refused is in the box again.
func TestBrowserTypesOn(t *testing.T) {
	b := browse(t)
	const send = `[data-composer="channel"] [data-send]`
	box := cdp.CSS(`[data-composer="channel"] textarea`)
	b.hold("/control/say")
	b.do(cdp.SendKeys(box, "the first"))
	b.click(send)
	b.until(`window.held.length === 1 && ` + typed + ` === ""`)
	b.do(cdp.SendKeys(box, "the sec"))
	b.until(release + ` && document.querySelector("#messages").innerText.includes("the first")`)
	b.do(cdp.SendKeys(box, "ond"))
	b.until(typed + ` === "the second"`)
	b.click(send)
	b.says("#messages", "the second")

	b.hold("/control/command")
	b.do(cdp.SendKeys(box, "/nobody has this"))
	b.click(send)
	b.until(`window.held.length === 1`)
	b.do(cdp.SendKeys(box, "the third"))
	b.until(release + ` && ` + typed + ` === "/nobody has this\nthe third"`)
}

// typed is what stands in the box.
const typed = `document.querySelector('[data-composer="channel"] textarea').value`

func TestBrowserPager(t *testing.T) {
	b := browse(t)
	id, err := b.sim.PagerDuty.Raise(pagerduty.Alert{Service: "shop-web", Title: "Odd"})
	if err != nil {
		t.Fatal(err)
	}
	b.visible(`[data-incident="1"][data-status="triggered"]`)
	if err := b.sim.PagerDuty.Escalate("PCHIE01", id, 2); err != nil {
		t.Fatal(err)
	}
	b.visible(`[data-phone="aiko"][data-ringing="yes"]`)
	b.says(`[data-level="2"]`, "ringing: #1")
	b.until(`document.getElementById("live").textContent.includes("phone of Aiko Tanaka rings")`)
	b.click(`[data-pd="acknowledge"]`)
	b.visible(`[data-phone="aiko"][data-ringing="no"]`)
	b.says(`[data-incident="1"]`, "Acknowledged by Aiko")
	b.says(`[data-incident="1"]`, "rings again in")
	b.click(`[data-pd="details"]`)
	b.says(`[data-incident="1"]`, "Alerts")
	b.click(`[data-pd="resolve"]`)
	b.visible(`[data-incident="1"][data-status="resolved"]`)
	b.click(`[data-bot="kill"]`)
	b.visible(`[data-bot-state="stopped"]`)
	b.says(`[data-bot-state]`, "amsbot is dead")
	b.click(`[data-bot="start"]`)
	b.visible(`[data-bot-state="running"]`)
}

func TestBrowserShowsNoAnswer(t *testing.T) {
	b := browse(t)
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-button-text="Take Over"]`)
	close(b.bot.mute)
	b.click(`[data-button-text="Take Over"]`)
	b.visible(`[data-button-text="Take Over"][aria-busy="true"]`)
	b.visible(`.sl-failed`)
	b.until(`!document.querySelector('[aria-busy="true"]')`)
}

// TestBrowserHostile holds that nothing of an alert's text becomes anything.
func TestBrowserHostile(t *testing.T) {
	b := browse(t)
	if err := b.sim.Patient.Monitor.Hostile(); err != nil {
		t.Fatal(err)
	}
	b.says("#messages article", "<script>"[:1])
	b.says(`[data-incident="1"]`, "<script>alert(1)</script>")
	b.click(`[data-pd="details"]`)
	b.says(`[data-incident="1"]`, "rm -rf /")
	title := `<img src=x onerror="document.title='owned'"><a href="javascript:alert(1)">x</a>`
	if _, err := b.sim.PagerDuty.Raise(pagerduty.Alert{Service: "shop-web", Title: title}); err != nil {
		t.Fatal(err)
	}
	b.says(`[data-incident="2"]`, title)
	b.says("#messages article:last-of-type", `<img src=x onerror=`)
	if _, err := b.sim.Slack.Say(aiko, testChannel, `<javascript:alert(1)|click> <https://a.example"onclick="x|y> &lt;b&gt;`, ""); err != nil {
		t.Fatal(err)
	}
	b.says("#messages", "javascript:alert(1)")
	for what, expression := range map[string]string{
		"a script of the alert's":  `document.querySelectorAll("#app script").length`,
		"an image of the alert's":  `document.querySelectorAll("#app img").length`,
		"a link that runs code":    `[...document.querySelectorAll("a")].filter(a => !/^(https?|mailto):/.test(a.href)).length`,
		"an attribute that acts":   `[...document.querySelectorAll("#app *")].filter(n => [...n.attributes].some(a => a.name.startsWith("on"))).length`,
		"a changed title":          `document.title === "amsbot simulator" ? 0 : 1`,
		"a page wider than itself": `document.documentElement.scrollWidth > innerWidth ? 1 : 0`,
	} {
		if n := eval[int](b, expression); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// TestBrowserDrawsEveryKind shows each kind of block and of text once.
func TestBrowserDrawsEveryKind(t *testing.T) {
	b := browse(t)
	var all slack.Blocks
	if err := all.UnmarshalJSON([]byte(strings.ReplaceAll(everyKind, "{code}", "`a&lt;b`"))); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.bot.api.PostMessage(testChannel, slack.MsgOptionText("kinds", false), slack.MsgOptionBlocks(all.BlockSet...)); err != nil {
		t.Fatal(err)
	}
	b.visible(".sl-block-markdown")
	for selector, text := range map[string]string{
		".sl-header": "Plain :fire:", ".sl-block-section strong": "Bold", ".sl-block-section em": "it", ".sl-block-section s": "no",
		".sl-block-section code": "a<b", ".sl-block-section .sl-mention-me": "@Aiko Tanaka", ".sl-block-section .sl-mention": "@shop-operators",
		".sl-block-section a": "link", ".sl-block-section .emoji": "🔥", ".sl-block-section .sl-quote": "quoted twice", ".sl-block-section .sl-text": "2*3*4 snake_case_x",
		".sl-accessory button": "Accessory", ".sl-field": "one", ".sl-block-rich_text strong": "rich", ".sl-block-rich_text li": "item",
		".sl-block-rich_text pre": "active", ".sl-block-table th": "Check", ".sl-block-table .sl-cell-right": "2.01 s",
		".sl-danger": "Danger", ".sl-no-image": "A graph", ".sl-block-context time": "2023", ".sl-block-markdown .sl-heading": "Heading", ".sl-block-markdown li": "a",
	} {
		b.says("#messages "+selector, text)
	}
	if got := eval[string](b, `document.querySelector('select[data-action-id="sel"]').selectedOptions[0].text`); got != "Pick one" {
		t.Errorf("the select shows %q, want its placeholder", got)
	}
	if got := eval[string](b, `document.querySelector(".sl-block-section a").href`); got != "https://x.example/" {
		t.Errorf("the link goes to %s", got)
	}
}

const everyKind = `[
	{"type":"header","text":{"type":"plain_text","text":"Plain :fire:","emoji":false}},
	{"type":"section","text":{"type":"mrkdwn","text":"*Bold* _it_ ~no~ {code} <https://x.example|link> <@U0AIKO0001> <!subteam^S0SHOPOPS1> :fire: 2*3*4 snake_case_x\n&gt; quoted\n&gt; twice"},
		"accessory":{"type":"button","action_id":"acc","text":{"type":"plain_text","text":"Accessory"}}},
	{"type":"section","fields":[{"type":"mrkdwn","text":"one"},{"type":"mrkdwn","text":"two"}]},
	{"type":"rich_text","elements":[
		{"type":"rich_text_section","elements":[{"type":"text","text":"rich","style":{"bold":true}},{"type":"user","user_id":"U0DAN00001"}]},
		{"type":"rich_text_list","style":"bullet","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"item"}]}]},
		{"type":"rich_text_preformatted","elements":[{"type":"text","text":"active (running)"}]}]},
	{"type":"divider"},
	{"type":"table","column_settings":[{"align":"left"},{"align":"right"}],
		"rows":[[{"type":"raw_text","text":"Check"},{"type":"raw_text","text":"Took"}],[{"type":"raw_text","text":"health"},{"type":"raw_text","text":"2.01 s"}]]},
	{"type":"actions","elements":[
		{"type":"static_select","action_id":"sel","placeholder":{"type":"plain_text","text":"Pick one"},
			"options":[{"text":{"type":"plain_text","text":"First"},"value":"1"},{"text":{"type":"plain_text","text":"Second"},"value":"2"}]},
		{"type":"button","style":"danger","action_id":"d","text":{"type":"plain_text","text":"Danger"}}]},
	{"type":"image","image_url":"https://img.example/x.png","alt_text":"A graph of requests"},
	{"type":"context","elements":[{"type":"mrkdwn","text":"at <!date^1700000000^{date_long}|then>"}]},
	{"type":"markdown","text":"## Heading\n**bold**\n- a\n- b"}
]`

func TestBrowserNarrow(t *testing.T) {
	b := browse(t)
	b.size(390, 844)
	b.click(`[data-hint="close"]`, `[data-ailment="errors"]`, `[data-tab="pagerduty"]`)
	b.visible(`[data-incident="1"]`)
	b.click(`[data-tab="slack"]`)
	b.visible(`[data-button-text="Run Recovery"]`)
	if n := eval[int](b, `Math.max(0, document.documentElement.scrollWidth - innerWidth)`); n != 0 {
		t.Errorf("the page is %d pixels too wide", n)
	}
	b.click(`[data-button-text="Run Recovery"]`, `[data-confirm-act="yes"]`)
	b.says("#messages article", "Recovered")
	b.click(`.sl-thread-link`, `[data-thread="close"]`, `[data-tab="patient"]`)
	b.visible(`[data-health="healthy"]`)
}

func TestChromiumIsNeededInCI(t *testing.T) {
	for ci, want := range map[string]bool{"": false, "0": false, "false": false, "1": true, "true": true} {
		if got := mustBrowse(ci); got != want {
			t.Errorf("CI=%q needs a browser: %v, want %v", ci, got, want)
		}
	}
	_, err := findChromium(func(string) (string, error) { return "", exec.ErrNotFound })
	if !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("without one: %v", err)
	}
	if path, err := findChromium(func(name string) (string, error) { return "/opt/" + name, nil }); err != nil || path != "/opt/chromium" {
		t.Errorf("with one: %s, %v", path, err)
	}
}

// Who one is changes while what the other one sees is still on its way: that comes
// too late, and is not shown. Until what the new one sees is there the page is the
// old one's, says so, and acts in that name; a dialogue opened then closes.
func TestBrowserBecomesSomebodyElseMeanwhile(t *testing.T) {
	b := browse(t)
	b.click(`[data-ailment="errors"]`)
	b.visible(`[data-button-text="Run Recovery"]`)
	b.hold("/control/state")
	b.click(`[data-ailment="hangs"]`)
	b.until(`window.held.length === 1`)
	b.click(`[data-who="chie"]`, `[data-button-text="Run Recovery"]`)
	b.visible(`dialog[data-confirm][open]`)
	const aiko = `document.body.innerText.includes("as Aiko") && !document.body.innerText.includes("as Chie") && document.querySelector("[data-who=aiko]").ariaChecked === "true"`
	if !eval[bool](b, aiko) {
		t.Error("the page says that it is Chie's before it is")
	}
	b.until(release + ` && document.body.innerText.includes("as Chie")`)
	b.until(`!document.querySelector("dialog[data-confirm]")`)
}
