// What the page makes of a hand scanner's keys: short codes too, and never what a person types.
import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Part, StockLocation } from '$shared/api/types';
import { openWindow, settled } from '../../test/window';
import type { Scan } from './lookup';
import { scanner } from './scanner.svelte';

const known = { parts: [{ id: 'p', number: 'DR-110' } as Part], places: [{ id: 'a2', code: 'A2' } as StockLocation], people: [{ id: 'e', code: 'E2', name: 'Maria' }] };
const page = { tagName: 'BODY' };
let browser: ReturnType<typeof openWindow>;
let heard: Scan[] = [];
let ends: (() => void)[] = [];
let now = 0;

beforeEach(() => {
  browser = openWindow('/warehouse');
  heard = [];
  now += 10_000;
  ends = [scanner.start(() => known), scanner.listen((scan) => { heard.push(scan); return { tone: scan.kind === 'half' ? 'half' : 'good', title: scan.shown }; })];
});
afterEach(() => ends.forEach((end) => end()));

/** Types a code and Enter, so many milliseconds apart; a field gets its letters. The answer is whether Enter was kept from the page. */
async function type(code: string, gap: number, target: { tagName: string; value?: string } = page): Promise<boolean> {
  let kept = false;
  for (const key of [...code, 'Enter']) {
    now += gap;
    kept = false;
    const name = /[A-Z]/.test(key) && key.length === 1 ? `Key${key}` : /\d/.test(key) ? `Digit${key}` : key === ' ' ? 'Space' : '';
    browser.say('keydown', { key, code: name, shiftKey: /^[A-Z]$/.test(key), ctrlKey: false, repeat: false, timeStamp: now, target, preventDefault: () => (kept = true), stopImmediatePropagation: () => undefined });
    if (!kept && key !== 'Enter' && target.value !== undefined) target.value += key;
  }
  await settled();
  return kept;
}
const field = () => ({ tagName: 'INPUT', value: '1', dispatchEvent: () => true });

describe('a code of two letters', () => {
  it.each([['A2', 'place'], ['E2', 'person']])('%s is a %s', async (code, kind) => {
    expect(await type(code, 15)).toBe(true);
    expect(heard).toMatchObject([{ kind, shown: code }]);
  });

  it('is heard over a field too, and taken out of it again', async () => {
    const into = field();
    expect(await type('A2', 10, into)).toBe(true);
    expect([heard[0]?.kind, into.value]).toEqual(['place', '1']);
  });

  it('that nobody knows, and one letter alone, are said to be half a code', async () => {
    await type('B9', 15);
    await type('A', 15);
    expect(heard).toMatchObject([{ kind: 'half', shown: 'B9' }, { kind: 'half', shown: 'A' }]);
    expect(scanner.said?.tone).toBe('half');
  });
});

describe('what a person types', () => {
  it.each([['slowly', 'A2', 120], ['as fast as hands are', 'A2', 30], ['faster, but it is no code', '12', 10]])('into a field %s is no scan', async (_, text, gap) => {
    const into = field();
    expect(await type(text, gap, into)).toBe(false);
    expect([heard, into.value]).toEqual([[], `1${text}`]);
  });

  it('to find an entry of a list, or to press a button, is none', async () => {
    expect(await type('A2', 30, { tagName: 'SELECT' })).toBe(false);
    expect(await type(' ', 10, { tagName: 'BUTTON' })).toBe(false);
    expect(heard).toEqual([]);
  });
});

it('a scan for which no view waits is refused aloud', async () => {
  ends.pop()?.();
  await type('A2', 10);
  expect(scanner.said).toMatchObject({ tone: 'wrong', title: 'Not now: A2' });
});
