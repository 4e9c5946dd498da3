// What the parts of the page share: the state as fetched, what the person has
// opened, and the way to the control API.

// app.state is GET /control/state; the rest is this window's own.
export const app = {
  state: null,
  as: null, // Slack user ID of whose state is asked for
  tab: "patient", // which panel a narrow window shows
  channel: null, // channel ID, or "home"
  thread: null, // {channel, ts} of the open thread
  menu: null, // key of the open overflow menu
  confirm: null, // the open confirm dialog
  forms: {}, // what was typed into each modal: view -> block -> action
  drafts: {}, // what was typed into each composer
  opened: {}, // which details are open
  read: {}, // newest message seen: person -> channel -> ts
  toasts: [],
  problem: null, // the last refusal of the control API
  lost: false, // the simulator does not answer
  skew: 0, // its clock minus ours
};

let draw = () => {};
let waiting = false;

export function onRedraw(f) { draw = f; }

// redraw draws soon, once for all calls of one turn.
export function redraw() {
  if (waiting) return;
  waiting = true;
  queueMicrotask(() => { waiting = false; draw(); });
}

export function now() { return Date.now() + app.skew; }

// post asks the control API for something; a refusal is shown, unless quiet,
// and gives null.
export async function post(path, body, quiet) {
  try {
    const answer = await fetch("/control/" + path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}),
    });
    const reply = await answer.json();
    if (answer.ok) return reply;
    if (!quiet) complain(reply.error || "The simulator refused.");
  } catch {
    complain("The simulator does not answer.");
  }
  return null;
}

// complain shows one sentence for a while.
export function complain(why) {
  const text = why.replace(/^(slack|pagerduty|patient|sim): /, "");
  app.problem = text[0].toUpperCase() + text.slice(1);
  const shown = app.problem;
  redraw();
  setTimeout(() => { if (app.problem === shown) { app.problem = null; redraw(); } }, 6000);
}

// duration says m:ss, or h:mm:ss.
export function duration(ms) {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60) : Math.floor(s / 60) + ":" + two(s % 60);
}

export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

export function names(people) {
  return (people || []).map((p) => p.name.split(" ")[0]).join(", ");
}

// me is the person that I am, as both neighbours know them: the one whose state
// is shown, in whose name everything on the page is pressed. Who was chosen a
// moment ago (app.as) becomes that when their state has come.
export function me() {
  return (app.state.people || []).find((p) => p.slack === app.state.slack.me.id) || {};
}

// shades gives a person always the same colour.
export function shade(id) {
  let sum = 0;
  for (const c of String(id)) sum = (sum * 31 + c.charCodeAt(0)) >>> 0;
  return "shade-" + (sum % 8);
}
