// Keeps the shell on the phone. Nothing about a person is stored: pages come from the network or not at all.
const ASSETS = /*ASSETS*/[];
const SHELL = `shell-${(ASSETS[0] || "").split("/")[2]}`;
const OFFLINE = "/offline";

const fill = async () => {
  const cache = await caches.open(SHELL);
  await cache.addAll(ASSETS); // The page has just fetched most of these: immutable, so the browser's cache gives them.
  await self.skipWaiting();
};

// Assets never change under their address and pages never mix releases, so the newest worker may take over at once.
const takeOver = async () => {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
  if (self.registration.navigationPreload) await self.registration.navigationPreload.enable();
  await self.clients.claim();
};

const patience = () => {
  const kind = self.navigator.connection && self.navigator.connection.effectiveType;
  return kind === "2g" || kind === "slow-2g" ? 10000 : 3000;
};

// The body counts too: a hanging network often delivers the headers and then nothing.
const whole = async (event) => {
  const response = (await event.preloadResponse) || (await fetch(event.request));
  if (response.type === "opaqueredirect" || response.redirected) return response;
  const body = await response.blob();
  return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
};

const page = async (event) => {
  let timer;
  const late = new Promise((_, refuse) => { timer = setTimeout(() => refuse(new Error("late")), patience()); });
  try {
    return await Promise.race([whole(event), late]);
  } catch {
    return (await caches.match(OFFLINE, { ignoreVary: true })) || Response.error();
  } finally {
    clearTimeout(timer);
  }
};

const kept = async (request) => (await caches.match(request, { ignoreVary: true })) || fetch(request);

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(takeOver()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
});

// Browsers that read declarative pushes themselves never ask; all others must show something at once.
self.addEventListener("push", (event) => {
  let said = {};
  try { said = event.data.json().notification || {}; } catch { /* shown all the same */ }
  const { title = "守望", body = "", lang = "zh", tag, navigate = "/inbox" } = said;
  event.waitUntil(self.registration.showNotification(title, { body, lang, tag, data: { navigate } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data.navigate, self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
