import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { serve } from '../../test/window';
import { foreseen, fromPercent, knownElsewhere, ownEdit, readFaults, readLearnt, sourceOf, toPercent, type LearntPart, type Level } from './learnt';
import NeedRow from './NeedRow.svelte';
import { levelWords, sourceWords, sumWords } from './words';

const level = (over: Partial<Level> = {}): Level => ({ asset_model: '', symptom: '', prior: 0, tickets: 120, uses: 30, used_quantity: 34, probability: 0.24, edits: [], ...over });
const edit = (over: object = {}) => ({ id: 'n1', quantity: 1, probability: 0.5, weight: null, ...over });
const part = (...levels: Level[]): LearntPart => ({
  part: { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', unit: 'pcs', decimals: 0 },
  probability: levels.at(-1)?.probability ?? 0, quantity: 2, expected_quantity: 0.5, proposed: true, levels,
});
const door = level({ symptom: 'Doors do not close', prior: 0.24, tickets: 20, uses: 12, probability: 0.528 });
afterEach(() => locale.set('en'));

describe('where a number comes from', () => {
  it('is what was said at the very level, before all that was seen', () => {
    expect(sourceOf(part(level(), { ...door, edits: [edit()] }))).toEqual({ from: 'fixed' });
    expect(sourceOf(part(level(), { ...door, edits: [edit({ weight: 20 })] }))).toEqual({ from: 'weighted', weight: 20, tickets: 20 });
  });

  it('is else the narrowest level where a ticket was seen, or where somebody said something', () => {
    const unseen = level({ symptom: 'Noise', tickets: 0, uses: 0 });
    expect(sourceOf(part(level(), door))).toEqual({ from: 'learnt', level: door });
    expect(sourceOf(part(door, unseen))).toEqual({ from: 'learnt', level: door });
    const said = level({ tickets: 0, uses: 0, edits: [edit()] });
    expect(sourceOf(part(said, unseen))).toEqual({ from: 'broader', level: said });
    expect(sourceOf(part(unseen))).toBeNull();
  });

  it('is told in words, in both languages', () => {
    expect(sourceWords('repair', part(level(), door))).toBe('Learnt: used on 12 of 20 tickets');
    expect(sourceWords('repair', part(level(), level({ symptom: 'Noise', tickets: 0 })))).toBe('Learnt: used on 30 of 120 tickets (Repair)');
    expect(levelWords('repair', { asset_model: '', symptom: 'handrail' })).toBe('Repair · all models · Handrail');
    expect(levelWords('repair', { asset_model: 'GEN2', symptom: '' })).toBe('Repair · GEN2');
    locale.set('zh-CN');
    expect(sourceWords('repair', part({ ...door, edits: [edit()] }))).toBe('人工设定');
  });
});

describe('the sum', () => {
  it('can be followed, with what was said in it', () => {
    expect(sumWords(level(), 5)).toBe('(30 + 5 × 0%) ÷ (120 + 5) = 24%');
    expect(sumWords({ ...door, edits: [edit({ weight: 20 })] }, 5)).toBe('(12 + 20 × 50% + 5 × 24%) ÷ (20 + 20 + 5) = 53%');
    expect(sumWords({ ...door, edits: [edit()] }, 5)).toBe('= 50%');
  });

  it('foretells what an edit makes of it, as the level says its own', () => {
    expect(foreseen(level(), { probability: 0, weight: 0 }, 5)).toBeCloseTo(0.24);
    expect(foreseen(door, { probability: 0.5, weight: 20 }, 5)).toBeCloseTo((12 + 10 + 1.2) / 45);
    expect(foreseen(door, { probability: 0.9, weight: null }, 5)).toBe(0.9);
    expect(foreseen({ prior: 0, tickets: 0, uses: 0 }, { probability: 1, weight: 0 }, 0)).toBe(0);
  });

  it.each([['24', 0.24], ['0', 0], ['12,5', 0.125], ['100', 1], ['101', null], ['-1', null], ['', null], ['many', null]] as const)('%j percent is %s', (typed, share) => {
    expect(fromPercent(typed)).toBe(share);
    if (share !== null) expect(fromPercent(toPercent(share))).toBe(share);
  });
});

describe('taking a part out', () => {
  it('is forgetting it where it is known from nowhere else', () => {
    const said = level({ tickets: 9, uses: 0, edits: [edit()] });
    expect([knownElsewhere(part(said)), knownElsewhere(part(said, { ...said, edits: [] })), knownElsewhere(part({ ...said, uses: 1 }))]).toEqual([false, true, true]);
    expect(ownEdit(part(said, door))).toBeNull();
  });
});

describe('the server', () => {
  it('is asked for what was chosen, and for nothing empty', async () => {
    const asked = serve({ 'GET /api/v1/part-needs/learnt': { parts: [] }, 'GET /api/v1/part-needs/faults': { items: [{ ticket_kind: 'repair' }], next: null } });
    await readLearnt({ ticket_kind: 'repair', asset_model: 'GEN2 & co', symptom: '' });
    expect([...(asked[0]?.query ?? [])]).toEqual([['ticket_kind', 'repair'], ['asset_model', 'GEN2 & co']]);
    expect(await readFaults()).toHaveLength(1);
  });
});

describe('a row', () => {
  const row = (one: LearntPart) => draw(NeedRow, { row: one, kind: 'repair', prior: 5, least: 0.05, busy: false, onedit: () => undefined, onforget: () => undefined, onremove: () => undefined });

  it('has the number, the amount, the source and the way to each of its sums', () => {
    const drawn = row(part(level(), door));
    expect(drawn.text).toContain('53% 2 pcs 2 pcs Learnt: used on 12 of 20 tickets');
    expect(drawn.text).toContain('Tickets closed: 20. Used it: 12. (12 + 5 × 24%) ÷ (20 + 5) = 53%');
    expect(drawn.tags('button').map((tag) => /aria-label="([^"]+)"/.exec(tag)?.[1])).toEqual(['How it was worked out: Door roller', 'Edit Door roller', 'Remove Door roller']);
    expect(drawn.attribute('button', 'aria-expanded')).toBe('false');
  });

  it('that somebody set can go back to what was learnt; one that is said not to be needed is not removed again', () => {
    const back = (drawn: ReturnType<typeof row>) => drawn.html.includes('Back to what was learnt: Door roller');
    const never = row({ ...part(level({ edits: [edit({ probability: 0 })], probability: 0 })), proposed: false });
    expect([back(row(part({ ...door, edits: [edit()] }))), back(row(part(door))), back(never)]).toEqual([true, false, true]);
    expect([never.text.includes('Not needed'), never.html.includes('Remove Door roller')]).toEqual([true, false]);
  });

  it('below the least probability says so', () => {
    expect(row({ ...part(level({ probability: 0.03 })), proposed: false }).text).toContain('3% 2 pcs below 5%');
  });
});
