// A table of checkboxes: the heading of a row or a column ticks all of it, or unticks it if all
// boxes are ticked. Without this script each box is ticked by itself.
import { _ } from "./words.js";

/** @param {HTMLElement} heading @param {() => HTMLInputElement[]} boxes */
function addToggle(heading, boxes) {
  const text = heading.firstChild;
  if (!(text instanceof Text) || !text.data.trim()) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "matrix-toggle";
  button.title = _("Select or clear all: {name}", { name: text.data.trim() });
  button.textContent = text.data.trim();
  button.addEventListener("click", () => {
    const found = boxes();
    const ticked = !found.every((box) => box.checked);
    for (const box of found.filter((one) => one.checked !== ticked)) box.click();
  });
  text.replaceWith(button);
}

/** @param {Iterable<Element>} cells */
const boxesIn = (cells) =>
  [...cells].flatMap((cell) => [...cell.querySelectorAll("input[type=checkbox]")]);

for (const table of document.querySelectorAll("table[data-matrix]")) {
  const rows = [...table.querySelectorAll("tbody tr")];
  for (const row of rows) {
    const heading = row.querySelector("th");
    if (heading) addToggle(heading, () => boxesIn([row]));
  }
  [...table.querySelectorAll("thead th")].forEach((heading, place) => {
    addToggle(heading, () => boxesIn(rows.flatMap((row) => {
      const cell = row.children[place + 1];
      return cell && !cell.matches(".matrix-names") ? [cell] : [];
    })));
  });
}
