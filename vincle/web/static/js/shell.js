// Behaviour of the shell. Everything works by links and forms; this makes it quicker.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const isTyping = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));

  // Small surfaces: one open at a time, closed by Escape and by a click elsewhere.
  const closeMenus = (except) => all("details.menu[open]").forEach((menu) => { if (!except || !menu.contains(except)) menu.open = false; });
  const keepInside = (menu) => {
    const pop = menu.querySelector(".pop");
    if (!pop) return;
    pop.classList.remove("end", "up");
    const place = pop.getBoundingClientRect();
    if (menu.closest(".rail")) return;
    if (place.right > innerWidth - 8) pop.classList.add("end");
    if (place.bottom > innerHeight - 8 && menu.getBoundingClientRect().top > place.height + 80) pop.classList.add("up");
  };
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.matches("details.menu") || !menu.open) return;
    closeMenus(menu);
    keepInside(menu);
  }, true);

  // Dialogs
  const openDialog = (id) => { const dialog = document.getElementById(id); if (dialog && !dialog.open) { closeMenus(); dialog.showModal(); } };

  // Toasts: shown for a while, longer when they can be undone, never hidden while read or focused.
  const watchToast = (toast) => {
    const wait = toast.querySelector(".undo") || toast.matches(".error, .warning") ? 12000 : 6000;
    let timer = 0;
    const start = () => { timer = setTimeout(() => toast.remove(), wait); };
    for (const event of ["mouseenter", "focusin"]) toast.addEventListener(event, () => clearTimeout(timer));
    for (const event of ["mouseleave", "focusout"]) toast.addEventListener(event, start);
    start();
  };
  const say = (text, kind = "") => {
    const toast = document.createElement("div");
    toast.className = `toast ${kind}`;
    toast.textContent = text;
    document.getElementById("toasts")?.append(toast);
    watchToast(toast);
  };

  // Ticked rows and the bar that acts on them
  const countPicked = () => {
    const picked = all("input[data-row]:checked").length;
    const rows = all("input[data-row]");
    all("[data-bulk]").forEach((bar) => { bar.hidden = picked === 0; bar.querySelector("[data-count]").textContent = picked.toLocaleString(root.lang); });
    all("[data-pick-all]").forEach((box) => { box.checked = picked > 0 && picked === rows.length; box.indeterminate = picked > 0 && picked < rows.length; });
  };
  let lastPicked = null;
  const pickRange = (box) => {
    const rows = all("input[data-row]");
    const [from, to] = [rows.indexOf(lastPicked), rows.indexOf(box)].sort((a, b) => a - b);
    if (from >= 0) rows.slice(from, to + 1).forEach((row) => { row.checked = box.checked; });
  };

  // Theme and language: applied at once, kept by the server.
  const applyTheme = (theme) => {
    root.dataset.theme = theme;
    all("[data-theme-form] [name=theme]").forEach((button) => button.setAttribute("aria-pressed", String(button.value === theme)));
    document.dispatchEvent(new Event("vincle:theme"));
  };
  const sendQuietly = (form, submitter) => fetch(form.action, { method: "POST", body: new FormData(form, submitter), headers: { "X-Requested-With": "fetch" } });

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-dialog], [data-close], [data-dismiss], [data-copy], [data-unpick], .choice, [data-row]");
    if (!event.target.closest("details.menu")) closeMenus();
    if (!event.target.closest(".search")) document.getElementById("search-results")?.replaceChildren();
    if (!target) return;
    if (target.dataset.dialog) openDialog(target.dataset.dialog);
    else if ("close" in target.dataset) target.closest("dialog").close();
    else if ("dismiss" in target.dataset) target.closest(".toast").remove();
    else if (target.dataset.copy) navigator.clipboard?.writeText(target.dataset.copy).then(() => say(target.dataset.copied));
    else if ("unpick" in target.dataset) { all("input[data-row], [data-pick-all]").forEach((box) => { box.checked = false; }); countPicked(); }
    else if (target.matches("[data-row]")) { if (event.shiftKey) pickRange(target); lastPicked = target; countPicked(); }
  });
  document.addEventListener("mousedown", (event) => { if (event.target instanceof HTMLDialogElement) event.target.close(); });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) { all("input[data-row]").forEach((row) => { row.checked = event.target.checked; }); countPicked(); }
    if (event.target.matches("[data-row]")) countPicked();
    if (event.target.closest("[data-language-form]") && event.target.name === "language") event.target.form.requestSubmit();
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (question && !form.dataset.confirmed) { event.preventDefault(); ask(question, form, event.submitter); return; }
    if (form.matches("[data-theme-form]") && event.submitter) {
      event.preventDefault();
      applyTheme(event.submitter.value);
      sendQuietly(form, event.submitter);
    }
  });

  // Dangerous things ask once more: <button data-confirm="Forget Ana Torres for good?" data-confirm-yes="Forget" data-confirm-no="Keep">
  const ask = (question, form, submitter) => {
    const source = submitter?.dataset.confirm ? submitter : form;
    const dialog = document.createElement("dialog");
    const make = (tag, css, text, type) => { const made = document.createElement(tag); made.className = css; made.textContent = text; if (type) made.type = type; return made; };
    const body = make("div", "body", "");
    const acts = make("div", "acts", "");
    const no = make("button", "btn", source.dataset.confirmNo || "×", "button");
    const yes = make("button", "btn danger primary", source.dataset.confirmYes || submitter?.textContent.trim() || "✓", "button");
    const title = make("h2", "", question);
    title.id = "confirm-title";
    dialog.setAttribute("aria-labelledby", title.id);
    acts.append(no, yes);
    body.append(title, acts);
    dialog.append(body);
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => { form.dataset.confirmed = "yes"; dialog.close(); form.requestSubmit(submitter || undefined); delete form.dataset.confirmed; });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  };

  // Keys: "/" search, "?" help, "g" and a digit a place; pages add their own by data-key="x" on a link or button.
  let lead = "";
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.activeElement?.closest("details.menu[open]") || document.querySelector("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      document.getElementById("search-results")?.replaceChildren();
      hideCard();
      if (document.activeElement?.id === "search") document.activeElement.blur();
      return;
    }
    if (document.activeElement?.closest(".search") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const stops = [document.getElementById("search"), ...all("#search-results a")];
      const next = stops[stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) { event.preventDefault(); next.focus(); }
      return;
    }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (lead === "g" && /^[1-9]$/.test(event.key)) all(".rail nav a")[Number(event.key) - 1]?.click();
    else if (event.key === "/") { const search = document.getElementById("search") || document.querySelector("input[type=search]"); if (search) { event.preventDefault(); search.focus(); search.select?.(); } }
    else if (event.key === "?") openDialog("keys");
    else if (lead !== "g") { const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`); if (button) { event.preventDefault(); button.click(); } }
    lead = event.key === "g" ? "g" : "";
  });

  // Person card: shown after a moment on hover or focus, fetched once.
  const cards = new Map();
  let card = null;
  let cardTimer = 0;
  const hideCard = () => { clearTimeout(cardTimer); card?.remove(); card = null; };
  const showCard = async (link) => {
    const url = link.dataset.card;
    if (!cards.has(url)) {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return;
      cards.set(url, await answer.text());
    }
    if (!link.matches(":hover, :focus-visible")) return;
    hideCard();
    card = document.createElement("div");
    card.className = "person-card";
    card.innerHTML = cards.get(url);
    document.body.append(card);
    const place = link.getBoundingClientRect();
    const above = place.bottom + card.offsetHeight + 12 > innerHeight && place.top > card.offsetHeight + 12;
    card.style.left = `${Math.max(12, Math.min(place.left, innerWidth - card.offsetWidth - 12))}px`;
    card.style.top = `${above ? place.top - card.offsetHeight - 8 : place.bottom + 8}px`;
    card.addEventListener("mouseleave", hideCard);
  };
  const planCard = (event) => {
    const link = event.target.closest?.("[data-card]");
    if (!link) return;
    clearTimeout(cardTimer);
    cardTimer = setTimeout(() => showCard(link).catch(() => {}), event.type === "focusin" ? 600 : 350);
  };
  document.addEventListener("mouseover", planCard);
  document.addEventListener("focusin", planCard);
  document.addEventListener("focusout", hideCard);
  document.addEventListener("mouseout", (event) => {
    if (!event.target.closest?.("[data-card]")) return;
    clearTimeout(cardTimer);
    cardTimer = setTimeout(() => { if (card && !card.matches(":hover")) hideCard(); }, 200);
  });

  // Several short words in one field
  const makeTags = (box) => {
    const field = box.querySelector("input");
    if (!field || box.dataset.ready) return;
    box.dataset.ready = "yes";
    const kept = Object.assign(document.createElement("input"), { type: "hidden", name: field.name });
    const frame = document.createElement("div");
    const words = [];
    const draw = () => {
      all(".tag", frame).forEach((tag) => tag.remove());
      words.forEach((word, index) => {
        const tag = Object.assign(document.createElement("span"), { className: "tag plain", textContent: word });
        const off = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
        off.setAttribute("aria-label", `${box.dataset.remove} ${word}`);
        off.addEventListener("click", () => { words.splice(index, 1); draw(); field.focus(); });
        tag.append(off);
        frame.insertBefore(tag, field);
      });
      kept.value = words.join(", ");
    };
    const add = () => {
      field.value.split(",").map((word) => word.trim()).filter((word) => word && !words.includes(word)).forEach((word) => words.push(word));
      field.value = "";
      draw();
      kept.dispatchEvent(new Event("change", { bubbles: true }));
    };
    frame.className = "tags-input";
    field.removeAttribute("name");
    field.classList.remove("input");
    field.before(frame);
    frame.append(field, kept);
    add();
    field.addEventListener("keydown", (event) => {
      if ((event.key === "Enter" || event.key === ",") && field.value.trim()) { event.preventDefault(); add(); }
      else if (event.key === "Backspace" && !field.value && words.length) { words.pop(); draw(); }
    });
    field.addEventListener("blur", () => { if (field.value.trim()) add(); });
    field.form?.addEventListener("submit", add, true);
  };

  // Files dropped on a marked place
  const makeDrop = (place) => {
    const field = place.querySelector("input[type=file]");
    if (!field || place.dataset.ready) return;
    place.dataset.ready = "yes";
    for (const kind of ["dragover", "dragleave", "drop"]) place.addEventListener(kind, (event) => { event.preventDefault(); place.classList.toggle("over", kind === "dragover"); });
    place.addEventListener("drop", (event) => { field.files = event.dataTransfer.files; field.dispatchEvent(new Event("change", { bubbles: true })); });
  };

  const prepare = (inside) => {
    all("[data-tags]", inside).forEach(makeTags);
    all("[data-drop]", inside).forEach(makeDrop);
    all("[data-toast]", inside).forEach((toast) => { if (!toast.dataset.ready) { toast.dataset.ready = "yes"; watchToast(toast); } });
    countPicked();
  };
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement || document));
  // Filters beside a search as you type keep its words.
  document.addEventListener("htmx:afterRequest", (event) => {
    const field = event.target.closest?.(".filter-search")?.querySelector("[type=search]");
    if (!field) return;
    all(".filters a[href]").forEach((link) => {
      const url = new URL(link.href);
      if (url.pathname !== location.pathname) return;
      if (field.value) url.searchParams.set(field.name, field.value); else url.searchParams.delete(field.name);
      link.setAttribute("href", url.search || url.pathname);
    });
  });
  const told = (name) => document.getElementById("toasts")?.dataset[name] ?? "";
  document.addEventListener("htmx:responseError", (event) => say(event.detail.xhr.getResponseHeader("X-Message") || told("failed"), "error"));
  document.addEventListener("htmx:sendError", () => say(told("offline"), "error"));
  // A session that ended answers with the sign-in page: show it whole, not inside a fragment.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!new URL(event.detail.xhr.responseURL || location.href, location.href).pathname.startsWith("/accounts/login/")) return;
    event.detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => prepare(document));
  else prepare(document);
  window.vincle = { say };
})();
