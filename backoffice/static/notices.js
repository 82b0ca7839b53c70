// Closes a notice that was read.
for (const notice of document.querySelectorAll(".notices .notice")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "notice-close";
  button.setAttribute("aria-label", "Dismiss");
  button.innerHTML =
    '<svg class="icon-drawn" width="18" height="18" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
  button.addEventListener("click", () => {
    notice.remove();
    const box = document.querySelector(".notices");
    if (box && !box.querySelector(".notice")) box.remove();
    document.querySelector("main")?.focus({ preventScroll: true });
  });
  notice.append(button);
}
