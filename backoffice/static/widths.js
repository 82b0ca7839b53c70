// The widths of a list's columns: drag the edge of a heading, or move it by the arrow keys. The server
// remembers them, in the steps that widths.css has rules for.
import { _, ngettext } from "./words.js";

const space = /** @type {HTMLElement | null} */ (document.querySelector("[data-widths]"));
const token = /** @type {HTMLInputElement | null} */ (document.querySelector("form[data-columns] [name=csrf_token]"));
const columns = [...(space?.querySelectorAll("col") ?? [])];
/** As in admin/pages/widths.py. */
const LEAST = 6, MOST = 80, STEPS_IN_A_REM = 2, LEAST_TAKEN = 14, MOST_TAKEN = 120, TAKEN_STEP = 2;
const rem = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
const isMirrored = document.documentElement.dir === "rtl";

const classed = (/** @type {Element | null | undefined} */ element, /** @type {string} */ start) =>
  Number([...(element?.classList ?? [])].find((name) => name.startsWith(start))?.slice(start.length) ?? 0);
/** Rem that the columns take and take at least. The classes are those of the next rules. */
const room = { taken: Number(space?.dataset.taken), least: Number(space?.dataset.least) };

function putRoom(/** @type {"taken" | "least"} */ name, /** @type {number} */ more) {
  space?.classList.remove(`${name}-${ruleFor(room[name])}`);
  room[name] += more;
  space?.classList.add(`${name}-${ruleFor(room[name])}`);
}
const ruleFor = (/** @type {number} */ wanted) =>
  Math.max(LEAST_TAKEN, Math.min(MOST_TAKEN, LEAST_TAKEN + TAKEN_STEP * Math.ceil((wanted - LEAST_TAKEN) / TAKEN_STEP)));

class Edge {
  constructor(/** @type {HTMLTableCellElement} */ heading, /** @type {boolean} */ isBeforeRest) {
    this.heading = heading;
    this.column = columns[heading.cellIndex];
    this.name = heading.dataset.column ?? "";
    // The column that takes the rest has no edge: those around it have, on its side.
    this.isEnd = isBeforeRest;
    this.handle = document.createElement("span");
    this.handle.className = `resize${isBeforeRest ? " resize-end" : ""}`;
    this.handle.tabIndex = 0;
    this.handle.title = _("Drag to resize. Double-click to reset.");
    const label = heading.dataset.heading ?? "";
    const said = { role: "separator", "aria-orientation": "vertical", "aria-label": _("Width of {column}", { column: label }), "aria-valuemin": LEAST, "aria-valuemax": MOST };
    for (const [name, value] of Object.entries(said)) this.handle.setAttribute(name, String(value));
    // Or the edge's name would be part of the heading's, which is read with each cell.
    heading.setAttribute("aria-label", label);
    heading.append(this.handle);
    this.tell();
    this.saved = this.steps;
    this.listen();
  }

  /** The width that is shown, in steps. */
  get steps() {
    return Math.round((this.heading.getBoundingClientRect().width / rem()) * STEPS_IN_A_REM);
  }

  /** Pixels to the left or the right make the column wider or narrower. */
  get direction() {
    return this.isEnd === isMirrored ? -1 : 1;
  }

  set(/** @type {number} */ wanted) {
    const steps = Math.max(LEAST, Math.min(MOST, wanted));
    const before = classed(this.column, "w-");
    if (steps === before) return;
    this.column.className = `w-${steps}`;
    // A description that has a width is a column as any other.
    if (!before) {
      space?.classList.remove("has-spare");
      for (const cell of space?.querySelectorAll(".cell-spare") ?? []) cell.classList.remove("cell-spare");
    }
    const more = (steps - before) / STEPS_IN_A_REM;
    putRoom("taken", more);
    putRoom("least", more);
    this.tell();
  }

  tell() {
    const pixels = Math.round(this.heading.getBoundingClientRect().width);
    this.handle.setAttribute("aria-valuenow", String(Math.max(LEAST, Math.min(MOST, this.steps))));
    this.handle.setAttribute("aria-valuetext", ngettext("{count} pixel", "{count} pixels", pixels));
  }

  /** Has the width remembered; "" is the column's own. */
  async save(/** @type {number | ""} */ steps) {
    if (!space || !token || steps === this.saved) return;
    this.saved = Number(steps);
    const body = new URLSearchParams({ csrf_token: token.value, [`width_${this.name}`]: String(steps) });
    await fetch(space.dataset.widths ?? "", { method: "POST", body, keepalive: true }).catch(() => {});
    const reset = document.querySelector("[data-reset-widths]");
    if (reset instanceof HTMLElement) reset.hidden = false;
  }

  listen() {
    const { handle } = this;
    let start = 0, width = 0;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      start = event.clientX;
      width = this.steps;
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const moved = ((event.clientX - start) * this.direction * STEPS_IN_A_REM) / rem();
      if (Math.abs(event.clientX - start) > 3) this.set(width + Math.round(moved));
    });
    handle.addEventListener("pointerup", () => this.save(classed(this.column, "w-") || this.saved));
    handle.addEventListener("dblclick", () => this.reset());
    handle.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const size = event.shiftKey ? 5 : 1;
      const wider = { ArrowRight: this.direction, ArrowLeft: -this.direction, ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (wider !== undefined) this.set(this.steps + wider * size);
      else if (event.key === "Home") this.set(LEAST);
      else if (event.key === "Delete" || event.key === "Backspace") this.reset();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    handle.addEventListener("keyup", () => this.save(classed(this.column, "w-") || this.saved));
  }

  /** The width that the server finds right, which it prints. */
  async reset() {
    await this.save("");
    location.reload();
  }
}

if (space && token) {
  const headings = /** @type {HTMLTableCellElement[]} */ ([...space.querySelectorAll("th[data-column]")]);
  const rest = headings.findIndex((heading) => columns[heading.cellIndex]?.classList.contains("col-rest"));
  headings.forEach((heading, place) => {
    if (place !== rest) new Edge(heading, place < rest);
  });
}
