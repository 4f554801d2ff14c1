// Keeps clock, ranges and places on the screen true: reads the same page again and swaps only what is marked data-live.
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
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
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
