// Sends forms marked data-send without leaving the page. Nothing is shown as done before the server says
// so: the tapped button says "Sending…", then either the page changes by itself or it says "Not sent".

const PATIENCE_MS = 8000;

/**
 * @typedef {{ok?: true, seq?: number, detail?: string, title?: string, sheet?: string}} Answer
 * @typedef {{key: string, body: FormData, button: number, state: "sending" | "unsent"}} Sent
 * @typedef {{done: (form: HTMLFormElement, answer: Answer) => void, refused: (answer: Answer) => void}} Then
 */

// What is on its way, by what it does: a row that is morphed meanwhile still shows it.
/** @type {Map<string, Sent>} */
const sent = new Map();

/** @param {Then} then what to do with answers */
export function start(then) {
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!("send" in form.dataset) || event.defaultPrevented) return;
    event.preventDefault();
    send(form, /** @type {SubmitEvent} */ (event).submitter, then);
  });
}

/** One form does one thing: its address and the values that say which. @param {HTMLFormElement} form */
const name = (form) => form.dataset.send || form.action;

/** @param {HTMLFormElement} form */
const buttons = (form) => /** @type {HTMLButtonElement[]} */ ([...form.querySelectorAll("button:not([type=button])")]);

/** @param {HTMLFormElement} form @param {HTMLElement | null} submitter @param {Then} then */
async function send(form, submitter, then) {
  const before = sent.get(name(form));
  if (before?.state === "sending") return;
  const body = new FormData(form, submitter);
  // The same thing sent again keeps its key, so it is done once however often it is sent.
  const key = before && same(before.body, body) ? before.key : newKey();
  const button = Math.max(0, buttons(form).findIndex((one) => one === submitter));
  sent.set(name(form), { key, body, button, state: "sending" });
  dress();
  const elsewhere = submitter?.hasAttribute("formaction") && buttons(form)[button]?.formAction;
  const answer = await post(elsewhere || form.action, body, key);
  if (answer === null) sent.set(name(form), { key, body, button, state: "unsent" });
  else sent.delete(name(form));
  dress();
  if (answer) answer.ok ? then.done(form, answer) : then.refused(answer);
}

/** The server's answer, or null if none came that counts.
 * @param {string} action @param {FormData} body @param {string} key @returns {Promise<Answer | null>} */
async function post(action, body, key) {
  try {
    const answer = await fetch(action, {
      method: "POST",
      body: new URLSearchParams(/** @type {any} */ (body)),
      headers: { Accept: "application/json", "Idempotency-Key": key },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.status === 401 || answer.redirected) location.reload();
    return answer.status >= 500 || answer.status === 429 ? null : await answer.json();
  } catch {
    return null;
  }
}

/** Shows on every button what became of its tap. Call it after the page has changed. */
export function dress() {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-send]"))) {
    const now = sent.get(name(form));
    buttons(form).forEach((button, n) => wear(button, n === now?.button ? now.state : undefined));
    explain(form, now?.state === "unsent" ? (form.dataset.unsent ?? document.body.dataset.unsent ?? "") : "");
  }
}

/** @param {HTMLElement} button @param {Sent["state"] | undefined} state */
function wear(button, state) {
  if (!state && !button.dataset.label) return;
  button.dataset.label ??= button.innerHTML;
  if (!state) {
    button.innerHTML = button.dataset.label;
    for (const mark of ["data-label", "data-state", "aria-disabled"]) button.removeAttribute(mark);
    return;
  }
  button.dataset.state = state;
  button.textContent = (state === "sending" ? document.body.dataset.sending : document.body.dataset.again) ?? "";
  if (state === "sending") button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

/** @param {HTMLFormElement} form @param {string} text */
function explain(form, text) {
  const there = form.querySelector(".unsent");
  if (!text) return there?.remove();
  const line = there ?? document.createElement("p");
  line.className = "unsent error";
  line.setAttribute("role", "alert");
  if (line.textContent !== text) line.textContent = text;
  if (!there) form.prepend(line);
}

/** @param {FormData} one @param {FormData} other */
const same = (one, other) => text(one) === text(other);
/** @param {FormData} data */
const text = (data) => new URLSearchParams(/** @type {any} */ (data)).toString();
// randomUUID is there on https only, and a shop may run on plain http.
const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
