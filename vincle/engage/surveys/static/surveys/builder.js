// The builder: the preview follows; lines are chosen, moved, copied and removed by keys or by drag; conditions are put together.
(() => {
  "use strict";
  const builder = document.getElementById("survey-builder");
  if (!builder) return;
  let width = "phone", carried = "", focus = "";
  const typing = (target) => target.matches("input, textarea, select, [contenteditable]");
  const line = (id) => builder.querySelector(`[data-line="${CSS.escape(id)}"]`);
  const current = () => builder.querySelector("[data-line][aria-current]");

  function post(values, then) {
    focus = then || "";
    return htmx.ajax("POST", builder.dataset.change, { target: "#survey-builder", swap: "innerHTML", values: { lang: builder.querySelector("[name=lang]")?.value || "", ...values } });
  }
  function widen() {
    builder.querySelector(".survey-build")?.classList.toggle("wide", width === "wide");
    builder.querySelectorAll("[data-width]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.width === width)));
  }
  // What had the focus has it again after the builder is drawn anew: a field by its name, a line by its id.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target !== builder) return;
    const at = document.activeElement;
    if (!focus && at && builder.contains(at)) focus = at.dataset.line ? `line:${at.dataset.line}` : at.name && at.closest("[data-properties]") ? `field:${at.name}` : "";
    builder.dataset.open = [...builder.querySelectorAll("details[open]")].map((each) => [...builder.querySelectorAll("details")].indexOf(each)).join(" ");
    builder.dataset.was = current()?.dataset.line || "";
    builder.dataset.scroll = String(builder.querySelector(".survey-outline")?.scrollTop || 0);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== builder) return;
    widen();
    const now = current()?.dataset.line || "";
    if (now === builder.dataset.was) for (const n of (builder.dataset.open || "").split(" ")) { const found = n && builder.querySelectorAll("details")[Number(n)]; if (found && !found.classList.contains("menu")) found.open = true; }
    const outline = builder.querySelector(".survey-outline");
    if (outline) outline.scrollTop = Number(builder.dataset.scroll || 0);
    if (focus === "first") builder.querySelector("[data-first-field]")?.focus();
    else if (focus.startsWith("field:")) builder.querySelector(`[data-properties] [name="${CSS.escape(focus.slice(6))}"]`)?.focus();
    else if (focus.startsWith("line:")) (line(focus.slice(5)) || current())?.focus();
    else if (focus === "line") current()?.focus();
    focus = "";
    const address = new URL(location.href);
    if (now) { address.searchParams.set("at", now); history.replaceState(history.state, "", address); }
  });
  builder.addEventListener("click", (event) => {
    const button = event.target.closest("[data-width]");
    if (button) { width = button.dataset.width; widen(); }
    if (event.target.closest("#survey-kinds button[name=kind]")) focus = "first";
    if (event.target.closest("[data-up], [data-down]")) focus = `line:${event.target.closest("[data-row]").dataset.row}`;
    if (event.target.closest("[data-remove]")) focus = "line";
    if (event.target.closest("[data-put]")) put(event.target.closest("[data-putting]"));
    const chosen = event.target.closest("a[data-line]");
    if (chosen && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      focus = `line:${chosen.dataset.line}`;
      htmx.ajax("GET", chosen.href, { target: "#survey-builder", swap: "innerHTML" });
    }
  });

  function put(box) {
    const part = (name) => box.querySelector(`[data-part=${name}]`);
    const name = part("name"), op = part("op").value, field = builder.querySelector("[name=show_if]");
    if (!name.value) return name.focus();
    const text = part("value").value.trim();
    const value = /^-?\d+([.]\d+)?$/.test(text) ? text : `"${text.replace(/[\\"]/g, "\\$&")}"`;
    const many = name.selectedOptions[0].hasAttribute("data-many");
    let said = `{${name.value}} ${op} ${value}`;
    if (op === "answered") said = `answered({${name.value}})`;
    else if (many) said = `${op === "!=" ? "not " : ""}contains({${name.value}}, ${value})`;
    field.value = field.value.trim() ? `${/ or /.test(field.value) ? `(${field.value.trim()})` : field.value.trim()} and ${said}` : said;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  builder.addEventListener("change", (event) => {
    if (!event.target.closest("[data-putting]")) return;
    event.stopPropagation();
    if (event.target.dataset.part !== "name") return;
    builder.querySelectorAll("#survey-answers option").forEach((each) => { each.disabled = each.dataset.of !== event.target.value; });
  }, true);

  builder.addEventListener("keydown", (event) => {
    const at = event.target.closest("[data-line]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !typing(event.target)) {
      event.preventDefault();
      return builder.querySelector(event.shiftKey ? "[data-redo]" : "[data-undo]")?.click();
    }
    if (!at) return undefined;
    const id = at.dataset.line, lines = [...builder.querySelectorAll("[data-line]")];
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      if (event.altKey) return id !== "whole" && post({ do: "move", id, by: step }, `line:${id}`);
      return lines[Math.min(Math.max(lines.indexOf(at) + step, 0), lines.length - 1)].focus();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      focus = "first";
      return htmx.ajax("GET", at.href, { target: "#survey-builder", swap: "innerHTML" });
    }
    if (event.key === "Delete" && id !== "whole") { event.preventDefault(); return post({ do: "remove", id }, "line"); }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "d" && id !== "whole") { event.preventDefault(); return post({ do: "double", id }, "line"); }
    return undefined;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "a" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target) && !document.querySelector("dialog[open]")) {
      const button = builder.querySelector("[data-add]");
      if (button) { event.preventDefault(); button.click(); document.querySelector("#survey-kinds button[name=kind]")?.focus(); }
    }
  });

  builder.addEventListener("dragstart", (event) => {
    const at = event.target.closest("[data-line]");
    carried = at ? at.dataset.line : "";
    if (carried) { event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", carried); }
  });
  builder.addEventListener("dragover", (event) => {
    const over = carried && event.target.closest("[data-row]");
    if (!over) return;
    event.preventDefault();
    builder.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
    over.classList.add("over");
  });
  builder.addEventListener("drop", (event) => {
    const over = carried && event.target.closest("[data-row]");
    if (!over) return;
    event.preventDefault();
    if (over.dataset.row !== carried) post({ do: "carry", id: carried, before: over.dataset.row }, `line:${carried}`);
    carried = "";
  });
  builder.addEventListener("dragend", () => { carried = ""; builder.querySelectorAll(".over").forEach((each) => each.classList.remove("over")); });
  widen();
})();
