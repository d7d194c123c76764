/**
 * What the phone's build has beside its bundles: the service worker with the list of files that it keeps, and a limit.
 * Whoever stands in a cellar with one bar of signal waits for every kilobyte, so the build fails when the first load
 * grows beyond it.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** JavaScript that is loaded before anything is shown, packed, in bytes. */
export const INITIAL_BYTES = 90_000;
/** Kept as soon as there is time, not before the page counts as installed: the scanner is half a megabyte. */
const LATER = /\.wasm$/;
const ICONS = ['/icons/phone-192.png', '/icons/phone-512.png', '/icons/phone-maskable-512.png'];

interface Part {
  type: string;
  code?: string;
  isEntry?: boolean;
  imports?: string[];
}
export type Parts = Record<string, Part>;

/** The entries and what they import without being asked. */
export function initialOf(parts: Parts): string[] {
  const found = new Set<string>();
  const walk = (name: string): void => {
    if (found.has(name) || parts[name]?.type !== 'chunk') return;
    found.add(name);
    parts[name].imports?.forEach(walk);
  };
  for (const [name, part] of Object.entries(parts)) if (part.isEntry) walk(name);
  return [...found];
}

export const packedBytes = (parts: Parts, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(parts[name]?.code ?? '', { level: 9 }).length, 0);

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
      const parts = bundle as unknown as Parts;
      const bytes = packedBytes(parts, initialOf(parts));
      const told = `the phone's first load is ${(bytes / 1_000).toFixed(1)} KB of JavaScript, packed`;
      if (bytes > INITIAL_BYTES) this.error(`${told}: more than ${INITIAL_BYTES / 1_000} KB`);
      this.info(told);
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/')).sort().map((name) => `/${name}`);
      const source = workerOf(readFileSync(`${root}/engineer/worker/worker.js`, 'utf8'), files, readFileSync(`${root}/phone.html`, 'utf8'));
      this.emitFile({ type: 'asset', fileName: 'phone-sw.js', source });
    },
  };
}
