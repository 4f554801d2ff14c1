// Clocks, rings and countdowns, ticked in the browser from data attributes and the server's time.
// The server never pushes the passing of time, and a wrong clock on the device never shows.

const SOON = 0.8; // of the threshold; render.py has the same
const PACE = Number(document.documentElement.dataset.pace ?? 1); // a demo may run faster than life
let told = Date.now();
let toldAt = told;

/** The server's time in ms. */
export const serverNow = () => told + (Date.now() - toldAt) * PACE;

/** @param {string | undefined} iso the server's time, just heard */
export function correct(iso) {
  if (iso) [told, toldAt] = [Date.parse(iso), Date.now()];
}

/** Starts from the page's own time and ticks once a second. */
export function start() {
  correct(document.body.dataset.now);
  tick();
  setInterval(tick, 1000);
}

/** Brings every clock under `root` up to date. @param {ParentNode} root */
export function tick(root = document) {
  const now = serverNow();
  each(root, "[data-ring]", (ring) => turn(ring, now));
  each(root, "[data-clock]", (el) => figures(el, now - at(el.dataset.clock)));
  each(root, "[data-left]", (el) => figures(el, at(el.dataset.left) - now));
  each(root, "[data-past]", (el) => figures(el, now - at(el.dataset.past)));
  each(root, "[data-short]", (el) => brief(el, now - at(el.dataset.short)));
  each(root, "[data-countdown]", (el) => put(el, String(seconds(at(el.dataset.countdown) - now))));
  each(root, "[data-until]", (el) => (el.hidden = at(el.dataset.until) <= now));
  each(root, "[data-from]", (el) => (el.hidden = at(el.dataset.from) > now));
  each(root, "time[data-timezone]", (el) => put(el, timeIn(el.dataset.timezone, now)));
}

/** A time of day, "10:14", in a store's zone. @param {string | undefined} timeZone @param {number} ms */
export const timeIn = (timeZone, ms) =>
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(ms);

/** How late someone is. @param {number} share of the threshold */
const lateness = (share) => (share >= 1 ? "late" : share >= SOON ? "soon" : "calm");

/** @param {HTMLElement} ring @param {number} now */
function turn(ring, now) {
  const share = (now - at(ring.dataset.ring)) / 1000 / Number(ring.dataset.threshold);
  const percent = Math.min(100, Math.max(0.01, share * 100));
  ring.querySelector(".arc")?.setAttribute("stroke-dasharray", `${percent.toFixed(1)} 200`);
  const foreseen = share < SOON && ring.closest("[data-foreseen]");
  const shown = foreseen ? "soon" : lateness(share);
  if (ring.dataset.lateness !== shown) ring.dataset.lateness = shown;
}

/** "12 min 31 s": the words are the server's, the figures ours. @param {HTMLElement} el @param {number} ms */
function figures(el, ms) {
  const s = seconds(ms);
  each(el, "[data-m]", (part) => put(part, String(Math.floor(s / 60))));
  each(el, "[data-mins]", (part) => (part.hidden = s < 60));
  const lone = s < 60 && el.querySelector("[data-mins]");
  each(el, "[data-s]", (part) => put(part, String(s % 60).padStart(lone ? 1 : 2, "0")));
}

/** "40 s", then "5 min". @param {HTMLElement} el @param {number} ms */
function brief(el, ms) {
  const s = seconds(ms);
  put(el, s < 60 ? `${s} ${el.dataset.s}` : `${Math.floor(s / 60)} ${el.dataset.min}`);
}

/** @param {string | undefined} iso */
const at = (iso) => Date.parse(iso ?? "");
/** @param {number} ms */
const seconds = (ms) => Math.max(0, Math.floor(ms / 1000));

/** Writes only what changed, so that a reader's cursor stays. @param {Element} el @param {string} text */
function put(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

/** @param {ParentNode} root @param {string} selector @param {(el: HTMLElement) => void} f */
function each(root, selector, f) {
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector))) f(el);
}
