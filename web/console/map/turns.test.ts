import { describe, expect, it } from 'vitest';
import { Turns } from './turns';

const of = (...costs: number[]): Turns => {
  const turns = new Turns();
  costs.forEach((ms) => turns.took(ms));
  return turns;
};

describe('the map', () => {
  it('is drawn whenever there is something new while its frames are quick', () => {
    const turns = of(16, 16, 17, 16);
    expect([turns.slow, turns.take(0), turns.take(1)]).toEqual([false, true, true]);
  });

  it('rests after a turn for which the page had to wait, the longer the more frames it had, and then has its turn', () => {
    const turns = of(...Array.from({ length: 20 }, () => 250));
    expect([turns.slow, turns.take(0)]).toEqual([true, true]);
    turns.took(250);
    expect([turns.take(3_900), turns.take(4_100)]).toEqual([false, true]);
    [200, 200].forEach((ms) => turns.took(ms));
    expect([turns.take(4_100 + 6_300), turns.take(4_100 + 6_500)]).toEqual([false, true]);
  });

  it('never rests for long, whatever a frame took: a tab that was hidden is no slow machine', () => {
    const turns = of(16, 600_000);
    expect([turns.take(0), turns.take(9_000)]).toEqual([true, true]);
    [600_000, 600_000].forEach((ms) => turns.took(ms));
    expect([turns.take(18_900), turns.take(19_100)]).toEqual([false, true]);
  });

  it('is not thought slow for one hiccup', () => {
    expect(of(16, 16, 120, 16).slow).toBe(false);
  });
});
