/** A movement that somebody books: what he typed, what is missing in it, and what is sent. */
import type { NewMovement, Part, StockBalance } from '$shared/api/types';
import { parseQuantity } from '$shared/i18n/text';

export const KINDS = ['receive', 'transfer', 'adjust'] as const;
export type Kind = (typeof KINDS)[number];

export interface Draft {
  kind: Kind;
  part: Part | null;
  typed: string;
  from: string;
  to: string;
  note: string;
  /** One a piece, of parts that are followed by serial number. */
  serials: string[];
  lot: string;
  /** The last day on which the lot may be used, `YYYY-MM-DD`; of goods in only, and empty where it has none. */
  expires: string;
  /** What a unit cost, in the part's currency, as typed; of goods in only. */
  cost: string;
  /** The line of the order on which it came; of goods in only. Empty: of none; null: nobody has said. */
  order: string | null;
}

export const emptyDraft = (kind: Kind = 'receive'): Draft => ({ kind, part: null, typed: '', from: '', to: '', note: '', serials: [], lot: '', expires: '', cost: '', order: null });

export type DraftFault = 'required' | 'quantity' | 'same_place' | 'serials' | 'cost';
const MICROS = 6;
/** Lots have a day of expiry, said when they come in. */
export const hasExpiry = (draft: Draft): boolean => draft.part?.tracking === 'lot' && draft.kind === 'receive';
export const isSerial = (draft: Draft): boolean => draft.part?.tracking === 'serial';

/** Pieces with serial numbers are counted by them, if nobody has typed how many. */
function quantityOf(draft: Draft): number | null {
  if (isSerial(draft) && draft.typed.trim() === '' && (draft.serials.length > 0 || draft.kind === 'adjust')) return draft.serials.length;
  return parseQuantity(draft.typed, draft.part?.decimals ?? 0);
}

/** What keeps it from being sent, by field. A count of nothing is a count; nothing received or moved is no movement. */
export function faultsOf(draft: Draft): Partial<Record<'part_id' | 'quantity' | 'from_location_id' | 'to_location_id' | 'serials' | 'lot' | 'cost', DraftFault>> {
  const scaled = quantityOf(draft);
  const transfer = draft.kind === 'transfer';
  return {
    ...(draft.part ? {} : { part_id: 'required' as const }),
    ...(scaled === null || (scaled === 0 && draft.kind !== 'adjust') ? { quantity: 'quantity' as const } : {}),
    ...(transfer && !draft.from ? { from_location_id: 'required' as const } : {}),
    ...(draft.to ? {} : { to_location_id: 'required' as const }),
    ...(transfer && draft.to && draft.from === draft.to ? { to_location_id: 'same_place' as const } : {}),
    ...(isSerial(draft) && scaled !== null && scaled !== draft.serials.length ? { serials: 'serials' as const } : {}),
    ...(draft.part?.tracking === 'lot' && draft.kind === 'receive' && draft.lot.trim() === '' ? { lot: 'required' as const } : {}),
    ...(draft.kind === 'receive' && draft.cost.trim() !== '' && parseQuantity(draft.cost, MICROS) === null ? { cost: 'cost' as const } : {}),
  };
}

/** The request, or null while something is missing. */
export function toMovement(draft: Draft): NewMovement | null {
  const quantity = quantityOf(draft);
  if (Object.keys(faultsOf(draft)).length > 0 || !draft.part || quantity === null) return null;
  return {
    kind: draft.kind, part_id: draft.part.id, quantity, to_location_id: draft.to,
    ...(draft.kind === 'transfer' ? { from_location_id: draft.from } : {}),
    ...(isSerial(draft) ? { serials: draft.serials } : {}),
    ...(draft.part.tracking === 'lot' && draft.lot.trim() ? { lot: draft.lot.trim() } : {}),
    ...(hasExpiry(draft) && draft.expires ? { expires_on: draft.expires } : {}),
    ...(draft.kind === 'receive' && draft.cost.trim() ? { cost: { unit_micros: parseQuantity(draft.cost, MICROS) ?? 0, currency: draft.part.currency } } : {}),
    ...(draft.kind === 'receive' && draft.order ? { order_line_id: draft.order } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}

/** What the books say of a part at a place; nothing there is nothing on hand. */
export function balanceAt(balances: readonly StockBalance[], partId: string | undefined, place: string): Pick<StockBalance, 'on_hand' | 'available'> | null {
  if (!partId || !place) return null;
  return balances.find((one) => one.part_id === partId && one.location_id === place) ?? { on_hand: 0, available: 0 };
}
