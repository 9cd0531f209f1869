// Two people face to face: what both have in common and what differs is marked as soon as both sides are there.
(() => {
  "use strict";
  const passing = new Set(["channels", "stage", "since", "activities", "words"]);
  const single = new Set(["birthday", "postcode", "city", "country", "street", "company", "gender", "language"]);
  const plain = (text) => text.normalize("NFKD").replace(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  const values = (field) => [...(field.querySelectorAll("span").length ? field.querySelectorAll("span") : [field])];
  const compare = (left, right) => {
    const theirs = new Set(values(right).map((value) => plain(value.textContent)));
    for (const value of values(left)) {
      if (theirs.has(plain(value.textContent))) value.classList.add("same");
      else if (single.has(left.dataset.field)) value.classList.add("diff");
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
  };
  const arrive = () => {
    const next = document.getElementById("case");
    const badge = document.querySelector(".rail [aria-current] .badge");
    if (badge) { badge.textContent = next.dataset.open; badge.hidden = next.dataset.open === "0"; }
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) next.animate([{ opacity: 0, transform: "translateX(16px)" }, { opacity: 1, transform: "none" }], { duration: 150, easing: "ease-out" });
  };
  document.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target.id === "case") arrive(); });
})();
