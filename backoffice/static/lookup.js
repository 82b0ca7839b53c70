// Turns "type, find, pick" into a combobox. In a form, the select stays and carries the value, so
// that the server sees the same fields with and without a script; in a list's facets, a
// picked value becomes a ticked box. The list under the text box: suggestions.js.
//
// The server answers GET {lookup_href}?q=… with {"results": [{"id", "text"}], "more": bool}.
import { _, ngettext } from "./words.js";

/**
 * @param {HTMLElement} box
 * @param {HTMLInputElement} input
 * @param {{label: string, choose: (result: {id: string, text: string}) => void,
 *          words: () => string, chosen?: () => string}} how
 */
function combobox(box, input, { label, choose, words, chosen = () => "" }) {
  const list = document.createElement("suggestion-list");
  const status = document.createElement("p");
  status.className = "found";
  status.setAttribute("role", "status");
  box.querySelector(".found")?.remove();
  box.append(list, status);
  /** @type {AbortController | null} */
  let pending = null;
  let timer = 0;

  async function load(/** @type {string} */ text, /** @type {"" | "first" | "last"} */ then = "") {
    pending?.abort();
    const request = (pending = new AbortController());
    const url = new URL(box.dataset.lookup ?? "", location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results, more } = await answer.json();
      list.show(results, chosen());
      status.textContent = results.length === 0
        ? _("Nothing found.")
        : more
          ? ngettext("The first {count} found. Type more to narrow them down.", "The first {count} found. Type more to narrow them down.", results.length)
          : ngettext("{count} found.", "{count} found.", results.length);
      list.mark(then);
    } catch (error) {
      if (request.signal.aborted) return;
      close();
      status.textContent = _("The search failed. Check your connection, or reload the page and sign in again.");
    }
  }

  function close() {
    clearTimeout(timer);
    pending?.abort();
    list.close();
  }

  list.attach(input, {
    label,
    choose: (result) => { status.textContent = ""; close(); choose(result); },
    load: (which) => { load(words(), which); return true; },
  });
  input.autocomplete = "off";
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(load, 150, input.value.trim());
  });
  input.addEventListener("click", () => {
    if (!list.isOpen) load("");
  });
  return { list, status, close };
}

/** A choice of a form: one value, in a select. @param {HTMLElement} box */
function chooseOne(box, input, select) {
  const blank = [...select.options].find((option) => option.value === "");

  // The label now belongs to the text box.
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const fieldId = select.id;
  select.id = `${fieldId}-value`;
  select.hidden = true;
  input.id = fieldId;
  input.removeAttribute("aria-label");
  input.removeAttribute("name");
  if (label) label.htmlFor = fieldId;
  // It looks like a choice, not like a text box.
  input.classList.replace("form-control", "form-select");
  input.placeholder = blank?.textContent ?? _("Type to search");

  /** The text of the box while its choice is unchanged. */
  const chosenText = () => {
    const option = select.selectedOptions[0];
    return option && option.value !== "" ? option.text : "";
  };
  if (!input.value || select.value) input.value = chosenText();

  const { list, status, close } = combobox(box, input, {
    label: label?.textContent?.trim() ?? _("Choices"),
    choose,
    words: () => (input.value === chosenText() ? "" : input.value.trim()),
    chosen: () => select.value,
  });

  function choose(/** @type {{id: string, text: string}} */ { id, text }) {
    if (![...select.options].some((one) => one.value === id)) select.append(new Option(text, id));
    select.value = id;
    input.value = id === "" ? "" : text;
    status.textContent = "";
    input.removeAttribute("aria-invalid");
    input.classList.remove("is-wrong");
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  input.addEventListener("keydown", (event) => {
    // The list was closed before: the text here is the chosen value.
    if (event.key !== "Escape" || list.isOpen || event.defaultPrevented) return;
    input.value = chosenText();
    event.preventDefault();
    event.stopPropagation();
  });

  /** Chooses what the text names. If it names no choice, chooses nothing and says so. */
  function settle() {
    const text = input.value.trim();
    const match = list.results.find((result) => result.text.toLowerCase() === text.toLowerCase());
    close();
    if (text === chosenText()) {
      status.textContent = "";
    } else if (match) {
      choose(match);
    } else {
      select.value = "";
      status.textContent = text ? _("“{text}” is not one of the choices. Choose one from the list.", { text }) : "";
    }
  }
  input.addEventListener("blur", settle);
  // Enter in the text box sends the form before the box is left.
  input.form?.addEventListener("submit", settle, { capture: true });
}

/** A facet, or a field of many: any number of values, each a ticked box. @param {HTMLElement} box */
function tickMany(box, input) {
  const field = box.closest(".field-control");
  const ticks = (field ?? box.closest("fieldset"))?.querySelector("[data-ticks]");
  if (!(ticks instanceof HTMLElement)) return;
  const name = ticks.dataset.ticks ?? "";
  input.removeAttribute("name");
  input.placeholder = _("Find more…");

  const { status, close } = combobox(box, input, {
    label: input.getAttribute("aria-label") ?? _("Choices"),
    words: () => input.value.trim(),
    choose: ({ id, text }) => {
      const known = [...ticks.querySelectorAll("input")].find((one) => one.value === id);
      const tick = known ?? addTick(id, text);
      tick.checked = true;
      input.value = "";
      tick.dispatchEvent(new Event("change", { bubbles: true }));
    },
  });

  function addTick(/** @type {string} */ value, /** @type {string} */ text) {
    const line = document.createElement("label");
    line.className = field ? "form-check" : "tick-line";
    const tick = document.createElement("input");
    tick.type = "checkbox";
    tick.className = "form-check-input";
    tick.name = name;
    tick.value = value;
    if (!field) tick.setAttribute("form", "narrow");
    const words = document.createElement("span");
    words.className = field ? "form-check-label" : "tick-text";
    ticks.querySelector(".soft")?.remove();
    words.textContent = words.title = text;
    line.append(tick, words);
    ticks.append(line);
    return tick;
  }

  input.addEventListener("blur", () => { close(); status.textContent = ""; });
  // Enter here searches for a value; sending the form with half a name in the box would do nothing.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.defaultPrevented && input.value.trim()) event.preventDefault();
  });
}

for (const box of document.querySelectorAll("[data-lookup]")) {
  const input = box.querySelector("input[type=text]");
  const find = box.querySelector("button[name=find]");
  const select = box.querySelector("select");
  if (!(box instanceof HTMLElement && input instanceof HTMLInputElement && find)) continue;
  if (!select && !box.hasAttribute("data-lookup-ticks")) continue;
  // Hiding it is not enough: Enter in any field would still press it as the form's first button.
  find.remove();
  if (select) chooseOne(box, input, select);
  else tickMany(box, input);
}
