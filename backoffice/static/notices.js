// Reads notices out, and closes one that was read.
import { _ } from "./words.js";

const box = document.querySelector(".notices");

// Screen readers read what changes in a live region after the page has loaded. Inert notices are
// not there for them, though they look the same, and come a moment later.
const notices = [...(box?.querySelectorAll(".notice") ?? [])];
for (const notice of notices) notice.inert = true;
setTimeout(() => {
  for (const notice of notices) notice.inert = false;
}, 150);

for (const notice of notices) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "notice-close";
  button.setAttribute("aria-label", _("Dismiss"));
  button.innerHTML =
    '<svg class="icon-drawn" width="18" height="18" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
  button.addEventListener("click", () => {
    notice.remove();
    if (!box.querySelector(".notice")) box.remove();
    document.querySelector("main")?.focus({ preventScroll: true });
  });
  notice.append(button);
}
