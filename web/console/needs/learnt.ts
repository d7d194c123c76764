/**
 * What tickets of a kind need, as the server has learnt it from closed tickets and as people have said it. A part's
 * levels go from the broadest (the kind alone) to the narrowest that was asked for, which is the one that is edited.
 */
import { getJson } from '$shared/api/client';
import type { NamedPart } from '$shared/api/types';

/** What tickets are compared on; an empty model or symptom is all of them. */
export interface Fault {
  ticket_kind: string;
  asset_model: string;
  symptom: string;
}

export interface CountedFault extends Fault {
  /** Closed tickets with exactly this fault. */
  tickets: number;
  edits: number;
}

/** What somebody said: as much as so many tickets, or, without a weight, whatever was seen. */
export interface Edit {
  id: string;
  quantity: number;
  probability: number;
  weight: number | null;
}

export interface Level {
  asset_model: string;
  symptom: string;
  prior: number;
  tickets: number;
  uses: number;
  used_quantity: number;
  probability: number;
  edits: Edit[];
}

export interface LearntPart {
  part: NamedPart;
  probability: number;
  quantity: number;
  expected_quantity: number;
  /** Whether dispatch plans with it. */
  proposed: boolean;
  levels: Level[];
}

export interface Learnt extends Fault {
  prior_tickets: number;
  least_probability: number;
  parts: LearntPart[];
}

export const readFaults = async (): Promise<CountedFault[]> => (await getJson<{ items: CountedFault[] }>('/api/v1/part-needs/faults')).items;

export function readLearnt(fault: Fault): Promise<Learnt> {
  const given = Object.entries(fault).filter(([, value]) => value !== '');
  return getJson<Learnt>(`/api/v1/part-needs/learnt?${new URLSearchParams(given)}`);
}

/** The level that was asked for, which an edit is made at. */
export const narrowest = (part: LearntPart): Level | undefined => part.levels.at(-1);
/** What was said at exactly the level that was asked for. */
export const ownEdit = (part: LearntPart): Edit | null => narrowest(part)?.edits[0] ?? null;

export type Source =
  | { from: 'fixed' }
  | { from: 'weighted'; weight: number; tickets: number }
  | { from: 'broader'; level: Level }
  | { from: 'learnt'; level: Level };

/** Where a number comes from: the narrowest level at which anything was said or seen. */
export function sourceOf(part: LearntPart): Source | null {
  const own = ownEdit(part);
  const last = narrowest(part);
  if (own) return own.weight === null ? { from: 'fixed' } : { from: 'weighted', weight: own.weight, tickets: last?.tickets ?? 0 };
  for (const level of [...part.levels].reverse()) {
    if (level.tickets > 0) return { from: 'learnt', level };
    if (level.edits.length > 0) return { from: 'broader', level };
  }
  return null;
}

/** What a level says if this is said at it: what was seen, what is said, and what the broader one says, together. */
export function foreseen(level: Pick<Level, 'prior' | 'tickets' | 'uses'>, said: { probability: number; weight: number | null }, priorTickets: number): number {
  if (said.weight === null) return said.probability;
  const all = level.tickets + said.weight + priorTickets;
  return all > 0 ? (level.uses + said.weight * said.probability + priorTickets * level.prior) / all : 0;
}

/** A part that is known by an edit at this level alone is gone with it; any other has to be said not to be needed. */
export const knownElsewhere = (part: LearntPart): boolean => part.levels.some((level, i) => level.uses > 0 || (i < part.levels.length - 1 && level.edits.length > 0));

/** "12.5" of a hundred as 0.125; null where it is no number from 0 to 100. */
export function fromPercent(typed: string): number | null {
  const value = typed.trim() === '' ? NaN : Number(typed.replace(',', '.'));
  return value >= 0 && value <= 100 ? Number((value / 100).toFixed(6)) : null;
}
export const toPercent = (probability: number): string => String(Number((probability * 100).toFixed(2)));
