// The collapsed navigation is remembered in this browser. Runs before the first paint (see base.html).
(() => {
  const root = document.documentElement;
  const KEY = "backoffice.navigation";
  const show = (/** @type {boolean} */ folded) => {
    root.toggleAttribute("data-navigation", folded);
    if (folded) root.setAttribute("data-navigation", "folded");
    for (const button of document.querySelectorAll("[data-fold]")) {
      button.hidden = false;
      button.setAttribute("aria-expanded", String(!folded));
      button.title = folded ? button.dataset.expand : button.dataset.collapse;
    }
  };
  // A browser may refuse storage: then nothing is remembered.
  const stored = () => {
    try { return localStorage.getItem(KEY) === "folded"; } catch { return false; }
  };
  show(stored());
  document.addEventListener("DOMContentLoaded", () => {
    show(stored());
    document.querySelector("[data-fold]")?.addEventListener("click", () => {
      const folded = !root.hasAttribute("data-navigation");
      show(folded);
      try { localStorage.setItem(KEY, folded ? "folded" : ""); } catch { /* not remembered */ }
    });
  });
})();
