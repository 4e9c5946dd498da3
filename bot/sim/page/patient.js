// The patient and its monitor, and the bot with its switch.
//
// For tests: [data-health] is healthy, ill or down; buttons [data-ailment=NAME],
// [data-heal], [data-raise=unmatched|hostile|storm],
// the form [data-raise=own], [data-monitor=watching|auto_clear],
// [data-bot=kill|start]; [data-bot-state] is running or stopped.

import { h, icon } from "./dom.js";
import { app, clock, post } from "./core.js";

const heart = "M10 16.5S3.5 12.6 3.5 7.9A3.4 3.4 0 0 1 10 6.3a3.4 3.4 0 0 1 6.5 1.6C16.5 12.6 10 16.5 10 16.5Z";

export function patientPanel(p) {
  if (!p) return raises(false);
  return [health(p), ailments(p), raises(true), vitals(p), monitor(p.monitor), log(p)];
}

// condition sums the patient up in a word and a sentence.
function condition(p) {
  const open = (p.monitor.last || []).filter((c) => !c.ok);
  if (!p.listening) return ["down", "Down", "Connections are refused."];
  if (p.ailment && p.ailment !== "healthy") return ["ill", "Unwell", p.description || p.ailment];
  if (open.length) return ["ill", "Recovering", "The monitor still sees: " + open[0].text];
  return ["healthy", "Healthy", "Answers as it should."];
}

function health(p) {
  const [state, word, sentence] = condition(p);
  return h("section", { class: "health health-" + state, data: { health: state }, "aria-label": "Health of the patient" },
    h("div", { class: "lamp", "aria-hidden": "true" }, icon(heart, "lamp-icon")),
    h("div", { class: "health-words", role: "status" },
      h("strong", { class: "health-word" }, word),
      h("span", { class: "health-sentence" }, sentence)),
    h("button", { type: "button", class: "button", data: { heal: "" }, disabled: state === "healthy", on: { click: () => post("heal") } }, "Heal"));
}

function ailments(p) {
  return h("section", { class: "block" },
    h("h3", null, "Make it ill"),
    h("div", { class: "ailments" }, (p.ailments || []).filter((a) => a.title).map((a) =>
      h("button", { key: a.name, type: "button", class: "ailment", "aria-pressed": String(p.ailment === a.name), data: { ailment: a.name },
        title: a.title ? "Raises “" + a.title + "” on " + a.service : null, on: { click: () => post("ail", { ailment: a.name }) } },
        choice(a.name.replace(/[-_]/g, " "), a.description)))));
}

function choice(name, note) {
  return h("span", { class: "ailment-text" }, h("span", { class: "ailment-name" }, name), " ", h("span", { class: "ailment-note" }, note));
}

function raises(examples) {
  const one = (kind, name, note) => h("button", { type: "button", class: "ailment", data: { raise: kind }, on: { click: () => post("example", { kind }) } }, choice(name, note));
  return h("section", { key: "raises", class: "block" },
    h("h3", null, examples ? "Raise something else" : "Raise an incident"),
    examples && h("div", { class: "ailments" },
      one("unmatched", "No scenario", "Mail does not go out: nobody wrote a scenario for it"),
      one("hostile", "Hostile text", "An alert that tries markup, mentions and shell"),
      one("storm", "Small storm", "Twelve web servers fail at once")),
    examples ? h("details", { class: "fold own" }, h("summary", null, "In your own words"), own()) : own());
}

// own raises an alert of the person's making on any service.
function own() {
  const submit = async (e) => {
    e.preventDefault();
    const form = e.currentTarget;
    const title = form.elements.title.value.trim();
    if (title && await post("raise", { service: form.elements.service.value, title })) form.elements.title.value = "";
  };
  return h("form", { class: "raise", data: { raise: "own" }, on: { submit } },
    h("select", { class: "sl-select", name: "service", "aria-label": "Service" }, app.state.pagerduty.services.map((v) => h("option", { key: v.id, value: v.id }, v.name))),
    h("input", { class: "sl-input", name: "title", "aria-label": "Title", placeholder: "What is wrong", autocomplete: "off", maxlength: "1024" }),
    h("button", { type: "submit", class: "button" }, "Raise"));
}

