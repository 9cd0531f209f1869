// Keys of the builder: arrows walk the clauses, Alt and an arrow moves one, Enter opens, Escape closes, Delete takes away, a adds, Ctrl+Z undoes.
(() => {
  "use strict";
  const builder = () => document.getElementById("builder");
  if (!builder()) return;
  const isText = (element) => element && (element.matches("textarea, input:not([type=checkbox])") || element.isContentEditable);
  const heads = () => [...builder().querySelectorAll("[data-clause] > .line .reads, [data-clause] > .line [data-close-clause]")];
  const press = (button, event) => { if (!button || button.disabled) return false; event.preventDefault(); button.click(); return true; };
  const walk = (step, event) => {
    const all = heads();
    const at = all.indexOf(document.activeElement);
    const next = all[at + step];
    if (at < 0 || !next) return;
    event.preventDefault();
    next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const clause = event.target.closest?.("[data-clause]");
    const isHead = heads().includes(event.target);
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y") && !isText(event.target)) {
      press(builder().querySelector(key === "y" || event.shiftKey ? "[data-redo]" : "[data-undo]"), event);
    } else if (event.altKey && (key === "arrowup" || key === "arrowdown") && clause) {
      press(clause.querySelector(key === "arrowup" ? "[data-up]" : "[data-down]"), event);
    } else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (isHead && (key === "arrowdown" || key === "arrowup")) walk(key === "arrowdown" ? 1 : -1, event);
    else if (isHead && (key === "delete" || key === "backspace")) press(clause.querySelector("[data-drop]"), event);
    else if (key === "escape" && clause && !event.target.closest("details.menu[open]")) press(clause.querySelector("[data-close-clause]"), event);
    else if (key === "a" && !isText(event.target) && !event.target.matches("select")) {
      const menu = builder().querySelector("[data-add]")?.closest("details");
      if (menu) { event.preventDefault(); menu.open = true; menu.querySelector(".choice").focus(); }
    }
  });
  // Menus of kinds are walked by arrows as well.
  document.addEventListener("keydown", (event) => {
    const menu = event.target.closest?.("#builder details.menu[open]");
    if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    const stops = [menu.querySelector("summary"), ...menu.querySelectorAll(".choice")];
    const next = stops[stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) { event.preventDefault(); event.stopPropagation(); next.focus(); }
  }, true);
  // A count that was asked before the clauses changed must not bring the old ones back.
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const fresh = event.detail.fragment.querySelector?.("#held");
    const now = document.getElementById("held");
    if (fresh && now && fresh.dataset.base !== now.dataset.now) event.detail.shouldSwap = false;
  });
  // After a change the keyboard goes on where it was: in the fields that opened, else at the clause, else at "Add".
  let before = "";
  let fresh = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.target.closest("#builder")) return;
    before = event.target.closest("[data-clause]")?.querySelector(".line > button")?.id ?? "";
    fresh = event.target.matches(".narrow-by") ? event.target.value : "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "builder") return;
    const added = fresh && builder().querySelector(`[data-detail="${fresh}"] :is(input:not([type=hidden]), select)`);
    fresh = "";
    if (added) { added.focus(); return; }
    if (document.activeElement && document.activeElement !== document.body) return;
    const place = builder().querySelector("[autofocus]") ?? document.getElementById(before) ?? builder().querySelector("[data-add]");
    place?.focus();
  });
})();
