// Surveys: what depends on an answer appears at once, answers are kept while they are given, keys choose. All of it works without, a page at a time.
(() => {
  const root = document.documentElement;
  const tell = (message) => parent !== window && parent.postMessage({ vincle: message, height: root.getBoundingClientRect().height }, "*");
  if (parent !== window && root.classList.contains("embedded")) {
    new ResizeObserver(() => tell("size")).observe(document.body);
    tell(document.querySelector("[data-done]") ? "sent" : "size");
    addEventListener("keydown", (event) => { if (event.key === "Escape") tell("close"); });
  }
  const form = document.querySelector("form.asking");
  if (!form) return;
  document.getElementById("wrong")?.focus();
  const fields = [...form.querySelectorAll("[data-q]")];
  const seen = form.elements._shown;
  let timer = 0, asked = 0;

  function show(names) {
    const visible = new Set(names);
    for (const field of fields) field.hidden = !visible.has(field.dataset.q);
    if (seen) seen.value = fields.filter((field) => !field.hidden).map((field) => field.dataset.id).join(",");
  }

  async function keep() {
    const turn = ++asked;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    data.delete("_shown");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (answer.ok && turn === asked && form.hasAttribute("data-live")) show((await answer.json()).visible);
    } catch { /* offline: sending the page says so */ }
  }

  function soon(wait) {
    if (!form.hasAttribute("data-live") && !form.hasAttribute("data-keep")) return;
    clearTimeout(timer);
    timer = setTimeout(keep, wait);
  }

  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.type === "checkbox" && box.checked) {
      for (const other of form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`)) {
        if (other !== box && (box.dataset.alone !== undefined || other.dataset.alone !== undefined)) other.checked = false;
      }
    }
    soon(150);
  });
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (field.classList.contains("own") && field.value) field.previousElementSibling.querySelector("input").checked = true;
    if (field.type === "range") field.nextElementSibling.value = field.value;
    const sum = field.closest("[data-sum]");
    if (sum) {
      const total = [...sum.querySelectorAll("input")].reduce((all, each) => all + (parseFloat(each.value.replace(",", ".")) || 0), 0);
      sum.querySelector("output").value = `(${Math.round(total * 100) / 100})`;
    }
    if (field.matches("textarea, input:not([type=radio], [type=checkbox])")) soon(1500);
  });
  form.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.type !== "radio" || !/^\d$/.test(event.key)) return;
    const same = [...form.querySelectorAll(`input[name="${CSS.escape(event.target.name)}"]`)];
    const wanted = same.find((each) => each.value === event.key) || same[Number(event.key) - 1];
    if (wanted) { wanted.checked = true; wanted.focus(); wanted.dispatchEvent(new Event("change", { bubbles: true })); }
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    asked++;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
})();
