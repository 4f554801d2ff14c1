// Tells the set-up how full this screen's battery is, so that somebody plugs it in before it goes dark.
// Browsers know it on https only, and not all do: then nothing is said.

const EVERY_MS = 5 * 60_000;

/** @typedef {{level: number, charging: boolean}} Battery */

export async function start() {
  const known = /** @type {{getBattery?: () => Promise<Battery>}} */ (navigator);
  const battery = await known.getBattery?.().catch(() => undefined);
  if (!battery) return;
  tell(battery);
  setInterval(() => tell(battery), EVERY_MS);
}

/** @param {Battery} battery */
function tell({ level, charging }) {
  const body = new URLSearchParams({ percent: String(Math.round(level * 100)), ...(charging && { charging: "1" }) });
  fetch("/screen/battery", { method: "POST", body }).catch(() => {}); // the next one will do
}
