// A form as the public sees it: steps one after the other, told once when someone begins, its height told to the page it is embedded in.
(() => {
  "use strict";
  const root = document.documentElement;
  const tell = (message) => parent !== window && parent.postMessage({ vincle: message, height: root.scrollHeight }, "*");
  if (parent !== window) {
    new ResizeObserver(() => tell("size")).observe(document.body);
    tell(document.querySelector("[data-sent]") ? "sent" : "size");
    addEventListener("keydown", (event) => { if (event.key === "Escape") tell("close"); });
  }
  const sent = document.querySelector("[data-sent]"), note = document.querySelector("[data-note]");
  (sent || note)?.focus();

  document.querySelectorAll("[data-form]").forEach((form) => {
    const of = (name) => form.querySelector(`[data-${name}]`);
    const steps = [...form.querySelectorAll("[data-step]")], next = of("next"), back = of("back"), send = of("send"), where = of("where");
    let at = Math.max(0, steps.findIndex((step) => step.querySelector(".wrong")));
    let began = !!note;

    function show(place, focus) {
      at = place;
      const last = at === steps.length - 1;
      steps.forEach((step, index) => { step.hidden = index !== at; });
      back.hidden = at === 0;
      next.hidden = last;
      send.hidden = !last;
      where.hidden = false;
      let n = 0;
      where.textContent = where.dataset.words.replace(/%s/g, () => (n++ ? steps.length : at + 1));
      if (focus) steps[at].querySelector("input:not([type=hidden]), textarea, select")?.focus();
    }
    // What is missing is said in the words of the browser, step by step.
    const whole = (step) => [...step.querySelectorAll("input, textarea, select")].every((field) => field.reportValidity());
    if (steps.length > 1) {
      show(at);
      next.addEventListener("click", () => whole(steps[at]) && show(at + 1, true));
      back.addEventListener("click", () => show(at - 1, true));
      form.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && event.target.matches("input") && !next.hidden) { event.preventDefault(); next.click(); }
      });
    }
    form.addEventListener("input", () => {
      if (began) return;
      began = true;
      navigator.sendBeacon(form.dataset.began, new URLSearchParams({ page: form.dataset.page || "" }));
    });
    form.addEventListener("submit", (event) => {
      if (send.disabled) return event.preventDefault();
      send.disabled = true;
      send.textContent = send.dataset.busy;
    });
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  });
})();
