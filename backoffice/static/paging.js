// Each press of "l" is a page on, also one that comes before the next page does: that page goes on by
// as many as are left. Each press of "h" is a page back.
const LEFT = "backoffice.pages-left";
const links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll(".pager a[aria-keyshortcuts]")]);
const stepOf = (/** @type {HTMLAnchorElement} */ link) => (link.rel === "next" ? 1 : -1);
let isLeaving = false;

/** How many pages are left to go, and when the last key was pressed. */
function read() {
  try {
    const [left, at] = JSON.parse(sessionStorage.getItem(LEFT) ?? "[0, 0]");
    // Older ones are of a page that was never reached.
    return Date.now() - at < 10_000 ? Number(left) : 0;
  } catch {
    return 0;
  }
}

function write(/** @type {number} */ left) {
  try {
    if (left) sessionStorage.setItem(LEFT, JSON.stringify([left, Date.now()]));
    else sessionStorage.removeItem(LEFT);
  } catch { /* one page at a time, then */ }
}

for (const link of links) {
  // shortcuts.js presses the link after this, for the first key.
  link.addEventListener("shortcut", (event) => {
    if (isLeaving) {
      event.preventDefault();
      write(read() + stepOf(link));
    }
    isLeaving = true;
  });
}

const left = read();
const way = links.find((link) => stepOf(link) === Math.sign(left));
write(way ? left - Math.sign(left) : 0);
if (way) {
  isLeaving = true;
  location.assign(way.href);
}
// Back on this page, from the browser's memory.
addEventListener("pageshow", (event) => { if (event.persisted) isLeaving = false; });
