// Interactive elements: in messages and Home they act at once, in modals they
// are collected until the submission. Both ask cx.act for the way out.
//
// Every element carries data-action-id, and data-button-text where it shows a
// text; while Slack waits for the application it is aria-busy, and after
// three seconds without an answer a sign with class sl-failed stands by it.

import { h, icon, safeURL } from "./dom.js";
import { plain } from "./blocks.js";
import { app, redraw } from "./core.js";

// element draws any interactive element. cx.act(element, block, choice) is
// called with what the person chose: {value} or {values}.
export function element(e, block, cx) {
  const draw = drawn[e.type];
  const key = cx.place + (e.action_id || e.type);
  if (!draw) return h("span", { key, class: "sl-unknown" }, "This element cannot be shown here: " + e.type);
  const state = cx.state(e, block);
  return h("span", { key, class: "sl-element" }, draw(e, block, cx, state),
    state === "failed" && h("span", { class: "sl-failed", role: "img", "aria-label": "The app did not answer", title: "The app did not answer in time" }, "⚠"));
}

const drawn = {
  button, workflow_button: button, overflow,
  static_select: select, external_select: select, users_select: select, conversations_select: select, channels_select: select,
  multi_static_select: picks, multi_users_select: picks, multi_channels_select: picks, multi_conversations_select: picks,
  checkboxes: picks, radio_buttons: picks,
  datepicker: (e, b, cx) => typed(e, b, cx, "date", e.initial_date),
  timepicker: (e, b, cx) => typed(e, b, cx, "time", e.initial_time),
  datetimepicker: (e, b, cx) => typed(e, b, cx, "datetime-local", local(e.initial_date_time)),
  plain_text_input: words, email_text_input: words, url_text_input: words, number_input: words,
};

function button(e, block, cx, state) {
  const label = plain(e.text);
  return h("button", {
    type: "button", class: "sl-button" + (e.style ? " sl-" + style(e.style) : ""), "aria-busy": state === "pending" ? "true" : null,
    "aria-label": e.accessibility_label || null, data: { "action-id": e.action_id, "button-text": label, "block-id": block.block_id },
    on: { click: () => {
      if (e.url && safeURL(e.url)) window.open(safeURL(e.url), "_blank", "noopener,noreferrer");
      cx.act(e, block, { value: e.value });
    } },
  }, label, e.url && icon("M8 5H5v10h10v-3M11 4h5v5M16 4l-7 7", "icon icon-small"));
}

function style(name) {
  return name === "primary" || name === "danger" ? name : "plain";
}

// overflow is a menu button; arrow keys, Escape and Tab work in the menu.
function overflow(e, block, cx, state) {
  const key = cx.place + e.action_id;
  const open = app.menu === key;
  const close = () => { app.menu = null; redraw(); };
  const pick = (o) => {
    close();
    if (o.url && safeURL(o.url)) window.open(safeURL(o.url), "_blank", "noopener,noreferrer");
    cx.act(e, block, { value: o.value });
  };
  return h("span", { class: "sl-overflow" },
    h("button", { type: "button", class: "sl-button sl-more", "aria-label": "More actions", "aria-haspopup": "menu", "aria-expanded": String(open),
      "aria-busy": state === "pending" ? "true" : null, data: { "action-id": e.action_id, "block-id": block.block_id, overflow: "" },
      on: { click: (event) => { event.stopPropagation(); app.menu = open ? null : key; redraw(); } } }, "⋯"),
    open && h("div", { key: "menu", class: "sl-menu", role: "menu", mount: (n) => { place(n); n.firstElementChild.focus({ preventScroll: true }); }, on: { keydown: (event) => walk(event, close) } },
      (e.options || []).map((o, i) => h("button", { key: i, type: "button", role: "menuitem", class: "sl-menu-item",
        data: { "action-id": e.action_id, "option-value": o.value, "button-text": plain(o.text) },
        on: { click: (event) => { event.stopPropagation(); pick(o); } } },
        plain(o.text), o.description && h("span", { class: "sl-menu-note" }, plain(o.description))))));
}

// place opens a menu upwards, or to the left, where its list ends.
export function place(menu) {
  const box = menu.getBoundingClientRect();
  const room = (menu.closest(".sl-messages, .sheet-body") || document.body).getBoundingClientRect();
  if (box.bottom > room.bottom - 4) menu.classList.add("sl-menu-up");
  if (box.right > room.right - 4) menu.classList.add("sl-menu-left");
}

export function walk(event, close) {
  const menu = event.currentTarget, items = Array.from(menu.children);
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) { event.preventDefault(); items[(to + items.length) % items.length].focus(); }
  if (event.key === "Escape") { event.stopPropagation(); const opener = menu.previousElementSibling; close(); opener.focus(); }
  if (event.key === "Tab") close();
}

