// Sends only the choices that were changed, so that a form of any length stays small. Who chooses a
// single field means the limited fields.
const form = document.querySelector("form[data-changed-only]");

form?.querySelector(".matrix")?.addEventListener("change", () => {
  const chosen = form.querySelector('input[name="limited"][value="chosen"]');
  if (chosen instanceof HTMLInputElement) chosen.checked = true;
});

if (form instanceof HTMLFormElement && !form.hasAttribute("data-edited")) {
  form.addEventListener("formdata", (event) => {
    for (const field of form.elements) {
      if (field instanceof HTMLInputElement && field.type === "radio" && field.checked && field.defaultChecked)
        event.formData.delete(field.name);
    }
  });
}
