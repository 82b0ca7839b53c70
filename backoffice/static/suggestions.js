// <suggestion-list>: the list under a text box that is a combobox (WAI-ARIA authoring practices:
// list autocomplete with manual selection: Enter takes what the arrow keys chose, and nothing else).
//
// An element and not an import: scripts are named by a digest of their content, and no script knows
// another's digest. To use it, call attach() with the text box and two functions:
//   choose(result)  takes the picked result;
//   load(which)     fills a closed list, then marks its "first" or "last" result ("": none).
// Then call show() with the results: {id, text, hint?}.
//
// The list lies over the page (a popover), so that nothing around the box cuts it off. It is placed
// by the script: below the box, or above it where there is more room, and within the window.

let serial = 0;
const MARGIN = 8;
const TALLEST = 304;
const ENOUGH = 200;
const NARROWEST = 256;

class SuggestionList extends HTMLElement {
  /** @type {HTMLInputElement} */ #input;
  /** @type {{id: string, text: string, hint?: string}[]} */ #results = [];
  #active = -1;
  #choose = (/** @type {{id: string, text: string}} */ _result) => {};
  #load = (/** @type {"" | "first" | "last"} */ _which) => false;
  #place = () => this.#putAt(this.#input.getBoundingClientRect());

  /** Makes `input` a combobox with this list, whose accessible name is `label`. */
  attach(input, { label, choose, load }) {
    this.#input = input;
    this.#choose = choose;
    this.#load = load;
    this.id = `suggestions-${++serial}`;
    this.className = "lookup-list";
    this.popover = "manual";
    this.setAttribute("role", "listbox");
    this.setAttribute("aria-label", label);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", this.id);
    input.addEventListener("keydown", (event) => this.#keydown(event));
    // Back would show the page as it was left.
    addEventListener("pagehide", () => this.close());
    // The mouse must not take the focus: leaving the field would close the list under the mouse.
    this.addEventListener("mousedown", (event) => event.preventDefault());
    this.addEventListener("click", (event) => {
      const item = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      const index = item ? this.#items().indexOf(item) : -1;
      if (index >= 0) this.#choose(this.#results[index]);
    });
  }

  get isOpen() { return this.matches(":popover-open"); }
  get results() { return this.#results; }

  /** Shows these results, with the chosen one marked; an empty list closes it. */
  show(results, chosen = "") {
    this.#results = results.map((result) => ({ ...result, id: String(result.id) }));
    this.replaceChildren(...this.#results.map((result, index) => {
      const item = document.createElement("div");
      item.id = `${this.id}-${index}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(chosen !== "" && result.id === chosen));
      item.textContent = result.text;
      item.title = result.text;
      if (result.hint) {
        const hint = document.createElement("span");
        hint.className = "suggestion-hint";
        hint.textContent = ` ${result.hint}`;
        item.append(hint);
      }
      return item;
    }));
    this.#active = -1;
    this.#input.removeAttribute("aria-activedescendant");
    if (results.length) this.#open();
    else this.close();
  }

  #open() {
    if (!this.isOpen) {
      this.showPopover();
      addEventListener("scroll", this.#place, { capture: true, passive: true });
      addEventListener("resize", this.#place);
    }
    this.#place();
    this.#input.setAttribute("aria-expanded", "true");
  }

  close() {
    if (this.isOpen) this.hidePopover();
    removeEventListener("scroll", this.#place, { capture: true });
    removeEventListener("resize", this.#place);
    this.#mark(-1);
    this.#input.setAttribute("aria-expanded", "false");
  }

  /** Puts the list beside the box at `at`, where there is room for it. */
  #putAt(/** @type {DOMRect} */ at) {
    const { clientWidth } = document.documentElement;
    const height = window.visualViewport?.height ?? innerHeight;
    const width = Math.min(Math.max(at.width, NARROWEST), clientWidth - 2 * MARGIN);
    const start = getComputedStyle(this).direction === "rtl" ? at.right - width : at.left;
    const [above, below] = [at.top - 2 * MARGIN, height - at.bottom - 2 * MARGIN];
    this.style.width = `${width}px`;
    this.style.left = `${Math.min(Math.max(start, MARGIN), clientWidth - width - MARGIN)}px`;
    const upwards = below < Math.min(this.scrollHeight, ENOUGH) && above > below;
    this.style.maxHeight = `${Math.min(upwards ? above : below, TALLEST)}px`;
    this.style.top = `${upwards ? at.top - this.offsetHeight - MARGIN / 2 : at.bottom + MARGIN / 2}px`;
  }

  /** Marks the "first" or the "last" result. */
  mark(which) {
    if (which && this.isOpen) this.#mark(which === "first" ? 0 : this.#results.length - 1);
  }

  #items() { return [...this.children]; }

  #mark(index) {
    const items = this.#items();
    items[this.#active]?.classList.remove("active");
    this.#active = index;
    const item = items[index];
    if (item) {
      item.classList.add("active");
      item.scrollIntoView({ block: "nearest" });
      this.#input.setAttribute("aria-activedescendant", item.id);
    } else {
      this.#input.removeAttribute("aria-activedescendant");
    }
  }

  #keydown(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const last = this.#results.length - 1;
    const here = this.#active;
    switch (event.key) {
      case "ArrowDown":
        if (event.altKey || !this.isOpen) {
          if (!this.#load(event.altKey ? "" : "first")) return;
        } else this.#mark(here >= last ? 0 : here + 1);
        break;
      case "ArrowUp":
        if (event.altKey) this.close();
        else if (!this.isOpen) {
          if (!this.#load("last")) return;
        } else this.#mark(here <= 0 ? last : here - 1);
        break;
      case "PageDown":
        if (!this.isOpen) return;
        this.#mark(Math.min(last, here + 8));
        break;
      case "PageUp":
        if (!this.isOpen) return;
        this.#mark(Math.max(0, here - 8));
        break;
      case "Enter":
        if (!this.isOpen || here < 0) return;
        this.#choose(this.#results[here]);
        break;
      case "Escape":
        if (!this.isOpen) return;
        this.close();
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("suggestion-list", SuggestionList);
