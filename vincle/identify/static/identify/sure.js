// Keys of the list of sure pairs: j and k move, x ticks, a ticks all.
(() => {
  "use strict";
  const lines = () => [...document.querySelectorAll(".sure [data-line]")];
  const current = () => document.querySelector(".sure tr.at");
  const isTyping = (element) => /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox";
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const all = lines();
    if (!all.length) return;
    if (event.key === "j" || event.key === "k") {
      const at = all.indexOf(current());
      const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + (event.key === "j" ? 1 : -1)))];
      current()?.classList.remove("at");
      next.classList.add("at");
      next.querySelector("input, a").focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (event.key === "x") current()?.querySelector("[data-row]")?.click();
    else if (event.key === "a") document.querySelector("[data-pick-all]")?.click();
    else return;
    event.preventDefault();
  });
})();
