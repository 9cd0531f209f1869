// Shows forms of Vincle on a site: docs/guides/forms.md
(function () {
  "use strict";
  const script = document.currentScript || document.querySelector('script[src*="forms.js"]');
  if (!script || window.vincleForms) return;
  const home = new URL(script.src).origin;
  const attempt = (action) => { try { return action(); } catch (error) { return undefined; } };
  const frames = [];

  // Where someone came from; a cookie only where vincle.js has set one, that is, with consent.
  function address(slug) {
    const url = new URL(home + "/f/" + encodeURIComponent(slug) + "/"), query = new URLSearchParams(location.search);
    const put = (name, value) => value && url.searchParams.set(name, String(value).slice(0, 500));
    query.forEach((value, name) => /^(utm_\w+|gclid|fbclid|msclkid|src|p)$/.test(name) && put(name, value));
    put("embed", "1");
    put("lang", document.documentElement.lang);
    put("t.url", location.href.split("#")[0]);
    put("t.ref", document.referrer);
    const known = (attempt(() => document.cookie) || "").match(/(?:^|; )vincle_id=([\w-]{8,64})/);
    if (known && !navigator.globalPrivacyControl) {
      put("vid", known[1]);
      const first = (attempt(() => JSON.parse(localStorage.getItem("vincle"))) || {}).first || {};
      ["source", "medium", "name", "landing", "referrer", "at"].forEach((name) => put("f." + name, first[name]));
    }
    return url.href;
  }
  function frame(slug, title, done) {
    const made = document.createElement("iframe");
    Object.assign(made, { src: address(slug), title: title || slug, loading: "lazy" });
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
    if (told.vincle === "sent") dispatchEvent(new CustomEvent("vincle:form"));
  });

  const days = (slug) => attempt(() => (Date.now() - localStorage.getItem("vincle_form:" + slug)) / 864e5);
  const remember = (slug) => attempt(() => localStorage.setItem("vincle_form:" + slug, Date.now()));

  function popup(slug, title) {
    if (document.querySelector("dialog[data-vincle]")) return;
    const dialog = document.createElement("dialog"), close = document.createElement("button");
    dialog.setAttribute("data-vincle", slug);
    dialog.setAttribute("aria-label", title || slug);
    Object.assign(dialog.style, { width: "min(560px, calc(100vw - 24px))", maxHeight: "calc(100vh - 24px)", border: "0", borderRadius: "12px", padding: "36px 20px 20px", boxSizing: "border-box", overflow: "auto" });
    Object.assign(close, { type: "button", textContent: "×" });
    close.setAttribute("aria-label", { es: "Cerrar", it: "Chiudi", ca: "Tanca" }[document.documentElement.lang.slice(0, 2)] || "Close");
    Object.assign(close.style, { position: "absolute", top: "4px", right: "4px", width: "44px", height: "44px", font: "24px/1 sans-serif", border: "0", background: "none", color: "inherit", cursor: "pointer" });
    const inside = frame(slug, title, (what) => {
      if (what === "close") dialog.close();
      if (what === "sent") remember(slug);
    });
    inside.loading = "eager";
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => { remember(slug); frames.splice(frames.findIndex((each) => each.made === inside), 1); dialog.remove(); });
    dialog.append(close, inside);
    document.body.append(dialog);
    dialog.showModal();
  }
  function wait(slug, option) {
    const again = +(option("again") || 30), after = +(option("after") || 15), when = option("popup");
    if (days(slug) < again && attempt(() => localStorage.getItem("vincle_form:" + slug))) return;
    let open = () => { open = () => {}; popup(slug, option("title")); };
    if (when === "scroll") {
      addEventListener("scroll", () => {
        const root = document.documentElement;
        if ((scrollY + innerHeight) / root.scrollHeight * 100 >= after) open();
      }, { passive: true });
    } else if (when === "leave") {
      document.addEventListener("mouseout", (event) => { if (!event.relatedTarget && event.clientY < 8) open(); });
    } else if (when !== "button") setTimeout(() => open(), after * 1000);
  }

  function start() {
    document.querySelectorAll("[data-vincle-form]").forEach((place) => {
      const slug = place.getAttribute("data-vincle-form");
      if (place.matches("button, a")) {
        place.addEventListener("click", (event) => { event.preventDefault(); popup(slug, place.textContent); });
      } else if (!place.querySelector("iframe")) place.replaceChildren(frame(slug, place.getAttribute("data-title")));
    });
    document.querySelectorAll('script[src*="forms.js"][data-form]').forEach((each) => {
      const option = (name) => each.getAttribute("data-" + name), slug = option("form");
      if (option("popup")) wait(slug, option);
      else if (!each.hasAttribute("data-done")) each.after(frame(slug, option("title")));
      each.setAttribute("data-done", "");
    });
  }
  window.vincleForms = { open: popup, start };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
