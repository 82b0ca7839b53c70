// Facets beside a list: a tick applies at once, numbers and texts with Enter or when the focus leaves
// them. The new page has the focus in the same place. In a narrow window the facets are a panel: tick
// several, then press Apply.
import { isEdited } from "./edited.js";

const form = document.querySelector("form#narrow");
const facets = document.querySelector("aside#facets");
const button = document.querySelector("[data-facets-button]");
const wide = matchMedia("(min-width: 1200px)");
const KEY = "backoffice.list-focus";

const isColumn = () => wide.matches && !facets.classList.contains("folded");
const fields = () => /** @type {HTMLInputElement[]} */ (
  [...facets.querySelectorAll("input, select")].filter((field) => field.checkVisibility() && !field.disabled));

let sending = false;
form?.addEventListener("submit", () => {
  sending = true;
  // Enter in a field is a change and a submit: one page is enough. A later event counts again,
  // because the person may have stopped the page while it was loading.
  setTimeout(() => { sending = false; }, 500);
});

/** Whether one of these fields says something else than the list shows. */
const differ = (/** @type {Iterable<HTMLInputElement>} */ some) => [...some].some((field) => field.name && isEdited(field));

/** Sends the form. `from`: the field that gets the focus on the next page. */
function apply(/** @type {Element | null} */ from) {
  if (sending || !(form instanceof HTMLFormElement)) return;
  remember(from);
  form.requestSubmit();
}

function remember(/** @type {Element | null} */ field) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !facets.contains(field)) return;
  const value = field.type === "checkbox" || field.type === "radio" ? field.value : null;
  const facet = field.closest("[data-facet]")?.getAttribute("data-facet");
  const scrolled = facets.querySelector(".facets-scroll")?.scrollTop ?? 0;
  keep({ name: field.name, value, facet, scrolled });
}

function keep(/** @type {object} */ what) {
  const kept = { path: location.pathname, ...what };
  try { sessionStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* the search gets the focus */ }
}

function goBackThere() {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
  } catch { /* nothing was stored */ }
  if (kept?.path !== location.pathname || !isColumn()) return;
  const scroll = facets.querySelector(".facets-scroll");
  if (scroll) scroll.scrollTop = kept.scrolled ?? 0;
  const all = fields();
  const isIt = (/** @type {HTMLInputElement} */ one) => one.name === kept.name && (kept.value === null || one.value === kept.value);
  const itself = all.find(isIt);
  const field = itself
    ?? all.find((one) => one.closest("[data-facet]")?.getAttribute("data-facet") === kept.facet)
    ?? (kept.first ? all[0] : undefined);
  field?.focus({ preventScroll: true });
  field?.scrollIntoView({ block: "nearest" });
  // It may be among what comes with the counts (counts.js).
  if (field && !itself) facets.addEventListener("counted", () => {
    const typed = field.type === "text" && field.value;
    if (document.activeElement === field && !typed) fields().find(isIt)?.focus({ preventScroll: true });
  }, { once: true });
}

/** Shows that a value was entered that is not applied yet. */
const wait = (/** @type {boolean} */ waiting) => facets.classList.toggle("waiting", waiting);

let byPointer = false;
let pressed = false;
facets?.addEventListener("pointerdown", () => { byPointer = true; });
facets?.addEventListener("keydown", () => { byPointer = false; });
for (const kind of ["pointerdown", "pointerup", "pointercancel"]) {
  addEventListener(kind, () => { pressed = kind === "pointerdown"; }, true);
}

/** @type {Element | null} the facet with a value that is not applied yet */
let entered = null;

facets?.addEventListener("change", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement) || !field.name) return;
  const facet = field.closest("[data-facet]");
  clash(field, facet);
  if (!isColumn()) return;
  // Arrow keys walk through radio buttons, and each of them would load a page.
  const atOnce = field.type === "checkbox" || (field.type === "radio" && byPointer);
  if (atOnce) {
    apply(field);
  } else {
    entered = facet;
    wait(true);
  }
});

