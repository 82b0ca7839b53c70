// Orders the columns of a list by dragging, or by buttons. They replace the number fields, which order
// the columns without a script.
import { _, number } from "./words.js";

const form = document.querySelector("form[data-columns]");
const list = form?.querySelector(".columns-list");
const moved = form?.querySelector("[data-moved]");

const UP = "m6.5 14.5 5.5-5.5 5.5 5.5";
const DOWN = "m6.5 9.5 5.5 5.5 5.5-5.5";
const GRIP = "M9 6.5h.1M9 12h.1M9 17.5h.1M15 6.5h.1M15 12h.1M15 17.5h.1";

const lines = () => /** @type {HTMLLIElement[]} */ ([...(list?.querySelectorAll("li:not(.fixed)") ?? [])]);
const nameOf = (/** @type {Element} */ line) => line.querySelector(".tick-text")?.textContent ?? "";

function picture(/** @type {string} */ path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ class: "icon-drawn", width: "16", height: "16", viewBox: "0 0 24 24", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  svg.append(document.createElementNS(svg.namespaceURI, "path"));
  svg.firstElementChild?.setAttribute("d", path);
  return svg;
}

function mover(/** @type {HTMLLIElement} */ line, /** @type {string} */ path, /** @type {number} */ by) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "move";
  button.title = by < 0 ? _("Move up") : _("Move down");
  button.dataset.by = String(by);
  const column = nameOf(line);
  button.setAttribute("aria-label", by < 0 ? _("Move {column} up", { column }) : _("Move {column} down", { column }));
  button.append(picture(path));
  button.addEventListener("click", () => {
    const all = lines();
    const other = all[all.indexOf(line) + by];
    if (!other) return;
    if (by < 0) other.before(line);
    else other.after(line);
    tell(line);
    // At either end this button is disabled: move the focus to the other one.
    (button.disabled ? line.querySelector(".move:not(:disabled)") : button)?.focus();
  });
  return button;
}

/** Announces the column's new place, and disables the buttons that have no further place. */
function tell(/** @type {HTMLLIElement | null} */ line) {
  const all = lines();
  all.forEach((one, place) => {
    for (const button of one.querySelectorAll(".move")) {
      button.disabled = !all[place + Number(button.dataset.by)];
    }
  });
  if (line && moved) {
    moved.textContent = _("{column} is now column {place}", { column: nameOf(line), place: number([...list.children].indexOf(line) + 1) });
  }
}

/** @type {HTMLLIElement | null} */
let dragged = null;

for (const line of lines()) {
  line.querySelector("[name^=place_]")?.remove();
  const grip = document.createElement("span");
  grip.className = "grip";
  grip.title = _("Drag to reorder");
  grip.append(picture(GRIP));
  line.prepend(grip);
  line.append(mover(line, UP, -1), mover(line, DOWN, 1));
  line.draggable = true;
  line.addEventListener("dragstart", (event) => {
    dragged = line;
    event.dataTransfer?.setData("text/plain", nameOf(line));
    line.classList.add("dragged");
  });
  line.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    if (dragged === line) return;
    const box = line.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) line.before(dragged);
    else line.after(dragged);
  });
  line.addEventListener("drop", (event) => event.preventDefault());
  line.addEventListener("dragend", () => {
    line.classList.remove("dragged");
    tell(dragged);
    dragged = null;
  });
}
list?.classList.add("sortable");
tell(null);
