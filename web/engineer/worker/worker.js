// Keeps the phone page openable without a network: the page and its files, of one version together. Data is in IndexedDB,
// and requests to the API are never answered from here. The build fills in what is to be kept.
const VERSION = __VERSION__;
const NOW = __NOW__;
const LATER = __LATER__;
const NAME = 'fettle-phone-';
const CACHE = NAME + VERSION;

self.addEventListener('install', (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener('activate', (event) => event.waitUntil(forget().then(() => self.clients.claim()).then(keepLater)));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  const page = event.request.mode === 'navigate' && (url.pathname === '/phone' || url.pathname.startsWith('/phone/'));
  if (page) event.respondWith(kept('/phone'));
  else if (url.pathname.startsWith('/assets/') || NOW.includes(url.pathname)) event.respondWith(kept(event.request));
});

/** All or nothing: half a version would fail in the cellar. */
async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(NOW.map((path) => new Request(path, { cache: path.startsWith('/assets/') ? 'default' : 'reload' })));
}

async function keepLater() {
  const cache = await caches.open(CACHE);
  for (const path of LATER) if (!(await cache.match(path))) await cache.add(path).catch(() => undefined);
}

/** A page of the version before may still be open and ask for its files, so that one stays. */
async function forget() {
  const ours = (await caches.keys()).filter((name) => name.startsWith(NAME) && name !== CACHE);
  await Promise.all(ours.slice(0, -1).map((name) => caches.delete(name)));
}

async function kept(request) {
  const found = (await (await caches.open(CACHE)).match(request)) ?? (await caches.match(request));
  return found ?? fetch(request);
}

// A page that is seen pulls by itself; otherwise one notice, in the words that the page has left. What is new is for the
// page to show: a lock screen reads nothing.
self.addEventListener('push', (event) => event.waitUntil(woken()));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(shown());
});

const pages = () => self.clients.matchAll({ type: 'window', includeUncontrolled: true });

async function woken() {
  const open = await pages();
  open.forEach((page) => page.postMessage('poke'));
  if (open.some((page) => page.visibilityState === 'visible')) return;
  const kept = await caches.match('/phone/words');
  const { title, body } = kept ? await kept.json() : { title: 'Fettle', body: '' };
  await self.registration.showNotification(title, { body, tag: 'poke', icon: '/icons/phone-192.png' });
}

async function shown() {
  const page = (await pages()).find((one) => new URL(one.url).pathname === '/phone');
  await (page ? page.focus() : self.clients.openWindow('/phone'));
}

// The browser has another address for us. No page may be open for days, so the server is told from here; if that fails, the
// page does it when it starts.
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(moved(event.newSubscription)));

async function moved(given) {
  const token = await tokenOf();
  if (!token) return;
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const ask = (method, body) => fetch('/sync/v1/push-subscription', { method, headers, body });
  const subscribe = async () => {
    const answer = await ask('GET');
    if (!answer.ok) return null;
    const { public_key } = await answer.json();
    return self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
  };
  const here = given ?? (await subscribe());
  if (here) await ask('PUT', JSON.stringify(here));
}

/** By which token the server knows this phone. The database is the page's: none is made here. */
const tokenOf = () =>
  new Promise((resolve) => {
    const asked = indexedDB.open('fettle-phone');
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = () => resolve(null);
    asked.onsuccess = () => {
      const device = asked.result.transaction('values').objectStore('values').get('device');
      device.onsuccess = () => resolve(device.result?.token);
      device.onerror = () => resolve(null);
      asked.result.close();
    };
  });
