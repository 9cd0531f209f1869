// Typing ballots in: one key an answer goes on to the next question; Enter goes on, Shift+Enter back, Ctrl+Enter keeps.
(() => {
  "use strict";
  const form = document.querySelector("[data-typing]");
  if (!form) return;
  const fields = [...form.querySelectorAll(".ask input, .ask textarea")];
  const go = (from, by) => {
    const next = fields[fields.indexOf(from) + by];
    if (next) { next.focus(); if (next.select) next.select(); } else if (by > 0) form.querySelector("button").focus();
  };
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-single]")) return;
    const keys = field.dataset.keys.trim().split(" "), typed = field.value.trim().toLowerCase();
    field.setCustomValidity("");
    if (!typed || keys.some((key) => key.length > 1)) return;
    if (keys.includes(typed)) { go(field, 1); return; }
    if (typed === "-" || [...typed].length > 1) return;  // left out on purpose, or the number itself: told when it is kept
    field.setCustomValidity(form.dataset.wrong);
    field.reportValidity();
    field.select();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !fields.includes(event.target)) return;
    if (event.ctrlKey || event.metaKey) { event.preventDefault(); form.requestSubmit(); return; }
    if (event.target.matches("textarea") && !event.shiftKey && event.target.value.trim() && !event.altKey) { event.preventDefault(); go(event.target, 1); return; }
    event.preventDefault();
    go(event.target, event.shiftKey ? -1 : 1);
  });
  const wrong = form.querySelector(".wrong");
  (wrong ? wrong.closest(".ask").querySelector("input, textarea") : fields[0]).focus();
})();
