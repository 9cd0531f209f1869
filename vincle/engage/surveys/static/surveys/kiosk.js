// A tablet for one person after another: after the thanks, or when nobody has touched it for a while, it begins anew.
(() => {
  "use strict";
  const told = document.body.dataset;
  if (!told.kiosk) return;
  const anew = () => location.replace(told.kiosk);
  let timer = 0;
  const wait = (seconds) => { clearTimeout(timer); timer = setTimeout(anew, seconds * 1000); };
  if ("done" in told) { wait(+told.thanks || 8); return; }
  // On the first page nothing was typed yet: it may stand there all day.
  const touched = () => wait(+told.reset || 60);
  if (location.pathname !== told.kiosk) touched();
  ["pointerdown", "keydown", "input", "scroll"].forEach((name) => addEventListener(name, touched, { passive: true }));
  addEventListener("contextmenu", (event) => event.preventDefault());
  addEventListener("pointerdown", () => { if (!document.fullscreenElement && document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(() => {}); }, { once: true });
})();
