// Opens a page of its own (details, hand over, add a customer) as a sheet over the board.
// The server sends the same page either way; without scripts it is simply followed.

const dialog = () => /** @type {HTMLDialogElement} */ (document.getElementById("sheet"));

/** Makes links marked data-sheet open here, and data-close close it. */
export function start() {
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    if (link.closest("dialog") && "close" in link.dataset) return event.preventDefault(), close();
    if ("sheet" in link.dataset) event.preventDefault(), open(link);
  });
  dialog().addEventListener("click", (event) => event.target === dialog() && close());
}

export const close = () => dialog().close();

/** @param {HTMLAnchorElement} link */
async function open(link) {
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(8000) });
    const main = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (!main || answer.redirected) return location.assign(link.href);
    show(main.innerHTML);
  } catch {
    location.assign(link.href);
  }
}

/** Shows a piece of page that the server made. @param {string} html */
export function show(html) {
  const box = dialog();
  box.innerHTML = html;
  box.querySelector("h1")?.setAttribute("id", "sheet-title");
  if (!box.open) box.showModal();
  const first = box.querySelector("[autofocus]") ?? box.querySelector("h1");
  if (first?.tagName === "H1") first.setAttribute("tabindex", "-1");
  /** @type {HTMLElement | null} */ (first)?.focus();
}
