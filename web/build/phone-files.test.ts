import { describe, expect, it } from 'vitest';
import { initialOf, packedBytes, workerOf, type Parts } from './phone-files';

const parts: Parts = {
  'a.js': { type: 'chunk', isEntry: true, code: 'a'.repeat(500), imports: ['b.js'] },
  'b.js': { type: 'chunk', code: 'b', imports: ['a.js', 'gone.js'] },
  'lazy.js': { type: 'chunk', code: 'c' },
  'a.css': { type: 'asset' },
};

describe('what is loaded first', () => {
  it('is the entry and what it imports, in circles too, and nothing that is asked for later', () => {
    expect(initialOf(parts)).toEqual(['a.js', 'b.js']);
  });

  it('is counted packed', () => {
    expect(packedBytes(parts, ['a.js'])).toBeLessThan(100);
    expect(packedBytes(parts, ['a.js', 'b.js'])).toBeGreaterThan(packedBytes(parts, ['a.js']));
  });
});

describe('the worker', () => {
  const source = 'const VERSION = __VERSION__; const NOW = __NOW__; const LATER = __LATER__;';
  const lists = (text: string) => (text.match(/\[[^\]]*\]/g) ?? []).map((list) => JSON.parse(list) as string[]);

  it('keeps the page and its files at once, and the scanner when there is time', () => {
    const [now, later] = lists(workerOf(source, ['/assets/a.js', '/assets/z.wasm'], '<html>'));
    expect(now).toEqual(expect.arrayContaining(['/phone', '/phone.webmanifest', '/assets/a.js']));
    expect(now).not.toContain('/assets/z.wasm');
    expect(later).toEqual(['/assets/z.wasm']);
  });

  it('is another version when a file or the page is another, and only then', () => {
    const one = workerOf(source, ['/assets/a.js'], '<html>');
    expect(workerOf(source, ['/assets/a.js'], '<html>')).toBe(one);
    expect(workerOf(source, ['/assets/b.js'], '<html>')).not.toBe(one);
    expect(workerOf(source, ['/assets/a.js'], '<html lang>')).not.toBe(one);
  });
});
