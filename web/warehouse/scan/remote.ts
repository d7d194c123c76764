/**
 * What the server knows a code to be: a maker's EAN or UPC, a GS1 label, a piece by its serial number, a badge of
 * somebody for whom nothing is reserved. Asked only where the page's own lists know nothing, and never waited for long:
 * who scans in a cellar gets the page's own answer.
 */
import { api, ask } from '$shared/api/client';
import type { Part, Scanned } from '$shared/api/types';
import { read } from '$shared/scan/gs1';
import type { Scan } from './lookup';

const PATIENCE_MS = 2_500;
const KEPT = 500;

export function scanOf(found: Scanned, raw: string, parts: ReadonlyMap<string, Part>): Scan | null {
  const reading = read(raw);
  const shown = reading.kind === 'code' ? reading.code.shown : reading.shown;
  if (found.place) return { kind: 'place', place: found.place, shown };
  if (found.engineer) return { kind: 'person', person: found.engineer, shown };
  if (!found.part) return null;
  const count = reading.kind === 'code' ? reading.code.count : null;
  return { kind: 'part', part: parts.get(found.part.id) ?? found.part, serial: found.serial ?? found.piece?.number ?? null, lot: found.lot ?? null, expires: found.expires_on ?? null, count, shown };
}

/** Whether the server may know more of it than the page: half a label is half a label everywhere. */
export const worthAsking = (scan: Scan, raw: string): boolean => (scan.kind === 'text' || scan.kind === 'half') && read(raw).kind === 'code';

export class Remote {
  /** What a code was, by the code; what nobody knows may be known a minute later and is asked again. */
  readonly #known = new Map<string, Scan>();

  constructor(private readonly parts: () => ReadonlyMap<string, Part>) {}

  async lookUp(raw: string): Promise<Scan | null> {
    const known = this.#known.get(raw);
    if (known) return known;
    try {
      const found = await ask(api.GET('/api/v1/scan', { params: { query: { code: raw } }, signal: AbortSignal.timeout(PATIENCE_MS) }));
      const scan = scanOf(found, raw, this.parts());
      if (scan) this.#keep(raw, scan);
      return scan;
    } catch {
      return null;
    }
  }

  #keep(raw: string, scan: Scan): void {
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= KEPT && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(raw, scan);
  }
}
