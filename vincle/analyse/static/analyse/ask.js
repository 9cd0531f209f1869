// Ask: Ctrl+Enter runs the question; its address can be copied.
(() => {
  "use strict";
  const form = document.querySelector("[data-ask]");
  if (!form) return;
  const text = form.querySelector("textarea");
  const fit = () => { text.rows = Math.min(24, Math.max(8, text.value.split("\n").length + 1)); };
  text.addEventListener("input", fit);
  fit();
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(); }
  });
  const showCopy = () => document.querySelectorAll("[data-copy-address]").forEach((button) => { button.hidden = !navigator.clipboard; });
  document.addEventListener("htmx:afterSettle", showCopy);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-address]");
    if (button) navigator.clipboard.writeText(location.href).then(() => window.vincle?.say(button.dataset.copied));
  });
})();
