// Reads the page of one alert again, so that it tells how things are while it is looked at.
import { same, swap } from "/static/fresh.js";

const EVERY_MS = 10000;

setInterval(async () => {
  if (document.hidden) return;
  const html = await same(EVERY_MS);
  if (html === null) return; // over, or no network: what is shown stays
  swap("[data-fresh]", new DOMParser().parseFromString(html, "text/html"));
}, EVERY_MS);
