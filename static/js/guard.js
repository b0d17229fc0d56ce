/* Leaving a page asks first while an element with data-guard is in it.
   static/js/dialog.js asks when such an element's dialog is closed. */

let submitting = false;

// htmx cancels the submissions that it takes over; what is not cancelled leaves the page on purpose.
document.addEventListener("submit", (event) => {
  submitting = !event.defaultPrevented;
});

addEventListener("pageshow", () => {
  submitting = false;
});

addEventListener("beforeunload", (event) => {
  if (!submitting && document.querySelector("[data-guard]")) {
    event.preventDefault();
  }
});
