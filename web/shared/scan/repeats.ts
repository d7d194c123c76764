/** A camera sees one label many times a second: it counts once, until it has been out of sight for a while. */
export const AWAY_MS = 1_200;

export class Repeats {
  readonly #seen = new Map<string, number>();

  /** Those of the codes that are new in this picture. */
  fresh(codes: readonly string[], at: number): string[] {
    const fresh = [...new Set(codes)].filter((code) => at - (this.#seen.get(code) ?? -Infinity) > AWAY_MS);
    for (const code of codes) this.#seen.set(code, at);
    return fresh;
  }
}
