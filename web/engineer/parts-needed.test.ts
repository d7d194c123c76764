import '../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TicketParts } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { reservedWords } from '$shared/reserve-all';
import { draw } from '../test/render';
import PartsNeeded from './PartsNeeded.svelte';

type Place = TicketParts['places'][number];
const roller = { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', unit: 'pcs', decimals: 0 };
const other = { ...roller, id: 'p2', number: 'DR-111', name: 'Long roller', name_zh: '长滑轮' };
const depot = { id: 'd1', code: 'D-1', name: 'Depot East', kind: 'depot' as const };
const place = (more: Partial<Place> = {}): Place => ({ part: roller, instead_of: null, place: depot, available: 4, own_van: false, minutes: 6, detour_minutes: 3, ...more });
const needed = { part: roller, quantity: 3, promised: 1, used: 0, wanted: 0, missing: 2, on_order: 0 };
const source = { part: roller, place: depot, quantity: 2, instead_of: null };
const parts = (more: Partial<TicketParts> = {}): TicketParts => ({
  needed: [needed], likely: [], reservations: [], places: [place()], plan: { sources: [source], shortages: [], stops: [depot], detour_minutes: 3 }, ...more,
});
const drawn = (of: TicketParts, said = '') => draw(PartsNeeded, { parts: of, busy: false, said, reserve: vi.fn() });
afterEach(() => locale.set('en'));

describe('what a visit still needs', () => {
  it('is named with the nearest place, how far it is, and one button', () => {
    const { text, tags } = drawn(parts());
    expect(text).toMatch(/2 \S+ × Door roller Depot East · 6m\S* · 4 \S+ there/);
    expect(text).toContain('by way of Depot East');
    expect(tags('button')).toHaveLength(1);
    expect(text).toContain('Reserve all');
  });

  it('is said in Chinese to who reads Chinese', () => {
    locale.set('zh-CN');
    expect(drawn(parts()).text).toMatch(/门滑轮.*全部预留/);
  });

  it('is in his own van before anywhere else, and a substitute is called one', () => {
    const { text } = drawn(parts({ places: [place({ own_van: true, minutes: 0, available: 1 }), place({ part: other, instead_of: roller })] }));
    expect(text).toMatch(/in your van: 1 .*Long roller instead: Depot East/);
  });

  it('is waited for where there is none, and asking again is not offered', () => {
    const nothing = { sources: [], shortages: [], stops: [], detour_minutes: 0 };
    const first = drawn(parts({ places: [], plan: nothing }));
    expect([first.text.includes('nowhere in stock'), first.tags('button').length]).toEqual([true, 1]);
    const waits = drawn(parts({ needed: [{ ...needed, wanted: 2 }], places: [], plan: nothing }));
    expect([waits.text.includes('waits for stock: 2'), waits.tags('button').length]).toEqual([true, 0]);
  });

  it('is nothing when all is promised; what is likely is named with its chance', () => {
    const { text, tags } = drawn(parts({ needed: [{ ...needed, missing: 0 }], likely: [{ part: roller, probability: 0.3, quantity: 1 }] }), 'Done.');
    expect(text).toMatch(/^Done\. Probably needed Door roller: 30%/);
    expect(tags('button')).toEqual([]);
  });
});

describe('what came of reserving', () => {
  it.each([
    [2, 0, '2 reserved.'], [1, 2, '1 reserved, 2 short: the ticket waits for them.'], [0, 1, 'None to be had: the ticket waits for it.'],
  ])('%i held and %i wanted', (held, wanted, words) => {
    const rows = (count: number) => Array.from({ length: count }, () => ({}) as never);
    expect(reservedWords({ reservations: rows(held), wanted: rows(wanted) })).toBe(words);
  });
});
