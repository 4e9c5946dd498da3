// A small keyed renderer. A view is described by plain objects made with h();
// patch() makes the page equal to it and touches only what differs, so that
// focus, selections, scroll positions and half-typed text survive a redraw.
// Text only ever becomes text nodes: nothing here can turn data into markup.

const SVG = "http://www.w3.org/2000/svg";
const svgTags = new Set(["svg", "path", "circle", "rect", "line", "g"]);

// h describes an element. Props: key, class, on {event: function}, data
// {name: value}, style {property: value}, initial {property: value} (set when
// the element is made and then left to the person), live {property: value}
// (kept equal), hook (called with the element after each patch); everything
// else is an attribute, left out when null or false.
export function h(tag, props, ...children) {
  return { tag, props: props || {}, key: props && props.key, children: flat(children) };
}

// flat drops what shows nothing and joins neighbouring strings, so that a
// text node stays the same node when its pieces change.
function flat(children, out = []) {
  for (const child of children) {
    if (child === null || child === undefined || child === false || child === true) continue;
    if (Array.isArray(child)) flat(child, out);
    else if (typeof child === "object") out.push(child);
    else if (typeof out[out.length - 1] === "string") out[out.length - 1] += String(child);
    else out.push(String(child));
  }
  return out;
}

// patch makes the children of parent equal to the described ones.
export function patch(parent, ...described) {
  const children = flat(described);
  const old = Array.from(parent.childNodes);
  const keyed = new Map();
  for (const node of old) if (node._key !== undefined) keyed.set(node._key, node);
  const used = new Set();
  let loose = 0;
  const nextLoose = (fits) => {
    for (let i = loose; i < old.length; i++) {
      if (old[i]._key === undefined && !used.has(old[i]) && fits(old[i])) { loose = i + 1; return old[i]; }
    }
    return null;
  };
  const wanted = children.map((child) => {
    let node;
    if (typeof child === "string") {
      node = nextLoose((n) => n.nodeType === Node.TEXT_NODE);
      if (!node) node = document.createTextNode(child);
      else if (node.data !== child) node.data = child;
    } else {
      node = child.key !== undefined ? keyed.get(child.key)
        : nextLoose((n) => n._tag === child.tag);
      if (!node || node._tag !== child.tag || used.has(node)) node = make(child);
      else update(node, child);
    }
    used.add(node);
    return node;
  });
  for (const node of old) if (!used.has(node)) node.remove();
  // Walk backwards so that nodes which keep their order are never moved: a
  // moved node would lose focus and its place in the scroll.
  let after = null;
  for (let i = wanted.length - 1; i >= 0; i--) {
    if (wanted[i].parentNode !== parent || wanted[i].nextSibling !== after) parent.insertBefore(wanted[i], after);
    after = wanted[i];
  }
}

function make(v) {
  const node = svgTags.has(v.tag) ? document.createElementNS(SVG, v.tag) : document.createElement(v.tag);
  node._tag = v.tag;
  node._key = v.key;
  node._on = {};
  node._props = {};
  update(node, v);
  // Options are put in from the last to the first, and a browser chooses the
  // first one that it meets.
  if (v.tag === "select") node.selectedIndex = 0;
  for (const [name, value] of Object.entries(v.props.initial || {})) node[name] = value;
  if (v.props.mount) queueMicrotask(() => node.isConnected && v.props.mount(node));
  return node;
}

function update(node, v) {
  const before = node._props, now = v.props;
  attributes(node, flatten(before), flatten(now));
  styles(node, before.style || {}, now.style || {});
  events(node, now.on || {});
  node._props = now;
  patch(node, v.children);
  for (const [name, value] of Object.entries(now.live || {})) if (node[name] !== value) node[name] = value;
}

const special = new Set(["key", "on", "data", "style", "initial", "live", "mount"]);

function flatten(props) {
  const out = {};
  for (const [name, value] of Object.entries(props)) {
    if (!special.has(name) && value !== null && value !== undefined && value !== false) out[name] = value === true ? "" : String(value);
  }
  for (const [name, value] of Object.entries(props.data || {})) {
    if (value !== null && value !== undefined && value !== false) out["data-" + name] = String(value);
  }
  return out;
}

function attributes(node, before, now) {
  for (const name of Object.keys(before)) if (!(name in now)) node.removeAttribute(name);
  for (const [name, value] of Object.entries(now)) if (before[name] !== value) node.setAttribute(name, value);
}

function styles(node, before, now) {
  for (const name of Object.keys(before)) if (!(name in now)) node.style.removeProperty(name);
  for (const [name, value] of Object.entries(now)) if (before[name] !== value) node.style.setProperty(name, value);
}

// events keeps one listener per kind, which looks up today's function: so a
// redraw never has to take listeners off.
function events(node, now) {
  for (const kind of Object.keys(now)) {
    if (!(kind in node._on)) node.addEventListener(kind, (event) => node._on[kind] && node._on[kind](event));
  }
  for (const kind of Object.keys(node._on)) if (!(kind in now)) node._on[kind] = null;
  Object.assign(node._on, now);
}

// icon draws a stroke icon of a 20 by 20 grid.
export function icon(path, className = "icon") {
  return h("svg", { class: className, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false" },
    h("path", { d: path, fill: "none", stroke: "currentColor", "stroke-width": "1.6", "stroke-linecap": "round", "stroke-linejoin": "round" }));
}

// safeURL lets through what a link may point to, and nothing that runs code.
export function safeURL(text) {
  try {
    const url = new URL(String(text), location.href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch { return null; }
}

// link opens elsewhere and tells elsewhere nothing about this page.
export function link(url, ...label) {
  const href = safeURL(url);
  return href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, label) : h("span", null, label);
}
