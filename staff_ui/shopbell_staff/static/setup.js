// Set-up works by forms alone. This only spares some waiting: a screen that was enrolled and a code that was
// proven show it by themselves, the browser's own time zone is chosen, and a list of PINs can be printed.
import { same, swap } from "/static/fresh.js";

const EVERY_MS = 3000;

const zone = /** @type {HTMLSelectElement | null} */ (document.querySelector("[data-own-timezone]"));
const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone?.value === "UTC" && [...zone.options].some((option) => option.value === own)) zone.value = own;

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-print]"))) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

if (document.querySelector("[data-fresh]")) setInterval(read, EVERY_MS);

async function read() {
  // Not while something is folded out to be changed, nor on the answer to a form.
  if (document.hidden || document.querySelector("[data-fresh] details[open]")) return;
  const html = await same(EVERY_MS);
  if (html !== null) swap("[data-fresh]", new DOMParser().parseFromString(html, "text/html"));
}
