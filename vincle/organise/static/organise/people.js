// Keys of the list of people: j and k move, Enter opens, x ticks, "/" goes to the list's own search.
(() => {
  "use strict";
  const lines = () => [...document.querySelectorAll("[data-people] [data-line]")];
  const isTyping = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox");
  const current = () => document.querySelector("[data-people] tr.at");
  const go = (step) => {
    const all = lines();
    const at = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
    if (!next) return;
    current()?.classList.remove("at");
    next.classList.add("at");
    next.querySelector("a.person").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const search = document.querySelector(".list-top input[type=search]");
      if (search) { event.preventDefault(); event.stopImmediatePropagation(); search.focus(); search.select(); }
    } else if (event.key === "j" || event.key === "k") { event.preventDefault(); go(event.key === "j" ? 1 : -1); }
    else if (event.key === "x") { const box = current()?.querySelector("[data-row]"); if (box) { event.preventDefault(); box.click(); } }
    else if (event.key === "Enter" && current() && !event.target.closest("a, button, summary")) current().querySelector("a.person").click();
  }, true);
  // The download follows what is being searched.
  document.addEventListener("htmx:afterSettle", () => {
    const link = document.querySelector("[data-export]");
    if (link) link.search = location.search;
  });
})();
