// The builder: the preview follows, items are moved by drag or by Alt and the arrows, Ctrl+Z takes back.
(() => {
  "use strict";
  const builder = document.getElementById("builder");
  if (!builder) return;
  let width = "", carried = null;
  const frame = () => builder.querySelector("[data-preview]");

  function refresh() {
    const shown = frame();
    if (!shown) return;
    const at = shown.contentWindow ? shown.contentWindow.scrollY : 0;
    shown.addEventListener("load", () => shown.contentWindow.scrollTo(0, at), { once: true });
    shown.src = `${builder.dataset.previewUrl}?lang=${shown.dataset.lang}&t=${Date.now()}`;
  }
  document.body.addEventListener("vincle:built", refresh);
  function widen() {
    const shown = frame();
    if (!shown) return;
    shown.classList.toggle("phone", width === "phone");
    builder.querySelectorAll("[data-width]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.width === width)));
  }
  document.body.addEventListener("htmx:afterSwap", (event) => { if (event.target === builder) widen(); });
  builder.addEventListener("click", (event) => {
    const button = event.target.closest("[data-width]");
    if (button) { width = button.dataset.width; widen(); }
  });

  function move(id, values) {
    const list = builder.querySelector("[data-items]");
    htmx.ajax("POST", list.dataset.edit, { target: "#builder", swap: "innerHTML", values: { do: "move", id, lang: frame().dataset.lang, ...values } })
      .then(() => builder.querySelector(`[data-item="${id}"] summary`)?.focus());
  }
  builder.addEventListener("keydown", (event) => {
    const item = event.target.closest("[data-item]");
    if (item && event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(item.dataset.item, { by: event.key === "ArrowUp" ? -1 : 1 });
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.target.matches("input, textarea")) {
      event.preventDefault();
      builder.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]")?.click();
    }
  });
  builder.addEventListener("dragstart", (event) => {
    carried = event.target.closest("[data-item]");
    event.dataTransfer.effectAllowed = "move";
    if (carried) event.dataTransfer.setDragImage(carried, 12, 12);
  });
  builder.addEventListener("dragover", (event) => {
    const over = carried && event.target.closest("[data-item]");
    if (!over) return;
    event.preventDefault();
    builder.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
    if (over !== carried) over.classList.add("over");
  });
  builder.addEventListener("drop", (event) => {
    const over = carried && event.target.closest("[data-item]");
    if (!over || over === carried) return;
    event.preventDefault();
    const items = [...builder.querySelectorAll("[data-item]")];
    move(carried.dataset.item, { to: items.indexOf(over) });
  });
  builder.addEventListener("dragend", () => { carried = null; builder.querySelectorAll(".over").forEach((each) => each.classList.remove("over")); });
})();
