// When nobody touches the screen it warns, counts down and clears itself; any tap or key gives more time,
// as often as she likes (WCAG 2.2.1).
import { forget, send } from "./send.js";

let touched = performance.now();

export function watchIdle() {
  for (const type of ["pointerdown", "keydown", "input", "wheel"]) {
    addEventListener(type, () => { touched = performance.now(); tick(); }, { passive: true, capture: true });
  }
  document.addEventListener("screen", () => tick());
  setInterval(tick, 500);
}

function tick() {
  const { idle, warn, done, rest } = document.body.dataset;
  const line = document.getElementById("clears");
  const said = document.getElementById("said");
  if (!line || !said || !done) return;
  const left = Math.ceil(Number(idle) + Number(warn) - (performance.now() - touched) / 1000);
  const warns = left <= Number(warn) && !isAtRest(rest);
  line.hidden = !warns;
  if (warns) line.textContent = (line.dataset.text ?? "").replace("{s}", String(Math.max(left, 0)));
  const words = warns ? said.dataset.text ?? "" : "";
  if (said.textContent !== words) said.textContent = words;  // once, not every second
  if (left <= 0 && !isAtRest(rest)) clear(done);
}

/** The question itself needs no clearing, unless somebody changed how it looks or went on to more of it.
 * @param {string | undefined} rest */
function isAtRest(rest) {
  const root = document.documentElement;
  return rest !== undefined && !location.search && !root.matches(".large, .low") && root.lang === homeLanguage;
}
const homeLanguage = document.documentElement.lang;

/** Without a network too nothing of her stays to be seen: the screen is covered until the server can answer.
 * @param {string} url */
function clear(url) {
  touched = performance.now();
  forget();
  document.body.classList.add("cleared");
  document.querySelector("main")?.replaceChildren();
  send(url);
}
