// Shows an alert although no page of ours is open, and answers it. What it says comes sealed from the server.

/**
 * @typedef {{words: string, url: string, by: number}} Take
 * @typedef {{title: string, text: string, tag: string, open: string, rings?: boolean, take?: Take, heard?: string}} Told
 */

const worker = /** @type {any} */ (self);

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(event.data.json())));
worker.addEventListener("pushsubscriptionchange", (/** @type {any} */ event) => event.waitUntil(move(event)));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(event.action === "take" ? answer(event.notification.data) : goTo(event.notification.data.open));
});

/** A newer one of the same alert takes the older one's place; it sounds again only if it wants an answer.
 * @param {Told} told */
async function show(told) {
  await worker.registration.showNotification(told.title, {
    body: told.text,
    tag: told.tag,
    data: told,
    icon: "/staff/static/icon-192.png",
    badge: "/staff/static/badge.png",
    renotify: told.rings !== false,
    silent: told.rings === false,
    requireInteraction: Boolean(told.take),
    actions: told.take ? [{ action: "take", title: told.take.words }] : [],
  });
  if (told.heard && (await send(told.heard, {}))) await say("heard");
}

/** The browser's maker has another address for it: it goes on ringing, for the one whose phone it is.
 * @param {{oldSubscription?: PushSubscription, newSubscription?: PushSubscription}} change */
async function move({ oldSubscription: old, newSubscription }) {
  const kept = newSubscription ?? (old && (await worker.registration.pushManager.subscribe(old.options)));
  if (!kept) return;
  const { endpoint, keys } = kept.toJSON();
  await send("/reach/push", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
}

/** "I take care of it": the page opens if that could not be said, for whatever reason. @param {Told} told */
async function answer({ take, open }) {
  if (!take || !(await send(take.url, { by: String(take.by) }))) await goTo(open);
}

/** @param {string} url @param {Record<string, string>} form @returns {Promise<boolean>} whether it was taken */
async function send(url, form) {
  try {
    const headers = { Accept: "application/json" };
    const said = await fetch(url, { method: "POST", body: new URLSearchParams(form), headers });
    return said.ok && !said.redirected;
  } catch {
    return false;
  }
}

/** The page, where it is open already, else anew. @param {string} path */
async function goTo(path) {
  const shown = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = shown.find((/** @type {any} */ page) => new URL(page.url).pathname === path);
  await (there ? there.focus() : worker.clients.openWindow(path));
}

/** @param {string} what */
async function say(what) {
  for (const page of await worker.clients.matchAll({ includeUncontrolled: true })) page.postMessage(what);
}
