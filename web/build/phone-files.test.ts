import { describe, expect, it } from 'vitest';
import { workerOf } from './phone-files';

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
