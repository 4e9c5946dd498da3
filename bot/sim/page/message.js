// One message, and the names that its text refers to.
//
// For tests: [data-message=TS] with data-from (bot ID or user ID) and
// data-ephemeral; [data-thread=TS] opens its thread; [data-shortcuts=TS] opens the
// menu of the app's shortcuts, [data-shortcut=ID] is one; see elements.js for
// what is inside.

import { h } from "./dom.js";
import { app, now, post, redraw, shade } from "./core.js";
import { attachments, blocks } from "./blocks.js";
import { mrkdwn } from "./mrkdwn.js";
import { emoji } from "./emoji.js";
import { body, element, place, walk } from "./elements.js";

// lookup resolves IDs in texts to what people call them.
export function lookup(slack) {
  const users = new Map(slack.users.map((u) => [u.id, u]));
  const channels = new Map(slack.channels.map((c) => [c.id, c]));
  const groups = new Map((slack.groups || []).map((g) => [g.id, g]));
  return {
    me: slack.me.id, users: slack.users, channels: slack.channels.filter((c) => !c.im),
    person: (id) => users.get(id),
    user: (id) => { const u = users.get(id); return u ? u.real_name || u.name : id; },
    channel: (id) => { const c = channels.get(id); return c && c.name; },
    group: (id) => { const g = groups.get(id); return g ? g.handle : id; },
  };
}

// ask shows the confirm dialog of an element, where it has one, first.
export function ask(e, go) {
  if (!e.confirm) return go();
  app.confirm = { confirm: e.confirm, go };
  redraw();
}

function same(failure, m, e, block) {
  return failure.message_ts === m.ts && failure.action_id === e.action_id && (!failure.block_id || failure.block_id === block.block_id);
}

// waiting says how the application has answered so far: an unanswered click
// spins, and keeps its warning sign for a minute.
export function waiting(slack, hit) {
  if (slack.pending.some(hit)) return "pending";
  return slack.failures.some((f) => hit(f) && now() - new Date(f.at) < 60000) ? "failed" : null;
}

// surroundings is the context in which the blocks of one message are drawn.
function surroundings(m, slack, names) {
  const place = m.ts + "-";
  return {
    names, place,
    files: (id) => { const f = (m.files || []).find((x) => x.id === id); return f && "/slack" + f.url; },
    state: (e, b) => waiting(slack, (f) => same(f, m, e, b)),
    act: (e, block, choice) => ask(e, () => post("click", {
      user: slack.me.id, channel: m.channel, message_ts: m.ts, version: m.version, block_id: block.block_id, action_id: e.action_id, ...body(e, choice),
    })),
    element(e, block) { return element(e, block, this); },
    input: () => null,
  };
}

// message draws one message; joined ones follow their author's last at once
// and show no name of their own.
export function message(m, slack, names, where) {
  const author = names.person(m.user) || { id: m.user, name: m.user };
  const at = new Date(Number(m.ts) * 1000);
  const joined = where.joined;
  return h("article", {
    key: m.ts, class: "sl-message" + (joined ? " sl-joined" : "") + (m.ephemeral ? " sl-ephemeral" : "") + (mentioned(m, slack) ? " sl-to-me" : ""),
    "aria-label": (author.real_name || author.name) + ", " + at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }),
    data: { message: m.ts, from: m.user, ephemeral: m.ephemeral ? "yes" : null, version: m.version },
  },
  joined ? h("time", { key: "when", class: "sl-gutter", datetime: at.toISOString() }, hour(at)) : avatar(author),
  h("div", { key: "body", class: "sl-body" },
    m.ephemeral && h("div", { key: "only", class: "sl-only" }, "Only visible to you"),
    m.reply_broadcast && !where.thread && h("div", { key: "broadcast", class: "sl-only" }, "replied to a thread"),
    !joined && h("div", { key: "head", class: "sl-head" },
      h("strong", { class: "sl-author" }, author.real_name || author.name), author.is_bot && h("span", { class: "sl-app" }, "App"),
      h("time", { class: "sl-time", datetime: at.toISOString(), title: at.toLocaleString() }, hour(at)), rich(m) && edited(m)),
    h("div", { key: "content", class: "sl-content" }, content(m, slack, names)),
    (m.files || []).map((f) => file(f)),
    m.reactions && m.reactions.length > 0 && h("div", { key: "reactions", class: "sl-reactions" }, m.reactions.map((r) =>
      h("span", { class: "sl-reaction", title: r.users.map(names.user).join(", ") }, emoji(r.name) || ":" + r.name + ":", " ", r.users.length))),
    !where.thread && replies(m, names)),
  !m.ephemeral && slack.shortcuts.length > 0 && shortcuts(m, slack, where));
}

