import { describe, expect, it } from 'vitest';
import { interactions, percentile, shownBy, table } from './figures.mjs';

describe('what a person waits', () => {
  it('for an interaction is its longest event, and what is too short to be told of counts as just that', () => {
    const events = [{ id: 1, ms: 24 }, { id: 1, ms: 40 }, { id: 2, ms: 120 }];
    expect(interactions(events, 4)).toEqual([40, 120, 16, 16]);
    expect(interactions(events, 1)).toEqual([40, 120]);
  });

  it('is told by the nearest rank', () => {
    expect([percentile([3, 1, 2, 4], 0.5), percentile([3, 1, 2, 4], 0.95), percentile([], 0.95)]).toEqual([2, 4, 0]);
  });

  it('for a change ends when a later one has taken its place on the screen, but not before anything is seen', () => {
    const seen = { 'mark 0': 100, 'mark 2': 300, 'mark 3': 0 };
    expect([shownBy(seen, 0), shownBy(seen, 1), shownBy(seen, 3)]).toEqual([100, 300, Infinity]);
  });
});

it('figures stand under each other', () => {
  expect(table([['a', '10 ms']], ['what', 'here'])).toBe('| what | here  |\n|------|-------|\n| a    | 10 ms |');
});
