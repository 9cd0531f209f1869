// A form for many people one after another, on a tablet: every entry is kept here first, and sent when there is a network.
(() => {
  "use strict";
  const form = document.querySelector("[data-stand]"), status = document.querySelector("[data-waiting]"), thanks = document.querySelector("[data-thanks]");
  if (!form) return;
  const KEY = "vincle-stand:" + form.action, words = status.dataset;
  const entries = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch (error) { return []; } };
  const keep = (list) => localStorage.setItem(KEY, JSON.stringify(list));
  const uuid = () => [...crypto.getRandomValues(new Uint8Array(12))].map((each) => each.toString(16).padStart(2, "0")).join("");
  let busy = false;

  function show() {
    const waiting = entries(), refused = waiting.filter((each) => each.refused).length;
    status.textContent = waiting.length ? (refused ? words.refused.replace("%s", refused) : words.some.replace("%s", waiting.length)) : words.none;
  }
  async function send() {
    if (busy) return;
    busy = true;
    for (const entry of entries().filter((each) => !each.refused)) {
      const body = new URLSearchParams(entry.fields);
      const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
      if (!answer || answer.status === 429 || answer.status >= 500) break;
      const rest = entries();
      const place = rest.findIndex((each) => each.id === entry.id);
      if (answer.ok) rest.splice(place, 1);
      else rest[place].refused = answer.status;
      keep(rest);
    }
    busy = false;
    show();
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (![...form.querySelectorAll("input, textarea, select")].every((field) => field.reportValidity())) return;
    const id = uuid(), fields = [...new FormData(form)].concat([["entry", id], ["at", new Date().toISOString()]]);
    try {
      keep(entries().concat({ id, fields }));
    } catch (error) {
      return alert(words.full);
    }
    form.reset();
    form.hidden = true;
    thanks.hidden = false;
    setTimeout(() => { thanks.hidden = true; form.hidden = false; scrollTo(0, 0); form.querySelector("input:not([type=hidden], [tabindex='-1'])")?.focus(); }, 2500);
    show();
    send();
  });
  addEventListener("online", send);
  setInterval(send, 30000);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(form.dataset.worker, { scope: form.dataset.scope }).catch(() => {});
  show();
  send();
})();
