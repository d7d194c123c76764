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
}

export const emptyDraft = (kind: Kind = 'receive'): Draft => ({ kind, part: null, typed: '', from: '', to: '', note: '' });

export type DraftFault = 'required' | 'quantity' | 'same_place';

/** What keeps it from being sent, by field. A count of nothing is a count; nothing received or moved is no movement. */
export function faultsOf(draft: Draft): Partial<Record<'part_id' | 'quantity' | 'from_location_id' | 'to_location_id', DraftFault>> {
  const scaled = parseQuantity(draft.typed, draft.part?.decimals ?? 0);
  const transfer = draft.kind === 'transfer';
  return {
    ...(draft.part ? {} : { part_id: 'required' as const }),
    ...(scaled === null || (scaled === 0 && draft.kind !== 'adjust') ? { quantity: 'quantity' as const } : {}),
    ...(transfer && !draft.from ? { from_location_id: 'required' as const } : {}),
    ...(draft.to ? {} : { to_location_id: 'required' as const }),
    ...(transfer && draft.to && draft.from === draft.to ? { to_location_id: 'same_place' as const } : {}),
  };
}

/** The request, or null while something is missing. */
export function toMovement(draft: Draft): NewMovement | null {
  const quantity = parseQuantity(draft.typed, draft.part?.decimals ?? 0);
  if (Object.keys(faultsOf(draft)).length > 0 || !draft.part || quantity === null) return null;
  return {
    kind: draft.kind, part_id: draft.part.id, quantity, to_location_id: draft.to,
    ...(draft.kind === 'transfer' ? { from_location_id: draft.from } : {}),
    ...(draft.note.trim() ? { note: draft.note.trim() } : {}),
  };
}

/** What the books say of a part at a place; nothing there is nothing on hand. */
export function balanceAt(balances: readonly StockBalance[], partId: string | undefined, place: string): Pick<StockBalance, 'on_hand' | 'available'> | null {
  if (!partId || !place) return null;
  return balances.find((one) => one.part_id === partId && one.location_id === place) ?? { on_hand: 0, available: 0 };
}