function vitals(p) {
  const gauge = (name, value, part, bad) => h("div", { class: "vital" },
    h("dt", null, name), h("dd", { class: bad ? "bad" : null }, value),
    part !== null && h("span", { class: "gauge", "aria-hidden": "true" }, h("span", { class: bad ? "gauge-fill gauge-bad" : "gauge-fill", style: { width: Math.min(100, Math.max(2, part)) + "%" } })));
  return h("section", { class: "block" },
    h("h3", null, "Vital signs"),
    h("dl", { class: "vitals" },
      gauge("Disk", p.disk + " %", p.disk, p.disk >= 90),
      gauge("Queue", p.queue + " waiting", p.queue / 10, p.queue >= 500),
      gauge("Replica", p.lag + " s behind", p.lag / 6, p.lag >= 60),
      gauge("Certificate", p.certificate + " days", 100 - p.certificate, p.certificate < 14),
      gauge("Last minute", p.served + " served, " + p.failed + " failed", null, p.failed > 0),
      gauge("Restarts", String(p.restarts), null, false)));
}

function monitor(m) {
  const toggle = (field, label, on) => h("label", { class: "toggle" },
    h("input", { type: "checkbox", role: "switch", data: { monitor: field }, live: { checked: on }, on: { change: (e) => post("monitor", { [field]: e.target.checked }) } }),
    h("span", null, label));
  return h("section", { class: "block" },
    h("h3", null, "Monitor ", h("small", null, "raised ", m.raised, ", cleared ", m.cleared)),
    h("ul", { class: "probes" }, (m.last || []).map((c) => h("li", { key: c.check, class: c.ok ? "probe" : "probe probe-bad" },
      h("span", { class: "probe-mark", "aria-hidden": "true" }, c.ok ? "✓" : "✕"),
      h("span", { class: "probe-check" }, c.check),
      h("span", { class: "probe-text", title: c.text }, (c.ok ? "" : "Failed: ") + c.text),
      h("time", { class: "probe-time" }, clock(c.at)))),
      !(m.last || []).length && h("li", { key: "none", class: "empty" }, "No probe yet.")),
    h("div", { class: "toggles" }, toggle("watching", "Watches", m.watching), toggle("auto_clear", "Clears what is healthy again", m.auto_clear)));
}

function log(p) {
  return h("details", { class: "block fold" }, h("summary", null, "What happened to it"),
    h("ol", { class: "lines" }, (p.log || []).slice(0, 40).map((l) => h("li", { key: l.at + l.text }, h("time", null, clock(l.at)), " ", l.text))));
}

// botPanel is the switch that proves that nothing is lost: it kills for real.
export function botPanel(bot) {
  if (!bot) return null;
  const running = bot.running;
  return h("section", { class: "bot", "aria-label": "The bot", data: { "bot-state": running ? "running" : "stopped" } },
    h("div", { class: "bot-head" },
      h("span", { class: running ? "dot dot-good" : "dot dot-bad", "aria-hidden": "true" }),
      h("div", { class: "bot-words", role: "status" },
        h("strong", null, running ? "amsbot is running" : "amsbot is dead"),
        h("span", null, running ? connection() : "PagerDuty's own timer still reaches a person.")),
      running
        ? h("button", { key: "kill", type: "button", class: "button button-danger", data: { bot: "kill" }, title: "SIGKILL: no goodbye", on: { click: () => post("bot/kill") } }, "Kill")
        : h("button", { key: "start", type: "button", class: "button button-primary", data: { bot: "start" }, on: { click: () => post("bot/start") } }, "Start")),
    (bot.lines || []).length > 0 && h("details", { class: "fold" }, h("summary", null, "Its last lines"),
      h("pre", { class: "bot-lines", tabindex: "0" }, bot.lines.slice(-14).join("\n"))));
}

function connection() {
  const n = app.state.slack.connections;
  return n ? n + (n === 1 ? " connection" : " connections") + " to Slack" : "Not connected to Slack";
}