/** Typed dates and a period chosen by name replace each other. */
function clash(/** @type {Element} */ field, /** @type {Element | null} */ facet) {
  const radios = /** @type {HTMLInputElement[]} */ ([...(facet?.querySelectorAll("input[type=radio]") ?? [])]);
  const dates = /** @type {HTMLInputElement[]} */ ([...(facet?.querySelectorAll("input[type=date]") ?? [])]);
  if (radios.includes(field)) for (const date of dates) date.value = "";
  else if (dates.includes(field) && field.value) for (const radio of radios) radio.checked = radio.value === "";
}

// Leaving the facet, not the field: moving from "from" to "to" loads nothing.
facets?.addEventListener("focusout", (event) => {
  const to = event.relatedTarget;
  const leaving = entered;
  if (!leaving || !isColumn() || (to instanceof Node && leaving.contains(to))) return;
  // A click on a link or button must load its page, and not another one first.
  if (to instanceof Element && to.closest("a, button")) return;
  entered = null;
  // After Enter the form is already being sent. And a press of the mouse must first become a
  // click, or the box under it would be gone.
  const go = () => setTimeout(() => {
    if (differ(form?.elements ?? [])) apply(document.activeElement);
    else wait(false);
  });
  if (pressed) document.addEventListener("click", go, { once: true });
  else go();
});

facets?.addEventListener("keydown", (event) => {
  if (!(event instanceof KeyboardEvent) || event.defaultPrevented) return;
  const field = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Enter" && (field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) {
    remember(field);
    // A select does not send its form by itself.
    if (field instanceof HTMLSelectElement && isColumn()) {
      event.preventDefault();
      apply(field);
    }
  }
  if (event.key === "Escape" && isColumn()) {
    event.preventDefault();
    document.querySelector("input#search")?.focus();
  }
});

for (const clear of facets?.querySelectorAll("[data-clear]") ?? []) {
  clear.hidden = false;
  clear.addEventListener("click", () => {
    const facet = clear.closest("[data-facet]");
    for (const field of facet?.querySelectorAll("input, select") ?? []) {
      if (field instanceof HTMLSelectElement) field.selectedIndex = 0;
      else if (field.type === "checkbox" || field.type === "radio") field.checked = field.type === "radio" && field.value === "";
      else field.value = "";
    }
    if (isColumn()) apply(facet?.querySelector("input, select") ?? null);
  });
}

// Folding ------------------------------------------------------------------------------

const say = () => {
  // The browser itself sets the state of a panel's button.
  if (wide.matches) button?.setAttribute("aria-expanded", String(isColumn()));
  else button?.removeAttribute("aria-expanded");
};

async function fold(/** @type {boolean} */ folded, byKey = false) {
  // A page that arrived folded has no choices and no counts: it must be loaded again.
  const unasked = !folded && facets.hasAttribute("data-unasked");
  facets.classList.toggle("folded", folded);
  say();
  const action = facets.dataset.remember;
  const token = document.querySelector("form[data-themes] [name=csrf_token]");
  if (!action || !(token instanceof HTMLInputElement)) return;
  const body = new URLSearchParams({ csrf_token: token.value, filters: folded ? "closed" : "open" });
  try {
    await fetch(action, { method: "POST", body, keepalive: true });
    if (!unasked) return;
    if (byKey) keep({ first: true });
    location.reload();
  } catch {
    // Not remembered: it holds for this page only.
  }
}

if (facets instanceof HTMLElement && button instanceof HTMLElement) {
  button.addEventListener("click", (event) => {
    if (!wide.matches) return;
    event.preventDefault();
    fold(isColumn());
  });
  // The key opens the facets and moves the focus there; it never folds them.
  button.addEventListener("shortcut", (event) => {
    event.preventDefault();
    if (!wide.matches) facets.showPopover();
    else if (!isColumn()) fold(false, true);
    fields()[0]?.focus();
  });
  wide.addEventListener("change", () => {
    if (facets.matches(":popover-open")) facets.hidePopover();
    say();
  });
  say();
  goBackThere();
  // What was chosen before this script ran, or came back with the page, waits for Apply: the list
  // does not change by itself.
  const takeUp = () => wait(differ(fields()));
  addEventListener("pageshow", takeUp);
  takeUp();
}
