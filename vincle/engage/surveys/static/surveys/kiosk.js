// A tablet for one person after another: after the thanks, or when nobody has touched it for a while, it begins anew.
(() => {
  "use strict";
  const told = document.body.dataset;
  if (!told.kiosk) return;
  const anew = () => location.replace(told.kiosk);
  // Whoever goes back would see what the one before them said.
  const isBack = (event) => event.persisted || (performance.getEntriesByType("navigation")[0] || {}).type === "back_forward";
  addEventListener("pageshow", (event) => { if (isBack(event)) anew(); });
  document.querySelectorAll("form, input, textarea, select").forEach((each) => { each.autocomplete = "off"; });
  let timer = 0;
  const wait = (seconds) => { clearTimeout(timer); timer = setTimeout(anew, seconds * 1000); };
  if ("done" in told) { wait(+told.thanks || 8); return; }
  // On the first page nothing was typed yet: it may stand there all day.
  const touched = () => wait(+told.reset || 60);
  if ("begun" in told) touched();
  ["pointerdown", "keydown", "input", "scroll"].forEach((name) => addEventListener(name, touched, { passive: true }));
  addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("pointerdown", () => { if (!document.fullscreenElement && document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(() => {}); }, { once: true });
})();
