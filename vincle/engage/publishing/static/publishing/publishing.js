// The calendar: posts are dragged or moved by keys. The composer: what is typed is looked at as it will be.
(() => {
  "use strict";
  const form = () => document.getElementById("calendar-act");
  let moved = "";

  const act = (kind, post, values) => {
    const calendar = document.querySelector("[data-calendar]");
    const sent = form();
    if (!calendar || !sent || !window.htmx) return;
    moved = post;
    const known = Object.fromEntries(new FormData(sent));
    window.htmx.ajax("POST", calendar.dataset[kind].replace("POST", post), { target: "#calendar", swap: "outerHTML", values: { ...known, ...values } });
  };

  document.addEventListener("dragstart", (event) => {
    const post = event.target.closest?.("[data-post]");
    if (!post) return;
    event.dataTransfer.setData("text/vincle-post", post.dataset.post);
    event.dataTransfer.effectAllowed = "move";
    post.classList.add("dragged");
  });
  document.addEventListener("dragend", (event) => event.target.closest?.("[data-post]")?.classList.remove("dragged"));
  const cell = (event) => event.dataTransfer?.types.includes("text/vincle-post") && event.target.closest?.("[data-day]");
  document.addEventListener("dragover", (event) => { if (cell(event)) { event.preventDefault(); cell(event).classList.add("over"); } });
  document.addEventListener("dragleave", (event) => event.target.closest?.("[data-day]")?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const day = cell(event);
    if (!day) return;
    event.preventDefault();
    day.classList.remove("over");
    act("move", event.dataTransfer.getData("text/vincle-post"), { day: day.dataset.day });
  });

  document.addEventListener("keydown", (event) => {
    const post = document.activeElement?.closest?.("[data-post]");
    if (!post) return;
    const isWeek = document.querySelector("[data-calendar]")?.dataset.view === "week";
    const steps = { ArrowLeft: { days: -1 }, ArrowRight: { days: 1 }, ArrowUp: isWeek ? { minutes: -30 } : { days: -7 }, ArrowDown: isWeek ? { minutes: 30 } : { days: 7 } };
    if (event.altKey && steps[event.key]) { event.preventDefault(); act("move", post.dataset.post, steps[event.key]); }
    if (event.key === "Delete" && !event.altKey && !event.ctrlKey) { event.preventDefault(); act("remove", post.dataset.post, {}); }
  });
  document.addEventListener("htmx:afterSettle", () => { if (moved) { document.getElementById(`post-${moved}`)?.focus(); moved = ""; } });

  const composer = document.querySelector("[data-composer]");
  if (!composer) return;
  const live = (event) => { if (event.target.matches("[data-live]")) composer.dispatchEvent(new Event("live")); };
  composer.addEventListener("input", live);
  composer.addEventListener("change", live);
  composer.addEventListener("click", (event) => {
    const best = event.target.closest("[data-at]");
    if (best) { composer.elements.at.value = best.dataset.at; composer.elements.at.focus(); }
  });
})();
