// The canvas: arrows go, Enter changes, a adds, Del takes away, Alt and an arrow moves, c copies, Ctrl+Z undoes; steps can be dragged too.
(() => {
  "use strict";
  const canvas = () => document.getElementById("canvas");
  if (!canvas()) return;
  const form = document.getElementById("journey-form");
  const builder = document.getElementById("builder");
  const dialog = document.getElementById("step-dialog");
  const kinds = document.getElementById("kinds-dialog");
  const stops = () => [...canvas().querySelectorAll("[data-stop]")].filter((each) => each.offsetParent);
  const isText = (element) => element && (element.matches?.("textarea, input, select") || element.isContentEditable);

  // The words stand beside the steps where both have room, else below; what is wider than the page begins at its middle.
  const lay = () => {
    const cols = document.querySelector(".build-cols");
    cols?.classList.remove("broad");
    if (canvas().scrollWidth > canvas().clientWidth + 4) cols?.classList.add("broad");
    canvas().scrollLeft = (canvas().scrollWidth - canvas().clientWidth) / 2;
  };
  lay();

  // Arrows go to the nearest step that way.
  const toward = (from, key) => {
    const here = from.getBoundingClientRect();
    const middle = (box) => [box.left + box.width / 2, box.top + box.height / 2];
    const [x, y] = middle(here);
    let best = null;
    let least = Infinity;
    for (const each of stops()) {
      if (each === from) continue;
      const [dx, dy] = middle(each.getBoundingClientRect()).map((value, axis) => value - [x, y][axis]);
      const [along, across] = { ArrowDown: [dy, dx], ArrowUp: [-dy, dx], ArrowRight: [dx, dy], ArrowLeft: [-dx, dy] }[key];
      if (along <= 8) continue;
      const far = along + Math.abs(across) * (key === "ArrowDown" || key === "ArrowUp" ? 0.6 : 2);
      if (far < least) { least = far; best = each; }
    }
    return best;
  };
  const go = (element) => { element?.focus(); element?.scrollIntoView({ block: "nearest", inline: "nearest" }); };

  if (!form) {
    canvas().addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow") || !event.target.matches("[data-stop]")) return;
      const next = toward(event.target, event.key);
      if (next) { event.preventDefault(); go(next); }
    });
    return;
  }

  // What was done can be undone: every definition the page has held, as text.
  const held = () => document.getElementById("definition");
  const past = [];
  const future = [];
  let now = held().value;
  const kept = now;
  const buttons = () => {
    builder.querySelector("[data-undo]").disabled = !past.length;
    builder.querySelector("[data-redo]").disabled = !future.length;
  };
  // One after the other: what is pressed while an answer is on its way waits for it.
  let queue = Promise.resolve();
  const post = (press, more) => htmx.ajax("POST", form.dataset.shape, {
    target: "#builder", swap: "innerHTML", values: { definition: held().value, press, ...more },
  });
  const send = (press, more = {}) => { queue = queue.then(() => post(press, more)).catch(() => {}); };
  const turn = (from, to) => {
    queue = queue.then(() => {
      if (!from.length) return null;
      to.push(now);
      now = from.pop();
      held().value = now;
      return post("show", { at: document.activeElement?.dataset?.step ?? "" });
    }).catch(() => {});
  };
  let after = "";
  const open = (key) => htmx.ajax("POST", form.dataset.stepUrl, { target: "#step-body", swap: "innerHTML", values: { definition: held().value, at: key } });
  let slot = "";
  const ask = (place) => { slot = place; kinds.showModal(); kinds.querySelector("[data-kind]").focus(); };

  document.body.addEventListener("journey-shaped", (event) => {
    if (held().value !== now) { past.push(now); if (past.length > 100) past.shift(); future.length = 0; now = held().value; }
    lay();
    buttons();
    if (dialog.open) dialog.close();
    const wrong = document.querySelector("#journey-text[data-line]");
    if (wrong) { mark(wrong); return; }
    const at = event.detail.at || after;
    const step = at && document.getElementById(`n-${at}`);
    go(step ?? document.getElementById("n-_head"));
    if (step && event.detail.open) open(at);
  });

  // The dialog of a step
  const choose = () => {
    for (const field of dialog.querySelectorAll("[data-only]")) {
      const by = dialog.querySelector(`[name="${CSS.escape(field.dataset.only)}"]`);
      field.hidden = !field.dataset.at.split(" ").includes(by?.value ?? "");
    }
    const who = dialog.querySelector("[name=who]");
    if (who && !who.value) dialog.querySelectorAll("[name^='only-']").forEach((each) => { each.closest(".field").hidden = true; });
  };
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id !== "step-body") return;
    if (!dialog.open) { after = dialog.querySelector("#step-form")?.dataset.for ?? ""; dialog.showModal(); }
    choose();
    const first = dialog.querySelector("[aria-invalid]") ?? [...dialog.querySelectorAll(".field input, .field select, .field textarea")].find((each) => each.offsetParent);
    first?.focus();
  });
  dialog.addEventListener("change", choose);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); dialog.querySelector("form")?.requestSubmit(); }
  });
  dialog.addEventListener("close", () => { go(document.getElementById(`n-${after}`)); });

  // What comes next?
  kinds.addEventListener("click", (event) => {
    const kind = event.target.closest("[data-kind]")?.dataset.kind;
    if (!kind) return;
    kinds.close();
    send(`add:${kind}:${slot}`);
  });
  kinds.addEventListener("keydown", (event) => {
    const all = [...kinds.querySelectorAll("[data-kind]")];
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) { event.preventDefault(); all[(at + step + all.length) % all.length].focus(); }
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const begins = (each) => each.textContent.trim().toLowerCase().startsWith(event.key.toLowerCase());
      (all.slice(at + 1).find(begins) ?? all.find(begins))?.focus();
    }
  });

  // The text beside it
  const mark = (area) => {
    const lines = area.value.split("\n");
    const line = Math.min(Number(area.dataset.line), lines.length) - 1;
    const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start + Math.max(0, Number(area.dataset.column) - 1), start + lines[line].length);
  };
  const apply = () => send("text", { text: document.getElementById("journey-text").value });

  builder.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    if (target.matches("[data-undo]")) turn(past, future);
    else if (target.matches("[data-redo]")) turn(future, past);
    else if (target.matches("[data-apply-text]")) apply();
    else if (target.matches(".slot")) ask(target.dataset.slot);
    else if (target.dataset.step) open(target.dataset.step);
  });
  document.addEventListener("keydown", (event) => {
    if (dialog.open || kinds.open || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const isControl = event.ctrlKey || event.metaKey;
    const stop = event.target.closest?.("[data-stop]");
    const step = stop?.dataset.step;
    const own = step && step !== "_head";
    const act = (what) => { event.preventDefault(); event.stopPropagation(); what(); };
    if (isControl && key === "s") act(() => form.requestSubmit());
    else if (isControl && key === "enter" && event.target.id === "journey-text") act(apply);
    else if (isControl && (key === "z" || key === "y") && !isText(event.target)) act(() => (key === "y" || event.shiftKey ? turn(future, past) : turn(past, future)));
    else if (event.altKey && own && (key === "arrowup" || key === "arrowdown")) act(() => send(`${key === "arrowup" ? "up" : "down"}:${step}`));
    else if (isControl || event.altKey || isText(event.target)) return;
    else if (stop && event.key.startsWith("Arrow")) act(() => go(toward(stop, event.key)));
    else if (own && (key === "delete" || key === "backspace")) act(() => send(`remove:${step}`));
    else if (own && key === "c") act(() => send(`copy:${step}`));
    else if (key === "a") act(() => ask(stop?.dataset.slot ?? [...canvas().querySelectorAll(".slot")].at(-1).dataset.slot));
  }, true);

  // Dragged onto a place between steps
  let dragged = "";
  builder.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-step]")?.dataset.step ?? "";
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged);
    canvas().classList.add("dragging");
  });
  builder.addEventListener("dragend", () => { dragged = ""; canvas()?.classList.remove("dragging"); });
  builder.addEventListener("dragover", (event) => { if (dragged && event.target.closest(".slot")) event.preventDefault(); });
  builder.addEventListener("drop", (event) => {
    const place = event.target.closest(".slot");
    if (!dragged || !place) return;
    event.preventDefault();
    send(`place:${dragged}:${place.dataset.slot}`);
  });

  let isSaving = false;
  form.addEventListener("submit", () => { isSaving = true; });
  addEventListener("beforeunload", (event) => { if (!isSaving && held().value !== kept) event.preventDefault(); });
  buttons();
})();
