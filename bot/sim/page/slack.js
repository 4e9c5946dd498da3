// Slack: the sidebar, the channel, its thread, the Home tab, the composer.
//
// For tests: [data-channel=NAME] ("home" for the Home tab), #messages,
// #thread, [data-composer=channel|thread] and its [data-send].

import { h, icon } from "./dom.js";
import { app, post, redraw } from "./core.js";
import { ask, avatar, lookup, message, rich, waiting } from "./message.js";
import { blocks } from "./blocks.js";
import { body, element } from "./elements.js";

const home = "M3.5 9 10 3.5 16.5 9v7.5H12V12H8v4.5H3.5Z";

export function slackPanel(slack) {
  const names = lookup(slack);
  if (app.channel !== "home" && !slack.channels.some((c) => c.id === app.channel)) app.channel = (firstChannel(slack) || {}).id || "home";
  const channel = slack.channels.find((c) => c.id === app.channel);
  const thread = channel && app.thread && app.thread.channel === channel.id ? app.thread : null;
  return h("div", { class: "sl" + (thread ? " sl-threaded" : "") },
    sidebar(slack, names),
    app.channel === "home" ? homeTab(slack, names) : channelView(channel, slack, names),
    thread && threadView(channel, thread.ts, slack, names));
}

function firstChannel(slack) {
  return slack.channels.find((c) => c.members.includes(slack.bot.id) && !c.im && c.member) || slack.channels[0];
}

// unread counts what called the viewer in a channel since it was last open.
export function unread(slack, channel) {
  const read = (app.read[slack.me.id] || {})[channel] || "0";
  return slack.notifications.filter((n) => n.channel === channel && Number(n.ts) > Number(read)).length;
}

function newer(slack, c) {
  const read = (app.read[slack.me.id] || {})[c.id] || "0";
  return c.messages.some((m) => Number(m.ts) > Number(read) && m.user !== slack.me.id && !m.ephemeral);
}

// markRead remembers the newest message of the channel that is on the screen.
export function markRead(slack) {
  const channel = slack.channels.find((c) => c.id === app.channel);
  if (!channel || document.hidden) return;
  const newest = [...channel.messages, ...Object.values(channel.threads || {}).flat()].reduce((max, m) => (Number(m.ts) > Number(max) ? m.ts : max), "0");
  (app.read[slack.me.id] ||= {})[channel.id] = newest;
}

function sidebar(slack, names) {
  const entry = (key, label, sign, extra = {}) => h("button", {
    key, type: "button", class: "sl-entry" + (extra.bold ? " sl-entry-new" : ""), "aria-current": app.channel === key ? "page" : null, "aria-label": extra.label || label,
    data: { channel: extra.name || label },
    on: { click: () => { app.channel = key; app.thread = null; if (key === "home") post("home", { user: slack.me.id }); redraw(); } },
  }, h("span", { class: "sl-sign", "aria-hidden": "true" }, sign), h("span", { class: "sl-entry-name" }, label), extra.badge ? h("span", { class: "sl-badge" }, extra.badge) : null);
  const room = (c) => {
    const badge = unread(slack, c.id);
    return entry(c.id, c.im ? names.user(c.with || slack.bot.id) : c.name, c.im ? h("span", { class: "dot " + (slack.connections ? "dot-good" : "dot-off") }) : c.private ? "🔒" : "#",
      { name: c.im ? "dm" : c.name, badge, bold: newer(slack, c), label: c.im ? "Direct message with " + names.user(c.with || slack.bot.id) : null });
  };
  return h("nav", { class: "sl-side", "aria-label": "Slack" },
    h("div", { class: "sl-team" }, slack.team.name),
    entry("home", "Home", icon(home, "icon icon-small"), { name: "home", label: slack.bot.real_name + " Home" }),
    h("div", { class: "sl-group" }, "Channels"),
    slack.channels.filter((c) => !c.im).map(room),
    h("div", { class: "sl-group" }, "Apps"),
    slack.channels.filter((c) => c.im).map(room));
}

function channelView(channel, slack, names) {
  if (!channel) return h("div", { key: "none", class: "sl-main" }, h("p", { class: "empty" }, "No channel."));
  return h("section", { key: channel.id, class: "sl-main", "aria-label": "Channel " + channel.name },
    h("header", { class: "sl-top" },
      h("h3", null, channel.im ? names.user(channel.with || slack.bot.id) : (channel.private ? "🔒 " : "# ") + channel.name),
      h("span", { class: "sl-members" }, channel.im ? "App" : channel.members.length + " members"),
      h("button", { type: "button", class: "button button-quiet", title: "Reload, as in Slack: what was only visible to you is gone", data: { reload: "" }, on: { click: () => post("reload", { user: slack.me.id }) } }, "Reload")),
    h("div", { id: "messages", class: "sl-messages", role: "log", "aria-label": "Messages", "aria-live": "off", tabindex: "0" },
      h("div", { key: "spring", class: "sl-spring" }),
      channel.messages.length ? stream(channel.messages, slack, names, {}) : h("p", { key: "empty", class: "empty" }, channel.im ? "Say something to the app, or type /ams help." : "Nothing here yet. Make the patient ill.")),
    composer("channel", channel, null, slack));
}

