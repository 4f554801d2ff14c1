// The kiosk's own keyboard, for the field of this screen: no system keyboard, no suggestions that would know the last customer.
/** @type {Record<string, string[]>} rows of letters by language, at most 12 in a row */
const LETTERS = {
  en: ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
  es: ["qwertyuiop", "asdfghjklñ", "zxcvbnmáéíóú"],
  tr: ["qwertyuıopğü", "asdfghjklşi", "zxcvbnmöç"],
  ar: ["ضصثقفغعهخحجد", "شسيبلاتنمكطذ", "ئءؤرىةوزظأإآ"],
};
const DIGITS = "1234567890";

export function showKeyboard() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-keyboard]"));
  const board = /** @type {HTMLElement | null} */ (document.querySelector(".keyboard"));
  if (!field || !board) return;
  field.inputMode = "none";
  const capitalsOnly = field.dataset.keyboard === "capitals";
  draw(board, field, { capitals: capitalsOnly || field.value === "", capitalsOnly });
  board.hidden = false;
  field.focus();
  field.setSelectionRange(field.value.length, field.value.length);
}

/** @param {HTMLElement} board @param {HTMLInputElement} field @param {{capitals: boolean, capitalsOnly: boolean}} how */
function draw(board, field, how) {
  const language = how.capitalsOnly ? "en" : document.documentElement.lang;
  const rows = [DIGITS, ...(LETTERS[language] ?? LETTERS.en)];
  const cased = how.capitals ? rows.map((row) => row.toLocaleUpperCase(language)) : rows;
  /** @param {string} text */
  const press = (text) => {
    type(field, text);
    const capitals = how.capitalsOnly || field.value === "";
    if (capitals !== how.capitals) draw(board, field, { ...how, capitals });
  };
  const letters = cased.map((row) => line([...row].map((letter) => key(letter, () => press(letter)))));
  board.replaceChildren(...letters, line(lastRow(board, field, how, press)));
}

/** @param {HTMLElement} board @param {HTMLInputElement} field @param {{capitals: boolean, capitalsOnly: boolean}} how
 * @param {(text: string) => void} press */
function lastRow(board, field, how, press) {
  const { space = "", delete: erase = "", shift = "" } = board.dataset;
  const shiftKey = key("⇧", () => draw(board, field, { ...how, capitals: !how.capitals }), "wide-key", shift);
  shiftKey.setAttribute("aria-pressed", String(how.capitals));
  const spaceKey = key(space, () => press(" "), "space-key");
  const eraseKey = key("⌫", () => press(""), "wide-key", erase);
  if (how.capitalsOnly) return [eraseKey];
  return document.documentElement.lang === "ar" ? [spaceKey, key("،", () => press("،")), eraseKey]
    : [shiftKey, key(",", () => press(",")), spaceKey, key(".", () => press(".")), eraseKey];
}

/** @param {string} face @param {() => void} act @param {string} [kind] @param {string} [label] */
function key(face, act, kind = "", label = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.textContent = face;
  if (label) button.setAttribute("aria-label", label);
  button.addEventListener("pointerdown", (event) => event.preventDefault());  // the field keeps its caret
  button.addEventListener("click", act);
  return button;
}

/** @param {HTMLElement[]} keys */
function line(keys) {
  const row = document.createElement("div");
  row.append(...keys);
  return row;
}

/** Writes at the caret; an empty text takes back the letter before it.
 * @param {HTMLInputElement} field @param {string} text */
function type(field, text) {
  const end = field.selectionEnd ?? field.value.length;
  let start = field.selectionStart ?? end;
  if (!text && start === end) start -= [...field.value.slice(0, end)].at(-1)?.length ?? 0;
  if (text && field.value.length - (end - start) + text.length > field.maxLength) return;
  field.setRangeText(text, Math.max(start, 0), end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
