/** A network that loses requests, loses answers and delivers twice, as a seed has it. */

export type Sky = 'fine' | 'bad' | 'none';

export const seeded = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

/** So many seeds from one on; SYNC_SEEDS=100 tries more of them, SYNC_FROM others. */
export const seeds = (from: number, count: number): number[] =>
  Array.from({ length: Number(process.env['SYNC_SEEDS'] ?? count) }, (_, i) => Number(process.env['SYNC_FROM'] ?? from) + i);

export class Weather {
  sky: Sky = 'fine';
  /** Requests that never get through, by their address. */
  blocked: RegExp | null = null;
  /** What happened so far: a test in which nothing was lost has shown nothing. */
  readonly count = { sent: 0, lostRequests: 0, lostAnswers: 0, doubled: 0 };
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (this.sky === 'none' || this.blocked?.test(url)) throw new TypeError('no network');
    const dice = this.sky === 'bad' ? this.random() : 1;
    if (dice < 0.25) {
      this.count.lostRequests += 1;
      throw new TypeError('the request was lost');
    }
    this.count.sent += 1;
    if (dice < 0.55) {
      this.count.lostAnswers += 1;
      await (await fetch(url, init)).arrayBuffer();
      throw new TypeError('the answer was lost');
    }
    if (dice < 0.75) {
      this.count.doubled += 1;
      await (await fetch(url, init)).arrayBuffer();
    }
    return fetch(url, init);
  };
}