// stream draws messages with a line at each new day, joined by author.
function stream(list, slack, names, where) {
  const out = [];
  let last = null;
  for (const m of list) {
    const day = new Date(Number(m.ts) * 1000).toDateString();
    if (!last || day !== new Date(Number(last.ts) * 1000).toDateString()) {
      out.push(h("div", { key: "day" + day, class: "sl-day" }, h("span", null, day === new Date().toDateString() ? "Today" : day)));
      last = null;
    }
    const joined = !!last && last.user === m.user && !rich(last) && !rich(m) && !last.ephemeral && !m.ephemeral && Number(m.ts) - Number(last.ts) < 180;
    out.push(message(m, slack, names, { ...where, joined }));
    last = m;
  }
  return out;
}

function threadView(channel, ts, slack, names) {
  const root = channel.messages.find((m) => m.ts === ts);
  const replies = (channel.threads || {})[ts] || [];
  return h("aside", { key: "thread" + ts, class: "sl-thread", "aria-label": "Thread" },
    h("header", { class: "sl-top" }, h("h3", null, "Thread"), h("span", { class: "sl-members" }, channel.im ? "" : "# " + channel.name),
      h("button", { type: "button", class: "button button-quiet", "aria-label": "Close the thread", data: { thread: "close" }, on: { click: () => { app.thread = null; redraw(); } } }, "✕")),
    h("div", { id: "thread", class: "sl-messages", role: "log", "aria-live": "off", "aria-label": "Replies", tabindex: "0" },
      root ? message(root, slack, names, { thread: true }) : h("p", { key: "gone", class: "empty" }, "The message is gone."),
      h("div", { key: "count", class: "sl-day sl-day-left" }, h("span", null, replies.length, replies.length === 1 ? " reply" : " replies")),
      stream(replies, slack, names, { thread: true }).filter((n) => !String(n.key).startsWith("day"))),
    composer("thread", channel, ts, slack));
}

function composer(kind, channel, thread, slack) {
  if (!channel.member) return h("p", { class: "sl-outside" }, "You are reading as a guest: " + slack.me.real_name + " is not in this channel.");
  const key = kind + channel.id + (thread || "") + slack.me.id;
  const put = (box, text) => { box.value = app.drafts[key] = text; grow(box); };
  const send = async (box) => {
    const text = box.value.trim();
    if (!text) return;
    put(box, ""); // at once, as in Slack: what is typed next is the next message
    if (!await say(text, channel, thread, slack)) put(box, [text, app.drafts[key]].filter(Boolean).join("\n"));
  };
  return h("form", { key, class: "sl-composer", data: { composer: kind }, on: { submit: (e) => { e.preventDefault(); send(e.currentTarget.querySelector("textarea")); } } },
    h("textarea", { rows: "1", class: "sl-write", placeholder: thread ? "Reply…" : "Message, or /ams help", "aria-label": thread ? "Reply in the thread" : "Message to the channel, or a slash command",
      initial: { value: app.drafts[key] || "" },
      on: { input: (e) => { app.drafts[key] = e.target.value; grow(e.target); }, keydown: (e) => { if (e.key === "Enter" && !e.shiftKey && !e.isComposing) { e.preventDefault(); send(e.target); } } } }),
    h("button", { type: "submit", class: "sl-send", "aria-label": "Send", data: { send: "" } }, icon("M3 10 17 3.5 13.5 16.5 9.5 11.5Z")));
}

function grow(box) {
  box.style.height = "auto";
  box.style.height = Math.min(box.scrollHeight, 140) + "px";
}

// say sends a message or a slash command. What Slack refuses comes back as null.
function say(text, channel, thread, slack) {
  const where = { user: slack.me.id, channel: channel.id, thread_ts: thread || undefined };
  if (!text.startsWith("/")) return post("say", { ...where, text });
  const command = text.split(/\s/)[0];
  return post("command", { ...where, command, text: text.slice(command.length).trim() });
}

function homeTab(slack, names) {
  const view = slack.home;
  const cx = {
    names, place: "home-", files: () => null, input: (b) => h("p", { class: "empty" }, b.type),
    state: (e) => waiting(slack, (f) => view && f.view_id === view.id && f.action_id === e.action_id),
    act: (e, block, choice) => ask(e, () => post("click", { user: slack.me.id, view_id: view.id, block_id: block.block_id, action_id: e.action_id, ...body(e, choice) })),
    element(e, block) { return element(e, block, this); },
  };
  return h("section", { key: "home", class: "sl-main", "aria-label": slack.bot.real_name + " Home" },
    h("header", { class: "sl-top" }, avatar(slack.bot), h("h3", null, slack.bot.real_name), h("span", { class: "sl-members" }, "Home")),
    h("div", { class: "sl-messages sl-home", id: "home", tabindex: "0" },
      view ? blocks(view.view.blocks, cx) : h("p", { class: "empty" }, "The app has not published its Home yet.")));
}
