/** What the phone's build has beside its bundles: the service worker with the list of files that it keeps. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Kept as soon as there is time, not before the page counts as installed: the scanner is half a megabyte. */
const LATER = /\.wasm$/;
const ICONS = ['/icons/phone-192.png', '/icons/phone-512.png', '/icons/phone-maskable-512.png'];

/** The worker's source with what it keeps; another list is another version. */
export function workerOf(source: string, files: readonly string[], page: string): string {
  const now = ['/phone', '/phone.webmanifest', ...ICONS, ...files.filter((file) => !LATER.test(file))];
  const version = createHash('sha256').update(JSON.stringify(files)).update(page).digest('hex').slice(0, 12);
  const told = { VERSION: version, NOW: now, LATER: files.filter((file) => LATER.test(file)) };
  return Object.entries(told).reduce((text, [name, value]) => text.replace(`__${name}__`, () => JSON.stringify(value)), source);
}

export function phoneFiles(root: string): Plugin {
  return {
    name: 'phone-files',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort().map((name) => `/${name}`);
      const source = workerOf(readFileSync(`${root}/engineer/worker/worker.js`, 'utf8'), files, readFileSync(`${root}/phone.html`, 'utf8'));
      this.emitFile({ type: 'asset', fileName: 'phone-sw.js', source });
    },
  };
}
