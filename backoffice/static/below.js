// On the delete page: filling in a field that belongs to a choice makes the choice.
for (const part of document.querySelectorAll("[data-chooses]")) {
  const radio = document.getElementById(part.getAttribute("data-chooses") ?? "");
  if (!(radio instanceof HTMLInputElement)) continue;
  for (const kind of ["input", "change"]) {
    part.addEventListener(kind, () => { radio.checked = true; });
  }
}