// shortcuts is the menu of what the app offers for any message.
function shortcuts(m, slack, where) {
  const key = "shortcuts-" + m.ts + (where.thread ? "-thread" : "");
  const open = app.menu === key;
  const close = () => { app.menu = null; redraw(); };
  const use = (s) => { close(); post("shortcut", { user: slack.me.id, channel: m.channel, message_ts: m.ts, callback_id: s.callback_id }); };
  return h("span", { key: "shortcuts", class: "sl-shortcuts" + (open ? " sl-shortcuts-open" : "") },
    h("button", { type: "button", class: "sl-reply", "aria-label": "Message shortcuts", title: "Message shortcuts", "aria-haspopup": "menu", "aria-expanded": String(open), data: { shortcuts: m.ts },
      on: { click: (event) => { event.stopPropagation(); app.menu = open ? null : key; redraw(); } } }, "⋮"),
    open && h("div", { key: "menu", class: "sl-menu", role: "menu", mount: (n) => { place(n); n.firstElementChild.focus({ preventScroll: true }); }, on: { keydown: (event) => walk(event, close) } },
      slack.shortcuts.map((s) => h("button", { key: s.callback_id, type: "button", role: "menuitem", class: "sl-menu-item", data: { shortcut: s.callback_id, "button-text": s.name },
        on: { click: (event) => { event.stopPropagation(); use(s); } } }, s.name, h("span", { class: "sl-menu-note" }, slack.bot.real_name)))));
}

function hour(at) {
  return at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function avatar(user) {
  const letter = (user.real_name || user.name || "?").slice(0, 1).toUpperCase();
  return h("span", { key: "avatar", class: "avatar " + (user.is_bot ? "avatar-app" : shade(user.id)), "aria-hidden": "true" }, user.is_bot ? "✚" : letter);
}

function content(m, slack, names) {
  const cx = surroundings(m, slack, names);
  const list = m.blocks || [], old = m.attachments || [];
  const words = !list.length && m.text ? h("div", { key: "text", class: "sl-text" }, mrkdwn(m.text, names), !rich(m) && [" ", edited(m)]) : null;
  return [words, blocks(list, cx), attachments(old, cx)];
}

// rich says that a message is more than a text. Its "(edited)" stands beside
// the time: at the end it would push down what follows, at the first edit.
export function rich(m) {
  return (m.blocks || []).length > 0 || (m.attachments || []).length > 0;
}

function edited(m) {
  return m.edited && h("span", { class: "sl-edited", title: new Date(m.edited).toLocaleString() }, "(edited)");
}

// mentioned says whether the message calls the viewer.
function mentioned(m, slack) {
  return slack.notifications.some((n) => n.ts === m.ts && n.channel === m.channel && ["mention", "group", "here", "channel"].includes(n.why));
}

function replies(m, names) {
  if (!m.replies) return h("button", { key: "thread", type: "button", class: "sl-reply", data: { thread: m.ts }, hidden: m.ephemeral ? true : null, on: { click: () => openThread(m) } }, "Reply in thread");
  return h("button", { key: "thread", type: "button", class: "sl-thread-link", data: { thread: m.ts }, on: { click: () => openThread(m) } },
    h("span", { class: "sl-faces", "aria-hidden": "true" }, (m.reply_users || []).slice(0, 3).map((id) => avatar(names.person(id) || { id, name: id })).map((a, i) => ({ ...a, key: i }))),
    h("strong", null, m.replies, m.replies === 1 ? " reply" : " replies"),
    m.latest_reply && h("span", { class: "sl-thread-last" }, "last at ", hour(new Date(Number(m.latest_reply) * 1000))));
}

function openThread(m) {
  app.thread = { channel: m.channel, ts: m.reply_broadcast && m.thread_ts ? m.thread_ts : m.ts };
  redraw();
}

function file(f) {
  const open = !!app.opened[f.id];
  return h("div", { key: f.id, class: "sl-file" },
    h("div", { class: "sl-file-head" },
      h("strong", null, f.title || f.name), h("span", { class: "sl-file-size" }, size(f.size), f.name !== f.title ? ", " + f.name : ""),
      f.preview && h("button", { type: "button", class: "sl-file-toggle", "aria-expanded": String(open), on: { click: () => { app.opened[f.id] = !open; redraw(); } } }, open ? "Show less" : "Show more")),
    f.preview && h("pre", { class: "sl-pre" + (open ? "" : " sl-pre-short"), tabindex: "0" }, f.preview));
}

function size(n) {
  return n < 1024 ? n + " bytes" : Math.round(n / 1024) + " kB";
}

