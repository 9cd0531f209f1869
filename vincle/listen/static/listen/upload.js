// Sending files: what is too large is said before it travels, and how far it is while it does. Without this the form works by itself.
(() => {
  "use strict";
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const field = form.querySelector("input[type=file]");
  const problem = form.querySelector("[data-problem]");
  const bar = form.querySelector("[data-progress]");
  const button = form.querySelector("[data-send]");
  const wrong = () => {
    const files = [...field.files];
    const large = files.find((file) => file.size > Number(form.dataset.largest));
    if (large) return `${form.dataset.tooLarge} ${large.name}`;
    return files.length > Number(form.dataset.most) ? form.dataset.tooMany : "";
  };
  const send = () => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.querySelector("progress").value = event.loaded / event.total; });
    request.setRequestHeader("X-Requested-With", "fetch");
    request.addEventListener("load", () => location.assign(request.getResponseHeader("X-Location") || location.href));
    request.addEventListener("error", () => { bar.hidden = true; button.disabled = false; form.submit(); });
    bar.querySelector("[data-label]").textContent = `${form.dataset.sending}: ${[...field.files].map((file) => file.name).join(", ")}`;
    bar.hidden = false;
    button.disabled = true;
    request.send(new FormData(form));
  };
  const start = () => {
    problem.textContent = wrong();
    problem.hidden = !problem.textContent;
    if (!problem.textContent && field.files.length) send();
  };
  button.hidden = true;
  field.addEventListener("change", start);
  form.addEventListener("submit", (event) => { event.preventDefault(); start(); });
})();
