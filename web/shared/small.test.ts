import { describe, expect, it } from 'vitest';
import { advance } from './clock.svelte';
import { homeOf, landing } from './session.svelte';
import { anchorShift, offsets, rowAt, visible } from './ui/virtual';
import { uuidv7 } from './uuid';

describe('the server’s clock', () => {
  it('advances at the demo’s speed from its anchor', () => {
    expect(advance({ serverAt: 1_000_000, monoAt: 500, speed: 60 }, 1_500)).toBe(1_060_000);
  });

  it('stands when the demo is paused', () => {
    expect(advance({ serverAt: 7, monoAt: 0, speed: 0 }, 1e9)).toBe(7);
  });
});

describe('uuidv7', () => {
  it('has its version, its variant and its time', () => {
    const id = uuidv7(0x0198f3c27b00);
    expect(id).toMatch(/^0198f3c2-7b00-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sorts by time and is never twice the same', () => {
    const ids = [1, 2, 3].map((ms) => uuidv7(ms * 1_000));
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(Array.from({ length: 1_000 }, () => uuidv7(5))).size).toBe(1_000);
  });
});

describe('landing', () => {
  it.each([
    ['dispatcher', null, '/'],
    ['warehouse', null, '/warehouse'],
    ['engineer', null, '/phone'],
    ['admin', null, '/'],
    ['dispatcher', '/customers?q=a', '/customers?q=a'],
    ['dispatcher', '/warehouse', '/warehouse'],
    ['dispatcher', '/phone', '/'],
    ['warehouse', '/people', '/warehouse'],
    ['warehouse', '/catalogue/places?id=p', '/catalogue/places?id=p'],
    ['dispatcher', '/catalogue', '/catalogue'],
    ['engineer', '/catalogue', '/phone'],
    ['engineer', '/phone#x', '/phone#x'],
    ['engineer', '/', '/phone'],
    ['dispatcher', '//evil.example', '/'],
    ['dispatcher', 'https://evil.example', '/'],
    ['dispatcher', '/login?from=/', '/'],
  ] as const)('%s from %s goes to %s', (role, from, to) => {
    expect(landing(role, from)).toBe(to);
  });

  it('knows a home for each role', () => {
    expect(homeOf('engineer')).toBe('/phone');
  });
});

describe('the virtual list', () => {
  const rows = ['a', 'b', 'c', 'd'];
  const heights: Record<string, number> = { a: 10, b: 20, c: 30, d: 40 };
  const layout = (keys: string[]) => ({ keys, tops: offsets(keys, (key) => heights[key] ?? 10) });

  it('knows where each row begins and where all end', () => {
    expect(offsets(rows, (key) => heights[key] ?? 0)).toEqual([0, 10, 30, 60, 100]);
  });

  it.each([[0, 0], [9, 0], [10, 1], [59, 2], [60, 3], [500, 4]])('finds the row at %d', (y, row) => {
    expect(rowAt([0, 10, 30, 60, 100], y)).toBe(row);
  });

  it('draws what is in view and a little more, of ten thousand only that', () => {
    const tops = offsets(Array.from({ length: 10_000 }, (_, i) => i), () => 50);
    const { from, to } = visible(tops, 100_000, 600);
    expect(from).toBeLessThanOrEqual(2_000);
    expect(to).toBeGreaterThanOrEqual(2_012);
    expect(to - from).toBeLessThan(40);
  });

  it('draws nothing of an empty list', () => {
    expect(visible([0], 0, 600)).toEqual({ from: 0, to: 0 });
  });

  it('does not move when rows come at the very top of an unscrolled list', () => {
    expect(anchorShift(layout(['b']), layout(['a', 'b']), 0)).toBe(0);
  });

  it('moves with the first visible row when rows come above it', () => {
    expect(anchorShift(layout(['b', 'c', 'd']), layout(['a', 'b', 'c', 'd']), 25)).toBe(10);
  });

  it('moves back when rows above are gone', () => {
    expect(anchorShift(layout(['a', 'b', 'c']), layout(['b', 'c']), 35)).toBe(-10);
  });

  it('holds on to the next row when the first visible one is gone', () => {
    expect(anchorShift(layout(['a', 'b', 'c', 'd']), layout(['a', 'c', 'd']), 15)).toBe(-20);
  });

  it('stays when nothing of the old list is left', () => {
    expect(anchorShift(layout(['a', 'b']), layout(['c']), 15)).toBe(0);
  });
});
