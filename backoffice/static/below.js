// On the delete page: whoever fills in what belongs to a choice has made the choice.
for (const part of document.querySelectorAll("[data-chooses]")) {
  const radio = document.getElementById(part.getAttribute("data-chooses") ?? "");
  if (!(radio instanceof HTMLInputElement)) continue;
  for (const kind of ["input", "change"]) {
    part.addEventListener(kind, () => { radio.checked = true; });
  }
}
