// Switches to light, dark or the system's colours at once; the server remembers the choice.
const form = document.querySelector("form[data-themes]");

form?.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, button));
  document.documentElement.dataset.theme = button.value;
  document.querySelector('meta[name="color-scheme"]')
    ?.setAttribute("content", button.value === "auto" ? "light dark" : button.value);
  for (const other of form.querySelectorAll("button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  try {
    // The answer redirects to this page, which need not load again: typed text is kept.
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
  } catch {
    // Offline: the colours hold until the next page.
  }
});
