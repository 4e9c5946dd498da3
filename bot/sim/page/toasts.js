// What reaches a person who looks elsewhere: notifications, the live region,
// and refusals.

import { h } from "./dom.js";
import { app, redraw } from "./core.js";
import { lookup } from "./message.js";
import { unescape } from "./mrkdwn.js";

let seen = null; // keys of the notifications that were already shown to me

const key = (n) => n.channel + n.ts + n.why;

// announce compares two states and tells what is new.
export function announce(before, state) {
  const slack = state.slack;
  const mine = before && before.slack.me.id === slack.me.id;
  if (!mine || !seen) seen = new Set(slack.notifications.map(key));
  for (const n of slack.notifications) {
    if (seen.has(key(n))) continue;
    seen.add(key(n));
    if (watching(n, slack)) continue;
    app.toasts.push(n);
    setTimeout(() => { app.toasts = app.toasts.filter((t) => t !== n); redraw(); }, 7000);
  }
  app.toasts = app.toasts.slice(-3);
  if (mine) speak(before, state);
}

// watching says whether the message is before my eyes anyway.
function watching(n, slack) {
  const panel = document.getElementById("panel-slack");
  if (document.hidden || !panel || panel.offsetParent === null || app.channel !== n.channel) return false;
  const root = rootOf(n, slack);
  return !root || (app.thread && app.thread.ts === root);
}

// rootOf finds the thread that a message is only to be seen in.
function rootOf(n, slack) {
  const c = slack.channels.find((x) => x.id === n.channel);
  if (!c || c.messages.some((m) => m.ts === n.ts)) return null;
  return Object.keys(c.threads || {}).find((ts) => c.threads[ts].some((m) => m.ts === n.ts));
}

// speak puts new messages and phones into the live region, for screen readers.
function speak(before, state) {
  const old = new Set(before.slack.channels.flatMap((c) => c.messages.map((m) => c.id + m.ts)));
  const names = lookup(state.slack);
  const fresh = state.slack.channels.flatMap((c) => c.messages.filter((m) => !old.has(c.id + m.ts) && m.user !== state.slack.me.id)
    .map((m) => "New message in " + (c.im ? "direct messages" : c.name) + " from " + names.user(m.user) + ": " + words(m.text, names)));
  const rang = new Set(before.pagerduty.pages.filter((p) => p.ringing).map((p) => p.user.id + p.incident));
  for (const p of state.pagerduty.pages) {
    if (p.ringing && !rang.has(p.user.id + p.incident)) fresh.push("The phone of " + p.user.name + " rings: incident " + p.number);
  }
  if (fresh.length) document.getElementById("live").textContent = fresh.slice(-3).join(". ");
}

// words is a text as a notification shows it: without any marking.
function words(text, names) {
  return unescape(String(text || "").replace(/```|`/g, "").trim().replace(/\s*\n\s*/g, " · ")
    .replace(/(^|[^\p{L}\p{N}])([*_~])(\S[^\n]*?)\2(?![\p{L}\p{N}])/gu, "$1$3")
    .replace(/<@([^|>]+)[^>]*>/g, (_, id) => "@" + names.user(id))
    .replace(/<#([^|>]+)[^>]*>/g, (_, id) => "#" + (names.channel(id) || id))
    .replace(/<!subteam\^([^|>]+)[^>]*>/g, (_, id) => "@" + names.group(id))
    .replace(/<!(\w+)(?:\^[^|>]*)?(?:\|([^>]*))?>/g, (_, name, label) => label || "@" + name)
    .replace(/<([^|>]*)\|?([^>]*)>/g, (_, url, label) => label || url)).slice(0, 240);
}

export function toasts(slack) {
  const names = lookup(slack);
  return h("div", { key: "toasts", class: "toasts" },
    app.problem && h("div", { key: "problem", class: "toast toast-bad", role: "alert", data: { problem: "" } }, app.problem),
    app.toasts.map((n) => h("button", { key: key(n), type: "button", class: "toast", data: { toast: n.why }, on: { click: () => visit(n, slack) } },
      h("span", { class: "toast-where" }, names.user(n.from), slack.channels.some((c) => c.id === n.channel && c.im) ? " to you" : " in #" + (names.channel(n.channel) || "")),
      h("span", { class: "toast-text" }, words(n.text, names)))));
}

function visit(n, slack) {
  app.tab = "slack";
  app.channel = n.channel;
  const root = rootOf(n, slack);
  app.thread = root ? { channel: n.channel, ts: root } : null;
  app.toasts = app.toasts.filter((t) => t !== n);
  redraw();
}
