// Passwords: shows the typed text, and a hint when Caps Lock is on.
import { _ } from "./words.js";

for (const box of document.querySelectorAll("[data-password]")) {
  const input = box.querySelector("input");
  const button = box.querySelector("button");
  const hint = box.querySelector(".caps-lock");
  if (!input || !button || !hint) continue;

  button.hidden = false;
  const show = (/** @type {boolean} */ shown) => {
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // Sent as a password, so that the browser offers to save it and does not remember it as text.
  input.form?.addEventListener("submit", () => show(false));

  for (const kind of ["keydown", "keyup"]) {
    input.addEventListener(kind, (event) => {
      if (!(event instanceof KeyboardEvent)) return;
      const on = event.getModifierState("CapsLock");
      const text = on ? _("Caps Lock is on") : "";
      if (hint.textContent !== text) hint.textContent = text;
    });
  }
  input.addEventListener("blur", () => { hint.textContent = ""; });
}
