// A record beside its list: Space on a row, or its button, shows it, and it follows the focus from row
// to row. Escape closes it.
const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-peek]"));
const parts = /** @type {HTMLTemplateElement | null} */ (document.querySelector("[data-peek-parts]"));
const button = /** @type {HTMLButtonElement} */ (parts?.content.querySelector(".peek-button"));
const panel = /** @type {HTMLElement} */ (parts?.content.querySelector(".peek"));
/** Milliseconds that the focus stays on a row before its record is loaded: not for each row passed. */
const PATIENCE = 80;

const linkOf = (/** @type {Element | null} */ row) => /** @type {HTMLAnchorElement | null} */ (row?.querySelector(".cell-name a") ?? null);
const rowOf = (/** @type {EventTarget | null} */ target) => {
  const row = target instanceof Element ? target.closest("tbody tr") : null;
  return row && list?.contains(row) ? row : null;
};

/** @type {Element | null} */
let shown = null;
/** @type {AbortController | null} */
let loading = null;
let waiting = 0;

/** Where the record of a row is: the key and the parameters are those of the row's link. */
function addressOf(/** @type {HTMLAnchorElement} */ link) {
  const key = link.pathname.match(/\/(?:edit|details)\/(.+)$/)?.[1];
  return key === undefined ? null : list?.dataset.peek + key + link.search;
}

async function show(/** @type {Element} */ row) {
  const link = linkOf(row);
  const address = link && addressOf(link);
  if (!address || row === shown) return;
  shown?.classList.remove("peeked");
  shown = row;
  row.classList.add("peeked");
  if (!panel.isConnected) list?.closest(".list-body")?.prepend(panel);
  panel.setAttribute("aria-busy", "true");
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  /** @type {Element | null} */
  let came = null;
  try {
    // If the session is over, the answer may lead to the sign-in page: that is not to be fetched.
    const answer = await fetch(address, { signal, redirect: "manual", headers: { Accept: "text/html" } });
    if (answer.ok) came = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  } catch { /* said below */ }
  if (signal.aborted) return;
  const title = came?.querySelector("h2");
  panel.querySelector(".peek-title")?.replaceChildren(title ?? "");
  panel.querySelector(".peek-body")?.replaceChildren(...(came?.childNodes ?? []));
  panel.querySelector(".peek-failed")?.toggleAttribute("hidden", Boolean(title));
  panel.removeAttribute("aria-busy");
}

function close() {
  clearTimeout(waiting);
  loading?.abort();
  panel.remove();
  shown?.classList.remove("peeked");
  linkOf(shown)?.focus();
  shown = null;
}

if (list && parts) {
  // Before list.js, for which Escape leads to the search.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (document.querySelector("dialog[open], :popover-open")) return;
    const row = rowOf(event.target);
    if (event.key === " " && row && event.target === linkOf(row)) {
      if (row === shown) close();
      else show(row);
    } else if (event.key === "Escape" && shown && (row || panel.contains(/** @type {Node} */ (event.target)) || event.target === document.body)) close();
    else return;
    event.preventDefault();
  }, true);

  list.addEventListener("focusin", (event) => {
    const row = rowOf(event.target);
    if (!shown || !row || row === shown) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => show(row), PATIENCE);
  });

  list.addEventListener("pointerover", (event) => {
    const row = event.pointerType === "mouse" ? rowOf(event.target) : null;
    const link = linkOf(row);
    if (link && addressOf(link) && !row?.contains(button)) link.closest("td")?.append(button);
  });
  list.addEventListener("pointerleave", () => button.remove());
  button.addEventListener("click", () => {
    const row = rowOf(button);
    if (!row) return;
    if (row === shown) return close();
    linkOf(row)?.focus({ preventScroll: true });
    show(row);
  });
  panel.querySelector("[data-peek-close]")?.addEventListener("click", close);
}
