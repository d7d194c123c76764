/** Imported first by tests that draw components: what their modules look for in a browser when they are loaded. */
const stored = new Map<string, string>();

Object.assign(globalThis, {
  window: { matchMedia: () => ({ matches: false, addEventListener: () => undefined }) },
  document: { documentElement: { dataset: {}, lang: '' } },
  location: { origin: 'http://localhost', pathname: '/', search: '', hash: '', assign: () => undefined, replace: () => undefined },
  history: { pushState: () => undefined, replaceState: () => undefined },
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  localStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  },
});
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { languages: ['en'] } });
