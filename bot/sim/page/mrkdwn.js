// Slack's mrkdwn, and the little Markdown of the markdown block, as
// descriptions for dom.js. It marks up only what Slack would mark up: what
// an application escaped stays text.

import { h, link } from "./dom.js";
import { emoji } from "./emoji.js";

const urlPattern = /^https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]}'"]/;
const word = /[\p{L}\p{N}]/u;
const marks = { "*": "strong", "_": "em", "~": "s" };

export function unescape(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

// mrkdwn draws a text. names: {me, user(id), channel(id), group(id)} give what to
// show for an ID; verbatim: bare addresses stay text.
export function mrkdwn(text, names, verbatim = false) {
  const out = [];
  String(text ?? "").split(/```/).forEach((part, i, all) => {
    if (i % 2 === 1 && i < all.length - 1) out.push(h("pre", { class: "sl-pre" }, entities(part.replace(/^\n/, "").replace(/\n$/, ""), names)));
    else if (part !== "") out.push(paragraphs((i % 2 === 1 ? "```" : "") + part, { names, verbatim }));
  });
  return out;
}

// paragraphs joins neighbouring quoted lines into one quote.
function paragraphs(text, context) {
  const out = [];
  let lines = [], quoted = false;
  const flush = () => {
    if (!lines.length) return;
    const body = inline(lines.join("\n"), context);
    out.push(quoted ? h("blockquote", { class: "sl-quote" }, body) : body);
    lines = [];
  };
  for (const line of text.split("\n")) {
    const mark = /^(?:&gt;|>) ?/.exec(line);
    if (!!mark !== quoted) { flush(); quoted = !!mark; }
    lines.push(mark ? line.slice(mark[0].length) : line);
  }
  flush();
  return out;
}

// inline draws one run of text: entities, code, emphasis, emoji, addresses.
function inline(text, context) {
  const out = [];
  let plain = "", at = 0;
  const flush = () => { if (plain) { out.push(broken(unescape(plain))); plain = ""; } };
  while (at < text.length) {
    const taken = token(text, at, context);
    if (!taken) { plain += text[at]; at++; continue; }
    flush();
    out.push(taken.node);
    at += taken.length;
  }
  flush();
  return out;
}

function broken(text) {
  return text.split("\n").map((line, i) => (i ? [h("br"), line] : line));
}

function token(text, at, context) {
  const c = text[at], rest = text.slice(at);
  if (c === "<") {
    const end = rest.indexOf(">");
    return end > 1 ? { node: entity(rest.slice(1, end), context.names), length: end + 1 } : null;
  }
  if (c === "`") {
    const code = /^`([^`\n]+)`/.exec(rest);
    return code && { node: h("code", { class: "sl-code" }, entities(code[1], context.names)), length: code[0].length };
  }
  if (c === ":") {
    const name = /^:([a-z0-9_+-]+):/.exec(rest);
    const glyph = name && emoji(name[1]);
    return glyph && { node: emojiNode(name[1], glyph), length: name[0].length };
  }
  if (c === "h" && !context.verbatim && (at === 0 || !word.test(text[at - 1]))) {
    const url = urlPattern.exec(rest);
    return url && { node: link(unescape(url[0]), unescape(url[0])), length: url[0].length };
  }
  return marks[c] ? emphasis(text, at, context) : null;
}

export function emojiNode(name, glyph) {
  return h("span", { class: "emoji", role: "img", "aria-label": name.replace(/_/g, " ") }, glyph);
}

// emphasis holds only between word boundaries and around something that
// neither begins nor ends with a blank, on one line.
function emphasis(text, at, context) {
  const c = text[at], next = text[at + 1];
  if (at > 0 && (word.test(text[at - 1]) || text[at - 1] === c)) return null;
  if (!next || /\s/.test(next) || next === c) return null;
  for (let end = at + 2; end < text.length && text[end] !== "\n"; end++) {
    if (text[end] !== c || /\s/.test(text[end - 1])) continue;
    if (text[end + 1] && (word.test(text[end + 1]) || text[end + 1] === c)) continue;
    return { node: h(marks[c], null, inline(text.slice(at + 1, end), context)), length: end - at + 1 };
  }
  return null;
}

// entities draws what stays alive inside code: links and mentions alone.
function entities(text, names) {
  return text.split(/(<[^<>]+>)/).map((part, i) => (i % 2 ? entity(part.slice(1, -1), names) : unescape(part)));
}

// entity draws what stands between < and >.
function entity(body, names) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? null : unescape(body.slice(bar + 1));
  if (target.startsWith("@")) return mention("@" + names.user(target.slice(1)), names.me === target.slice(1));
  if (target.startsWith("#")) return mention("#" + (names.channel(target.slice(1)) || label || target.slice(1)), false);
  if (target.startsWith("!subteam^")) return mention("@" + names.group(target.slice(9)), false);
  if (target.startsWith("!date^")) {
    const [, unix, format] = target.split("^");
    return dateNode(Number(unix), format, label);
  }
  if (/^!(here|channel|everyone)$/.test(target)) return mention("@" + target.slice(1), true);
  if (/^(https?:|mailto:)/.test(target)) return link(unescape(target), label || unescape(target.replace(/^mailto:/, "")));
  return h("span", null, "<" + unescape(body) + ">");
}

export function mention(text, me) {
  return h("span", { class: me ? "sl-mention sl-mention-me" : "sl-mention" }, text);
}

// dateNode draws a date token in the viewer's own time.
export function dateNode(unix, format, fallback) {
  if (!Number.isFinite(unix)) return fallback || "";
  const when = new Date(unix * 1000);
  return h("time", { datetime: when.toISOString(), title: when.toLocaleString() }, dateText(when, format || "{date_short_pretty} {time}"));
}

function dateText(when, format) {
  const day = (options) => when.toLocaleDateString(undefined, options);
  const pretty = (text) => {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 864e5);
    return days === 0 ? "today" : days === 1 ? "yesterday" : days === -1 ? "tomorrow" : text;
  };
  const short = day({ month: "short", day: "numeric", year: "numeric" });
  const long = day({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const plain = day({ month: "long", day: "numeric", year: "numeric" });
  const forms = {
    date_num: when.toISOString().slice(0, 10), date: plain, date_short: short, date_long: long, date_slash: day({}),
    date_pretty: pretty(plain), date_short_pretty: pretty(short), date_long_pretty: pretty(long),
    time: when.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }),
    time_secs: when.toLocaleTimeString([], { hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: ago(when),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => forms[name] ?? whole);
}

function ago(when) {
  const seconds = Math.round((Date.now() - when) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return Math.round(seconds / 60) + " minutes ago";
  return Math.round(seconds / 3600) + " hours ago";
}
