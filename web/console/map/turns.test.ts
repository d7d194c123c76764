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

  it('rests between two frames for which the page has to wait, and then has its turn', () => {
    const turns = of(...Array.from({ length: 40 }, () => 250));
    expect([turns.slow, turns.take(0), turns.take(5_900), turns.take(6_100)]).toEqual([true, true, false, true]);
  });

  it('is not thought slow for one hiccup, and never for long: a tab that was hidden is no slow machine', () => {
    expect(of(16, 16, 120, 16).slow).toBe(false);
    const slept = of(16, 600_000);
    expect([slept.take(0), slept.take(6_100)]).toEqual([true, true]);
    const lame = of(...Array.from({ length: 40 }, () => 900));
    expect([lame.take(0), lame.take(9_900), lame.take(10_000)]).toEqual([true, false, true]);
  });
});
