// Letters: saving, languages, dialogs; begins everything.
(() => {
  "use strict";
  const L = window.vincleLetter;
  if (!L) return;
  const { el, icon, say } = L;
  const status = L.find("letter-saved");
  const name = L.find("letter-name");
  const trouble = L.find("letter-trouble");
  let revision = L.given.revision;
  let kept = JSON.stringify([L.draft, L.main, L.name]);
  let isBusy = false;
  let isStuck = false;
  let again = 0;

  L.tell = (words, canUndo = false) => { window.vincle?.say?.(words); if (canUndo) status.focus?.(); };
  const spoken = el("p", { class: "vh", role: "status" });
  L.page.append(spoken);
  L.whisper = (words) => { spoken.textContent = words; };
  const told = (words, isWrong = false) => { status.textContent = words; status.classList.toggle("wrong", isWrong); };

  // Saving: at each pause; one at a time; what changed meanwhile goes with the next.
  const state = () => JSON.stringify([L.draft, L.main, name.value]);
  const body = () => ({ draft: L.draft, language: L.main, name: name.value, revision });
  let lastSaved = "";
  const save = async () => {
    if (!L.may || isBusy || isStuck || state() === kept) return;
    isBusy = true;
    const sent = state();
    told(say("saving"));
    try {
      const answer = await L.post(L.urls.save, body());
      if (answer.redirected || answer.status === 401 || answer.status === 403) { told(say("signed_out"), true); later(15000); }
      else if (answer.status === 409) conflict(await answer.json());
      else if (answer.status === 422) { told((await answer.json()).problem, true); }
      else if (!answer.ok) { told(say("offline"), true); later(5000); }
      else { const said = await answer.json(); revision = said.revision; kept = sent; told(lastSaved = say("saved", { at: said.at })); document.title = document.title.replace(/^.*? · /, `${said.name} · `); }
    } catch { told(say("offline"), true); later(5000); }
    isBusy = false;
    if (!isStuck && state() !== kept && !status.classList.contains("wrong")) soon();
  };
  const later = (ms) => { clearTimeout(again); again = setTimeout(save, ms); };
  const soon = L.wait(700, save);
  const conflict = (said) => {
    isStuck = true;
    told(said.problem, true);
    const load = el("button", { type: "button", class: "btn", onclick: () => { kept = state(); location.reload(); } }, say("conflict_load"));
    const mine = el("button", { type: "button", class: "btn", onclick: () => { isStuck = false; revision = said.revision; trouble.replaceChildren(); save(); } }, say("conflict_keep"));
    trouble.replaceChildren(el("div", { class: "panel caution", role: "alert" }, icon("alert-triangle"), el("h3", {}, said.problem), el("div", { class: "row" }, load, mine)));
  };
  L.saveNow = async () => { while (isBusy) await new Promise((done) => setTimeout(done, 50)); await save(); return state() === kept; };
  window.addEventListener("online", save);
  window.addEventListener("pagehide", () => { if (L.may && !isStuck && state() !== kept) L.post(L.urls.save, body(), { keepalive: JSON.stringify(body()).length < 60000 }).catch(() => 0); });
  window.addEventListener("beforeunload", (event) => { if (L.may && state() !== kept && (isStuck || status.classList.contains("wrong"))) event.preventDefault(); });
  name.addEventListener("input", soon);

  // Undo
  const [undo, redo] = [L.find("letter-undo"), L.find("letter-redo")];
  undo?.addEventListener("click", L.undo);
  redo?.addEventListener("click", L.redo);
  const buttons = () => { const can = L.can(); if (undo) { undo.disabled = !can.undo; redo.disabled = !can.redo; } };

  // Languages
  const bar = L.find("letter-languages");
  const nameOf = (code) => L.given.languages.find((each) => each.code === code)?.name || code;
  const go = (code) => { L.language = code; L.chosen = ""; L.redraw(); L.show(); };
  const drawLanguages = () => {
    const have = [L.main, ...Object.keys(L.draft).filter((code) => code !== L.main)];
    const tabs = have.map((code) => el("button", { type: "button", class: `chip${code === L.language ? " on" : ""}`, "aria-pressed": String(code === L.language), onclick: () => go(code) }, nameOf(code), code === L.main && have.length > 1 ? el("small", {}, say("main_language")) : null));
    const missing = L.given.languages.filter((each) => !L.draft[each.code]);
    const parts = [...tabs];
    if (L.may && missing.length) {
      const add = el("select", { "aria-label": say("add_language") }, el("option", { value: "" }, `+ ${say("add_language")}`), missing.map((each) => el("option", { value: each.code }, each.name)));
      add.addEventListener("change", () => { const code = add.value; L.change(() => { L.draft[code] = { ...L.copy(L.content()), blocks: L.content().blocks.map((block) => L.copy(block)) }; }); go(code); });
      parts.push(add);
    }
    if (L.may && L.language !== L.main) {
      parts.push(el("button", { type: "button", class: "btn quiet small", onclick: () => { L.main = L.language; drawLanguages(); soon(); } }, say("made_main")));
      parts.push(el("button", { type: "button", class: "btn quiet small", onclick: () => { const gone = L.language; L.change(() => { delete L.draft[gone]; L.language = L.main; L.chosen = ""; }); L.show(); } }, icon("trash"), say("remove_language")));
    }
    bar.replaceChildren(...parts);
  };

  // Links
  const linkDialog = L.find("letter-link");
  const linkUrl = L.find("letter-link-url");
  let linkDone = null;
  L.askLink = (url, done) => { linkDone = done; linkUrl.value = url; linkDialog.showModal(); linkUrl.focus(); linkUrl.select(); };
  const linkAs = (text) => { const url = text.trim(); if (!url || /^(https?:|mailto:|tel:|\{)/i.test(url)) return url; return /^[^@/\s]+@[^@/\s]+\.[^@/\s]+$/.test(url) ? `mailto:${url}` : `https://${url}`; };
  L.find("letter-link-form").addEventListener("submit", () => { const done = linkDone; const url = linkAs(linkUrl.value); setTimeout(() => done?.(url)); });
  L.find("letter-unlink").addEventListener("click", () => { linkDialog.close(); const done = linkDone; setTimeout(() => done?.("")); });

  // Pictures
  const pictures = L.find("letter-pictures");
  const pictureList = L.find("letter-picture-list");
  const wrong = L.find("letter-picture-wrong");
  let pictureDone = null;
  const drawPictures = async () => {
    const found = (await L.get(L.urls.pictures)).pictures || [];
    pictureList.replaceChildren(...(found.length ? found.map((each) => el("button", { type: "button", onclick: () => { pictures.close(); pictureDone?.(each); } }, el("img", { src: each.url, alt: each.alt || each.name, loading: "lazy" }), el("span", {}, each.name))) : [el("p", { class: "muted" }, say("no_pictures"))]));
  };
  L.choosePicture = (done) => { pictureDone = done; wrong.textContent = ""; pictures.showModal(); drawPictures(); };
  L.find("letter-picture").addEventListener("change", async (event) => {
    const file = event.target.files[0];
    if (!file) return;
    const form = new FormData();
    form.set("picture", file);
    try {
      const answer = await fetch(`${L.urls.pictures}add/`, { method: "POST", body: form, headers: { "X-CSRFToken": L.token(), Accept: "application/json" } });
      const said = await answer.json();
      if (answer.ok) { pictures.close(); pictureDone?.(said); } else wrong.textContent = said.problem;
    } catch { wrong.textContent = say("failed"); }
    event.target.value = "";
  });

  // Words of customers
  const quotes = L.find("letter-quotes");
  const quoteQuery = L.find("letter-quote-q");
  const quoteList = L.find("letter-quote-found");
  let quoteDone = null;
  const drawQuotes = async () => {
    const found = (await L.get(`${L.urls.quotes}?q=${encodeURIComponent(quoteQuery.value)}`)).quotes || [];
    quoteList.replaceChildren(...(found.length ? found.map((each) => el("li", {}, el("button", { type: "button", onclick: () => { quotes.close(); quoteDone?.(each); } }, el("span", { class: "said" }, `“${each.words}”`), el("small", {}, [each.name, each.place, each.at].filter(Boolean).join(" · "))))) : [el("li", { class: "muted" }, say("no_quotes"))]));
  };
  L.chooseQuote = (done) => { quoteDone = done; quotes.showModal(); quoteQuery.focus(); drawQuotes(); };
  quoteQuery.addEventListener("input", L.wait(250, drawQuotes));

  // Tests
  const test = L.find("letter-test-form");
  test?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = L.find("letter-test-wrong");
    problem.textContent = "";
    const button = test.querySelector("button.primary");
    button.disabled = true;
    try {
      await L.saveNow();
      const to = [...test.querySelectorAll("[name=to]:checked")].map((each) => Number(each.value));
      const answer = await L.post(L.urls.test, { to, person: L.person(), language: L.language, connection: Number(test.elements.connection?.value || 0) });
      const said = await answer.json();
      if (answer.ok) { L.find("letter-test").close(); L.tell(said.sentence); } else problem.textContent = said.problem;
    } catch { problem.textContent = say("failed"); }
    button.disabled = false;
  });
  L.find("letter-keep-form")?.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.dataset.saved || state() === kept) return;
    event.preventDefault();
    if (await L.saveNow()) { form.dataset.saved = "yes"; form.requestSubmit(); }
  });

  L.parts.push((what) => { buttons(); drawLanguages(); if (what.changed) { status.classList.remove("wrong"); if (!isStuck) { told(state() === kept ? lastSaved : say("unsaved")); soon(); } } });
  if (!L.may && !status.textContent) told(say("reader"));
  L.redraw();
  L.show();
})();
