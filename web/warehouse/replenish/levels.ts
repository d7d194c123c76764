/** What places should have: what somebody said, beside what consumption says. What is typed, what is missing, what is sent. */
import type { Part, Replenishment, StockLevel } from '$shared/api/types';
import { plainQuantity } from '$shared/i18n/format';
import { parseQuantity } from '$shared/i18n/text';

export interface LevelRow {
  part_id: string;
  location_id: string;
  level: StockLevel | null;
  plan: Replenishment | null;
}

/** Each part at each place of which anything is said or used. */
export function rowsOf(levels: readonly StockLevel[], review: readonly Replenishment[]): LevelRow[] {
  const rows = new Map<string, LevelRow>();
  for (const level of levels) rows.set(`${level.part_id}/${level.location_id}`, { part_id: level.part_id, location_id: level.location_id, level, plan: null });
  for (const plan of review) {
    const key = `${plan.part_id}/${plan.location_id}`;
    const row = rows.get(key);
    if (row) row.plan = plan;
    else rows.set(key, { part_id: plan.part_id, location_id: plan.location_id, level: null, plan });
  }
  return [...rows.values()];
}

/** Order when no more than the reorder point is free, which is one less than the minimum. Nothing where nothing is used. */
export function suggested(row: Pick<LevelRow, 'plan'>): { minimum: number; maximum: number } | null {
  const plan = row.plan?.plan;
  return plan && plan.quantity > 0 ? { minimum: plan.reorder_point + 1, maximum: plan.reorder_point + plan.quantity } : null;
}
export function differs(row: LevelRow): boolean {
  const wish = suggested(row);
  return wish !== null && (row.level === null || row.level.minimum !== wish.minimum || row.level.maximum !== Math.max(wish.maximum, wish.minimum));
}

export interface LevelDraft {
  part: Part | null;
  place: string;
  minimum: string;
  maximum: string;
  lead: string;
}
export const LONGEST_LEAD_DAYS = 3_650;
export const emptyLevel = (): LevelDraft => ({ part: null, place: '', minimum: '', maximum: '', lead: '7' });

export function draftOf(row: LevelRow, part: Part): LevelDraft {
  const typed = (value: number | undefined) => (value === undefined ? '' : plainQuantity(value, part.decimals));
  return { part, place: row.location_id, minimum: typed(row.level?.minimum), maximum: typed(row.level?.maximum), lead: String(row.level?.lead_days ?? row.plan?.lead_days ?? 7) };
}
export function withSuggestion(draft: LevelDraft, row: Pick<LevelRow, 'plan'>): LevelDraft {
  const wish = suggested(row);
  if (!wish || !draft.part) return draft;
  const { decimals } = draft.part;
  return { ...draft, minimum: plainQuantity(wish.minimum, decimals), maximum: plainQuantity(Math.max(wish.maximum, wish.minimum), decimals) };
}

export type LevelFault = 'required' | 'quantity' | 'below_minimum' | 'days';
export function faultsOf(draft: LevelDraft): Partial<Record<'part_id' | 'location_id' | 'minimum' | 'maximum' | 'lead_days', LevelFault>> {
  const decimals = draft.part?.decimals ?? 0;
  const [minimum, maximum, lead] = [parseQuantity(draft.minimum, decimals), parseQuantity(draft.maximum, decimals), parseQuantity(draft.lead, 0)];
  return {
    ...(draft.part ? {} : { part_id: 'required' as const }),
    ...(draft.place ? {} : { location_id: 'required' as const }),
    ...(minimum === null ? { minimum: 'quantity' as const } : {}),
    ...(maximum === null ? { maximum: 'quantity' as const } : minimum !== null && maximum < minimum ? { maximum: 'below_minimum' as const } : {}),
    ...(lead === null || lead > LONGEST_LEAD_DAYS ? { lead_days: 'days' as const } : {}),
  };
}

export interface NewLevel {
  part_id: string;
  location_id: string;
  minimum: number;
  maximum: number;
  lead_days: number;
}
/** The request, or null while something is missing. */
export function toLevel(draft: LevelDraft): NewLevel | null {
  if (!draft.part || Object.keys(faultsOf(draft)).length > 0) return null;
  const scaled = (typed: string, decimals: number) => parseQuantity(typed, decimals) ?? 0;
  const { decimals } = draft.part;
  return { part_id: draft.part.id, location_id: draft.place, minimum: scaled(draft.minimum, decimals), maximum: scaled(draft.maximum, decimals), lead_days: scaled(draft.lead, 0) };
}
