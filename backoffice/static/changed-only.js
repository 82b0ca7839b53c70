// Sends only the choices that were changed, so that a form of any length stays small.
const form = document.querySelector("form[data-changed-only]");

if (form instanceof HTMLFormElement && !form.hasAttribute("data-edited")) {
  form.addEventListener("formdata", (event) => {
    for (const field of form.elements) {
      if (field instanceof HTMLInputElement && field.type === "radio" && field.checked && field.defaultChecked)
        event.formData.delete(field.name);
    }
  });
}
