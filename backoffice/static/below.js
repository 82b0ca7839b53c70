// On the delete page: filling in a field that belongs to a choice makes the choice, and the records
// can be deleted once it is made. Without a script the server refuses what was not chosen.
import { isEdited } from "./edited.js";

const form = document.querySelector("form[data-deletes]");

for (const part of document.querySelectorAll("[data-chooses]")) {
  const radio = document.getElementById(part.getAttribute("data-chooses") ?? "");
  if (!(radio instanceof HTMLInputElement)) continue;
  for (const kind of ["input", "change"]) {
    part.addEventListener(kind, () => { radio.checked = true; });
  }
}

/** Whether a way is chosen, and said where to or how many. */
function isReady() {
  const radios = [...form.querySelectorAll("input[type=radio][name=below]")];
  const chosen = radios.find((radio) => radio.checked);
  if (radios.length && !chosen) return false;
  const needed = (chosen?.closest(".below-way") ?? form).querySelector("select, #confirm");
  return !needed || needed.value.trim() !== "";
}

/** What was filled in before this script came, or before the browser came back, chooses too. */
function takeUp() {
  if (!form.querySelector("input[type=radio][name=below]:checked")) {
    const parts = [...document.querySelectorAll("[data-chooses]")];
    const part = parts.find((one) => [one, ...one.querySelectorAll("input, select")].some(isEdited));
    const radio = part && document.getElementById(part.getAttribute("data-chooses") ?? "");
    if (radio instanceof HTMLInputElement) radio.checked = true;
  }
  sync();
}

const sync = () => {
  for (const button of form.querySelectorAll("[data-delete]")) button.disabled = !isReady();
};

if (form instanceof HTMLFormElement) {
  for (const kind of ["input", "change"]) form.addEventListener(kind, sync);
  addEventListener("pageshow", takeUp);
  takeUp();
}
