// On the delete page: filling in a field that belongs to a choice makes the choice, and the records
// can be deleted once it is made. Without a script the server refuses what was not chosen.
import { isEdited } from "./edited.js";

const form = document.querySelector("form[data-deletes]");

/** The parts of the page that belong to a choice, each with its choice. */
const choices = [...document.querySelectorAll("[data-chooses]")].flatMap((part) => {
  const radio = document.getElementById(part.getAttribute("data-chooses") ?? "");
  return radio instanceof HTMLInputElement ? [{ part, radio }] : [];
});

for (const { part, radio } of choices) {
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

/** What was filled in before this script ran, or came back with the page, makes its choice too. */
function takeUp() {
  const filled = choices.find(({ part }) => [part, ...part.querySelectorAll("input, select")].some(isEdited));
  if (filled && !choices.some(({ radio }) => radio.checked)) filled.radio.checked = true;
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
