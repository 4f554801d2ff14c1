// Keeps a customer's page true: the socket only says "there is something new", then the page reads itself again;
// without a socket it asks every few seconds. Old news is marked as such.
import { listen } from "/static/again.js";
import { Idiomorph } from "/static/vendor/idiomorph.esm.js";
import { correct, serverNow, timeIn } from "/static/ticker.js";

const POLL_MS = 5000;
const OLD_MS = 20_000;
const JITTER_MS = 1000; // so that a full store does not ask all at once
const SEEN_MS = 60_000;

const fresh = /** @type {HTMLElement} */ (document.getElementById("fresh"));
const part = () => /** @type {HTMLElement} */ (document.getElementById("status"));
let heardAt = Date.now();
let shownAt = Date.parse(fresh.dataset.now ?? "");
let seenAt = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;

correct(fresh.dataset.now);
const socket = listen({ auth: { visit: document.body.dataset.token } });
socket.on("heartbeat", (/** @type {{seq: number, now: string}} */ { seq, now }) => { correct(now); hear(seq); });
socket.on("change", (/** @type {{seq: number}} */ { seq }) => hear(seq));
setInterval(() => { if (!socket.connected) poll(); else if (isTime()) read(); sayHowFresh(); }, POLL_MS);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && read());
addEventListener("online", () => read());
addEventListener("pageshow", (event) => event.persisted && read());
sayHowFresh();
// She has scanned a screen's code: that is tap enough.
/** @type {HTMLFormElement | null} */ (document.querySelector("[data-at-once]"))?.requestSubmit();

/** @param {number} seq the store's last change */
function hear(seq) {
  if (seq === Number(part().dataset.seq)) return noteFresh();
  clearTimeout(soon);
  soon = setTimeout(read, Math.random() * JITTER_MS);
}

async function poll() {
  await read();
  if (Date.now() - seenAt < SEEN_MS || document.hidden) return;
  seenAt = Date.now();
  fetch(`${location.pathname}/seen`, { method: "POST" }).catch(() => {}); // the next minute says it again
}

/** Some times pass without an event (that she was told, that of a question): the page must change all the same. */
function isTime() {
  const { next } = part().dataset;
  return next !== undefined && Date.parse(next) < serverNow();
}

async function read() {
  try {
    const known = isTime() ? "" : part().dataset.seq;  // without a seq the answer is what is true now
    const url = `${location.pathname}?seq=${known}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(2 * POLL_MS) });
    if (answer.status === 404) return location.reload();
    if (!answer.ok) return;
    if (answer.status !== 204) show(await answer.text());
    noteFresh();
  } catch {
    sayHowFresh();
  }
}

/** @param {string} html the part of the page that changes */
function show(html) {
  const next = new DOMParser().parseFromString(html, "text/html").getElementById("status");
  if (!next) return;
  const before = document.title;
  Idiomorph.morph(part(), next, { ignoreActiveValue: true, restoreFocus: true, callbacks: { beforeNodeMorphed: isNotInUse } });
  document.title = part().dataset.title ?? before;
  if (document.title !== before) announce();
}

/** What she has opened to write in stays as it is. @param {Node} node */
const isNotInUse = (node) => !(node instanceof HTMLDetailsElement && node.open);

/** To screen readers: her place and state, not every change of the range. */
function announce() {
  const said = /** @type {HTMLElement} */ (document.getElementById("said"));
  const words = ["headline", "detail"].map((id) => document.getElementById(id)?.textContent ?? "");
  said.textContent = words.join(" ").trim();
}

function noteFresh() {
  heardAt = Date.now();
  shownAt = serverNow();
  sayHowFresh();
}

function sayHowFresh() {
  const old = Date.now() - heardAt > OLD_MS;
  const clock = timeIn(fresh.dataset.zone, shownAt);
  fresh.classList.toggle("old", old);
  const at = /** @type {HTMLElement} */ (fresh.querySelector(".at"));
  at.textContent = old ? (fresh.dataset.asOf ?? "").replace("{clock}", clock) : clock;
}
