// Lists: tick many rows, move through them by keyboard, open one with a click anywhere on the row.
import { isEdited } from "./edited.js";
import { ngettext } from "./words.js";

const list = document.querySelector("[data-list]");
const rows = list ? [...list.querySelectorAll("tbody tr")] : [];
const ticks = /** @type {HTMLInputElement[]} */ (list ? [...list.querySelectorAll('input[name="pks"]')] : []);
const all = list?.querySelector("[data-tick-all]");
const allBox = all?.querySelector("input");
const counted = document.querySelector("[data-ticked]");
const search = document.querySelector("input#search");

function count() {
  const ticked = ticks.filter((tick) => tick.checked).length;
  if (counted) counted.textContent = ngettext("{count} selected", "{count} selected", ticked);
  if (allBox) {
    allBox.checked = ticked > 0 && ticked === ticks.length;
    allBox.indeterminate = ticked > 0 && ticked < ticks.length;
  }
}

/** @type {HTMLInputElement | null} */
let lastTicked = null;

/** Shift ticks (or unticks) everything between the last ticked row and this one. */
function tickRange(/** @type {HTMLInputElement} */ tick) {
  const from = lastTicked ? ticks.indexOf(lastTicked) : -1;
  const to = ticks.indexOf(tick);
  if (from < 0 || to < 0) return;
  for (const between of ticks.slice(Math.min(from, to), Math.max(from, to) + 1)) {
    between.checked = tick.checked;
  }
}

if (ticks.length && all instanceof HTMLElement && allBox) {
  all.hidden = false;
  allBox.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = allBox.checked;
    count();
  });
  let shift = false;
  list?.addEventListener("mousedown", (event) => {
    // A click with Shift would also select the text in between.
    if (event.shiftKey && event.target.closest(".tick")) event.preventDefault();
  });
  list?.addEventListener("click", (event) => {
    // A click on a label is followed by a click on its box, without the key.
    const target = /** @type {Element} */ (event.target);
    if (target.closest(".tick")) shift = event.shiftKey || (shift && target.matches("input"));
  }, true);
  list?.addEventListener("change", (event) => {
    const tick = event.target;
    if (!(tick instanceof HTMLInputElement) || tick.name !== "pks") return;
    if (shift) tickRange(tick);
    shift = false;
    lastTicked = tick;
    count();
  });
  document.querySelector("#bulk")?.addEventListener("reset", () => {
    setTimeout(() => {
      count();
      linkOf(current())?.focus();
    });
  });
  // A browser going back may have kept the ticks.
  addEventListener("pageshow", count);
  count();
}

/** @returns {HTMLElement | null} */
const linkOf = (/** @type {Element | undefined} */ row) => row?.querySelector(".cell-name a") ?? null;
const current = () => rows.find((row) => row.contains(document.activeElement));
const isTicked = () => ticks.some((tick) => tick.checked);
const deleteButton = document.querySelector("[data-delete]");
const takesText = (/** @type {Element} */ element) => element.matches("textarea, select, input:not([type=checkbox], [type=radio])");
const walkable = () => !document.querySelector("dialog[open], :popover-open");

function step(/** @type {number} */ by) {
  const here = current();
  const next = here ? rows.indexOf(here) + by : by > 0 ? 0 : -1;
  if (next < 0 && here) goToSearch();
  linkOf(rows[next])?.focus();
}

/** To the search box; what is typed there replaces the old search. */
function goToSearch() {
  if (!(search instanceof HTMLInputElement)) return;
  search.focus();
  search.select();
}

// Back from its form, the record that was saved has the focus, unless the next search is being typed.
const saved = rows.find((row) => row.classList.contains("saved"));
if (saved && !(search && isEdited(search)) && [search, document.body].includes(document.activeElement)) {
  linkOf(saved)?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !walkable()) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const inRows = rows.some((row) => row.contains(target));
  const nowhere = target === document.body || target.tagName === "MAIN";
  const singleKeys = !document.documentElement.hasAttribute("data-single-keys-off");

  if (target === search && event.key === "ArrowDown") step(1);
  else if (inRows && event.key === "ArrowDown") step(1);
  else if (inRows && event.key === "ArrowUp") step(-1);
  else if (singleKeys && (inRows || nowhere) && event.key === "j") step(1);
  else if (singleKeys && (inRows || nowhere) && event.key === "k") step(-1);
  else if (singleKeys && inRows && event.key === "x") current()?.querySelector('input[name="pks"]')?.click();
  else if (singleKeys && event.key === "Delete" && !takesText(target) && isTicked()) deleteButton?.click();
  else if (inRows && event.key === "Escape" && search) goToSearch();
  else if (target === search && event.key === "Escape") target.blur();
  else return;
  event.preventDefault();
});

list?.querySelector(".records")?.classList.add("opens");
list?.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const row = target.closest("tbody tr");
  if (!row || target.closest("a, button, input, label, select")) return;
  // Selecting text to copy it must not open the record.
  if (String(getSelection())) return;
  const link = linkOf(row);
  if (!(link instanceof HTMLAnchorElement)) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

// With Shift, a heading sorts within the columns that already sort.
const thead = list?.querySelector("thead");
function sortAlso(/** @type {Event} */ event) {
  const also = event.target instanceof Element ? event.target.closest("th")?.querySelector(".sort-also") : null;
  if (!(also instanceof HTMLAnchorElement)) return;
  event.preventDefault();
  location.assign(also.href);
}
thead?.addEventListener("click", (event) => { if (event.shiftKey) sortAlso(event); });
thead?.addEventListener("keydown", (event) => {
  // Otherwise browsers may open a new window.
  if (event.shiftKey && event.key === "Enter") sortAlso(event);
});
// A press with Shift would select the text in between.
thead?.addEventListener("mousedown", (event) => { if (event.shiftKey) event.preventDefault(); });

// Leaves empty fields out of the address, and the comparisons of empty texts.
document.querySelector("form#narrow")?.addEventListener("formdata", (event) => {
  const sent = event.formData;
  for (const [name, value] of [...sent]) {
    if (value === "") sent.delete(name);
  }
  for (const how of document.querySelectorAll('select[name$="_op"][form="narrow"]')) {
    if (how.selectedIndex === 0 && !sent.has(how.name.slice(0, -3))) sent.delete(how.name);
  }
});

// A choice made with the mouse applies at once. By keyboard it waits for Apply: arrow keys move
// through a select's options, and each of them would load a page.
for (const select of document.querySelectorAll("select[data-apply]")) {
  let byMouse = false;
  select.addEventListener("pointerdown", () => { byMouse = true; });
  select.addEventListener("keydown", () => { byMouse = false; });
  select.addEventListener("change", () => {
    if (byMouse) /** @type {HTMLSelectElement} */ (select).form?.requestSubmit();
    else select.parentElement?.classList.add("waiting");
  });
}

// Shows that a slow page is loading (list.css waits a moment first).
const main = document.querySelector(".list-main");
document.querySelector("form#narrow")?.addEventListener("submit", () => {
  main?.setAttribute("aria-busy", "true");
  // The person may have stopped it.
  setTimeout(() => main?.removeAttribute("aria-busy"), 20_000);
});
addEventListener("pageshow", () => main?.removeAttribute("aria-busy"));
