// The stream at the side renews itself only while someone can see it, and at once when they come back.
(() => {
  "use strict";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && event.target.closest?.("[data-while-visible]")) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    for (const part of document.querySelectorAll("[data-while-visible]")) part.dispatchEvent(new Event("look-again"));
  });
})();
