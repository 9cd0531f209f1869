// Tells Vincle what happens on this site: docs/guides/listen-to-your-web-site.md
(function () {
  "use strict";
  const early = window.vincle;
  if (early && early.track) return;
  const script = document.currentScript || document.querySelector('script[src*="vincle.js"]');
  const source = new URL(script.src || location.href);
  const option = (name) => script.getAttribute("data-" + name) || source.searchParams.get(name) || "";
  const warn = (text) => console.warn("vincle.js: " + text);
  const key = option("key");
  if (!key) return warn("data-key is missing");

  const STATE = "vincle", COOKIE = "vincle_id", WAITING = "vincle_q:";
  const endpoint = (option("host") || source.origin).replace(/\/+$/, "") + "/v1/batch";
  const attempt = (action, otherwise) => { try { return action(); } catch (error) { return otherwise; } };
  const store = attempt(() => localStorage);
  const words = (value) => value || value === 0 ? String(value) : "";
  const now = () => new Date().toISOString();
  const bytes = (text) => new Blob([text]).size;
  // As crypto.randomUUID(), which plain http lacks.
  const uuid = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (
    digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))
  ).toString(16));

  // Addresses go without fragment (unless it is the route) and without what a query may say of a person.
  const wanted = option("query").split(/[\s,]+/);
  const address = () => location.href.replace(/#(?![!/]).*/, "");
  function tidy(text) {
    const url = new URL(text);
    [...url.searchParams.keys()].forEach((name) => /^utm_/.test(name) || wanted.includes(name) || url.searchParams.delete(name));
    url.hash = /^#[!/]/.test(url.hash) ? url.hash.split("?")[0] : "";
    return url;
  }
  const bare = (text) => attempt(() => { const url = new URL(text, location.href); return url.host + url.pathname; });
  let seen = "", from = document.referrer && tidy(document.referrer).href;
  function view() {
    const url = tidy(location.href);
    return { path: url.pathname + url.hash, url: url.href, title: document.title, referrer: from };
  }

  // What led here; of click identifiers only the kind.
  const landing = (() => {
    const query = new URL(location.href).searchParams, last = {};
    ["source", "medium", "name", "term", "content"].forEach((name) => {
      const value = query.get("utm_" + (name === "name" ? "campaign" : name));
      if (value) last[name] = value.slice(0, 200);
    });
    const click = ["gclid", "fbclid", "msclkid"].find((name) => query.has(name));
    if (click) last.click = click;
    const at = now(), first = Object.assign({ at, landing: location.pathname, referrer: from && new URL(from).host }, last);
    return { first, last: Object.keys(last)[0] && Object.assign({ at }, last) };
  })();

  // { id, user, first, last, wait, domain (of the cookie) }: in memory only, until there is consent.
  let state, agreed;
  const allowed = () => !!(agreed && state.id && !navigator.globalPrivacyControl);
  const cookie = () => (attempt(() => document.cookie, "").match(/(?:^|; )vincle_id=([\w-]{8,64})/) || [])[1];
  const bake = (name, value, age, domain) => attempt(() => {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `${name}=${value}; Path=/; Max-Age=${age}; SameSite=Lax${secure}${domain}`;
  });
  // The widest domain that takes a cookie: subdomains share it.
  function widest() {
    const labels = location.hostname.split(".");
    for (let count = 2; count <= labels.length; count++) {
      const domain = "; Domain=" + labels.slice(-count).join(".");
      bake("vincle_t", 1, 1, domain);
      if (attempt(() => document.cookie.includes("vincle_t"))) { bake("vincle_t", "", 0, domain); return domain; }
    }
    return ";";
  }
  // A cookie that is gone was deleted, or consent withdrawn on a subdomain.
  function recall() {
    const id = cookie(), kept = attempt(() => JSON.parse(store.getItem(STATE))) || {};
    if (id) return kept.id === id ? kept : { id };
    return kept.id && !kept.domain ? kept : null;
  }
  function keep() {
    if (agreed && !state.id) state.id = uuid();
    if (!allowed()) return;
    if (!state.domain) state.domain = widest();
    bake(COOKIE, state.id, 31536000, state.domain);
    if (cookie() !== state.id) state.domain = "";
    attempt(() => store.setItem(STATE, JSON.stringify(state)));
  }
  function wipe() {
    if (cookie()) bake(COOKIE, "", 0, widest());
    leftovers().concat(STATE).forEach((name) => attempt(() => store.removeItem(name)));
  }
  function become(known) {
    state = Object.assign({}, known);
    state.first = state.first || landing.first;
    state.last = landing.last || state.last;
    return state;
  }

  // What waits to be sent; after a failure, with consent, in storage, in order.
  let queue = [], flight = null, timer = 0, tries = 0, pause = 0;
  const leftovers = () => attempt(() => Object.keys(store).filter((name) => name.startsWith(WAITING)).sort(), []);
  const body = (batch) => JSON.stringify({ writeKey: key, sentAt: now(), batch });
  const hold = () => Math.min(Math.max(pause, state.wait || 0) - Date.now(), 864e5);
  const plan = () => { timer = timer || setTimeout(flush, Math.max(hold(), 400)); };
  function takeOut() {
    leftovers().reverse().forEach((name) => attempt(() => {
      const text = store.getItem(name);
      store.removeItem(name);
      queue.unshift(JSON.parse(text));
    }));
    queue = queue.filter(Boolean).slice(-1000);
  }
  // One tab at a time; without Web Locks the messageId tells of a copy.
  const share = () => new Promise((done) => {
    const mine = (lock) => { if (lock) takeOut(); done(); return new Promise((free) => setTimeout(free, 1000)); };
    try { navigator.locks.request(STATE, { ifAvailable: true }, mine).catch(mine); } catch (error) { mine(error); }
  });
  function putAway() {
    if (!allowed()) return;
    queue = queue.filter((event, at) => attempt(() => store.setItem(WAITING + event.timestamp + (at + 1e3) + event.messageId, JSON.stringify(event)), true));
    leftovers().slice(0, -1000).forEach((name) => store.removeItem(name));
  }
  function pack(limit) {
    const batch = [];
    for (let size = 200; queue.length; batch.push(queue.shift())) {
      size += bytes(JSON.stringify(queue[0])) + 1;
      if (size > limit && batch.length) break;
    }
    return batch;
  }
  async function flush() {
    clearTimeout(timer);
    timer = 0;
    if (flight) return;
    if (hold() > 0) return plan();
    const sent = flight = {};
    if (leftovers().length && allowed()) await share();
    const batch = sent.batch = pack(499e3);
    if (batch.length) {
      const text = body(batch), keepalive = sent.keepalive = !tries && bytes(text) < 6e4;
      const answer = await fetch(endpoint, { method: "POST", body: text, credentials: "omit", keepalive }).catch(() => 0);
      if (flight !== sent) return; // the page was left
      settle(answer, batch);
    }
    flight = null;
    if (queue.length || tries || (leftovers().length && allowed())) plan();
  }
  function settle(answer, batch) {
    const status = answer ? answer.status : 503;
    if (status < 500 && status !== 408 && status !== 429) {
      tries = pause = 0;
      if (status > 399) warn("refused: " + status);
      return;
    }
    queue = batch.concat(queue).slice(-1000);
    pause = Date.now() + Math.min(1000 * 2 ** tries++, 3e5) * (0.5 + Math.random() / 2);
    const after = answer && answer.headers.get("Retry-After");
    const wait = after * 1000 || Date.parse(after) - Date.now();
    if (wait > 0) { state.wait = Date.now() + wait + Math.random() * 1000; keep(); }
    putAway();
  }
  function leave(gone) {
    if (gone && flight && flight.batch && !flight.keepalive) { queue = flight.batch.concat(queue); flight = null; }
    let going = navigator.onLine && !((tries || hold() > 0) && (allowed() || !gone));
    while (going && queue.length) {
      const batch = pack(6e4);
      going = attempt(() => navigator.sendBeacon(endpoint, body(batch)));
      if (!going) queue = batch.concat(queue);
    }
    putAway();
  }

  function record(type, fields) {
    if (Object.values(fields).includes("")) return warn(type + " needs a name or id");
    const { first, last: campaign } = state;
    const context = { library: { name: "vincle.js" }, locale: navigator.language, page: view(), campaign, first };
    const event = Object.assign({ type, messageId: uuid(), timestamp: now(), context }, fields);
    if (!allowed()) context.cookieless = true;
    else Object.assign(event, { anonymousId: state.id, userId: state.user }, fields);
    const text = attempt(() => JSON.stringify(event));
    if (!text || bytes(text) > 32000) return warn("too large or no JSON: " + type);
    const copy = JSON.parse(text); // the page may change its objects
    queue = queue.concat(copy).slice(-1000);
    plan();
    return copy;
  }

  const api = {
    track(name, properties) {
      const order = name === "Order Completed" && properties && properties.order_id;
      const messageId = order ? name + " " + order : uuid(); // loaded again is no second order
      record("track", { event: words(name), properties, messageId });
    },
    page(name, props) {
      if (name && typeof name === "object") { props = name; name = ""; }
      if (seen && seen !== address()) from = tidy(seen).href;
      seen = address();
      return record("page", { name: name || undefined, properties: Object.assign(view(), props) });
    },
    identify(user, traits) {
      if (user && typeof user === "object") { traits = user; user = ""; }
      user = words(user) || state.user;
      if (state.user && state.user !== user) api.reset();
      state.user = user;
      keep();
      record("identify", { userId: user, traits });
    },
    group(group, traits) {
      record("group", { groupId: words(group), traits });
    },
    alias(user, previous) {
      record("alias", { userId: words(user), previousId: words(previous || state.user || (allowed() && state.id)) });
    },
    consent(given) {
      const before = allowed();
      if (given !== true && before) {
        api.track("Consent Withdrawn");
        takeOut();
        wipe();
        become();
      }
      agreed = given === true;
      if (agreed && !before) {
        Object.assign(state, recall());
        keep();
        if (allowed()) api.track("Consent Given");
      }
      return allowed();
    },
    reset() {
      become({ domain: state.domain });
      keep();
    },
    push(...calls) {
      calls.forEach((call) => {
        try { api[call[0]](...[...call].slice(1)); } catch (error) { warn(error); }
      });
    },
  };

  const find = (event, selector) => event.composedPath().find((node) => node.matches && node.matches(selector));
  const files = /\.(pdf|(doc|xls|ppt)x?|od[st]|csv|zip|rar|7z|gz|dmg|exe|apk|epub|mp[34])$/i;
  function clicked(event) {
    if (event.type === "auxclick" && event.button !== 1) return;
    const named = find(event, "[data-vincle-event]"), link = find(event, "a[href]");
    if (named) return api.track(named.getAttribute("data-vincle-event"));
    if (!link || option("links") === "false" || !/^https?:/.test(link.protocol)) return;
    const file = link.hasAttribute("download") || files.test(link.pathname);
    if (file || link.host !== location.host) api.track("Link Clicked", { href: bare(link.href), kind: file ? "download" : "outbound" });
  }
  function submitted(event) {
    const form = find(event, "form"), of = (name) => form.getAttribute(name) || undefined;
    api.track("Form Submitted", { id: of("id"), name: of("name"), action: bare(of("action") || "") });
  }
  function moved() {
    const at = address();
    if (at === seen) return;
    clearTimeout(timer); // the title often comes a little later
    timer = 0;
    const event = api.page();
    setTimeout(() => { if (event && at === address()) event.properties.title = event.context.page.title = document.title; }, 150);
  }
  function follow() {
    ["pushState", "replaceState"].forEach((name) => {
      const original = history[name];
      history[name] = function (...values) {
        original.apply(this, values);
        attempt(moved);
      };
    });
    addEventListener("popstate", moved);
    addEventListener("pageshow", (event) => { if (event.persisted) { seen = ""; moved(); } });
    moved();
  }

  const known = recall();
  agreed = !!known || option("consent") === "granted";
  become(agreed && known);
  keep();
  if (!allowed()) wipe();
  window.vincle = api;
  if (Array.isArray(early)) api.push(...early);

  addEventListener("storage", (event) => { // from another tab
    if (event.key && event.key !== STATE) return;
    const known = (event.newValue || !event.key) && recall();
    agreed = !!known;
    state = known || become();
    if (!known) wipe();
  });
  addEventListener("online", () => { pause = 0; flush(); });
  addEventListener("pagehide", () => leave(true));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(false); });
  addEventListener("click", clicked, true);
  addEventListener("auxclick", clicked, true);
  if (option("forms") !== "false") addEventListener("submit", submitted, true);
  if (option("auto") !== "false") {
    if (document.prerendering) document.addEventListener("prerenderingchange", follow, { once: true });
    else follow();
  }
  if (leftovers().length) plan();
})();
