// “Ring this phone”: asks the browser only after a tap, and says what stands in the way.

const card = /** @type {HTMLElement | null} */ (document.querySelector("[data-ring]"));

/** @typedef {"insecure" | "unable" | "blocked" | "off" | "on"} State */

/** Shows how things are on this device, and lets its buttons work. @param {HTMLElement} card */
async function start(card) {
  card.querySelector("[data-ring-on]")?.addEventListener("click", () => void turnOn());
  card.querySelector("[data-ring-off]")?.addEventListener("click", () => void turnOff());
  if ("serviceWorker" in navigator) {
    // A test has come: the page says since when it is proven.
    navigator.serviceWorker.addEventListener("message", (event) => event.data === "heard" && location.reload());
  }
  show(await state());
}

/** @returns {Promise<State>} */
async function state() {
  if (!isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unable";
  if (Notification.permission === "denied") return "blocked";
  const kept = await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
  return kept && card?.dataset.rings === "1" ? "on" : "off";
}

/** @param {State} now */
function show(now) {
  for (const el of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-ring-if]"))) {
    el.hidden = el.dataset.ringIf !== now;
  }
  if (card) card.hidden = false;
}

async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return show(await state());
  try {
    await navigator.serviceWorker.register("/worker.js");
    const kept = await subscribed((await navigator.serviceWorker.ready).pushManager);
    const { endpoint, keys } = kept.toJSON();
    await post("/reach/push", { endpoint: endpoint ?? "", p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" });
    location.reload();
  } catch {
    show("off");
    for (const el of /** @type {NodeListOf<HTMLElement>} */ (card?.querySelectorAll("[data-ring-failed]") ?? [])) el.hidden = false;
  }
}

/** This browser's address at its maker's, asked for anew if it was given to another server.
 * @param {PushManager} manager */
async function subscribed(manager) {
  await (await manager.getSubscription())?.unsubscribe();
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey: card?.dataset.key });
}

async function turnOff() {
  await post("/reach/silence", {});
  const kept = await (await navigator.serviceWorker.getRegistration("/"))?.pushManager.getSubscription();
  await kept?.unsubscribe().catch(() => {});
  location.reload();
}

/** @param {string} url @param {Record<string, string>} form */
async function post(url, form) {
  const body = new URLSearchParams({ ...form, by: card?.dataset.by ?? "" });
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
}

if (card) start(card).catch(() => show("unable"));
export {};
