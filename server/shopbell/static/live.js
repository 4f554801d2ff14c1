// Keeps one page equal to the server: single rows over the socket, the whole page on any doubt.
// The page's live part is one element with data-live (its address), data-store, data-epoch, data-seq; one that
// shows what is urgent in several stores has data-stores, the seq of each, and is read anew for what concerns it;
// with data-polled it shows more stores than a socket tells of: it only asks.
import { listen, pollMs, someTimeMs } from "./again.js";
import { correct, serverNow, tick, timeIn } from "./ticker.js";
import { apply, morph, moving } from "./rows.js";

/**
 * @typedef {{store: string, epoch: string, seq: number, type: string, at: string, reason?: string, html?: Object<string, string | null>}} Change
 * @typedef {{store: string, epoch: string, seq: number, now: string, alerting: "ok" | "down"}} Heartbeat
 */

const POLL_MS = 5000;
const SILENCE_MS = 12000; // two heartbeats and a little
const PATIENCE_MS = 8000;
const UNASSURED = 6; // polls' times, so 30 s in which nobody said that alerting works

let heard = Date.now();
let asked = 0;
let shown = serverNow();
let reading = false;
let again = false;
let unassured = 0;
let alerting = "ok";
/** @type {() => void} */
let applied = () => {};
/** How far this page has heard of each store, where it shows several. @type {Map<string, number>} */
let several = new Map();

/** The live part as it is now; a reload may have morphed it. */
const part = () => /** @type {HTMLElement} */ (document.querySelector("[data-live]"));
/** The last change this page shows. */
export const seq = () => Number(part().dataset.seq);

/**
 * Listens, and polls whenever the socket is silent.
 * @param {(change?: Change) => void} after called after every change of the page; without one after a reload
 */
export function start(after) {
  applied = () => after();
  count();
  const socket = listen({ auth: {}, autoConnect: !isPolled() });
  socket.on("connect", () => read());
  socket.on("change", (/** @type {Change} */ change) => hear(change, after));
  socket.on("heartbeat", beat);
  socket.on("resync", (/** @type {{store: string}} */ { store }) => (several.has(store) || store === part().dataset.store) && read());
  // Whoever was silent before has slept, and is alone with it: it reads at once.
  socket.on("disconnect", () => setTimeout(read, isSilent() ? 0 : someTimeMs(POLL_MS)));
  setInterval(unheard, POLL_MS);
  setInterval(() => (!socket.connected || isSilent()) && Date.now() - asked > pollMs() && poll(), POLL_MS);
  addEventListener("offline", poll);
  addEventListener("online", () => read());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && read());
}

const isSilent = () => Date.now() - heard > SILENCE_MS;

/** One step of the rule: the next one is applied, an old one ignored, a gap read anew.
 * @param {Change} change @param {(change: Change) => void} after */
function hear(change, after) {
  const mine = part().dataset;
  if (several.has(change.store)) return hearOf(change);
  if (change.store !== mine.store) return;
  if (change.epoch === mine.epoch && change.seq <= seq()) return;
  if (change.epoch !== mine.epoch || change.seq !== seq() + 1 || reading) return read();
  if (change.type === "settings") return read("live", true);
  mine.seq = String(change.seq);
  fresh("live");
  apply(change.html ?? {});
  after(change);
  if (change.type.startsWith("bell_")) read("live", true); // what it says stands in no row
}

/** One of several stores: read anew for an alert, for who is free, and for whatever was missed.
 * @param {Change} change */
function hearOf({ store, epoch, seq: latest, type, html }) {
  const before = several.get(store) ?? latest;
  several.set(store, Math.max(before, latest));
  if (type === "settings") return read("live", true);
  const concerns = Object.keys(html ?? {}).some((id) => id === "team" || id.startsWith("alert-"));
  if (concerns || latest > before + 1 || epoch !== part().dataset.epoch) read();
}

/** How far the page as it was sent knows each of its stores. */
function count() {
  several = new Map(Object.entries(JSON.parse(part().dataset.stores ?? "{}")));
}

/** @param {Heartbeat} beat */
function beat({ store, epoch, seq: latest, now, alerting }) {
  const mine = part().dataset;
  if (store !== mine.store && !several.has(store)) return;
  heard = Date.now();
  correct(now);
  fresh("live");
  heed(alerting);
  if (epoch !== mine.epoch || latest !== (several.get(store) ?? seq())) read();
  if (several.has(store)) several.set(store, latest);
}

/** What the server says of its alerts, if it says anything. @param {string | null} state */
function heed(state) {
  alerting = state ?? alerting;
  if (state === "ok") unassured = 0;
  const down = alerting === "down" || unassured >= UNASSURED;
  for (const el of document.querySelectorAll("[data-alerting-down]")) el.toggleAttribute("hidden", !down);
}

// Counted and not timed: a device that slept must not cry wolf when it wakes.
function unheard() {
  unassured += 1;
  heed(null);
}

const poll = () => read(isPolled() ? "live" : "polling");

/** Whether no socket tells what is new on this page. */
export const isPolled = () => "polled" in part().dataset;

/**
 * Reads the page again and morphs it in; one at a time.
 * @param {"live" | "polling"} how
 * @param {boolean} whole even if its seq is not newer: for figures that no change carries
 */
export async function read(how = "live", whole = false) {
  again ||= reading; // asked for while reading: what came meanwhile may be missing
  if (reading) return;
  reading = true;
  fresh((await once(whole)) ? how : "lost");
  reading = false;
  if (again) {
    again = false;
    read(how);
  }
}

/** Whether the server answered. @param {boolean} whole */
async function once(whole) {
  asked = Date.now();
  try {
    const answer = await fetch(address(whole), { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE_MS) });
    heed(answer.headers.get("Shopbell-Alerting"));
    if (answer.status >= 500 || answer.status === 429) return false;
    if (answer.redirected || answer.status >= 400) location.reload(); // signed out, or this screen was revoked
    else if (answer.status === 200) replace(await answer.text());
    return true;
  } catch {
    return false;
  }
}

/** Where to ask for what is newer than what is shown. @param {boolean} whole */
function address(whole) {
  const url = new URL(location.href);
  url.hash = "";
  if (whole) return url;
  url.searchParams.set("seq", String(seq()));
  url.searchParams.set("epoch", part().dataset.epoch ?? "");
  return url;
}

/** @param {string} text a whole page */
function replace(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const next = page.querySelector("[data-live]");
  // Another kind of page (locked by now, signed out) is not morphed but shown whole.
  if (!next || page.body.className !== document.body.className) return location.reload();
  correct(page.body.dataset.now);
  moving(() => morph(part(), next));
  count();
  tick();
  applied();
}

/** Says how fresh the page is. @param {"live" | "polling" | "lost"} how */
function fresh(how) {
  if (how !== "lost") shown = serverNow();
  for (const banner of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-connection]"))) {
    banner.hidden = how === "live";
    for (const words of /** @type {NodeListOf<HTMLElement>} */ (banner.querySelectorAll("[data-when]"))) {
      words.hidden = words.dataset.when !== how;
      for (const time of words.querySelectorAll("time")) time.textContent = timeIn(part().dataset.timezone, shown);
    }
  }
}
