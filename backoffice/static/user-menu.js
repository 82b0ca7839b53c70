// The menu about the person: arrows move in it, and leaving it with Tab closes it. The browser opens
// it, closes it on Escape and gives the focus back.
const menu = document.getElementById("user-menu");
const opener = document.querySelector('[popovertarget="user-menu"]');

const controls = () =>
  [...menu.querySelectorAll("a, button, select")].filter((one) => one.checkVisibility());

const move = (/** @type {number} */ step) => {
  const all = controls();
  const place = all.indexOf(document.activeElement);
  const next = place < 0 && step < 0 ? all.length - 1 : place + step;
  all[(next + all.length) % all.length]?.focus();
};

if (menu && opener) {
  menu.addEventListener("keydown", (event) => {
    // In the select they change the language.
    if (event.target instanceof HTMLSelectElement) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(step);
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    menu.showPopover({ source: opener });
    move(1);
  });
  menu.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget && relatedTarget !== opener && !menu.contains(relatedTarget)) menu.hidePopover();
  });
}
