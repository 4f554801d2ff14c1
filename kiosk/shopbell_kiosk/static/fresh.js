// Keeps clock, ranges, lines and places on the screen true: reads the same page again and swaps what is marked
// data-live; all of it once the visit's state is another. Every ten seconds, and at once when a setting changes.
import { listen } from "/static/again.js";
import { same, swap } from "/static/fresh.js";
import { show } from "./send.js";

const EVERY_MS = 10_000;

export function keepFresh() {
  setInterval(read, EVERY_MS);
  const socket = listen();
  socket.on("change", (/** @type {{type: string}} */ change) => change.type === "settings" && read());
  socket.on("resync", read);
}

async function read() {
  if (document.hidden || !document.querySelector("[data-live]")) return;
  const html = await same(EVERY_MS);
  if (html === null) return;
  const page = new DOMParser().parseFromString(html, "text/html");
  if (page.body.dataset.state !== document.body.dataset.state) show(html, location.href);
  else swap("[data-live]", page);
}
