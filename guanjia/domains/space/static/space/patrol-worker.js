/* The service worker of 手机巡检: its pages and their scripts open without a network.
   It keeps frames only, never data: rooms and records lie in the telephone's store by account. */
"use strict";
const KEPT = "gj-patrol-1";
const PATIENCE = 4000; // ms; a weak network counts as none

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("gj-patrol-") && name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

const scope = () => new URL(self.registration.scope).pathname;
const isFrame = (url) => url.pathname === scope() || /^\d+\/$/.test(url.pathname.slice(scope().length));

async function fromNet(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.ok && answer.type === "basic" && !answer.redirected) {
      const copy = answer.clone();
      const store = await caches.open(KEPT);
      await store.put(request.url.split("#")[0], copy);
    }
    return answer;
  } finally { clearTimeout(timer); }
}
async function fromStore(url) {
  const store = await caches.open(KEPT);
  return store.match(url.split("#")[0]);
}
async function answered(request, page) {
  try { return await fromNet(request); } catch (fault) {
    const kept = (await fromStore(request.url)) || (page && (await fromStore(self.registration.scope)));
    if (kept) return kept;
    throw fault;
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname.startsWith(scope())) event.respondWith(answered(request, isFrame(url) || /^door\//.test(url.pathname.slice(scope().length))));
    return;
  }
  if (url.pathname.startsWith("/static/")) event.respondWith(answered(request, false));
});
