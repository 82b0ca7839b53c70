// The search box and the choices of a list (form#narrow), beside what facets.js does.
import { isEdited } from "./edited.js";

const form = document.querySelector("form#narrow");
const search = document.querySelector("input#search");

// Enter on a choice applies it, as Enter in a text field does.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.defaultPrevented || !(field instanceof HTMLSelectElement)) return;
  if (!(form instanceof HTMLFormElement) || field.form !== form) return;
  event.preventDefault();
  form.requestSubmit();
});

/** Whether the page was reached by its own form: then the search goes on being written. */
function cameFromThisList() {
  const [entry] = performance.getEntriesByType("navigation");
  if (entry?.type === "back_forward") return false;
  return document.referrer !== "" && new URL(document.referrer).pathname === location.pathname;
}

// Back from a record, or after it was saved, the next thing typed into the box is another search;
// after a search, it goes on at its end. This moves no focus.
function select(/** @type {boolean} */ all) {
  if (!(search instanceof HTMLInputElement)) return;
  const end = search.value.length;
  search.setSelectionRange(all ? 0 : end, end);
}
// On a slow connection, the first letters may be in the box before this script runs.
if (search && !isEdited(search)) select(!cameFromThisList());
addEventListener("pageshow", (event) => { if (event.persisted) select(true); });