// options lists what a select offers; the people and channel selects take
// theirs from the workspace.
function options(e, cx) {
  if (/users_select$/.test(e.type)) return cx.names.users.map((u) => ({ text: u.real_name || u.name, value: u.id }));
  if (/(channels|conversations)_select$/.test(e.type)) return cx.names.channels.map((c) => ({ text: "#" + c.name, value: c.id }));
  if (e.option_groups) return e.option_groups.flatMap((g) => g.options.map((o) => ({ ...o, group: plain(g.label) })));
  return e.options || [];
}

// chosen is what the control API takes as a choice: one value, or several.
function chosen(e, values) {
  return many(e) ? { values } : { value: values[0] || "" };
}

function many(e) {
  return e.type.startsWith("multi_") || e.type === "checkboxes";
}

function starts(e, cx) {
  const first = e.initial_option ? [e.initial_option.value] : (e.initial_options || []).map((o) => o.value);
  const ids = [e.initial_user, e.initial_channel, e.initial_conversation].filter(Boolean);
  return [...first, ...ids, ...(e.initial_users || []), ...(e.initial_channels || [])].filter((v) => options(e, cx).some((o) => o.value === v));
}

function select(e, block, cx, state) {
  const all = options(e, cx), first = starts(e, cx)[0];
  return h("select", {
    class: "sl-select", "aria-label": cx.label || plain(e.placeholder) || "Choose", "aria-busy": state === "pending" ? "true" : null,
    "aria-describedby": cx.describe || null, "aria-invalid": cx.invalid ? "true" : null, data: { "action-id": e.action_id, "block-id": block.block_id, focus: e.focus_on_load ? "" : null },
    mount: (n) => { if (first !== undefined) n.value = first; },
    on: { change: (event) => cx.act(e, block, chosen(e, [event.target.value].filter(Boolean))) },
  }, h("option", { value: "" }, plain(e.placeholder) || "Choose…"), all.map((o) => h("option", { key: o.value, value: o.value }, (o.group ? o.group + ": " : "") + plain(o.text) + (o.description ? " (" + plain(o.description) + ")" : ""))));
}

// picks draws what may be several, and radio buttons, as boxes to tick.
function picks(e, block, cx) {
  const all = options(e, cx), first = starts(e, cx);
  const type = e.type === "radio_buttons" ? "radio" : "checkbox";
  const change = (event) => {
    const box = event.currentTarget;
    const values = Array.from(box.querySelectorAll("input:checked"), (n) => n.value);
    cx.act(e, block, chosen(e, values));
  };
  return h("div", { class: "sl-picks", role: type === "radio" ? "radiogroup" : "group", "aria-label": cx.label || "Choose", data: { "action-id": e.action_id, "block-id": block.block_id }, on: { change } },
    all.map((o) => h("label", { key: o.value, class: "sl-pick" },
      h("input", { type, name: cx.place + e.action_id, value: o.value, initial: { checked: first.includes(o.value) } }),
      h("span", null, plain(o.text), o.description && h("span", { class: "sl-menu-note" }, plain(o.description))))));
}

function typed(e, block, cx, type, first) {
  const value = (text) => (type === "datetime-local" && text ? String(Math.floor(new Date(text) / 1000)) : text);
  return h("input", { class: "sl-input sl-input-short", type, "aria-label": cx.label || plain(e.placeholder) || type, "aria-describedby": cx.describe || null, "aria-invalid": cx.invalid ? "true" : null,
    data: { "action-id": e.action_id, "block-id": block.block_id }, initial: { value: first || "" },
    on: { change: (event) => cx.act(e, block, { value: value(event.target.value) }) } });
}

function local(unix) {
  if (!unix) return "";
  const d = new Date(unix * 1000 - new Date().getTimezoneOffset() * 60000);
  return d.toISOString().slice(0, 16);
}

function words(e, block, cx) {
  const types = { email_text_input: "email", url_text_input: "url", number_input: "number" };
  const props = {
    class: "sl-input", placeholder: plain(e.placeholder) || null, "aria-label": cx.label || "Text", "aria-describedby": cx.describe || null,
    "aria-invalid": cx.invalid ? "true" : null, maxlength: e.max_length || null, data: { "action-id": e.action_id, "block-id": block.block_id, focus: e.focus_on_load ? "" : null },
    initial: { value: e.initial_value || "" },
    on: { input: (event) => cx.act(e, block, { value: event.target.value }) },
  };
  return e.multiline ? h("textarea", { ...props, rows: "4" }) : h("input", { ...props, type: types[e.type] || "text", autocomplete: "off" });
}

// body is the part of a click that tells what was chosen.
export function body(e, choice) {
  if (choice.values) return { selected_options: choice.values };
  return e.type === "button" || e.type === "workflow_button" ? { value: choice.value } : { selected_option: choice.value };
}
