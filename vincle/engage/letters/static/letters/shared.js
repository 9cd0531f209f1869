// Letters: what all parts of the editor share. `L.draft` is {language: content}; `L.change` is the only way to alter it.
(() => {
  "use strict";
  const page = document.querySelector("[data-letter]");
  if (!page) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const state = read("letter-state");
  const words = read("letter-words");
  const L = { page, words, urls: state.urls, kinds: state.kinds, may: state.may, given: state, draft: state.draft, main: state.language, language: state.language, name: state.name, chosen: "", checks: [], fragments: {}, parts: [] };
  window.vincleLetter = L;

  L.say = (name, values = {}) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
  L.find = (id) => document.getElementById(id);
  L.copy = (value) => JSON.parse(JSON.stringify(value));
  L.icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${page.dataset.sprite}#${name}`);
    svg.append(use);
    return svg;
  };
  // An element: attributes by name, listeners by on…, everything else as children.
  L.el = (tag, given = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.flat().filter((each) => each !== null && each !== undefined && each !== false));
    return made;
  };
  L.token = () => JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
  L.post = (url, body, more = {}) => fetch(url, { method: "POST", headers: { "X-CSRFToken": L.token(), "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(body), ...more });
  L.get = async (url) => { const answer = await fetch(url, { headers: { Accept: "application/json" } }); return answer.ok ? answer.json() : {}; };
  L.wait = (ms, work) => { let timer = 0; return (...given) => { clearTimeout(timer); timer = setTimeout(() => work(...given), ms); }; };
  L.isTyping = (element) => Boolean(element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !["checkbox", "radio", "button"].includes(element.type)));
  L.plain = (html) => new DOMParser().parseFromString(html, "text/html").body.textContent.replace(/\s+/g, " ").trim();

  // Where things are
  L.content = () => L.draft[L.language];
  // Every block with where it stands: {block, list, at, outer, column}
  L.every = () => {
    const found = [];
    L.content().blocks.forEach((block, at) => {
      found.push({ block, list: L.content().blocks, at, outer: null, column: -1 });
      (block.columns || []).forEach((column, place) => column.forEach((inner, row) => found.push({ block: inner, list: column, at: row, outer: block, column: place })));
    });
    return found;
  };
  L.place = (id = L.chosen) => L.every().find((each) => each.block.id === id) || null;
  L.fresh = () => { const taken = new Set(L.every().map((each) => each.block.id)); let id; do { id = Math.random().toString(16).slice(2, 8).padEnd(6, "0"); } while (taken.has(id)); return id; };
  L.renamed = (block) => { const made = L.copy(block); made.id = L.fresh(); for (const column of made.columns || []) column.forEach((inner) => { inner.id = L.fresh() + "c"; }); return made; };

  // History: whole drafts as texts, so that undoing can never miss anything.
  const past = [];
  let future = [];
  let last = JSON.stringify(L.draft);
  let lastKind = "";
  let lastAt = 0;
  const tell = (what) => L.parts.forEach((part) => part(what));
  // `kind`: changes of the same kind in a row (typing in one field) are one step back.
  L.change = (work, kind = "", redraw = true) => {
    if (!L.may) return;
    work();
    const now = JSON.stringify(L.draft);
    if (now === last) return;
    const joined = kind && kind === lastKind && Date.now() - lastAt < 2000;
    if (!joined) { past.push({ text: last, language: L.language, chosen: L.chosen }); if (past.length > 200) past.shift(); }
    future = [];
    [last, lastKind, lastAt] = [now, kind, Date.now()];
    tell({ redraw, changed: true });
  };
  const travel = (from, to) => {
    const step = from.pop();
    if (!step || !L.may) return;
    to.push({ text: last, language: L.language, chosen: L.chosen });
    L.draft = JSON.parse(step.text);
    [last, lastKind] = [step.text, ""];
    L.language = L.draft[step.language] ? step.language : (L.draft[L.main] ? L.main : Object.keys(L.draft)[0]);
    if (!L.draft[L.main]) L.main = Object.keys(L.draft)[0];
    L.chosen = step.chosen;
    tell({ redraw: true, changed: true });
  };
  L.undo = () => travel(past, future);
  L.redo = () => travel(future, past);
  L.can = () => ({ undo: past.length > 0, redo: future.length > 0 });
  L.replace = (draft, main) => { L.draft = draft; L.main = main; last = JSON.stringify(draft); past.length = 0; future = []; tell({ redraw: true }); };
  L.choose = (id, focus = false) => { L.chosen = id; tell({ redraw: true, chosen: true, focus }); };
  L.redraw = () => tell({ redraw: true });
})();
