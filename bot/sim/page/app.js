// The page: fetches the state whenever the simulator says that something
// changed, and draws it. Who I am, which panel and which thread are open is
// this window's own; two windows can be two people.
//
// For tests: [data-who=NAME] are the people; [data-tab=patient|pagerduty|slack]
// the tabs of a narrow window; [data-hint=close]; #live is the live region.
// <html data-ready> appears with the first drawing.

import { h, patch } from "./dom.js";
import { app, duration, me, now, onRedraw, post, redraw, shade } from "./core.js";
import { botPanel, patientPanel } from "./patient.js";
import { pagerdutyPanel } from "./pagerduty.js";
import { markRead, slackPanel, unread } from "./slack.js";
import { confirmDialog, modal } from "./modal.js";
import { announce, toasts } from "./toasts.js";

const store = (() => { try { return window.localStorage; } catch { return null; } })();
const root = document.getElementById("app");

function who() {
  return h("div", { class: "who", role: "radiogroup", "aria-label": "I am" },
    h("span", { class: "who-label", "aria-hidden": "true" }, "I am"),
    (app.state.people || []).map((p) => h("button", {
      key: p.slack, type: "button", role: "radio", class: "who-one", "aria-checked": String(p === me()), tabindex: p === me() ? "0" : "-1",
      data: { who: p.name.split(" ")[0].toLowerCase(), user: p.slack }, title: p.role ? p.name + ", " + p.role : p.name,
      on: { click: () => become(p.slack), keydown: (e) => arrows(e) },
    }, h("span", { class: "avatar avatar-small " + shade(p.slack), "aria-hidden": "true" }, p.name.slice(0, 1)), h("span", null, p.name.split(" ")[0]),
    p.role && h("span", { class: "who-role" }, p.role))));
}

function arrows(e) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];
  if (!step) return;
  e.preventDefault();
  const all = Array.from(e.currentTarget.parentNode.querySelectorAll("[data-who]"));
  const to = all[(all.indexOf(e.currentTarget) + step + all.length) % all.length];
  to.focus();
  to.click();
}

function become(id) {
  if (id === app.as) return;
  app.as = id;
  if (store) store.setItem("as", id);
  if (app.channel === "home") post("home", { user: id }); // Slack shows each person their own
  fetchState();
}

function hint() {
  if (app.hintClosed) return null;
  return h("aside", { key: "hint", class: "hint", "aria-label": "How to begin" },
    h("ol", null,
      h("li", null, h("strong", null, "Make the patient ill"), " with one of the ailments."),
      h("li", null, h("strong", null, "Watch the card"), " in Slack while PagerDuty counts down."),
      h("li", null, h("strong", null, "Press Run Recovery"), " as Aiko, then as Dan.")),
    h("button", { type: "button", class: "button button-quiet", data: { hint: "close" }, on: { click: () => { app.hintClosed = true; if (store) store.setItem("hint", "closed"); redraw(); } } }, "Got it"));
}

function tabs(s) {
  const ringing = s.pagerduty.pages.filter((p) => p.ringing).length;
  const mentions = s.slack.channels.reduce((n, c) => n + unread(s.slack, c.id), 0);
  const tab = (name, label, badge) => h("button", { key: name, type: "button", role: "tab", id: "tab-" + name, class: "tab", "aria-selected": String(app.tab === name), "aria-controls": "panel-" + name, data: { tab: name },
    on: { click: () => { app.tab = name; redraw(); } } }, label, badge ? h("span", { class: "sl-badge" }, badge) : null);
  return h("div", { key: "tabs", class: "tabs", role: "tablist", "aria-label": "Panels" }, tab("patient", "Patient"), tab("pagerduty", "PagerDuty", ringing), tab("slack", "Slack", mentions));
}

function panel(name, title, note, ...children) {
  return h("section", { key: name, id: "panel-" + name, class: "panel panel-" + name + (app.tab === name ? " panel-shown" : ""), "aria-label": title },
    h("header", { class: "panel-top" }, h("h2", null, title), note && h("span", { class: "panel-note" }, note)),
    h("div", { class: "panel-body", key: "body" }, children));
}

function view() {
  const s = app.state;
  const p = me();
  return [
    h("header", { key: "bar", class: "bar" },
      h("h1", { class: "brand" }, h("span", { class: "brand-mark", "aria-hidden": "true" }, "✚"), "amsbot", h("span", { class: "brand-note" }, "simulator")),
      who()),
    app.lost && h("div", { key: "lost", class: "lost", role: "alert" }, "The simulator does not answer. This page shows what was, and goes on when it is back."),
    hint(), tabs(s),
    h("main", { key: "main", class: "panels" },
      panel("patient", "Patient", s.patient && s.patient.address, botPanel(s.bot), patientPanel(s.patient)),
      panel("pagerduty", "PagerDuty", p.pagerduty ? "as " + p.name.split(" ")[0] : "", pagerdutyPanel(s.pagerduty)),
      panel("slack", "Slack", "as " + (p.name || s.slack.me.real_name), slackPanel(s.slack))),
    modal(s.slack), confirmDialog(), toasts(s.slack),
  ];
}

// A list that was at its end stays at its end; one that was scrolled up stays
// where it is.
const known = new WeakSet();

function drawAll() {
  if (!app.state) return;
  const ends = ["messages", "thread"].map((id) => document.getElementById(id)).filter((n) => n && n.scrollHeight - n.scrollTop - n.clientHeight < 60);
  markRead(app.state.slack);
  patch(root, view());
  for (const id of ["messages", "thread"]) {
    const n = document.getElementById(id);
    if (n && (ends.includes(n) || !known.has(n))) { known.add(n); n.scrollTop = n.scrollHeight; }
  }
  document.documentElement.dataset.ready = "";
  tick();
}

// tick runs the countdowns without a redraw.
function tick() {
  for (const n of document.querySelectorAll("[data-countdown]")) {
    const text = duration(new Date(n.dataset.until) - now());
    if (n.textContent !== text) n.textContent = text;
  }
}

let fetching = false, again = false;

async function fetchState() {
  if (fetching) { again = true; return; }
  fetching = true;
  const as = app.as;
  try {
    const answer = await fetch("/control/state" + (as ? "?as=" + encodeURIComponent(as) : ""));
    const state = answer.ok && await answer.json();
    if (app.as !== as) again = true; // I have become somebody else meanwhile: what came is not what I see
    else if (state) take(state);
    else if (as) { app.as = null; again = true; }
    app.lost = false;
  } catch { app.lost = true; }
  fetching = false;
  redraw();
  if (again) { again = false; fetchState(); }
}

function take(state) {
  app.skew = new Date(state.now) - Date.now();
  const before = app.state;
  app.state = state;
  app.as = state.slack.me.id;
  // What somebody else has opened is theirs: its buttons would act in their name.
  if (before && before.slack.me.id !== app.as) app.thread = app.menu = app.confirm = null;
  announce(before, state);
}

function start() {
  onRedraw(drawAll);
  app.as = new URLSearchParams(location.search).get("as") || (store && store.getItem("as"));
  app.hintClosed = !!store && store.getItem("hint") === "closed";
  const changes = new EventSource("/control/changes");
  changes.onmessage = fetchState;
  changes.onopen = fetchState;
  changes.onerror = () => { app.lost = true; redraw(); };
  setInterval(tick, 250);
  document.addEventListener("click", () => { if (app.menu) { app.menu = null; redraw(); } });
  document.addEventListener("visibilitychange", redraw);
  fetchState();
}

start();
