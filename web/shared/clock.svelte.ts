/**
 * The server's time. A demo runs faster than the wall clock, so no page may ask `Date.now()` how old something
 * is: it asks here. The anchor is a pair (server time, our monotonic time); from there it advances at `speed`.
 */
export interface Anchor {
  serverAt: number;
  monoAt: number;
  speed: number;
}

export const advance = (anchor: Anchor, mono: number): number =>
  anchor.serverAt + (mono - anchor.monoAt) * anchor.speed;

let anchor: Anchor = { serverAt: Date.now(), monoAt: performance.now(), speed: 1 };
let shown = $state(anchor.serverAt);
let speed = $state(1);

export const clock = {
  /** Redraws who reads it, once a second. */
  get now(): number {
    return shown;
  },
  get speed(): number {
    return speed;
  },
  /** The exact instant, for things that animate; not reactive. */
  exact: (): number => advance(anchor, performance.now()),
  set(serverAt: number, newSpeed: number): void {
    anchor = { serverAt, monoAt: performance.now(), speed: newSpeed };
    speed = newSpeed;
    shown = serverAt;
  },
};

if (typeof window !== 'undefined') setInterval(() => (shown = clock.exact()), 1_000);
