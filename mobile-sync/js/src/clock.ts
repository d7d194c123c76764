/** The phone's clocks. */
import type { Instant } from './wire';

export type Clock = () => Instant;

/** More than this, in milliseconds, is no rounding: the phone slept, or somebody set its clock on. */
const SLEPT_MS = 2_000;

/**
 * Wall clock and milliseconds since the start. The latter stand still in many browsers while the phone sleeps, and then
 * they would date what was done before too late: after a sleep a new count begins, under another name.
 */
export function systemClock(wall: () => number = Date.now, mono: () => number = () => performance.now()): Clock {
  const start = Math.floor(wall() - mono()).toString(36);
  let started = wall() - mono();
  let sleeps = 0;
  return () => {
    const [w, m] = [wall(), mono()];
    if (w - m - started > SLEPT_MS) sleeps += 1;
    // Set back, the wall clock is wrong and the count is right; the next difference is taken from here.
    if (Math.abs(w - m - started) > SLEPT_MS) started = w - m;
    return { wall: w, mono: Math.round(m), boot: sleeps === 0 ? start : `${start}.${sleeps}` };
  };
}
