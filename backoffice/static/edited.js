// Tells whether a field was changed, by a person or by a browser that comes back to the page.

/** Whether a field differs from what the server sent: a change that was reverted does not count. */
export function isEdited(/** @type {Element} */ field) {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (field instanceof HTMLSelectElement) return field.selectedIndex !== firstOf(field);
  if (!(field instanceof HTMLInputElement) || field.type === "hidden") return false;
  const ticks = field.type === "checkbox" || field.type === "radio";
  return ticks ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** If no option is marked as selected, a browser shows the first. */
const firstOf = (/** @type {HTMLSelectElement} */ select) =>
  Math.max(0, [...select.options].findIndex((option) => option.defaultSelected));
