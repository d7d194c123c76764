/**
 * Page and map share one screen, and without a graphics card one processor too: then a frame of the map takes a quarter of a
 * second, and keys and lists wait for it. So the map looks how long its frames take, and rests the longer between its turns.
 */
const EASY_MS = 50;
/** So many times as long as its last turn took, which is several frames: tiles, dots and names come one after the other. */
const REST = 16;
const LONGEST_REST_MS = 10_000;
/** What is longer was no frame: the machine slept, or the tab was hidden. */
const LONGEST_MS = 1_000;

export class Turns {
  private cost = 0;
  private spent = 0;
  private last = -Infinity;

  /** A frame was drawn, and the page had to wait so long for its next one. */
  took(ms: number): void {
    const frame = Math.min(ms, LONGEST_MS);
    this.cost += (frame - this.cost) / 4;
    this.spent += frame;
  }

  /** Whether others wait for the map. */
  get slow(): boolean {
    return this.cost > EASY_MS;
  }

  /** Whether the map may be drawn again; if so, this was its turn. */
  take(now: number): boolean {
    if (this.slow && now - this.last < Math.min(LONGEST_REST_MS, this.spent * REST)) return false;
    this.last = now;
    this.spent = 0;
    return true;
  }
}
