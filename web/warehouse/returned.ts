/**
 * What an engineer brings back of what was handed over to him: how much, which pieces, of which lot, to where. What a
 * scan puts into it, what is missing, and what is sent. It knows no server and no screen.
 */
import type { NewReturn, Part, Reservation, StockLocation } from '$shared/api/types';
import { parseQuantity, plainQuantity } from '$shared/i18n/format';
import { isCounted } from './board';
import type { Scan } from './scan/lookup';

export interface Back {
  line: Reservation;
  /** How much, as typed; of parts that are not followed piece by piece. */
  typed: string;
  /** Whether the quantity was said by somebody, and is not only the proposal that all of it comes back. */
  counted: boolean;
  /** Which pieces; none means all. */
  serials: readonly string[];
  lot: string;
  to: string;
}
type Known = Pick<Part, 'tracking' | 'decimals'> | undefined;
export type BackFault = 'required' | 'quantity' | 'too_many';
export type BackWrong = 'half' | 'unknown' | 'not_out' | 'other_part' | 'too_many' | 'serial_twice' | 'no_stock_there' | 'which_ticket' | 'other_lot';
export interface BackStep {
  back: Back | null;
  wrong: BackWrong | null;
}

const HOLDS_NOTHING: StockLocation['kind'][] = ['supplier', 'installed', 'adjustment', 'van'];
const isSerial = (part: Known): boolean => part?.tracking === 'serial';

export const beginBack = (line: Reservation, part: Known): Back => ({ line, typed: plainQuantity(line.quantity, part?.decimals ?? 0), counted: false, serials: [], lot: '', to: '' });

/** How much comes back, or null where it cannot be read. */
const quantityOf = (back: Back, part: Known): number | null =>
  isSerial(part) ? back.serials.length || back.line.quantity : parseQuantity(back.typed, part?.decimals ?? 0);

export function faultsOfBack(back: Back, part: Known): Partial<Record<'quantity' | 'serials' | 'location_id', BackFault>> {
  const quantity = quantityOf(back, part);
  const tooMany = quantity !== null && quantity > back.line.quantity;
  return {
    ...(quantity === null || quantity === 0 || (tooMany && !isSerial(part)) ? { quantity: 'quantity' as const } : {}),
    ...(tooMany && isSerial(part) ? { serials: 'too_many' as const } : {}),
    ...(back.to ? {} : { location_id: 'required' as const }),
  };
}

/** The request, or null while something is missing. Pieces are named unless all of them come back. */
export function toReturn(back: Back, part: Known): NewReturn | null {
  const quantity = quantityOf(back, part);
  if (quantity === null || Object.keys(faultsOfBack(back, part)).length > 0) return null;
  return {
    quantity, location_id: back.to,
    ...(isSerial(part) && back.serials.length > 0 ? { serials: [...back.serials] } : {}),
    ...(part?.tracking === 'lot' && back.lot.trim() ? { lot: back.lot.trim() } : {}),
  };
}

const refuse = (back: Back | null, wrong: BackWrong): BackStep => ({ back, wrong });
const fine = (back: Back): BackStep => ({ back, wrong: null });

function withSerial(back: Back, serial: string): BackStep {
  if (back.serials.some((one) => one.toLowerCase() === serial.toLowerCase())) return refuse(back, 'serial_twice');
  if (back.serials.length >= back.line.quantity) return refuse(back, 'too_many');
  return fine({ ...back, serials: [...back.serials, serial] });
}

function withPart(back: Back, scan: Scan & { kind: 'part' }): BackStep {
  if (scan.part.id !== back.line.part_id) return refuse(back, 'other_part');
  if (isSerial(scan.part)) return scan.serial ? withSerial(back, scan.serial) : fine(back);
  const counted = back.counted && isCounted(scan.part) ? (parseQuantity(back.typed, 0) ?? 0) : 0;
  if (scan.lot && counted > 0 && back.lot !== '' && back.lot.toLowerCase() !== scan.lot.toLowerCase()) return refuse(back, 'other_lot');
  const next: Back = scan.lot ? { ...back, lot: scan.lot } : back;
  if (!isCounted(scan.part)) return fine(next);
  const count = counted + (scan.count ?? 1);
  return count > back.line.quantity ? refuse(back, 'too_many') : fine({ ...next, typed: String(count), counted: true });
}

/** A scan before anybody has said which line: the only one of this part is meant. */
function choose(scan: Scan, out: readonly Reservation[], parts: ReadonlyMap<string, Part>): BackStep {
  if (scan.kind === 'half') return refuse(null, 'half');
  if (scan.kind !== 'part') return refuse(null, scan.kind === 'text' && scan.doubtful ? 'half' : 'unknown');
  const [line, other] = out.filter((one) => one.part_id === scan.part.id);
  if (!line) return refuse(null, 'not_out');
  return other ? refuse(null, 'which_ticket') : withPart(beginBack(line, parts.get(line.part_id)), scan);
}

export function scanBack(back: Back | null, scan: Scan, out: readonly Reservation[], parts: ReadonlyMap<string, Part>): BackStep {
  if (!back) return choose(scan, out, parts);
  if (scan.kind === 'half') return refuse(back, 'half');
  if (scan.kind === 'part') return withPart(back, scan);
  if (scan.kind === 'place') return HOLDS_NOTHING.includes(scan.place.kind) ? refuse(back, 'no_stock_there') : fine({ ...back, to: scan.place.id });
  const part = parts.get(back.line.part_id);
  if (scan.kind === 'text' && isSerial(part)) return withSerial(back, scan.shown);
  if (scan.kind === 'text' && part?.tracking === 'lot' && back.lot === '') return fine({ ...back, lot: scan.shown });
  return refuse(back, scan.kind === 'text' && scan.doubtful ? 'half' : 'unknown');
}
