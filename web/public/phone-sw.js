// Keeps the phone page openable without a network. Only the page itself and its hashed files are kept; data is in
// IndexedDB and requests to the API are never answered from here.
const CACHE = 'fettle-phone-1';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(fromCacheFirst(event.request));
  else if (event.request.mode === 'navigate' && url.pathname.startsWith('/phone')) event.respondWith(fromNetworkFirst());
});

async function fromCacheFirst(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function fromNetworkFirst() {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch('/phone');
    if (answer.ok) await cache.put('/phone', answer.clone());
    return answer;
  } catch (cause) {
    const kept = await cache.match('/phone');
    if (kept) return kept;
    throw cause;
  }
}
