// Sends a tap and shows the answer in place. What fails is tried again with the same body, so with the same key:
// the server takes it once, however often it arrives.
const TIMEOUT_MS = 8000;
const RETRY_MS = 4000;

/** @type {{url: string, body?: URLSearchParams} | null} what has not been answered yet */
let waiting = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} url @param {URLSearchParams} [body] a POST if given */
export async function send(url, body) {
  if (waiting) return;
  waiting = { url, body };
  await attempt();
}

/** Forgets what could not be sent: the screen is for somebody else now. */
export function forget() {
  waiting = null;
  clearTimeout(timer);
}

async function attempt() {
  clearTimeout(timer);
  const mine = waiting;
  if (!mine) return;
  document.body.classList.add("sending");
  try {
    const answer = await fetch(mine.url, {
      method: mine.body ? "POST" : "GET", body: mine.body, signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    const html = await answer.text();
    if (waiting !== mine) return;
    waiting = null;
    show(html, answer.url);
  } catch {
    if (waiting !== mine) return;
    sayUnsent();
    timer = setTimeout(attempt, RETRY_MS);
  }
}

function sayUnsent() {
  document.body.classList.remove("sending");
  const box = document.getElementById("unsent");
  const again = document.getElementById("unsent-again");
  if (!box || !again || !box.hidden) return;
  box.hidden = false;
  again.onclick = attempt;
  again.focus();
}

/** The answer becomes the screen; the address follows without a step that Back could return to.
 * @param {string} html @param {string} url */
export function show(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  // Not a kiosk's page: this screen has been revoked, and the server says what it is now.
  if (!page.documentElement.classList.contains("kiosk")) return location.replace(document.body.dataset.done ?? "/");
  for (const name of ["lang", "dir", "class"]) {
    document.documentElement.setAttribute(name, page.documentElement.getAttribute(name) ?? "");
  }
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  history.replaceState(null, "", url);
  scrollTo(0, 0);
  document.querySelector("h1")?.focus();
  document.dispatchEvent(new Event("screen"));
}
