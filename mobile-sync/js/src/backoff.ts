/** Pauses between tries: doubled each time, and spread, so that phones that lost one server do not return as one. */

const FIRST_MS = 1_000;
const LONGEST_MS = 300_000;
/** A server's wish is bounded too: nobody may silence a phone for a week. */
const LONGEST_WISH_MS = 3_600_000;

export class Backoff {
  private failures = 0;
  private notBefore = 0;

  constructor(private readonly random: () => number = Math.random) {}

  /** Milliseconds to wait from now on. Both in those of a clock that does not run backwards. */
  left(mono: number): number {
    return Math.max(0, this.notBefore - mono);
  }

  failed(mono: number, askedMs: number | null = null): number {
    const pause = Math.min(FIRST_MS * 2 ** Math.min(this.failures, 16), LONGEST_MS);
    const spread = pause / 2 + (pause / 2) * this.random();
    this.failures += 1;
    const wait = Math.round(Math.max(spread, Math.min(askedMs ?? 0, LONGEST_WISH_MS)));
    this.notBefore = mono + wait;
    return wait;
  }

  /** It went well, or the network came back. */
  reset(): void {
    this.failures = 0;
    this.notBefore = 0;
  }
}
