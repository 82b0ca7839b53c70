// Copied rows are values between tabs, as a spreadsheet takes them: without the words that only screen
// readers read, and a text that is cut in its middle in one piece.
const body = document.querySelector("[data-list] tbody");

/** The text of a cell, or of the part of one that is selected. */
function textOf(/** @type {Element | DocumentFragment} */ part) {
  for (const hidden of part.querySelectorAll(".visually-hidden, button")) hidden.remove();
  return (part.textContent ?? "").replace(/\s+/g, " ").trim();
}

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  if (!body || !event.clipboardData || !selection?.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!body.contains(range.commonAncestorContainer) && !range.intersectsNode(body)) return;
  const isTouched = (/** @type {Node} */ node) => range.intersectsNode(node);
  const cells = [...body.rows].filter(isTouched).map((row) => [...row.cells].filter((cell) => !cell.matches(".tick") && isTouched(cell)));
  const lines = cells.filter((line) => line.length > 0);
  if (lines.length === 0) return;
  const isOneCell = lines.length === 1 && lines[0].length === 1;
  const copied = isOneCell
    ? textOf(range.cloneContents())
    : lines.map((line) => line.map((cell) => textOf(/** @type {Element} */ (cell.cloneNode(true)))).join("\t")).join("\n");
  event.clipboardData.setData("text/plain", copied);
  event.preventDefault();
});
