// Modals and confirm dialogs.
//
// For tests: dialog[data-modal] holds the view on top; [data-modal-act=submit|close] and x for the whole stack;
// inputs carry data-action-id and data-block-id; [data-error=BLOCK] is the
// problem at a field; dialog[data-confirm] with [data-confirm-act=yes|no].

import { h } from "./dom.js";
import { app, post, redraw } from "./core.js";
import { blocks, plain, text } from "./blocks.js";
import { body, element } from "./elements.js";
import { ask, lookup, waiting } from "./message.js";

const show = (node) => { if (!node.open) node.showModal(); enter(node); };

// enter puts the cursor where Slack does: into the field that asks for it, else
// the first one, else onto the button that sends.
function enter(node) {
  const at = node.querySelector("[data-focus]") || node.querySelector(".sheet-body input, .sheet-body select, .sheet-body textarea") || node.querySelector('[data-modal-act="submit"], [data-confirm-act="yes"]');
  if (at) at.focus();
}

export function confirmDialog() {
  if (!app.confirm) return null;
  const { confirm, go } = app.confirm;
  const cx = { names: lookup(app.state.slack) };
  const end = (yes) => { app.confirm = null; redraw(); if (yes) go(); };
  return h("dialog", { key: "confirm", class: "sheet sheet-small", data: { confirm: "" }, "aria-labelledby": "confirm-title", mount: show, on: { cancel: (e) => { e.preventDefault(); end(false); } } },
    h("header", { class: "sheet-top" }, h("h2", { id: "confirm-title" }, plain(confirm.title))),
    h("div", { class: "sheet-body" }, h("div", { class: "sl-text" }, text(confirm.text, cx))),
    h("footer", { class: "sheet-foot" },
      h("button", { type: "button", class: "sl-button", data: { "confirm-act": "no" }, on: { click: () => end(false) } }, plain(confirm.deny) || "Cancel"),
      h("button", { type: "button", class: "sl-button " + (confirm.style === "danger" ? "sl-danger-full" : "sl-primary"), autofocus: true, data: { "confirm-act": "yes" }, on: { click: () => end(true) } }, plain(confirm.confirm) || "OK")));
}

export function modal(slack) {
  const v = slack.modals[slack.modals.length - 1];
  for (const id of Object.keys(app.forms)) if (!slack.modals.some((m) => m.id === id)) delete app.forms[id];
  if (!v) return null;
  const cx = surroundings(v, slack);
  const view = v.view, errors = v.errors || {};
  const close = () => post("close", { user: slack.me.id, view_id: v.id });
  const submit = async (e) => {
    e.preventDefault();
    if (v.busy) return;
    // What Slack itself refuses is shown at the fields, by the next state.
    await post("submit", { user: slack.me.id, view_id: v.id, values: inputs(v) }, true);
  };
  return h("dialog", { key: v.id, class: "sheet", data: { modal: v.id }, "aria-labelledby": "modal-title", mount: show, on: { cancel: (e) => { e.preventDefault(); close(); } } },
    h("form", { class: "sheet-form", novalidate: true, on: { submit, keydown: (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) e.currentTarget.requestSubmit(); } } },
      h("header", { class: "sheet-top" },
        slack.modals.length > 1 && h("span", { class: "sheet-depth" }, slack.modals.length, " of 3"),
        h("h2", { id: "modal-title" }, plain(view.title)),
        h("button", { type: "button", class: "sheet-close", "aria-label": "Close", data: { "modal-act": "x" }, on: { click: () => post("close", { user: slack.me.id, view_id: v.id, all: true }) } }, "✕")),
      h("div", { key: "body-" + (view.blocks.find((b) => b.type === "input") || {}).block_id, class: "sheet-body", mount: (n) => n.closest("dialog").open && enter(n.closest("dialog")) },
        (v.problem || app.problem) && h("div", { key: "problem", class: "sl-alert sl-alert-error", role: "alert" }, v.problem || app.problem),
        Object.keys(errors).length > 0 && h("div", { class: "hidden", role: "alert" }, Object.values(errors).join(" ")),
        blocks(view.blocks, cx)),
      h("footer", { class: "sheet-foot" },
        h("button", { type: "button", class: "sl-button", data: { "modal-act": "close" }, on: { click: close } }, plain(view.close) || "Close"),
        view.submit && h("button", { type: "submit", class: "sl-button sl-primary", "aria-busy": v.busy ? "true" : null, data: { "modal-act": "submit", "button-text": plain(view.submit) } }, plain(view.submit)))));
}

// inputs is what was put into the blocks that a view has now: another form may
// have taken the place of the one that it was put into.
function inputs(v) {
  return Object.fromEntries(Object.entries(app.forms[v.id] || {}).filter(([id]) => v.view.blocks.some((b) => b.block_id === id)));
}

// surroundings is the context of a modal's blocks. What was put in is kept
// here and goes along with every click and with the submission; what was not
// touched is as the view has it at first.
function surroundings(v, slack) {
  const keep = (e, block, choice) => { ((app.forms[v.id] ||= {})[block.block_id] ||= {})[e.action_id] = choice; };
  const click = (e, block, choice) => post("click", { user: slack.me.id, view_id: v.id, block_id: block.block_id, action_id: e.action_id, inputs: inputs(v), ...body(e, choice) });
  const cx = {
    names: lookup(slack), place: v.id + "-", files: () => null,
    state: (e) => waiting(slack, (f) => f.view_id === v.id && f.action_id === e.action_id),
    act: (e, block, choice) => {
      if (e.type !== "button" && e.type !== "overflow") keep(e, block, choice);
      if (block.type !== "input" || block.dispatch_action) ask(e, () => click(e, block, choice));
    },
    element(e, block) { return element(e, block, this); },
    input: (b) => field(b, v, cx),
  };
  return cx;
}

// field draws an input block. Its key is the block's own, so that what was
// typed stays while the application keeps block_id and action_id.
function field(b, v, cx) {
  const error = (v.errors || {})[b.block_id];
  const note = "note-" + v.id + "-" + b.block_id;
  const inner = { ...cx, place: cx.place + b.block_id + "-", label: plain(b.label), invalid: !!error, describe: error || b.hint ? note : null };
  return h("div", { key: b.block_id, class: "sl-field-input" + (error ? " sl-field-bad" : "") },
    h("div", { class: "sl-label" }, plain(b.label), b.optional && h("span", { class: "sl-optional" }, " (optional)")),
    inner.element(b.element, b),
    error ? h("p", { key: "error", id: note, class: "sl-field-error", data: { error: b.block_id } }, error)
      : b.hint && h("p", { key: "hint", id: note, class: "sl-hint" }, plain(b.hint)));
}
