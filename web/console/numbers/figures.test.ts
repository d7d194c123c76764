import { describe, expect, it } from 'vitest';
import { cards, figureName, share, time } from './figures';
import type { Numbers } from './numbers.svelte';

const none = { count: 0, mean: null, median: null, p90: null };
const counted = (figures: Record<string, number>, more: Partial<Numbers> = {}): Numbers => ({
  figures, first_response: none, resolution: none, trend: [], kinds: [], channels: [], priorities: [], causes: [], engineers: [], fairness: null, ...more,
});
const card = (id: string, numbers: Numbers) => cards(numbers).find((one) => one.id === id);

describe('the cards', () => {
  it('say a dash where there is nothing to share, and judge nothing', () => {
    expect(cards(counted({})).every((one) => one.tone === '')).toBe(true);
    expect([share(0, 0), time(null), share(3, 1)]).toEqual(['–', '–', '75%']);
    expect(card('resolution', counted({}))?.text).toBe('No tickets in this time');
  });

  it('judge what was promised, and open to what was not kept', () => {
    expect(card('kept', counted({ kept: 95, missed: 5 }))).toMatchObject({ value: '95%', text: '5 too late', tone: 'good', figure: 'missed' });
    expect(card('kept', counted({ kept: 90, missed: 10 }))?.tone).toBe('warn');
    expect(card('kept', counted({ kept: 1, missed: 1 }))?.tone).toBe('late');
  });

  it('share satisfaction among all answers', () => {
    expect(card('satisfied', counted({ satisfied: 3, neutral: 1, dissatisfied: 1 }))?.value).toBe('60%');
  });

  it('tell a time by its middle, and what is beside it', () => {
    const resolution = { count: 4, mean: 90, median: 60, p90: 180 };
    expect(card('resolution', counted({}, { resolution }))).toMatchObject({ value: '1h', text: 'half of them; average 1h 30m, nine of ten within 3h' });
  });
});

it('a figure that this page does not know is told by its code', () => {
  expect([figureName('missed'), figureName('of_next_year')]).toEqual(['Done too late', 'of_next_year']);
});
