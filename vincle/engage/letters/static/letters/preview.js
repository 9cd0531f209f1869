// Letters: how it looks, to whom, on what; and what there is to say before it leaves.
(() => {
  "use strict";
  const L = window.vincleLetter;
  if (!L) return;
  const { el, icon, say } = L;
  const shows = L.find("letter-shows");
  const chips = L.find("letter-people");
  const people = L.given.people.slice(0, 3);
  let at = 0;
  let view = "wide";
  let dark = false;
  let turn = 0;

  const seen = () => (view === "three" ? [...people] : [people[at] || null]);
  const drawChips = () => {
    const make = (person, place) => el("button", { type: "button", class: `chip${place === at && view !== "three" ? " on" : ""}`, "aria-pressed": String(place === at && view !== "three"), title: person ? person.note : "", onclick: () => L.seeAs(place) }, el("span", {}, person ? person.name : say("nobody")));
    chips.replaceChildren(...(people.length ? people.map(make) : [make(null, 0)]));
  };
  L.seeAs = (place) => { if (place < Math.max(people.length, 1)) { at = place; if (view === "three") setView("wide"); drawChips(); show(); } };
  L.person = () => people[at]?.pid || "";

  // One frame a person; its page stays, only what is in it changes, so that nothing flickers and it stays where it was scrolled to.
  const frames = [];
  const frame = (place) => {
    if (frames[place]) return frames[place];
    const inner = el("iframe", { src: L.urls.frame, sandbox: "allow-same-origin", title: say("letter") });
    const subject = el("b", {});
    const preheader = el("p", {});
    const gets = el("p", { class: "gets" });
    const body = el("div", {});
    const whole = el("article", { class: "letter-show" }, el("header", {}, el("p", { class: "who" }), subject, preheader, gets), body);
    const made = { inner, subject, preheader, gets, body, whole, ready: false, html: "" };
    inner.addEventListener("load", () => { made.ready = true; fill(made); listen(made); });
    body.append(inner);
    frames[place] = made;
    return made;
  };
  const fill = (made) => {
    const page = made.inner.contentDocument;
    if (!made.ready || !page || !made.html) return;
    // Read inside the frame, by whose policy a letter may bring styles along; ours allows none.
    const [, head, style, body] = made.html.match(/<head[^>]*>([\s\S]*?)<\/head>\s*<body(?: style="([^"]*)")?[^>]*>([\s\S]*)<\/body>/i) || [];
    page.head.innerHTML = head || "";
    page.body.innerHTML = body || "";
    page.body.setAttribute("style", style || "");
    page.documentElement.lang = L.language;
    const mark = page.createElement("style");
    mark.textContent = "[class*=\" b-\"],[class^=\"b-\"]{cursor:pointer}.is-chosen{outline:2px solid #0f766e!important;outline-offset:-2px}a{pointer-events:none}";
    page.head.append(mark);
    outline(made);
  };
  const blockOf = (element) => { const held = element?.closest?.("[class*='b-']"); const name = held && [...held.classList].find((each) => /^b-[a-z0-9]{4,12}$/.test(each)); return name ? name.slice(2) : ""; };
  const outline = (made) => {
    const page = made.inner.contentDocument;
    page?.querySelectorAll(".is-chosen").forEach((each) => each.classList.remove("is-chosen"));
    if (!L.chosen || !page) return;
    const chosen = page.querySelector(`.b-${L.chosen}`);
    chosen?.classList.add("is-chosen");
    if (chosen && made.inner.clientHeight) {
      const box = chosen.getBoundingClientRect();
      if (box.bottom < 0 || box.top > made.inner.clientHeight) page.documentElement.scrollTop += box.top - 80;
    }
  };
  const listen = (made) => made.inner.contentDocument.addEventListener("click", (event) => {
    event.preventDefault();
    const id = blockOf(event.target);
    if (!id || !L.place(id)) return;
    if (view === "three") { setView("wide"); show(); }
    L.choose(id, true);
  });

  const draw = (made, found, person) => {
    made.whole.querySelector(".who").textContent = view === "three" && person ? person.name : "";
    made.whole.querySelector(".who").hidden = view !== "three";
    made.subject.textContent = found.subject || "–";
    const other = found.speaks && found.speaks !== L.language && L.draft[found.speaks] ? found.speaks : "";
    made.gets.textContent = other ? say("gets", { language: L.given.languages.find((each) => each.code === other).name }) : "";
    made.preheader.textContent = found.preheader || "";
    made.whole.querySelectorAll(".panel, pre").forEach((each) => each.remove());
    made.inner.hidden = view === "text" || Boolean(found.problem);
    if (found.problem) made.body.prepend(el("div", { class: "panel error" }, icon("alert-triangle"), el("p", {}, say("cannot_show", { why: found.problem }))));
    else if (view === "text") made.body.append(el("pre", { tabindex: 0 }, found.text));
    if (!found.problem) { made.html = found.html; fill(made); }
  };
  const show = async () => {
    const mine = (turn += 1);
    const wanted = seen();
    const asked = wanted.map((person) => L.post(L.urls.preview, { content: L.content(), language: L.language, person: person?.pid || "", dark }).then((answer) => answer.json()).catch(() => null));
    const found = await Promise.all(asked);
    if (mine !== turn || !found[0]) return;
    wanted.forEach((_person, place) => frame(place));
    const wholes = wanted.map((_person, place) => frames[place].whole);
    if (wholes.some((each, place) => shows.children[place] !== each) || shows.children.length !== wholes.length) {
      [...shows.children].forEach((each) => { if (!wholes.includes(each)) each.remove(); });
      wholes.forEach((each) => { if (!each.isConnected) shows.append(each); });
    }
    wanted.forEach((person, place) => { if (found[place]) draw(frames[place], found[place], person); });
    L.madeText = found[0].made_text;
    L.checks = found[0].checks || [];
    drawChecks(found[0].size || 0);
    L.drawList();
  };
  const soon = L.wait(250, show);
  const setView = (name) => {
    view = name;
    shows.dataset.view = name;
    shows.closest(".letter-cols").classList.toggle("is-three", name === "three");
    document.querySelectorAll("[data-view][aria-pressed]").forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.view === name)));
    drawChips();
  };
  document.querySelectorAll("button[data-view]").forEach((button) => button.addEventListener("click", () => { setView(button.dataset.view); show(); }));
  L.find("letter-dark").addEventListener("click", (event) => { dark = !dark; event.currentTarget.setAttribute("aria-pressed", String(dark)); show(); });

  // Checks
  const row = (each) => {
    const inner = [icon({ error: "circle-x", warn: "alert-triangle", hint: "info-circle" }[each.level]), el("span", {}, each.block && L.place(each.block) ? `${L.kinds[L.place(each.block).block.kind].name}: ${each.words}` : each.words)];
    return el("li", { class: each.level }, each.block ? el("button", { type: "button", onclick: () => L.choose(each.block, true) }, inner) : el("span", {}, inner));
  };
  const drawChecks = (size) => {
    const box = L.find("letter-checks");
    const groups = [["error", "errors"], ["warn", "warns"], ["hint", "hints"]].map(([level, title]) => [title, L.checks.filter((each) => each.level === level)]).filter(([, rows]) => rows.length);
    const parts = groups.flatMap(([title, rows]) => [el("h3", {}, say(title)), ...rows.map(row)]);
    if (!L.checks.some((each) => each.level !== "hint")) parts.unshift(el("li", { class: "fine" }, el("span", {}, icon("circle-check"), el("span", {}, say("no_checks")))));
    const text = JSON.stringify([L.checks, size]);
    if (box.dataset.text === text) return;
    box.dataset.text = text;
    const list = el("ul", { class: "letter-checks" });
    parts.forEach((each) => list.append(each.tagName === "H3" ? el("li", {}, each) : each));
    box.replaceChildren(list, el("p", { class: "muted" }, size ? say("size", { n: Math.max(1, Math.round(size / 1024)) }) : ""));
  };

  // Where its links lead, when someone asks
  const links = L.find("letter-links");
  links?.querySelector("button").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    const told = links.querySelector("[role=status]");
    button.disabled = true;
    told.replaceChildren(el("p", { class: "muted" }, say("asking_links")));
    const found = await L.post(L.urls.links, { content: L.content() }).then((answer) => answer.json()).catch(() => ({ problem: say("not_asked") }));
    const list = el("ul", { class: "letter-checks" });
    (found.checks || []).forEach((each) => list.append(row(each)));
    told.replaceChildren(el("p", { class: found.problem ? "wrong" : "muted" }, found.problem || found.sentence), list);
    button.disabled = false;
  });

  // Someone else
  const dialog = L.find("letter-person");
  const query = L.find("letter-person-q");
  const results = L.find("letter-person-found");
  const look = async () => {
    const found = (await L.get(`${L.urls.people}?q=${encodeURIComponent(query.value)}`)).people || [];
    results.replaceChildren(...(found.length ? found.map((person) => el("li", {}, el("button", { type: "button", onclick: () => { const there = people.findIndex((each) => each.pid === person.pid); if (there >= 0) at = there; else { if (people.length < 3) { people.push(person); at = people.length - 1; } else people[at] = person; } dialog.close(); setView(view === "three" ? "wide" : view); show(); } }, el("b", {}, person.name), el("small", {}, person.note)))) : [el("li", { class: "muted" }, say("no_people"))]));
  };
  query.addEventListener("input", L.wait(200, look));
  L.find("letter-find").addEventListener("click", () => { dialog.showModal(); query.focus(); look(); });

  L.parts.push((what) => {
    if (what.changed || what.language) soon();
    if (what.chosen) frames.forEach((made) => { if (made.ready) outline(made); });
  });
  L.show = show;
  drawChips();
})();
