/**
 * Page and map share one screen, and without a graphics card one processor too: then a frame of the map takes a quarter of a
 * second, and keys and lists wait for it. So the map looks how long its frames take, and rests the longer between two of them.
 */
const EASY_MS = 50;
/** Less than one in twenty of the page's frames comes behind one of the map. */
const REST = 24;
/** Who looks at the map sees where people are now. */
const LONGEST_REST_MS = 10_000;
/** What is longer was no frame: the machine slept, or the tab was hidden. */
const LONGEST_MS = 1_000;

export class Turns {
  private cost = 0;
  private last = -Infinity;

  /** A frame was drawn, and the page had to wait so long for its next one. */
  took(ms: number): void {
    this.cost += (Math.min(ms, LONGEST_MS) - this.cost) / 4;
  }

  /** Whether others wait for the map. */
  get slow(): boolean {
    return this.cost > EASY_MS;
  }

  /** Whether the map may be drawn again; if so, this was its turn. */
  take(now: number): boolean {
    if (this.slow && now - this.last < Math.min(this.cost * REST, LONGEST_REST_MS)) return false;
    this.last = now;
    return true;
  }
}
