// Two people face to face: what both have in common and what differs is marked as soon as both sides are there.
(() => {
  "use strict";
  const passing = new Set(["channels", "stage", "since", "activities", "words"]);
  const single = new Set(["birthday", "postcode", "city", "country", "street", "company", "gender", "language"]);
  const plain = (text) => text.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  const values = (field) => [...(field.querySelectorAll("span").length ? field.querySelectorAll("span") : [field])];
  let marks = [];
  const compare = (left, right) => {
    const theirs = new Set(values(right).map((value) => plain(value.textContent)));
    for (const value of values(left)) {
      const kind = theirs.has(plain(value.textContent)) ? "same" : single.has(left.dataset.field) ? "diff" : "";
      if (kind) marks.push([value, kind]);
    }
  };
  const mark = () => {
    const [left, right] = document.querySelectorAll("#case [data-party]");
    if (!left || !right) return;
    for (const field of left.querySelectorAll("[data-field]")) {
      const other = right.querySelector(`[data-field="${CSS.escape(field.dataset.field)}"]`);
      if (!other || passing.has(field.dataset.field)) continue;
      if (field.dataset.compared) continue;
      field.dataset.compared = "yes";
      compare(field, other);
      compare(other, field);
    }
    // Marked once all is compared, with a word for speech beside the colour and the sign.
    for (const [value, kind] of marks) {
      value.classList.add(kind);
      const word = document.createElement("span");
      word.className = "vh";
      word.textContent = ` (${document.getElementById("case").dataset[kind]})`;
      value.append(word);
    }
    marks = [];
  };
  const arrive = () => {
    const next = document.getElementById("case");
    const badge = document.querySelector(".rail [aria-current] .badge");
    if (badge) { badge.textContent = next.dataset.open; badge.hidden = next.dataset.open === "0"; }
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) next.animate([{ opacity: 0, transform: "translateX(16px)" }, { opacity: 1, transform: "none" }], { duration: 150, easing: "ease-out" });
  };
  // A choice of values is no typing: y, n and s go on deciding.
  document.addEventListener("keydown", (event) => {
    if (event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = document.querySelector(`#case [data-key="${CSS.escape(event.key)}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
  document.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "case") arrive(); });
})();
