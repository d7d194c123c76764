/**
 * Smooth movement: a position report says where somebody was, not how he came there. We glide from where he is
 * drawn to the new place in the time that usually passes between two reports, and never ahead of the last one.
 */
interface Glide {
  from: [number, number];
  to: [number, number];
  begun: number;
  lasts: number;
}

const LONGEST_MS = 4_000;
const SHORTEST_MS = 200;
/** Farther than this (in degrees, about 1.5 km) is a jump of the data, not a drive. */
const JUMP = 0.015;

export class Glider {
  private readonly glides = new Map<string, Glide>();
  private readonly drawn = new Map<string, [number, number]>();

  constructor(private readonly still: boolean = false) {}

  move(id: string, to: [number, number], now: number): void {
    const old = this.glides.get(id);
    if (!old) {
      this.glides.set(id, { from: to, to, begun: now, lasts: 0 });
      return;
    }
    if (old.to[0] === to[0] && old.to[1] === to[1]) return;
    const from = this.at(id, now) ?? to;
    const jump = this.still || Math.hypot(to[0] - from[0], to[1] - from[1]) > JUMP;
    const lasts = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, now - old.begun));
    this.glides.set(id, { from: jump ? to : from, to, begun: now, lasts });
  }

  at(id: string, now: number): [number, number] | null {
    const glide = this.glides.get(id);
    if (!glide) return null;
    const share = glide.lasts === 0 ? 1 : Math.min(1, Math.max(0, (now - glide.begun) / glide.lasts));
    return [glide.from[0] + (glide.to[0] - glide.from[0]) * share, glide.from[1] + (glide.to[1] - glide.from[1]) * share];
  }

  /** Where he is, to be drawn there. */
  draw(id: string, now: number): [number, number] | null {
    const place = this.at(id, now);
    if (place) this.drawn.set(id, place);
    return place;
  }

  /** How far somebody has gone at most since he was drawn, in degrees. */
  behind(now: number): number {
    let most = 0;
    for (const id of this.glides.keys()) {
      const [at, was] = [this.at(id, now), this.drawn.get(id)];
      if (at) most = Math.max(most, was ? Math.hypot(at[0] - was[0], at[1] - was[1]) : Infinity);
    }
    return most;
  }

  moving(now: number): boolean {
    for (const glide of this.glides.values()) if (now < glide.begun + glide.lasts) return true;
    return false;
  }
}
