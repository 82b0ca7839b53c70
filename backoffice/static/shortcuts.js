// Keys that work anywhere on a page. A control declares its key with
// aria-keyshortcuts: the key presses a link or button, and moves the focus to a field.
const dialog = document.querySelector("dialog#shortcuts");
const opener = document.querySelector("[data-open-shortcuts]");
const OFF = "backoffice.single-keys-off";

// Single keys can be switched off, for people whose speech input types them (WCAG 2.1.4).
// Other scripts read the attribute on the root.
const root = document.documentElement;
const remember = (/** @type {boolean} */ off) => {
  root.toggleAttribute("data-single-keys-off", off);
  try { localStorage.setItem(OFF, off ? "1" : ""); } catch { /* holds for this page */ }
};
try { root.toggleAttribute("data-single-keys-off", localStorage.getItem(OFF) === "1"); } catch { /* on */ }
const switchedOff = () => root.hasAttribute("data-single-keys-off");

/** @param {EventTarget | null} target */
const takesText = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));

if (dialog instanceof HTMLDialogElement && opener instanceof HTMLButtonElement) {
  opener.hidden = false;
  opener.addEventListener("click", () => {
    const navigation = opener.closest("[popover]");
    if (navigation?.matches(":popover-open")) navigation.hidePopover();
    dialog.showModal();
  });
  const box = dialog.querySelector("[data-single-keys]");
  if (box instanceof HTMLInputElement) {
    box.checked = !switchedOff();
    box.addEventListener("change", () => remember(!box.checked));
  }
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

// With Alt, letters work from any field: Alt+Z undoes also in a text field, where Ctrl+Z is the
// field's own undo. Uses the position of the key, because Alt types another character on some
// keyboards.
document.addEventListener("keydown", (event) => {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (!letter || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const controls = document.querySelectorAll(`[aria-keyshortcuts~="Alt+${letter}"]`);
  const latest = [...controls].filter((control) => control.closest(".notices")).at(-1) ?? controls[0];
  if (!(latest instanceof HTMLElement) || document.querySelector("dialog[open], :popover-open")) return;
  event.preventDefault();
  latest.click();
});

// Escape leaves a field, so that single keys work again. What was typed stays.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (!takesText(event.target) || document.querySelector("dialog[open], :popover-open")) return;
  if (event.target instanceof HTMLElement) event.target.blur();
});

// "g", then a letter, goes to a place. Before all other scripts, for "h" and "l" alone turn pages.
const PATIENCE = 2000;
let goingSince = -Infinity;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || ["Shift", "CapsLock"].includes(event.key)) return;
  const going = event.timeStamp - goingSince < PATIENCE;
  goingSince = -Infinity;
  if (takesText(event.target) || switchedOff() || document.querySelector("dialog[open], :popover-open")) return;
  if (going) {
    const place = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    event.preventDefault();
    event.stopImmediatePropagation();
    if (place instanceof HTMLElement) place.click();
  } else if (event.key === "g") {
    goingSince = event.timeStamp;
  }
}, { capture: true });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key.length !== 1 || takesText(event.target) || switchedOff()) return;
  if (document.querySelector("dialog[open], :popover-open")) return;
  if (event.key === "?" && opener instanceof HTMLButtonElement) {
    event.preventDefault();
    opener.click();
    return;
  }
  const control = document.querySelector(`[aria-keyshortcuts~="${CSS.escape(event.key)}"]`);
  if (!(control instanceof HTMLElement)) return;
  event.preventDefault();
  // A control may handle its key itself, instead of being pressed.
  if (!control.dispatchEvent(new CustomEvent("shortcut", { cancelable: true }))) return;
  if (control instanceof HTMLInputElement) {
    control.focus();
    control.select();
  } else {
    control.click();
  }
});
