// A new screen needs no hand: it asks for its code by itself and goes on once a manager has confirmed it.
// Without this script a button does each of both.

const asking = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-ask]"));
const polling = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-poll]"));
let every_s = Number(polling?.dataset.poll);

asking?.submit();
if (polling) setTimeout(poll, every_s * 1000);

async function poll() {
  const said = await answer();
  if (said.to) return location.replace(said.to);
  if (said.error === "expired_token") return location.replace("/pair");
  if (said.error === "slow_down") every_s += 5; // as RFC 8628 asks
  setTimeout(poll, every_s * 1000);
}

/** @returns {Promise<{to?: string, error?: string}>} what the server says; nothing while it is not to be had */
async function answer() {
  try {
    const response = await fetch("/pair/poll", { method: "POST", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(4000) });
    return await response.json();
  } catch {
    return {};
  }
}
