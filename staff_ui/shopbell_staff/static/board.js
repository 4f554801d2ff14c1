// The tablet's board: what rings on it, and when it locks itself.
import * as lock from "./lock.js";
import { all, start } from "./screen.js";
import * as sound from "./sound.js";

start((change) => {
  if (change?.type === "joined" || change?.type === "reopened") greet(Object.keys(change.html ?? {}));
  if (change?.type.startsWith("alert_opened") || change?.type === "alert_stepped") sound.ring();
});
lock.start();

/** A call rings; a join chimes where someone here is free and can help. @param {string[]} ids */
function greet(ids) {
  const row = ids.map((id) => document.getElementById(id)).find((el) => el?.dataset.list === "rows");
  if (!row) return;
  if ("call" in row.dataset) sound.ring();
  else if (all("[data-me][data-is-free]").some((chip) => serves(chip, row.dataset.line ?? ""))) sound.chime();
}

/** No skills said means all lines. @param {HTMLElement} chip @param {string} line */
function serves(chip, line) {
  const lines = chip.dataset.lines ?? "";
  return lines === "" || lines.split(" ").includes(line);
}
