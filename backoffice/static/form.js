// Forms: asks before typed text is lost, and sends nothing twice.
import { isEdited } from "./edited.js";
import { ngettext, number } from "./words.js";

const form = document.querySelector("form[data-form]");
let sending = false;

function edited() {
  if (!(form instanceof HTMLFormElement)) return false;
  if (form.hasAttribute("data-edited")) return true;
  // The text box of a lookup follows its select.
  return [...form.elements].some((field) => !field.matches("[data-lookup] input") && isEdited(field));
}

if (form instanceof HTMLFormElement) {
  const asks = form.dataset.form === "ask";
  addEventListener("beforeunload", (event) => {
    if (asks && !sending && edited()) event.preventDefault();
  });

  form.addEventListener("submit", (event) => {
    if (sending) {
      event.preventDefault();
      return;
    }
    sending = true;
    // Not "disabled": a disabled button's value would not be sent.
    event.submitter?.setAttribute("aria-disabled", "true");
    // An answer that never comes must not lock the form forever.
    setTimeout(free, 20_000);
  });
  addEventListener("pageshow", free);

  document.addEventListener("keydown", (event) => {
    const saves = event.key.toLowerCase() === "s" || event.key === "Enter";
    if (!saves || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const save = form.querySelector('.buttons button[name="save"]');
    if (!(save instanceof HTMLButtonElement)) return;
    event.preventDefault();
    form.requestSubmit(save);
  });
}

/** Enter in a list of choices saves, as in a text box: browsers leave it without a meaning, or open
 * the list, which Space and the arrows do. In an open list it chooses. */
form?.addEventListener("keydown", (event) => {
  const { target } = event;
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.defaultPrevented || !(target instanceof HTMLSelectElement) || isOpen(target)) return;
  const button = form.querySelector('.buttons button:is([name="save"], [name="do"])');
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  form.requestSubmit(button);
});

function isOpen(/** @type {HTMLSelectElement} */ select) {
  // Older browsers do not know the selector. They send no keys to the page while a list is open.
  try { return select.matches(":open"); } catch { return false; }
}

function free() {
  sending = false;
  for (const button of document.querySelectorAll('[aria-disabled="true"]')) button.removeAttribute("aria-disabled");
}

// Shows the limit of a text when it is nearly reached. Nothing is cut: pasted text stays whole.
for (const field of document.querySelectorAll("[data-maximum]")) {
  const maximum = Number(field.dataset.maximum);
  const note = document.createElement("p");
  note.className = "length";
  note.setAttribute("role", "status");
  const say = () => {
    const length = [...field.value].length;
    const over = length > maximum;
    if (over) note.textContent = ngettext("{count} character too many (at most {maximum})", "{count} characters too many (at most {maximum})", length - maximum, { maximum: number(maximum) });
    else note.textContent = length > maximum * 0.85 ? ngettext("{count} character left", "{count} characters left", maximum - length) : "";
    note.classList.toggle("over", over);
    note.hidden = !note.textContent;
  };
  field.after(note);
  field.addEventListener("input", say);
  say();
}
