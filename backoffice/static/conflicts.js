// Decides many conflicts quickly: keys 1 and 2 in a form, and one box for all rows of an undo.
const conflicts = [...document.querySelectorAll("[data-conflict]")];
const sides = (/** @type {Element} */ conflict) =>
  /** @type {HTMLInputElement[]} */ ([...conflict.querySelectorAll("input[type=radio]")]);

for (const conflict of conflicts) {
  const [, mine] = sides(conflict);
  const field = document.getElementById(conflict.getAttribute("data-conflict") ?? "");
  const shown = conflict.querySelector("[data-mine]");
  // "Yours" is the field's value: typing in the field chooses it, and "yours" shows the new text.
  field?.addEventListener("input", () => {
    if (mine) mine.checked = true;
    if (!shown) return;
    if (field instanceof HTMLSelectElement) shown.textContent = field.selectedOptions[0]?.text ?? "";
    else if (field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type !== "checkbox")) shown.textContent = field.value;
  });
}

// Moves the focus to the next conflict, and after the last one to Save.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "1" && event.key !== "2")) return;
  if (document.documentElement.hasAttribute("data-single-keys-off")) return;
  const here = conflicts.findIndex((conflict) => conflict.contains(/** @type {Node} */ (event.target)));
  const side = here < 0 ? undefined : sides(conflicts[here])[Number(event.key) - 1];
  if (!side) return;
  event.preventDefault();
  side.checked = true;
  const next = conflicts[here + 1];
  if (next) (sides(next).find((one) => one.checked) ?? sides(next)[0])?.focus();
  else document.querySelector('.buttons button[name="save"]')?.focus();
});

const all = document.querySelector("[data-tick-all]");
const allBox = all?.querySelector("input");
const ticks = /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name="overwrite"]')]);
if (all instanceof HTMLElement && allBox && ticks.length > 1) {
  const count = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    allBox.checked = ticked === ticks.length;
    allBox.indeterminate = ticked > 0 && ticked < ticks.length;
  };
  all.hidden = false;
  allBox.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = allBox.checked;
  });
  for (const tick of ticks) tick.addEventListener("change", count);
  addEventListener("pageshow", count);
}
