// The supervisor's page: open alerts first, with sound and a count in the title.
import { read } from "/static/live.js";
import "./ring.js";
import { all, NUDGES, start, waiting } from "./screen.js";
import * as sound from "./sound.js";

const AGAIN_MS = 20000;
const FIGURES_MS = 5000;
const COUNTS = new Set(["joined", "serve_started", "finished", "left", "no_show", "reopened", "undone"]);
const title = document.title;
let rung = 0;
let opened = 0;
let figures = 0;

start((change) => {
  const open = all('#alerts > [data-state="open"]');
  document.title = open.length ? `(${open.length}) ${title}` : title;
  if (open.length > opened || (change && /^alert_(opened|stepped|reopened)$/.test(change.type) && !NUDGES.has(change.reason ?? ""))) ring();
  opened = open.length;
  if (change?.type === "bell_rung") ring();
  if (change && COUNTS.has(change.type)) countAgain();
  longest();
});
document.addEventListener("shopbell:tick", () => {
  longest();
  if (document.querySelector('#alerts > [data-state="open"]') && Date.now() - rung > AGAIN_MS) ring();
});

/** The day's figures come with the page only: read it again, once for many changes. */
function countAgain() {
  clearTimeout(figures);
  figures = setTimeout(() => read("live", true), FIGURES_MS);
}

/** Again every 20 s while nobody has answered. */
function ring() {
  rung = Date.now();
  sound.ring();
}

/** The longest wait on the floor, with its clock. */
function longest() {
  const since = waiting()[0]?.dataset.since;
  for (const el of all("[data-longest] .clock")) if (since) el.dataset.clock = since;
  for (const el of all("[data-longest]")) el.hidden = !since;
  for (const el of all("[data-no-longest]")) el.hidden = Boolean(since);
}
