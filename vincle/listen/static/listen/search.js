// The query: "/" goes to it, examples are put into it, and what keeps it follows what is typed.
(() => {
  "use strict";
  const query = () => document.querySelector("[data-query]");
  const isTyping = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
  const follow = () => {
    const text = query()?.value ?? "";
    document.querySelectorAll('[data-follows="q"]').forEach((input) => { input.value = text; });
    document.querySelectorAll('[data-shows="q"]').forEach((shown) => { shown.textContent = text; });
  };
  document.addEventListener("input", (event) => { if (event.target === query()) follow(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || !query() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    query().focus();
    query().select();
  }, true);
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-example]");
    if (!example || !query() || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    example.closest("dialog")?.close();
    query().value = example.dataset.example;
    query().dispatchEvent(new Event("input", { bubbles: true }));
    query().focus();
  });
  // Someone who came to write a query begins at once.
  if (query() && !query().value) query().focus({ preventScroll: true });
})();
