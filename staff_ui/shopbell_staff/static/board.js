// The tablet's board: what rings on it, and when it locks itself.
import * as lock from "./lock.js";
import { all, mine, NUDGES, say, start } from "./screen.js";
import * as sound from "./sound.js";

start((change) => {
  if (change?.type === "joined" || change?.type === "reopened") greet(Object.keys(change.html ?? {}));
  if (change?.type !== "alert_opened" && change?.type !== "alert_stepped") return;
  if (NUDGES.has(change.reason ?? "")) nudge(Object.keys(change.html ?? {}));
  else sound.ring();
});
lock.start();

/** A call rings; a join chimes where someone here is free and can help. @param {string[]} ids */
function greet(ids) {
  const row = ids.map((id) => document.getElementById(id)).find((el) => el?.dataset.list === "rows");
  if (!row) return;
  if ("call" in row.dataset) sound.ring();
  else if (all("[data-me][data-is-free]").some((chip) => serves(chip, row.dataset.line ?? ""))) sound.chime();
}

/** Rings somebody's own screen by name; a shared one chimes without a name, and one of others is silent.
 * @param {string[]} ids */
function nudge(ids) {
  const row = ids.map((id) => document.getElementById(id)).find((el) => el?.dataset.list === "rows");
  if (!row) return;
  const { people = [], own = null } = mine();
  const told = (row.dataset.nudge ?? "").split(" ").map(Number);
  if (own) {
    if (!told.includes(own.id)) return;
    sound.ring();
    say(`${own.name}: ${row.dataset.nudged}`);
  } else if (!people.length || people.some((/** @type {number} */ person) => told.includes(person))) {
    sound.chime();
    say(row.dataset.shared ?? "");
  }
}

/** No skills said means all lines. @param {HTMLElement} chip @param {string} line */
function serves(chip, line) {
  const lines = chip.dataset.lines ?? "";
  return lines === "" || lines.split(" ").includes(line);
}
