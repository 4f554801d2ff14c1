// Keeps clock, ranges and places on the screen true: reads the same page again and swaps what is marked data-live;
// all of it once the visit's state is another.
import { show } from "./send.js";

const EVERY_MS = 10_000;

export function keepFresh() {
  setInterval(read, EVERY_MS);
}

async function read() {
  if (document.hidden || !document.querySelector("[data-live]")) return;
  const url = location.href;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(EVERY_MS) });
    if (!answer.ok || answer.url !== url || location.href !== url) return;
    const html = await answer.text();
    const page = new DOMParser().parseFromString(html, "text/html");
    if (page.body.dataset.state !== document.body.dataset.state) show(html, url);
    else swap(page);
  } catch {
    // the next tap says it, if the network is still gone then
  }
}

/** @param {Document} page */
function swap(page) {
  for (const old of document.querySelectorAll("[data-live]")) {
    const now = page.getElementById(old.id);
    if (now && now.outerHTML !== old.outerHTML) old.replaceWith(document.adoptNode(now));
  }
}
