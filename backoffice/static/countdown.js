// Counts down the wait after too many failed sign-ins, from the moment the page arrived.
import { _, ngettext, number } from "./words.js";

const place = document.querySelector("[data-countdown]");
if (place instanceof HTMLElement) {
  const end = Date.now() + Number(place.dataset.countdown) * 1000;
  const alert = place.closest("[role=alert]");
  // Screen readers read it once, not every second.
  alert?.setAttribute("aria-live", "off");
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) {
      alert?.setAttribute("aria-live", "polite");
      place.textContent = _("You can try again now.");
      clearInterval(timer);
      return;
    }
    const minutes = Math.floor(left / 60);
    const seconds = left % 60;
    const twoDigits = number(seconds).padStart(2, number(0));
    place.textContent = minutes
      ? _("Try again in {time} minutes.", { time: `${number(minutes)}:${twoDigits}` })
      : ngettext("Try again in {count} second.", "Try again in {count} seconds.", seconds);
  };
  const timer = setInterval(tick, 1000);
  tick();
}
