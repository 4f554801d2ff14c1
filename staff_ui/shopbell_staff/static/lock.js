// Locks a shared tablet that nobody touches: names and stories leave the screen, the waiting stays.

/** Posts the page's lock form after its data-idle seconds without a touch. */
export function start() {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("lock"));
  const idle = Number(form?.dataset.idle) * 1000;
  if (!form || !idle) return;
  let touched = Date.now();
  for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"])
    addEventListener(sign, () => (touched = Date.now()), { passive: true, capture: true });
  // Looked at every second: a timer of two minutes would be held back while the tablet sleeps.
  const watch = setInterval(() => {
    if (Date.now() - touched < idle) return;
    clearInterval(watch);
    form.submit();
  }, 1000);
}
