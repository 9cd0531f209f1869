// Asks on a site: docs/guides/surveys.md. <script async src=".../s/embed.js" data-survey="TOKEN" data-mode="popup" data-after="20"></script>
(function () {
  "use strict";
  const first = document.currentScript || document.querySelector('script[src*="/s/embed.js"]');
  if (!first || window.vincleSurveys) return;
  const home = new URL(first.src).origin;
  const attempt = (action) => { try { return action(); } catch (error) { return undefined; } };
  const frames = [];
  // The cookie of vincle.js is there only with consent; without it nobody is recognised, and surveys for a segment stay away.
  const visitor = () => {
    const known = (attempt(() => document.cookie) || "").match(/(?:^|; )vincle_id=([\w-]{8,64})/);
    return known && !navigator.globalPrivacyControl ? known[1] : "";
  };
  const KEY = (token) => "vincle_survey:" + token;
  const left = (token, days) => { const at = attempt(() => localStorage.getItem(KEY(token))); return at && (Date.now() - at) / 864e5 < days; };
  const remember = (token) => attempt(() => localStorage.setItem(KEY(token), Date.now()));

  function frame(token, title, done) {
    const made = document.createElement("iframe"), url = new URL(home + "/s/" + encodeURIComponent(token) + "/");
    url.searchParams.set("embed", "1");
    url.searchParams.set("lang", document.documentElement.lang.slice(0, 12));
    if (visitor()) url.searchParams.set("visitor", visitor());
    Object.assign(made, { src: url.href, title: title || document.title, loading: "lazy" });
    Object.assign(made.style, { width: "100%", height: "420px", border: "0", display: "block", colorScheme: "normal" });
    frames.push({ made, done });
    return made;
  }
  addEventListener("message", (event) => {
    const told = event.data;
    const found = event.origin === home && told && told.vincle && frames.find((each) => each.made.contentWindow === event.source);
    if (!found) return;
    if (told.height > 0) found.made.style.height = Math.ceil(told.height) + "px";
    if (found.done) found.done(told.vincle);
    if (told.vincle === "sent") dispatchEvent(new CustomEvent("vincle:survey"));
  });
  function popup(token, title, isWanted) {
    if (document.querySelector("[data-vincle-survey-open]")) return;
    const box = document.createElement("section"), close = document.createElement("button");
    box.setAttribute("data-vincle-survey-open", token);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", title || "Survey");
    Object.assign(box.style, { position: "fixed", right: "12px", bottom: "12px", zIndex: "2147483000", width: "min(400px, calc(100vw - 24px))", maxHeight: "calc(100vh - 24px)", overflow: "auto", background: "Canvas", color: "CanvasText", borderRadius: "12px", boxShadow: "0 12px 40px rgb(0 0 0 / .25)", padding: "40px 4px 4px", boxSizing: "border-box" });
    Object.assign(close, { type: "button", textContent: "×" });
    close.setAttribute("aria-label", { es: "Cerrar", it: "Chiudi", ca: "Tanca" }[document.documentElement.lang.slice(0, 2)] || "Close");
    Object.assign(close.style, { position: "absolute", top: "0", right: "0", width: "44px", height: "44px", font: "24px/1 sans-serif", border: "0", background: "none", color: "inherit", cursor: "pointer" });
    const back = document.activeElement;
    const escaped = (event) => event.key === "Escape" && !event.defaultPrevented && shut();
    const shut = () => { remember(token); removeEventListener("keydown", escaped); box.remove(); if (back && back.focus) back.focus(); };
    const inside = frame(token, title, (what) => { if (what === "close") shut(); if (what === "sent") remember(token); });
    inside.loading = "eager";
    close.addEventListener("click", shut);
    addEventListener("keydown", escaped);
    box.append(close, inside);
    document.body.append(box);
    if (isWanted) close.focus();
  }
  // For surveys meant for a segment the server is asked whether this visitor is in it; it says yes or no and nothing else.
  function mayAsk(token, targeted) {
    if (!targeted) return Promise.resolve(true);
    const who = visitor();
    if (!who) return Promise.resolve(false);
    const url = new URL(home + "/s/" + encodeURIComponent(token) + "/for/");
    url.searchParams.set("v", who);
    return fetch(url, { credentials: "omit" }).then((answer) => answer.ok && answer.json()).then((told) => !!(told && told.ask)).catch(() => false);
  }
  function wait(token, option) {
    if (left(token, +(option("again") || 30)) || Math.random() * 100 >= +(option("share") || 100)) return;
    let open = () => { open = () => {}; mayAsk(token, option("targeted") === "yes").then((yes) => yes && popup(token, option("title"))); };
    const after = +(option("after") || 20), when = option("when") || "time";
    if (when === "scroll") {
      addEventListener("scroll", () => {
        const root = document.documentElement;
        if ((scrollY + innerHeight) / root.scrollHeight * 100 >= after) open();
      }, { passive: true });
    } else if (when === "leave") {
      document.addEventListener("mouseout", (event) => { if (!event.relatedTarget && event.clientY < 8) open(); });
    } else setTimeout(() => open(), after * 1000);
  }
  function start() {
    document.querySelectorAll("[data-vincle-survey]").forEach((place) => {
      const token = place.getAttribute("data-vincle-survey");
      if (place.hasAttribute("data-done")) return;
      place.setAttribute("data-done", "");
      if (place.matches("button, a")) place.addEventListener("click", (event) => { event.preventDefault(); popup(token, place.textContent.trim(), true); });
      else mayAsk(token, place.getAttribute("data-targeted") === "yes").then((yes) => yes && place.replaceChildren(frame(token, place.getAttribute("data-title"))));
    });
    document.querySelectorAll('script[src*="/s/embed.js"][data-survey]').forEach((each) => {
      const option = (name) => each.getAttribute("data-" + name), token = option("survey");
      if (each.hasAttribute("data-done")) return;
      each.setAttribute("data-done", "");
      if (option("mode") === "popup") wait(token, option);
      else mayAsk(token, option("targeted") === "yes").then((yes) => yes && each.after(frame(token, option("title"))));
    });
  }
  window.vincleSurveys = { open: popup, start };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
