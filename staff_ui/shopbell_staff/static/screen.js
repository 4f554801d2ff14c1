// What the board and the supervisor's page share: live rows, forms, sheets, sounds, and the figures
// that are derived here from what is on the page.
import * as battery from "/static/battery.js";
import * as forms from "/static/forms.js";
import * as live from "/static/live.js";
import { arrange, preparing } from "/static/rows.js";
import * as ticker from "/static/ticker.js";
import * as sheet from "./sheet.js";
import * as sound from "./sound.js";

const BEHIND_MS = 1500;

/** @typedef {import("/static/live.js").Change} Change */

/** Starts a screen. @param {(change?: Change) => void} after what this screen does after each change */
export function start(after) {
  const changed = (/** @type {Change | undefined} */ change) => {
    derive();
    forms.dress();
    if (change?.type === "rung") hearTest();
    after(change);
  };
  preparing(own);
  ticker.start();
  sound.start();
  sheet.start();
  forms.start({ done, refused });
  live.start(changed);
  battery.start();
  changed(undefined);
  setInterval(() => document.dispatchEvent(new Event("shopbell:tick")), 1000);
}

/** The server has done it; the row comes by the socket, or is fetched if it does not.
 * @param {HTMLFormElement} form @param {forms.Answer} answer */
function done(form, answer) {
  if (form.closest("dialog")) sheet.close();
  if (form.dataset.said) say(form.dataset.said);
  if (live.isPolled()) live.read();
  else if ((answer.seq ?? 0) > live.seq()) setTimeout(() => (answer.seq ?? 0) > live.seq() && live.read(), BEHIND_MS);
}

/** @param {forms.Answer} answer */
function refused(answer) {
  if (answer.sheet) return sheet.show(answer.sheet);
  say(answer.detail ?? answer.title ?? "");
}

/** Somebody tries whether alerts can be heard. */
function hearTest() {
  sound.ring();
  say(document.body.dataset.rung ?? "");
}

let silence = 0;
/** Says a sentence to eyes and ears. @param {string} text */
export function say(text) {
  const said = /** @type {HTMLElement} */ (document.querySelector("dialog[open] .said") ?? document.getElementById("said"));
  said.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => (said.textContent = ""), 8000);
}

// Why associates themselves are rung; whoever stands above is not.
export const NUDGES = new Set(["free_and_waiting", "claimed_and_waiting", "promise_passed"]);

/** People signed in on this screen, whose own it is (if one person's), and the lines they serve. */
export const mine = () => JSON.parse(document.getElementById("screen")?.dataset.mine ?? "{}");

/** Marks what is this screen's own; the server's fragments are the same for all. @param {HTMLElement} el */
function own(el) {
  const { people = [], lines = null } = mine();
  for (const part of /** @type {HTMLElement[]} */ ([el, ...el.querySelectorAll(".undo")])) {
    const whose = part.dataset.by ?? part.dataset.person;
    if (whose !== undefined) part.classList.toggle("mine", whose !== "" && people.includes(Number(whose)));
  }
  if (el.dataset.list === "rows" || el.dataset.list === "apart") el.hidden = lines !== null && !lines.includes(el.dataset.line) && !el.classList.contains("mine");
}

/** @param {string} selector @returns {HTMLElement[]} */
export const all = (selector) => [...document.querySelectorAll(selector)].map((el) => /** @type {HTMLElement} */ (el));

/** Those who wait, on their way or not, longest first. */
export const waiting = () =>
  all('#rows > [data-state="waiting"], #rows > [data-state="claimed"]').sort((a, b) => Number((a.dataset.sort ?? "") > (b.dataset.sort ?? "")) - 0.5);

/** Fills in what follows from the rows and the team. */
function derive() {
  for (const el of all("#rows > li, #apart > li, #team [data-person]")) own(el);
  for (const list of all("#rows, #apart, #alerts")) arrange(list);
  count("waiting", waiting().length);
  count("free", all("#team [data-free]").length);
  const free = all("#team [data-free]").map((el) => el.dataset.name);
  for (const el of document.getElementById("team") ? all("[data-free-names]") : []) {
    el.hidden = free.length === 0;
    el.querySelector("b")?.replaceChildren(new Intl.ListFormat("en").format(free.map(String)));
  }
  for (const el of all("[data-me]")) copyStatus(el);
  for (const el of all("[data-empty]")) el.hidden = document.querySelector(el.dataset.empty ?? "") !== null;
  for (const el of all("[data-many]")) showIfMany(el, all(el.dataset.of ?? "").length);
}

/** What speaks of many at once: from so many on. @param {HTMLElement} el @param {number} n */
function showIfMany(el, n) {
  el.hidden = n < Number(el.dataset.many);
  el.querySelector("[data-num]")?.replaceChildren(String(n));
}

/** @param {string} name @param {number} n */
function count(name, n) {
  for (const el of all(`[data-count="${name}"]`)) el.textContent = String(n);
}

/** The chip at the top says what the team's list says. @param {HTMLElement} chip */
function copyStatus(chip) {
  const member = document.querySelector(`#team [data-person="${chip.dataset.me}"]`);
  const word = chip.querySelector("[data-word]");
  if (member && word) word.textContent = /** @type {HTMLElement} */ (member).dataset.word ?? "";
  chip.toggleAttribute("data-is-free", member?.hasAttribute("data-free") ?? false);
}
