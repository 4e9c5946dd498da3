// PagerDuty: the pager with its levels, the phones, the incidents.
//
// For tests: [data-incident=NUMBER] with data-status; inside it the buttons
// [data-pd=acknowledge|resolve|details]; [data-countdown] runs; phones
// [data-phone=USER] with data-ringing; levels [data-level=N].

import { h, icon } from "./dom.js";
import { app, clock, me, names, post, redraw } from "./core.js";

const phone = "M6.5 2.5h7a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM9 15h2";

export function pagerdutyPanel(pd) {
  const open = pd.incidents.filter((i) => i.status !== "resolved");
  const over = pd.incidents.filter((i) => i.status === "resolved");
  return [
    pager(pd, open),
    h("section", { class: "block incidents", "aria-label": "Open incidents" },
      h("h3", null, "Open ", h("small", null, open.length || "")),
      open.length ? open.map((i) => incident(i)) : h("p", { key: "none", class: "empty" }, "No open incident. Nobody is being paged."),
      over.length > 0 && h("h3", { key: "resolved", class: "later" }, "Resolved ", h("small", null, over.length)),
      over.slice(0, 20).map((i) => incident(i))),
    webhooks(pd),
  ];
}

// pager draws the levels of the policy that the newest open incident is on.
function pager(pd, open) {
  const id = (open[0] || {}).policy ? open[0].policy.id : (pd.policies[0] || {}).id;
  const policy = pd.policies.find((p) => p.id === id) || pd.policies[0];
  if (!policy) return null;
  const users = new Map(pd.users.map((u) => [u.id, u]));
  return h("section", { class: "pager", "aria-label": "Escalation policy " + policy.name },
    h("h3", null, "Pager ", h("small", null, "policy ", policy.name)),
    h("ol", { class: "levels" }, policy.levels.map((l) => level(l, pd, users, open.filter((i) => i.policy.id === policy.id)))));
}

function level(l, pd, users, open) {
  const here = open.filter((i) => i.level === l.level && i.status === "triggered");
  return h("li", { key: l.level, class: "level", data: { level: l.level } },
    h("span", { class: "level-number" }, "Level ", l.level),
    l.users.length ? l.users.map((u) => handset(u, users.get(u.id) || {}, pd.pages)) : h("span", { class: "empty" }, "Nobody on call"),
    h("span", { class: "level-note" }, here.length ? here.length + " waiting here" : "next after " + seconds(l.timeout)));
}

function seconds(nanoseconds) {
  const s = Math.round(nanoseconds / 1e9);
  return s >= 120 && s % 60 === 0 ? s / 60 + " min" : s + " s";
}

function handset(person, user, pages) {
  const calls = pages.filter((p) => p.ringing && p.user.id === person.id);
  const ringing = calls.length > 0;
  return h("div", { key: person.id, class: "handset" + (ringing ? " handset-ringing" : ""), data: { phone: person.name.split(" ")[0].toLowerCase(), ringing: ringing ? "yes" : "no" } },
    h("span", { class: "handset-icon", "aria-hidden": "true" }, icon(phone)),
    h("strong", { class: "handset-name" }, person.name.split(" ")[0]),
    h("span", { class: "handset-note", role: ringing ? "alert" : null, title: ringing ? calls[0].title : null }, ringing
      ? "ringing: #" + calls[0].number + (calls.length > 1 ? " +" + (calls.length - 1) : "")
      : user.silent ? "no phone" : "quiet"));
}

const words = { triggered: "Triggered", acknowledged: "Acknowledged", resolved: "Resolved" };

function incident(i) {
  const open = !!app.opened[i.id], over = i.status === "resolved";
  const toggle = () => { app.opened[i.id] = !open; redraw(); };
  return h("article", { key: i.id, class: "incident incident-" + i.status, "aria-label": "Incident " + i.number, data: { incident: i.number, "incident-id": i.id, status: i.status } },
    h("div", { class: "incident-top" },
      h("span", { class: "pill pill-" + i.status }, words[i.status] || i.status),
      i.urgency === "low" && h("span", { class: "pill pill-low" }, "Low"),
      h("span", { class: "incident-service" }, i.service.name),
      h("span", { class: "incident-number" }, "#", i.number)),
    h("h4", { class: "incident-title", title: i.title }, short(i.title)),
    h("p", { class: "incident-who" }, who(i)),
    next(i),
    h("div", { class: "incident-acts" },
      !over && act("acknowledge", "Acknowledge", i, i.acked_by.some((p) => p.id === me().pagerduty)),
      !over && act("resolve", "Resolve", i, false),
      h("button", { key: "details", type: "button", class: "button button-quiet", "aria-expanded": String(open), data: { pd: "details" }, on: { click: toggle } },
        open ? "Less" : "Details", notes(i))),
    open && details(i));
}

