/**
 * What an engineer says of a part that he built in: the number of the piece or the lot, and the number of what came out
 * instead. Pieces with serial numbers are told one by one, each with its own two numbers. It knows no phone and no screen.
 */
import { read } from '$shared/scan/gs1';
import type { Doc, PartUse } from '$sync';

/** What is said of a use beside the part. */
export type Usage = Omit<PartUse, 'part_id'>;
export type Tracking = 'none' | 'lot' | 'serial';
export interface Swap {
  /** Of what went in: the piece, or the lot. */
  serial: string;
  /** There is no number on it that can be read. */
  unreadable: boolean;
  /** Of what came out. */
  removed: string;
  /** Nothing came out, or there is no number on it. */
  nothingOut: boolean;
  /** The last day of the lot, as its label says it; empty where it says none. */
  expires: string;
}
export type SwapFault = 'required' | 'same';

export const newSwap = (): Swap => ({ serial: '', unreadable: false, removed: '', nothingOut: false, expires: '' });
/** A part that came before phones were told of it is not followed, as far as this phone knows. */
export const trackingOf = (part: Doc | undefined): Tracking => (part?.['tracking'] === 'serial' || part?.['tracking'] === 'lot' ? part['tracking'] : 'none');

/** What a label says of the piece; a label that is no GS1 code says it all. */
export function numberOn(raw: string, tracking: Tracking): { number: string; expires: string } {
  const reading = read(raw);
  if (reading.kind === 'half') return { number: reading.shown, expires: '' };
  const { serial, lot, shown, expires } = reading.code;
  return { number: (tracking === 'lot' ? (lot ?? serial) : (serial ?? lot)) ?? shown, expires: expires ?? '' };
}

/** Both numbers are needed of a part that is followed piece by piece, or the word that there are none. */
export function faultsOf(swap: Swap, tracking: Tracking): Partial<Record<'serial' | 'removed', SwapFault>> {
  const [serial, removed] = [swap.serial.trim(), swap.removed.trim()];
  const strict = tracking === 'serial';
  return {
    ...(strict && serial === '' && !swap.unreadable ? { serial: 'required' as const } : {}),
    ...(strict && removed === '' && !swap.nothingOut ? { removed: 'required' as const } : {}),
    ...(tracking !== 'lot' && removed !== '' && removed.toLowerCase() === serial.toLowerCase() ? { removed: 'same' as const } : {}),
  };
}

/** The columns of one use, of as much as is left; of pieces with serial numbers one at a time. */
export function usageOf(swap: Swap, tracking: Tracking, left: number): Usage {
  const [serial, removed] = [swap.unreadable ? '' : swap.serial.trim(), swap.nothingOut ? '' : swap.removed.trim()];
  return { quantity: tracking === 'serial' ? 1 : left, outcome: 'used', ...(serial ? { serial } : {}), ...(removed ? { removed_serial: removed } : {}) };
}
