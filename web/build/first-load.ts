/**
 * A limit for what a page loads before it shows anything. Whoever stands in a cellar with one bar of signal waits for every
 * kilobyte, and so does a dispatcher at the start of a shift: the build fails when a first load grows beyond its limit.
 */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

interface Part {
  type: string;
  code?: string;
  name?: string;
  isEntry?: boolean;
  imports?: string[];
}
export type Parts = Record<string, Part>;

/** The page's entry and what it imports without being asked. */
export function initialOf(parts: Parts, page: string): string[] {
  const found = new Set<string>();
  const walk = (name: string): void => {
    if (found.has(name) || parts[name]?.type !== 'chunk') return;
    found.add(name);
    parts[name].imports?.forEach(walk);
  };
  for (const [name, part] of Object.entries(parts)) if (part.isEntry && part.name === page) walk(name);
  return [...found];
}

export const packedBytes = (parts: Parts, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(parts[name]?.code ?? '', { level: 9 }).length, 0);

/** Limits by the name of the page's entry: JavaScript, packed, in bytes. */
export function firstLoad(limits: Record<string, number>): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const parts = bundle as unknown as Parts;
      for (const [page, limit] of Object.entries(limits)) {
        const names = initialOf(parts, page);
        const told = `first load of ${page}: ${(packedBytes(parts, names) / 1_000).toFixed(1)} KB of JavaScript, packed`;
        if (names.length === 0) this.error(`there is no page ${page}`);
        if (packedBytes(parts, names) > limit) this.error(`${told}: more than ${limit / 1_000} KB`);
        this.info(told);
      }
    },
  };
}
