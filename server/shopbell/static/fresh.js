// Swaps the parts of a page that change, each known by its id, for those of the same page read anew.

/** @param {string} marked the attribute of such parts, as "[data-live]" @param {Document} page */
export function swap(marked, page) {
  for (const old of document.querySelectorAll(marked)) {
    const now = page.getElementById(old.id);
    if (now && now.outerHTML !== old.outerHTML) old.replaceWith(document.adoptNode(now));
  }
}

/** The same page as it is now, or null if it is not to be had. @param {number} patienceMs */
export async function same(patienceMs) {
  const url = location.href;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    if (!answer.ok || answer.url !== url || location.href !== url) return null;
    return await answer.text();
  } catch {
    return null; // the next tap says it, if the network is still gone then
  }
}
