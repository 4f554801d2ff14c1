// The kiosk's screens in one page: every tap is an ordinary form or link, sent by fetch, so that a lost network
// is a sentence and not a browser's error page, and so that no screen is ever left behind for Back.
// Without this script all of it works by plain forms.
import { start as tellBattery } from "/static/battery.js";
import { send } from "./send.js";
import { watchIdle } from "./idle.js";
import { showKeyboard } from "./keyboard.js";
import { keepFresh } from "./fresh.js";

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  event.preventDefault();
  const body = new FormData(form, /** @type {SubmitEvent} */ (event).submitter);
  send(form.action, new URLSearchParams(/** @type {any} */ (body)));
});

document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  if (!(link instanceof HTMLAnchorElement) || link.matches(".skip")) return;
  event.preventDefault();
  send(link.href);
});

// A page that Back brings out of the browser's memory is of an earlier customer.
addEventListener("pageshow", (event) => event.persisted && location.reload());
document.addEventListener("screen", showKeyboard);
showKeyboard();
watchIdle();
keepFresh();
tellBattery();
