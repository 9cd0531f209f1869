// The inbox: keys, the composer, and what changes while someone looks. Everything works by links and forms; this makes it quicker.
(() => {
  "use strict";
  const page = document.querySelector("[data-inbox]");
  if (!page) return;
  const find = (selector) => document.querySelector(selector);
  const isTyping = (element) => element && (element.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !["checkbox", "radio"].includes(element.type)));
  const lines = () => [...document.querySelectorAll("#threads [data-line]")];
  const openPid = () => find(".conv[data-thread]")?.dataset.thread ?? "";

  // The list
  let at = openPid();
  const mark = () => {
    const open = openPid();
    page.classList.toggle("is-open", Boolean(open));
    lines().forEach((line) => {
      line.classList.toggle("on", line.dataset.pid === open);
      line.classList.toggle("at", line.dataset.pid === at && at !== open);
    });
  };
  const go = (step) => {
    const all = lines();
    if (!all.length) return;
    const place = all.findIndex((line) => line.dataset.pid === (at || openPid()));
    const next = all[Math.max(0, Math.min(all.length - 1, place < 0 ? 0 : place + step))];
    at = next.dataset.pid;
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("a.open").click();
  };

  // The composer
  let typedAt = 0;
  let timer = 0;
  const composer = () => find("#composer");
  const deed = () => composer()?.querySelector("[name=deed]:checked");
  const draft = async () => {
    const form = composer();
    if (!form) return;
    const body = new FormData();
    body.set("text", form.elements.text.value);
    body.set("deed", deed()?.value ?? "note");
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, headers: { "HX-Request": "true" } });
      if (answer.ok && !answer.redirected && composer() === form) find("#count").innerHTML = await answer.text();
    } catch { /* kept with the next letter */ }
  };
  const wait = () => { clearTimeout(timer); timer = setTimeout(draft, 500); };
  const chosen = () => {
    const now = deed()?.value;
    document.querySelectorAll("[data-law]").forEach((law) => { law.hidden = law.dataset.law !== now; });
  };
  const write = (name) => {
    const field = find("#answer");
    if (!field) return false;
    if (name) { const radio = composer().querySelector(`[name=deed][value="${name}"]`); if (radio && !radio.disabled) { radio.checked = true; chosen(); } }
    field.focus();
    return true;
  };
  const about = (pid, name) => {
    const form = composer();
    if (!form) return;
    form.elements.about.value = pid;
    const line = form.querySelector("[data-about]");
    line.hidden = !pid;
    line.querySelector("span").textContent = name;
    write();
  };
  const insert = (text, answer, from) => {
    const field = find("#answer");
    if (!field) return;
    field.setRangeText(text, from ?? field.selectionStart, field.selectionEnd, "end");
    if (answer) field.form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "canned", value: answer }));
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };

  document.addEventListener("input", (event) => { if (event.target.id === "answer") { typedAt = Date.now(); wait(); } });
  document.addEventListener("change", (event) => {
    if (event.target.name === "deed" && event.target.closest("#composer")) { chosen(); wait(); }
    if (event.target.name === "files") {
      const told = find("[data-attached]");
      told.textContent = [...event.target.files].map((file) => file.name).join(", ");
      told.hidden = !event.target.files.length;
    }
  });
  document.addEventListener("click", async (event) => {
    const target = event.target.closest("[data-answer], [data-about-off], [data-canned], [data-suggest]");
    if (!target) return;
    if (target.dataset.answer) about(target.dataset.answer, target.dataset.name);
    else if ("aboutOff" in target.dataset) about("", "");
    else if (target.dataset.suggest) suggest(target);
    else {
      const menu = find("#canned-menu");
      if (menu) menu.open = false;
      await fill(target);
    }
  });
  // What served before: nothing of a note, and the first that is to be filled in is marked.
  const suggest = (choice) => {
    if (deed()?.value === "note") write(composer().querySelector("[name=deed]:not(:disabled)")?.value);
    insert(choice.dataset.suggest, "");
    const field = find("#answer");
    const gap = field.value.indexOf(choice.dataset.gap || "\0");
    if (choice.dataset.gap && gap >= 0) field.setSelectionRange(gap, gap + choice.dataset.gap.length);
  };
  const fill = async (choice, from) => {
    const answer = await fetch(choice.dataset.canned, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    if (told.text !== undefined) insert(told.text, choice.dataset.id, from); else window.vincle.say(told.problem, "error");
  };
  // "/thanks" and Tab: the saved answer of that shortcut.
  const shortcut = async (field, word) => {
    const from = field.selectionStart - word.length - 1;
    const answer = await fetch(`${find("#canned-menu .pop").getAttribute("hx-get")}&q=${encodeURIComponent(word)}`, { headers: { "HX-Request": "true" } });
    const choice = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-canned]");
    if (choice && find("#answer") === field) await fill(choice, from);
  };
  // Whoever has the page behind another one does not look at it.
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.elt.id === "presence" && document.hidden) event.preventDefault(); });
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.id === "presence") event.detail.parameters.typing = Date.now() - typedAt < 9000 && find("#answer")?.value.trim() ? "1" : "0";
  });

  // What is held counts down; when its time has come it is looked at again.
  setInterval(() => {
    document.querySelectorAll("[data-left]").forEach((place) => {
      const left = Number(place.dataset.left) - 1;
      place.dataset.left = left;
      if (left >= 0) place.textContent = place.textContent.replace(/\d+/, left);
      if (left === -1) htmx.trigger(document.body, "talk-changed");
    });
  }, 1000);

  const head = () => {
    const told = find("#threads")?.dataset;
    if (!told?.title) return;
    const title = page.querySelector(".head h1");
    const sentence = page.querySelector(".head p");
    if (title) title.textContent = told.title;
    if (sentence) sentence.textContent = told.sentence;
    const badge = find('.nav-link[aria-current] .badge');
    if (badge && told.total) badge.textContent = told.total;
  };
  const settle = () => {
    mark();
    head();
    const said = find("#said");
    if (said && said.dataset.ready !== "yes") { said.dataset.ready = "yes"; said.scrollTop = said.scrollHeight; }
  };
  document.body.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "talk") { at = openPid(); listen(); window.scrollTo({ top: 0 }); }
    settle();
  });

  // Keys
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "answer") {
      event.preventDefault();
      if (event.shiftKey) { const close = Object.assign(document.createElement("input"), { type: "hidden", name: "close", value: "1" }); composer().append(close); }
      event.target.blur();
      composer().requestSubmit();
      return;
    }
    if (event.key === "Tab" && !event.shiftKey && event.target.id === "answer") {
      const typed = event.target.value.slice(0, event.target.selectionStart).match(/(?:^|\s)\/(\S{1,30})$/);
      if (typed) { event.preventDefault(); shortcut(event.target, typed[1]); return; }
    }
    if (event.key === "Escape" && event.target.id === "answer") { event.target.blur(); return; }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    const done = { j: () => go(1), k: () => go(-1), r: () => write(deed()?.value === "note" ? composer()?.querySelector("[name=deed]:not(:disabled)")?.value : ""), n: () => write("note"),
      x: () => { const box = (find("#threads .at") || find("#threads .on"))?.querySelector("[data-row]"); box?.click(); },
      "/": () => { const search = find(".list-top input[type=search]"); search?.focus(); search?.select(); } }[event.key];
    if (done) { event.preventDefault(); event.stopImmediatePropagation(); done(); }
  }, true);

  // What changes while someone looks: told by the server, looked at when this page is seen.
  let source = null;
  let known = { list: "", talk: "", pid: "" };
  const told = (event) => {
    const now = JSON.parse(event.data);
    const pid = openPid();
    if (known.list && now.list !== known.list) htmx.trigger(document.body, "inbox-changed");
    if (known.pid === pid && known.talk && now.talk !== known.talk) htmx.trigger(document.body, "talk-changed");
    known = { ...now, pid };
  };
  const listen = () => {
    source?.close();
    source = null;
    if (document.hidden) return;
    const pid = openPid();
    source = new EventSource(page.dataset.live + (pid ? `?thread=${encodeURIComponent(pid)}` : ""));
    source.addEventListener("state", told);
  };
  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => source?.close());

  settle();
  listen();
  // On a wide screen the first one is open at once.
  if (!openPid() && innerWidth > 1100 && lines().length && !location.search.includes("after=")) lines()[0].querySelector("a.open").click();
})();
