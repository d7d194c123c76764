/** What a scan puts into a movement that somebody is booking: part, places, pieces, one more. Or why it does not. */
import type { StockLocation } from '$shared/api/types';
import { parseQuantity } from '$shared/i18n/text';
import { isCounted } from './board';
import { isSerial, type Draft } from './movement';
import type { Scan } from './scan/lookup';

export type DraftWrong = 'half' | 'unknown' | 'finish_first' | 'serial_twice' | 'no_van' | 'no_stock_there' | 'other_lot';
export type DraftStep = { draft: Draft; wrong: null } | { draft: Draft; wrong: DraftWrong };

const HOLDS_NOTHING: StockLocation['kind'][] = ['supplier', 'installed', 'adjustment'];
const fine = (draft: Draft): DraftStep => ({ draft, wrong: null });
const refuse = (draft: Draft, wrong: DraftWrong): DraftStep => ({ draft, wrong });

function withSerial(draft: Draft, serial: string): DraftStep {
  if (draft.serials.some((one) => one.toLowerCase() === serial.toLowerCase())) return refuse(draft, 'serial_twice');
  const serials = [...draft.serials, serial];
  return fine({ ...draft, serials, typed: String(serials.length) });
}

function withPart(draft: Draft, scan: Scan & { kind: 'part' }): DraftStep {
  const same = draft.part?.id === scan.part.id;
  // One that was begun is not thrown away by the next label in sight.
  if (draft.part && !same && (draft.typed.trim() !== '' || draft.serials.length > 0)) return refuse(draft, 'finish_first');
  const begun: Draft = same ? draft : { ...draft, part: scan.part, typed: '', serials: [], lot: '', expires: '', cost: '' };
  // Two lots are two bookings: what was counted of the first is not the second's.
  if (scan.lot && begun.lot !== '' && begun.typed.trim() !== '' && scan.lot.toLowerCase() !== begun.lot.toLowerCase()) return refuse(draft, 'other_lot');
  const next: Draft = scan.lot ? { ...begun, lot: scan.lot, expires: scan.expires ?? begun.expires } : begun;
  if (scan.part.tracking === 'serial') return scan.serial ? withSerial(next, scan.serial) : fine(next);
  if (!isCounted(scan.part)) return fine(next);
  return fine({ ...next, typed: String((parseQuantity(next.typed, 0) ?? 0) + (scan.count ?? 1)) });
}

function withPlace(draft: Draft, place: StockLocation): DraftStep {
  if (HOLDS_NOTHING.includes(place.kind)) return refuse(draft, 'no_stock_there');
  if (draft.kind === 'transfer' && (draft.from === '' || draft.from === place.id)) return fine({ ...draft, from: place.id });
  return fine({ ...draft, to: place.id });
}

export function scanInto(draft: Draft, scan: Scan, places: Iterable<StockLocation>): DraftStep {
  if (scan.kind === 'half') return refuse(draft, 'half');
  if (scan.kind === 'part') return withPart(draft, scan);
  if (scan.kind === 'place') return withPlace(draft, scan.place);
  if (scan.kind === 'person') {
    const van = [...places].find((one) => one.kind === 'van' && one.engineer_id === scan.person.id);
    return van ? withPlace(draft, van) : refuse(draft, 'no_van');
  }
  if (isSerial(draft)) return withSerial(draft, scan.shown);
  if (draft.part?.tracking === 'lot' && draft.lot === '') return fine({ ...draft, lot: scan.shown });
  return refuse(draft, scan.doubtful ? 'half' : 'unknown');
}
