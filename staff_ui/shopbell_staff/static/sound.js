// Two sounds, made here so that nothing is loaded: a soft chime for a join, a stronger ring for a call.
// Browsers keep a page silent until it was touched; then a button says so.

/** @type {AudioContext | undefined} */
let audio;

/** Shows the "sound is off" button while the browser keeps us silent. */
export function start() {
  audio = new AudioContext();
  audio.addEventListener("statechange", tell);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  tell();
}

const wake = () => void audio?.resume().catch(() => {});

function tell() {
  for (const el of document.querySelectorAll("[data-sound-off]")) el.toggleAttribute("hidden", audio?.state === "running");
}

/** Someone has joined. */
export const chime = () => strike([660, 880], 0.12, 0.9);

/** A customer calls, or an alert is open. */
export const ring = () => strike([988, 1319, 988, 1319], 0.3, 0.7);

/** Bell strokes a fifth of a second apart. @param {number[]} tones Hz @param {number} loudness 0–1 @param {number} fade s */
function strike(tones, loudness, fade) {
  if (audio?.state !== "running") return;
  tones.forEach((hertz, n) => stroke(/** @type {AudioContext} */ (audio), hertz, n * 0.2, loudness, fade));
}

/** @param {AudioContext} audio @param {number} hertz @param {number} after s @param {number} loudness @param {number} fade s */
function stroke(audio, hertz, after, loudness, fade) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const at = audio.currentTime + after;
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(loudness, at + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + fade);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + fade);
}
