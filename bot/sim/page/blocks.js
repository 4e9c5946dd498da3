// Block Kit, drawn. A context cx says where the blocks stand:
// {names, place (a prefix for keys), element(element, block), files}.

import { h, link, safeURL } from "./dom.js";
import { emojis } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { markdown, richText, table } from "./richtext.js";

// text draws a text object, or a bare string.
export function text(object, cx) {
  if (!object) return null;
  if (typeof object === "string") return object;
  if (object.type === "mrkdwn") return mrkdwn(object.text, cx.names, object.verbatim);
  return lines(plain(object));
}

// plain gives the words of a text object without any marking.
export function plain(object) {
  if (!object) return "";
  if (typeof object === "string") return object;
  return object.emoji === false ? object.text : emojis(object.text);
}

function lines(words) {
  return String(words).split("\n").map((line, i) => (i ? [h("br"), line] : line));
}

// blocks draws a list of layout blocks. Keys come from the position and the
// kind, not from block_id: an application gives a new block_id with every
// version, and a card that is edited in place must not flicker. An input keeps
// what was typed as long as its block_id stays, wherever it moves to.
export function blocks(list, cx) {
  return (list || []).map((block, i) => {
    const draw = kinds[block.type];
    const key = cx.place + (block.type === "input" ? "input" + block.block_id : i + block.type);
    if (!draw) return h("div", { key, class: "sl-unknown" }, "This block cannot be shown here: " + block.type);
    return h("div", { key, class: "sl-block sl-block-" + block.type, data: { "block-id": block.block_id } }, draw(block, cx));
  });
}

const kinds = {
  header: (b, cx) => h("div", { class: "sl-header", role: "heading", "aria-level": "3" }, text(b.text, cx)),
  divider: () => h("hr", { class: "sl-divider" }),
  section,
  context: (b, cx) => h("div", { class: "sl-context" }, (b.elements || []).map((e) =>
    e.type === "image" ? picture(e, cx, "sl-context-image") : h("span", { class: "sl-context-text" }, text(e, cx)))),
  actions: (b, cx) => h("div", { class: "sl-actions" }, (b.elements || []).map((e) => cx.element(e, b))),
  context_actions: (b, cx) => h("div", { class: "sl-actions" }, (b.elements || []).map((e) => cx.element(e, b))),
  image: (b, cx) => h("figure", { class: "sl-figure" }, b.title && h("figcaption", null, text(b.title, cx)), picture(b, cx, "sl-image")),
  rich_text: (b, cx) => richText(b.elements, cx.names),
  table: (b, cx) => table(b, cx.names),
  markdown: (b) => markdown(b.text),
  input: (b, cx) => cx.input(b),
  alert: (b, cx) => h("div", { class: "sl-alert sl-alert-" + level(b.level), role: "alert" }, text(b.text, cx)),
  file: (b) => h("div", { class: "sl-file" }, b.external_id || "A file"),
  video: (b, cx) => h("figure", { class: "sl-figure" }, link(b.title_url || b.video_url, plain(b.title) || b.alt_text), text(b.description, cx)),
};

function level(name) {
  return ["info", "warning", "error", "success"].includes(name) ? name : "info";
}

function section(b, cx) {
  const side = b.accessory && (b.accessory.type === "image" ? picture(b.accessory, cx, "sl-accessory-image") : cx.element(b.accessory, b));
  return h("div", { class: "sl-section" },
    h("div", { class: "sl-section-main" },
      b.text && h("div", { class: "sl-text" }, text(b.text, cx)),
      b.fields && h("div", { class: "sl-fields" }, b.fields.map((f) => h("div", { class: "sl-field" }, text(f, cx))))),
    side && h("div", { class: "sl-accessory" }, side));
}

// picture shows what lies on this simulator; pictures from elsewhere are not
// fetched, their description stands in.
function picture(b, cx, className) {
  const own = b.slack_file && cx.files && cx.files(b.slack_file.id || b.slack_file.url);
  const url = own || safeURL(b.image_url || "");
  if (url && new URL(url, location.href).origin === location.origin) return h("img", { class: className, src: url, alt: b.alt_text || "", loading: "lazy" });
  return h("span", { class: className + " sl-no-image", role: "img", "aria-label": b.alt_text || "picture", title: b.alt_text || "" },
    className === "sl-image" ? "Picture: " + (b.alt_text || "no description") : "▢");
}

// attachments draws the older wrapping with a bar of colour at its left.
export function attachments(list, cx) {
  return (list || []).map((a, i) => {
    const inner = { ...cx, place: cx.place + "a" + i + "-", attachment: a.id ?? i + 1 };
    const old = [
      a.pretext && h("div", { class: "sl-text" }, mrkdwn(a.pretext, cx.names)),
      a.author_name && h("div", { class: "sl-attachment-author" }, a.author_link ? link(a.author_link, a.author_name) : a.author_name),
      a.title && h("div", { class: "sl-attachment-title" }, a.title_link ? link(a.title_link, a.title) : a.title),
      a.text && h("div", { class: "sl-text" }, mrkdwn(a.text, cx.names)),
      a.fields && a.fields.length > 0 && h("div", { class: "sl-fields" }, a.fields.map((f) =>
        h("div", { class: "sl-field" }, h("strong", null, f.title || ""), h("br"), mrkdwn(String(f.value ?? ""), cx.names)))),
      a.footer && h("div", { class: "sl-context" }, a.footer),
    ];
    const drawn = a.blocks && a.blocks.length > 0;
    return h("div", { key: cx.place + "attachment" + i, class: "sl-attachment" },
      h("div", { class: "sl-bar", style: { "background-color": colour(a.color) } }),
      h("div", { class: "sl-attachment-body" }, drawn ? blocks(a.blocks, inner) : old.some(Boolean) ? old : a.fallback || ""));
  });
}

function colour(name) {
  const named = { good: "#2eb886", warning: "#daa038", danger: "#a30200" };
  if (named[name]) return named[name];
  return /^#?[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$/.test(name || "") ? "#" + name.replace("#", "") : "#8a8a8f";
}
