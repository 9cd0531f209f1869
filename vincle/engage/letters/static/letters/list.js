// Letters: the list of blocks. Keys, buttons and dragging do the same.
(() => {
  "use strict";
  const L = window.vincleLetter;
  if (!L) return;
  const { el, icon, say } = L;
  const list = L.find("letter-blocks");
  const palette = L.find("letter-palette");
  let aim = null; // where the next block goes: {list, at}

  const excerpt = (block) => {
    const text = block.text || block.label || block.words || block.alt || block.name || (block.html ? L.plain(block.html) : "");
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  };
  const flag = (block) => {
    const worst = L.checks.find((each) => each.block === block.id && each.level !== "hint");
    if (worst) return el("span", { class: `flag ${worst.level}`, title: worst.words }, icon("alert-triangle"), el("span", { class: "vh" }, worst.words));
    return block.when && Object.keys(block.when).length ? el("span", { class: "flag", title: say("some") }, icon("users"), el("span", { class: "vh" }, say("some"))) : null;
  };
  const line = (block) => {
    const kind = L.kinds[block.kind];
    const words = excerpt(block);
    const button = el("button", { type: "button", class: "letter-line", "data-id": block.id, "aria-current": block.id === L.chosen ? "true" : null, tabindex: block.id === L.chosen || (!L.place() && L.content().blocks[0] === block) ? 0 : -1, onclick: () => L.choose(block.id, true) },
      icon(kind.icon), el("span", {}, el("b", {}, kind.name), words ? el("small", {}, words) : null), flag(block));
    const row = el("li", { draggable: L.may ? "true" : null, "data-id": block.id }, button);
    (block.columns || []).forEach((column, at) => {
      const inner = el("ol", { "data-column": at, "data-outer": block.id }, column.map(line));
      const add = L.may ? el("button", { type: "button", class: "icon-btn", "aria-label": `${say("add_here")}: ${say("column", { n: at + 1 })}`, onclick: () => L.openPalette({ list: column, at: column.length }) }, icon("plus")) : null;
      row.append(el("div", { class: "col" }, say("column", { n: at + 1 }), add), inner);
    });
    return row;
  };
  const draw = () => {
    const had = list.contains(document.activeElement) ? document.activeElement.dataset.id : "";
    const blocks = L.content().blocks;
    list.replaceChildren(...(blocks.length ? blocks.map(line) : [el("li", { class: "muted" }, say("empty"))]));
    if (had) focusOn(L.chosen || had);
  };
  const focusOn = (id) => list.querySelector(`button[data-id="${CSS.escape(id)}"]`)?.focus();

  // Verbs
  L.insert = (block, where = aim) => {
    const at = where || after();
    const isInner = at.list !== L.content().blocks;
    if (isInner && block.kind === "columns") return;
    const made = L.renamed(block);
    if (isInner) { delete made.when; delete made.background; }
    L.change(() => at.list.splice(at.at, 0, made));
    aim = null;
    L.choose(made.id, true);
  };
  const after = () => { const place = L.place(); return place ? { list: place.list, at: place.at + 1 } : { list: L.content().blocks, at: L.content().blocks.length }; };
  L.openPalette = (where = null) => {
    aim = where || after();
    const inner = aim.list !== L.content().blocks;
    palette.querySelectorAll("[data-kind]").forEach((each) => { each.hidden = inner && each.dataset.kind === "columns"; });
    palette.showModal();
    palette.querySelector("[data-kind]:not([hidden])").focus();
  };
  L.remove = (id = L.chosen) => {
    const place = L.place(id);
    if (!place) return;
    const name = L.kinds[place.block.kind].name;
    const next = place.list[place.at + 1] || place.list[place.at - 1] || place.outer;
    L.change(() => place.list.splice(place.at, 1));
    L.choose(next ? next.id : "", false);
    if (next) focusOn(next.id);
    L.tell(say("removed", { name }), true);
  };
  L.duplicate = (id = L.chosen) => { const place = L.place(id); if (place) L.insert(place.block, { list: place.list, at: place.at + 1 }); };
  L.move = (step, id = L.chosen) => {
    const place = L.place(id);
    if (!place) return;
    const to = place.at + step;
    if (to < 0 || to >= place.list.length) return;
    L.change(() => place.list.splice(to, 0, ...place.list.splice(place.at, 1)));
    L.redraw();
    focusOn(id);
    L.whisper(say("moved", { name: L.kinds[place.block.kind].name, n: to + 1, all: place.list.length }));
  };
  // From the line that has the focus, whether it was chosen yet or not.
  const walk = (step, from) => {
    const every = L.every();
    const at = every.findIndex((each) => each.block.id === (from || L.chosen));
    const next = every[Math.max(0, Math.min(every.length - 1, at < 0 ? 0 : at + step))];
    if (next) { L.choose(next.block.id); focusOn(next.block.id); }
  };

  // Keys on the list
  list.addEventListener("keydown", (event) => {
    const { key, altKey } = event;
    const mod = event.ctrlKey || event.metaKey;
    const here = event.target.dataset.id || L.chosen;
    if (key === "ArrowUp" || key === "ArrowDown") { event.preventDefault(); const step = key === "ArrowUp" ? -1 : 1; if (altKey && L.may) L.move(step, here); else walk(step, here); }
    else if (!event.target.classList.contains("letter-line") || !L.may) return;
    else if (key === "Delete" || key === "Backspace") { event.preventDefault(); L.remove(here); }
    else if (mod && key.toLowerCase() === "d") { event.preventDefault(); L.duplicate(here); }
  });
  document.addEventListener("keydown", (event) => {
    const mod = event.ctrlKey || event.metaKey;
    if (document.querySelector("dialog[open]")) return;
    if (mod && event.key.toLowerCase() === "z" && !L.isTyping(event.target)) { event.preventDefault(); if (event.shiftKey) L.redo(); else L.undo(); return; }
    if (mod && event.key.toLowerCase() === "y" && !L.isTyping(event.target)) { event.preventDefault(); L.redo(); return; }
    if (mod || event.altKey || L.isTyping(event.target)) return;
    if (event.key === "a" && L.may) { event.preventDefault(); L.openPalette(); }
    else if (/^[123]$/.test(event.key)) L.seeAs(Number(event.key) - 1);
  });
  palette.addEventListener("click", (event) => {
    const button = event.target.closest("[data-kind]");
    if (!button) return;
    palette.close();
    L.insert(L.given.blanks[button.dataset.kind]);
  });
  palette.addEventListener("keydown", (event) => {
    const all = [...palette.querySelectorAll("[data-kind]:not([hidden])")];
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 2, ArrowUp: -2 }[event.key];
    const at = all.indexOf(document.activeElement);
    if (step && at >= 0 && all[at + step]) { event.preventDefault(); all[at + step].focus(); }
  });
  L.find("letter-add")?.addEventListener("click", () => L.openPalette());

  // Dragging
  let dragged = "";
  const target = (event) => event.target.closest?.("li[data-id]");
  list.addEventListener("dragstart", (event) => { const row = target(event); if (!row) return; dragged = row.dataset.id; row.classList.add("dragged"); event.dataTransfer.effectAllowed = "move"; event.dataTransfer.setData("text/plain", dragged); event.stopPropagation(); });
  list.addEventListener("dragend", () => { dragged = ""; draw(); });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    list.querySelectorAll(".over").forEach((each) => each.classList.remove("over"));
    target(event)?.classList.add("over");
  });
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    const from = L.place(dragged);
    const column = event.target.closest("ol[data-column]");
    const row = target(event);
    if (!from) return;
    const over = row && row.dataset.id !== dragged ? L.place(row.dataset.id) : null;
    let into = over ? { list: over.list, before: over.block } : null;
    if (column && (!row || row.dataset.id === column.dataset.outer)) into = { list: L.place(column.dataset.outer).block.columns[Number(column.dataset.column)], before: null };
    if (!into || (from.block.kind === "columns" && into.list !== L.content().blocks)) return;
    L.change(() => {
      from.list.splice(from.at, 1);
      const at = into.before ? into.list.indexOf(into.before) : into.list.length;
      into.list.splice(at, 0, from.block);
      if (into.list !== L.content().blocks) { delete from.block.when; delete from.block.background; }
      else { from.block.when = from.block.when || {}; from.block.background = from.block.background || ""; }
    });
    L.choose(from.block.id);
  });

  L.drawList = draw;
  L.parts.push((what) => { if (what.redraw || what.changed) draw(); });
})();
