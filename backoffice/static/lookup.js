// Turns "type, find, pick" into a combobox (WAI-ARIA authoring practices: list autocomplete with
// manual selection). The select stays in the form and carries the value, so that the server sees
// the same fields with and without a script.
//
// The server answers GET {lookup_href}?q=… with {"results": [{"id", "text"}], "more": bool}.

let serial = 0;

/** @param {HTMLElement} box */
function enhance(box) {
  const input = box.querySelector("input[type=text]");
  const find = box.querySelector("button[name=find]");
  const select = box.querySelector("select");
  if (!(input instanceof HTMLInputElement) || !find || !select) return;
  const blank = [...select.options].find((option) => option.value === "");
  const filter = input.form?.method === "get";
  const id = `lookup-${++serial}`;

  const list = document.createElement("ul");
  list.id = id;
  list.className = "lookup-list";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const status = document.createElement("p");
  status.className = "found";
  status.setAttribute("role", "status");
  box.querySelector(".found")?.remove();
  box.append(list, status);

  // The label now speaks for the text box.
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const fieldId = select.id;
  select.id = `${fieldId}-value`;
  select.hidden = true;
  input.id = fieldId;
  input.removeAttribute("aria-label");
  input.removeAttribute("name");
  if (label) label.htmlFor = fieldId;
  list.setAttribute("aria-label", label?.textContent?.trim() ?? "Choices");
  // Not only hidden: Enter in any field would still press it where it is the form's first button.
  find.remove();
  // Looks like what it is: a choice.
  input.classList.replace("form-control", "form-select");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", id);
  input.placeholder = blank?.textContent ?? "Type to search";

  /** What the text box says while its choice stands. */
  const chosenText = () => {
    const option = select.selectedOptions[0];
    return option && option.value !== "" ? option.text : "";
  };
  if (!input.value || select.value) input.value = chosenText();

  let active = -1;
  /** @type {AbortController | null} */
  let pending = null;
  let timer = 0;

  const items = () => /** @type {HTMLElement[]} */ ([...list.children]);
  const isOpen = () => !list.hidden;

  function setActive(/** @type {number} */ index) {
    const all = items();
    all[active]?.classList.remove("active");
    active = index;
    const item = all[active];
    if (item) {
      item.classList.add("active");
      item.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", item.id);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function close() {
    clearTimeout(timer);
    pending?.abort();
    list.hidden = true;
    setActive(-1);
    input.setAttribute("aria-expanded", "false");
  }

  function show(/** @type {{id: string | number, text: string}[]} */ results) {
    list.replaceChildren(...results.map((result, index) => {
      const item = document.createElement("li");
      item.id = `${id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(String(result.id) === select.value));
      item.dataset.value = String(result.id);
      item.textContent = result.text;
      item.title = result.text;
      return item;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  async function load(/** @type {string} */ text, /** @type {"" | "first" | "last"} */ then = "") {
    pending?.abort();
    const request = (pending = new AbortController());
    const url = new URL(box.dataset.lookup ?? "", location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { results, more } = await answer.json();
      show(results);
      status.textContent = results.length === 0
        ? "Nothing found."
        : more ? `The first ${results.length}: type more to narrow.` : `${results.length} found.`;
      if (then) setActive(then === "first" ? 0 : items().length - 1);
    } catch (error) {
      if (request.signal.aborted) return;
      close();
      status.textContent = "The search did not answer. Check the connection, or reload the page and sign in again.";
    }
  }

  /** @param {string} value @param {string} text @param {boolean} apply send a list's form at once */
  function choose(value, text, apply) {
    let option = [...select.options].find((one) => one.value === value);
    if (!option) {
      option = new Option(text, value);
      select.append(option);
    }
    select.value = value;
    input.value = value === "" ? "" : text;
    status.textContent = "";
    input.removeAttribute("aria-invalid");
    input.classList.remove("is-wrong");
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
    if (apply && filter) select.form?.requestSubmit();
  }

  const chooseItem = (/** @type {HTMLElement} */ item, apply = true) =>
    choose(item.dataset.value ?? "", item.textContent ?? "", apply);

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(load, 150, input.value.trim());
  });

  input.addEventListener("click", () => {
    if (!isOpen()) load("");
  });

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const last = items().length - 1;
    switch (event.key) {
      case "ArrowDown":
        if (event.altKey || !isOpen()) load(input.value === chosenText() ? "" : input.value.trim(), event.altKey ? "" : "first");
        else setActive(active >= last ? 0 : active + 1);
        break;
      case "ArrowUp":
        if (event.altKey) close();
        else if (!isOpen()) load(input.value === chosenText() ? "" : input.value.trim(), "last");
        else setActive(active <= 0 ? last : active - 1);
        break;
      case "PageDown":
        if (!isOpen()) return;
        setActive(Math.min(last, active + 8));
        break;
      case "PageUp":
        if (!isOpen()) return;
        setActive(Math.max(0, active - 8));
        break;
      case "Enter":
        if (!isOpen() || active < 0) return;
        chooseItem(items()[active]);
        break;
      case "Escape":
        if (isOpen()) close();
        else input.value = chosenText();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  });

  // The mouse must not take the focus, or leaving the field would close the list under it.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (item instanceof HTMLElement) chooseItem(item);
  });

  /** Text that names no choice is never taken for one in silence. */
  function settle() {
    const text = input.value.trim();
    const match = items().find((item) => (item.textContent ?? "").toLowerCase() === text.toLowerCase());
    close();
    if (text === chosenText()) {
      status.textContent = "";
    } else if (match) {
      chooseItem(match, false);
    } else {
      select.value = "";
      status.textContent = text ? `“${text}” is not chosen yet: pick one from the list.` : "";
    }
  }
  input.addEventListener("blur", settle);
  // Enter in the text box sends the form before the box is left.
  input.form?.addEventListener("submit", settle, { capture: true });
}

for (const box of document.querySelectorAll("[data-lookup]")) {
  if (box instanceof HTMLElement) enhance(box);
}
