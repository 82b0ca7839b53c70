// Forms: asks before typed text is lost, and sends nothing twice.
const form = document.querySelector("form[data-form]");
let sending = false;

/** Compares with what the server sent, so a reverted change does not count. */
function edited() {
  if (!(form instanceof HTMLFormElement)) return false;
  if (form.hasAttribute("data-edited")) return true;
  return [...form.elements].some((field) => {
    if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
    if (field instanceof HTMLSelectElement) return field.selectedIndex !== firstOf(field);
    if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
    if (field.closest("[data-lookup]")) return false;
    return field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  });
}

/** If no option is marked as selected, a browser shows the first. */
const firstOf = (/** @type {HTMLSelectElement} */ select) =>
  Math.max(0, [...select.options].findIndex((option) => option.defaultSelected));

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
    // An answer that never comes must not lock the form for good.
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
    note.textContent = over ? `${length - maximum} ${length - maximum === 1 ? "character" : "characters"} too many (at most ${maximum})` : length > maximum * 0.85 ? `${maximum - length} ${maximum - length === 1 ? "character" : "characters"} left` : "";
    note.classList.toggle("over", over);
    note.hidden = !note.textContent;
  };
  field.after(note);
  field.addEventListener("input", say);
  say();
}
