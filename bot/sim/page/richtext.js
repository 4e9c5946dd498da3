// rich_text and table blocks, and the Markdown of the markdown block.

import { h, link } from "./dom.js";
import { dateNode, emojiNode, mention } from "./mrkdwn.js";
import { emoji } from "./emoji.js";

// richText draws the elements of a rich_text block.
export function richText(elements, names) {
  return (elements || []).map((part) => {
    switch (part.type) {
      case "rich_text_list": return list(part, names);
      case "rich_text_preformatted": return h("pre", { class: "sl-pre" }, runs(part.elements, names));
      case "rich_text_quote": return h("blockquote", { class: "sl-quote" }, runs(part.elements, names));
      default: return h("div", { class: "sl-rich" }, runs(part.elements, names));
    }
  });
}

function list(part, names) {
  const items = (part.elements || []).map((item) => h("li", null, runs(item.elements, names)));
  const props = { class: "sl-list", style: { "margin-left": (part.indent || 0) * 22 + "px" } };
  if (part.style === "ordered") return h("ol", { ...props, start: (part.offset || 0) + 1 }, items);
  return h("ul", props, items);
}

function runs(elements, names) {
  return (elements || []).map((run) => styled(run, run.style || {}, names));
}

function styled(run, style, names) {
  let node = plain(run, names);
  if (style.code) node = h("code", { class: "sl-code" }, node);
  if (style.bold) node = h("strong", null, node);
  if (style.italic) node = h("em", null, node);
  if (style.strike) node = h("s", null, node);
  if (style.underline) node = h("u", null, node);
  return node;
}

function plain(run, names) {
  switch (run.type) {
    case "text": return String(run.text).split("\n").map((line, i) => (i ? [h("br"), line] : line));
    case "link": return link(run.url, run.text || run.url);
    case "user": return mention("@" + names.user(run.user_id), names.me === run.user_id);
    case "usergroup": return mention("@" + names.group(run.usergroup_id), false);
    case "channel": return mention("#" + (names.channel(run.channel_id) || run.channel_id), false);
    case "broadcast": return mention("@" + run.range, true);
    case "emoji": return emoji(run.name) ? emojiNode(run.name, emoji(run.name)) : ":" + run.name + ":";
    case "date": return dateNode(run.timestamp, run.format, run.fallback);
    case "color": return h("code", { class: "sl-code" }, run.value);
    default: return run.text || "";
  }
}

// table draws a table block; its cells are raw text or rich_text.
export function table(block, names) {
  const settings = block.column_settings || [];
  const cell = (c, i, tag) => h(tag, { class: "sl-cell-" + ((settings[i] || {}).align || "left"), scope: tag === "th" ? "col" : null },
    !c ? "" : c.type === "rich_text" ? richText(c.elements, names) : String(c.text ?? ""));
  const [head, ...rows] = block.rows || [];
  return h("div", { class: "sl-table", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", null,
      h("thead", null, h("tr", null, (head || []).map((c, i) => cell(c, i, "th")))),
      h("tbody", null, rows.map((row) => h("tr", null, row.map((c, i) => cell(c, i, "td")))))));
}

// markdown draws the standard Markdown that the markdown block takes.
export function markdown(text) {
  const out = [];
  const lines = String(text || "").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const heading = /^(#{1,6})\s+(.*)$/.exec(line);
    if (line.startsWith("```")) {
      const end = lines.findIndex((l, j) => j > i && l.startsWith("```"));
      const stop = end < 0 ? lines.length : end;
      out.push(h("pre", { class: "sl-pre" }, lines.slice(i + 1, stop).join("\n")));
      i = stop;
    } else if (heading) out.push(h("div", { class: "sl-heading", role: "heading", "aria-level": heading[1].length + 2 }, spans(heading[2])));
    else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) out.push(h("hr", { class: "sl-divider" }));
    else if (/^\s*[-*+]\s+/.test(line)) i = items(lines, i, /^\s*[-*+]\s+/, "ul", out);
    else if (/^\s*\d+[.)]\s+/.test(line)) i = items(lines, i, /^\s*\d+[.)]\s+/, "ol", out);
    else if (line.startsWith(">")) out.push(h("blockquote", { class: "sl-quote" }, spans(line.replace(/^> ?/, ""))));
    else if (line.trim()) out.push(h("p", { class: "sl-paragraph" }, spans(line)));
  }
  return out;
}

function items(lines, from, mark, tag, out) {
  let to = from;
  while (to + 1 < lines.length && mark.test(lines[to + 1])) to++;
  out.push(h(tag, { class: "sl-list" }, lines.slice(from, to + 1).map((l) => h("li", null, spans(l.replace(mark, ""))))));
  return to;
}

const span = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|~~([^~]+)~~|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|\[([^\]]*)\]\(([^)\s]+)\)/;

function spans(text) {
  const found = span.exec(text);
  if (!found) return [text];
  const [whole, code, bold, bold2, strike, em, em2, label, url] = found;
  let node;
  if (code !== undefined) node = h("code", { class: "sl-code" }, code);
  else if (bold ?? bold2) node = h("strong", null, spans(bold ?? bold2));
  else if (strike !== undefined) node = h("s", null, spans(strike));
  else if (em ?? em2) node = h("em", null, spans(em ?? em2));
  else node = link(url, label || url);
  return [text.slice(0, found.index), node, ...spans(text.slice(found.index + whole.length))];
}
