// A list of many records comes without its counts. This fetches them, and puts them into the places
// that the page kept free: only counts, bounds, totals and further choices, each in its place, so that
// nothing moves and whatever the person did in the meantime stays: focus, ticks, typed text, scroll.
//
// GET {data-counts} answers with HTML that has the facets and totals of the page with its counts
// (templates/list_counts.html). If it does not, the link "Show counts" loads that page.
const place = document.querySelector("[data-counts]");
const facets = document.querySelector("aside#facets");

/** Lines that can be seen of a facet that scrolls (.facet-tall in narrow.css). */
const LINES_SEEN = 9;

/** @type {AbortController | null} */
let pending = null;
let done = false;

async function load() {
  const request = (pending = new AbortController());
  try {
    // If the session is over, the answer may lead to the sign-in page: that is not to be fetched.
    const answer = await fetch(place?.getAttribute("data-counts") ?? "", {
      signal: request.signal, redirect: "manual", headers: { Accept: "text/html" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const came = new DOMParser().parseFromString(await answer.text(), "text/html");
    const status = came.querySelector("[data-status]");
    if (!status) throw new Error("no counts");
    if (request.signal.aborted) return;
    done = true;
    if (status.hasAttribute("data-stopped")) saySoInstead(status.textContent ?? "");
    else putIn(came);
    if (place) place.textContent = status.textContent;
  } catch {
    if (!request.signal.aborted) for (const link of links()) link.classList.add("shown");
  }
}

const links = () => document.querySelectorAll("[data-show-counts]");

/** A sentence where the counts would be. */
function saySoInstead(/** @type {string} */ text) {
  for (const link of links()) {
    const words = document.createElement("span");
    words.className = "counts-stopped shown";
    words.textContent = text;
    link.replaceWith(words);
  }
}

function putIn(/** @type {Document} */ came) {
  for (const link of links()) link.remove();
  for (const facet of facets?.querySelectorAll("[data-facet]") ?? []) {
    const counted = came.querySelector(`[data-facet="${CSS.escape(facet.getAttribute("data-facet") ?? "")}"]`);
    if (counted) fill(facet, counted);
  }
  const totals = document.querySelector(".totals-coming");
  const added = came.querySelector(".totals");
  if (totals instanceof HTMLElement && added) {
    // As many lines as were kept free, so that the foot keeps its height.
    totals.style.minHeight = `${totals.offsetHeight}px`;
    totals.replaceChildren(...added.childNodes);
    totals.classList.remove("totals-coming");
  }
  const count = document.querySelector(".count-coming");
  const counted = came.querySelector(".count");
  if (count instanceof HTMLElement && counted) {
    count.replaceChildren(...counted.childNodes);
    count.classList.remove("count-coming");
  }
  facets?.dispatchEvent(new Event("counted"));
}

/** @param {Element} facet @param {Element} counted the same facet with its counts */
function fill(facet, counted) {
  const bounds = facet.querySelector(".bounds-coming");
  const range = counted.querySelector(".facet-bounds")?.textContent ?? "";
  if (bounds instanceof HTMLElement) bounds.textContent = bounds.title = range;

  const ticks = facet.querySelector("[data-ticks]");
  if (!ticks) return;
  const boxes = [...ticks.querySelectorAll("input")];
  const first = boxes.find((box) => box === document.activeElement) ?? boxes.find((box) => box.checked);
  const before = first?.closest("label")?.offsetTop ?? 0;
  /** @type {Element | null} what the next line comes after; nothing that was there is moved */
  let last = null;
  for (const line of counted.querySelectorAll("[data-ticks] > label")) {
    const value = line.querySelector("input")?.value;
    const known = boxes.find((box) => box.value === value)?.closest("label");
    const number = line.querySelector(".tick-count");
    if (known && number) known.append(" ", number);
    if (!known) {
      ticks.querySelector(".tick-coming")?.remove();
      if (last) last.after(line);
      else ticks.prepend(line);
    }
    last = known ?? line;
  }
  // What was ticked stays where it was seen, though other choices come before it.
  ticks.scrollTop += (first?.closest("label")?.offsetTop ?? 0) - before;
  // Nobody scrolls through empty lines.
  const tooMany = ticks.children.length - LINES_SEEN;
  const free = ticks.classList.contains("facet-tall") ? [...ticks.querySelectorAll(".tick-coming")] : [];
  for (const line of free.reverse().slice(0, Math.max(tooMany, 0))) line.remove();
}

// An answer that comes after the person has left is of no use. Back may show this page as it was.
addEventListener("pagehide", () => pending?.abort());
addEventListener("pageshow", (event) => { if (event.persisted && !done) load(); });
load();
