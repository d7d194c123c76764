/** A scan in a list narrows it down to what was scanned: a place, a van by its engineer's badge, or a part. */
import type { StockLocation } from '$shared/api/types';
import { named } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';
import type { Scan } from '../scan/lookup';
import type { Said } from '../scan/scanner.svelte';
import type { Narrow } from './propose';

export function narrowBy(scan: Scan, now: Narrow, places: Iterable<StockLocation>): { narrow: Narrow; said: Said } {
  const text = m.narrow_hint();
  if (scan.kind === 'place') return { narrow: { ...now, place: scan.place.id }, said: { tone: 'good', title: scan.place.code, text } };
  if (scan.kind === 'part') return { narrow: { ...now, part: scan.part.id }, said: { tone: 'good', title: `${scan.part.number} · ${named(scan.part)}`, text } };
  if (scan.kind === 'person') {
    const van = [...places].find((one) => one.kind === 'van' && one.engineer_id === scan.person.id);
    if (van) return { narrow: { ...now, place: van.id }, said: { tone: 'good', title: van.code, text } };
    return { narrow: now, said: { tone: 'wrong', title: m.book_no_van({ code: scan.shown }), text } };
  }
  const half = scan.kind === 'half';
  return { narrow: now, said: { tone: half ? 'half' : 'wrong', title: half ? m.wrong_half({ code: scan.shown }) : m.wrong_unknown({ code: scan.shown }), text } };
}
