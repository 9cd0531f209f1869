// Keeps the page of a stand at hand without a network.
const CACHE = "vincle-stand";
addEventListener("install", (event) => event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(PAGES)).then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !PAGES.includes(url.pathname)) return;
  const fresh = fetch(event.request).then((answer) => {
    if (answer.ok) { const copy = answer.clone(); caches.open(CACHE).then((cache) => cache.put(url.pathname, copy)); }
    return answer;
  });
  event.respondWith(fresh.catch(() => caches.match(url.pathname, { ignoreSearch: true })));
});