function notes(i) {
  return i.notes.length > 0 && h("span", { class: "count" }, i.notes.length, i.notes.length === 1 ? " note" : " notes");
}

function act(what, label, i, done) {
  const known = !!me().pagerduty;
  return h("button", { key: what, type: "button", class: "button", data: { pd: what }, disabled: done || !known,
    title: known ? label + " in PagerDuty as " + me().name : me().name + " has no PagerDuty user",
    on: { click: () => post("pagerduty/" + what, { user: me().pagerduty, incident: i.id }) } }, label);
}

// short keeps a title of any length from pushing everything else away.
function short(title) {
  return title.length > 240 ? title.slice(0, 240) + "…" : title;
}

function who(i) {
  const at = i.level ? ", level " + i.level : "";
  if (i.merged_into) return "Merged into another incident";
  if (i.status === "resolved") return "Resolved" + (i.resolved_by ? " by " + i.resolved_by : "");
  if (i.acked_by.length) return "Acknowledged by " + names(i.acked_by) + at;
  return i.assignees.length ? "Assigned to " + names(i.assignees) + at : "Assigned to nobody";
}

// next says what the pager does if nobody acts. The seconds in it are run by
// tick in app.js, without a redraw.
function next(i) {
  if (i.escalation) return countdown("pages " + (names(i.escalation.to) || "nobody") + " in ", i.escalation.at);
  if (i.ack_lapses) return countdown("rings again in ", i.ack_lapses);
  if (i.snoozed_to) return countdown("snoozed for ", i.snoozed_to);
  if (i.status === "triggered" && i.stuck) return h("p", { key: "next", class: "incident-next" }, "no further level (" + i.stuck + ")");
  return null;
}

function countdown(label, until) {
  return h("p", { key: "next", class: "incident-next" }, icon("M10 5v5l3 2M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Z"),
    h("span", null, label), h("span", { class: "countdown", data: { countdown: "", until } }));
}

function details(i) {
  const list = (title, items) => h("div", { key: title, class: "detail" }, h("h5", null, title), items);
  return h("div", { key: "more", class: "incident-more" },
    i.notes.length > 0 && list("Notes", h("ul", { class: "pd-notes" }, i.notes.map((n) =>
      h("li", { key: n.id }, h("span", { class: "pd-note-by" }, n.by, " · ", clock(n.at)), h("span", { class: "pd-note-text", data: { note: "" } }, n.content))))),
    list("Alerts", i.alerts.length ? h("ul", { class: "pd-alerts" }, i.alerts.map((a) => alert(a))) : h("p", { class: "empty" }, "None")),
    list("Log", h("ol", { class: "lines" }, i.log.map((l, n) => h("li", { key: l.at + l.type + (i.log.length - n) },
      h("time", null, clock(l.at)), " ", l.text || l.type, l.by && !String(l.text).includes(l.by) ? " · " + l.by : "")))),
    h("p", { class: "pd-key" }, "Key ", h("code", null, short(i.key || "none")), " · ID ", h("code", null, i.id)));
}

function alert(a) {
  return h("li", { key: a.id },
    h("span", { class: "pd-alert-head" }, h("strong", null, a.status), " ", a.severity, a.events > 1 ? ", " + a.events + " events" : ""),
    h("span", { class: "pd-alert-text" }, short(a.summary)),
    (a.details || a.text) && h("pre", { class: "pd-details", tabindex: "0" }, a.text || JSON.stringify(a.details, null, 2).slice(0, 4000)));
}

function webhooks(pd) {
  return h("details", { class: "block fold" }, h("summary", null, "Webhooks"),
    h("ul", { class: "lines" }, pd.webhooks.map((w) => h("li", { key: w.id },
      h("strong", null, w.active ? "on" : "off"), " ", w.delivered, " delivered, ", w.queued, " waiting, ", w.dropped, " dropped",
      w.last ? " · last: " + w.last : "")),
      !pd.webhooks.length && h("li", { key: "none" }, "Nobody has subscribed.")));
}
