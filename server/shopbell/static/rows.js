// Puts single fragments into the page: morphs them in place, keeps their order, and lets rows slide.
import { Idiomorph } from "/static/vendor/idiomorph.esm.js";
import { tick } from "./ticker.js";

const SLIDE_MS = 200;
/** @type {(el: HTMLElement) => void} */
let prepare = () => {};

/** @param {(el: HTMLElement) => void} f makes a fragment this viewer's own before it is put in order */
export const preparing = (f) => (prepare = f);

/** Makes an element equal to what the server says, but leaves alone what is marked data-keep: someone types there.
 * @param {Element} old @param {Element | string} next */
export function morph(old, next) {
  const beforeNodeMorphed = (/** @type {Node} */ node) => !(node instanceof HTMLElement && "keep" in node.dataset);
  Idiomorph.morph(old, next, { restoreFocus: true, callbacks: { beforeNodeMorphed } });
}

/** Applies one change: element id to fragment, null removes. @param {Object<string, string | null>} html */
export function apply(html) {
  moving(() => {
    for (const [id, fragment] of Object.entries(html)) put(id, fragment);
  });
}

/** @param {string} id @param {string | null} fragment */
function put(id, fragment) {
  const old = document.getElementById(id);
  if (fragment === null) return old && remove(old);
  const held = old?.contains(document.activeElement);
  if (old) morph(old, fragment);
  const el = old ? document.getElementById(id) : parse(fragment);
  if (!el) return;
  prepare(el);
  tick(el);
  if (el.dataset.list) place(el, old === null);
  if (held && !el.contains(document.activeElement)) goOn(el);
}

/** Whoever worked in a row goes on there: at its next move, or at its name. @param {Element} el */
function goOn(el) {
  const targets = /** @type {HTMLElement[]} */ ([...el.querySelectorAll(".primary, a")]);
  const seen = targets.filter((target) => target.getClientRects().length);
  (seen.find((target) => target.matches(".primary")) ?? seen[0])?.focus({ preventScroll: true });
}

/** @param {string} fragment */
function parse(fragment) {
  const box = document.createElement("template");
  box.innerHTML = fragment;
  return /** @type {HTMLElement | null} */ (box.content.firstElementChild);
}

/** Who worked in a row that goes away stays in the list. @param {HTMLElement} el */
function remove(el) {
  const next = el.nextElementSibling ?? el.previousElementSibling;
  const held = el.contains(document.activeElement);
  el.remove();
  if (held) /** @type {HTMLElement} */ (next?.querySelector("a, button") ?? document.getElementById("main"))?.focus();
}

/** Mine before the others, then by data-sort. @param {Element} el */
const key = (el) => `${el.classList.contains("mine") ? 0 : 1}${el.getAttribute("data-sort")}`;

/** @param {HTMLElement} el @param {boolean} isNew */
function place(el, isNew) {
  const list = document.getElementById(el.dataset.list ?? "");
  if (!list) return;
  const before = [...list.children].find((other) => other !== el && key(other) > key(el)) ?? null;
  if (isNew) el.classList.add("fade-in");
  if (!isNew && el.nextElementSibling === before) return;
  const focused = el.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  list.insertBefore(el, before);
  focused?.focus({ preventScroll: true });
}

/** Puts all rows of a list in order. @param {Element} list */
export function arrange(list) {
  for (const el of [...list.children]) place(/** @type {HTMLElement} */ (el), false);
}

/** Lets rows that change place slide there. @param {() => void} change */
export function moving(change) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-sort]")]);
  const before = new Map(rows.map((row) => [row, row.getBoundingClientRect().top]));
  change();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [row, top] of before) {
    const moved = row.isConnected ? top - row.getBoundingClientRect().top : 0;
    if (moved) row.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: SLIDE_MS, easing: "ease-out" });
  }
}
