/** What the server proposes, put in the order in which somebody walks: place by place, van by van. It knows no screen. */
import type { Part, Proposal, PurchaseLine, TopUp } from '$shared/api/types';

export interface Group<T> {
  id: string;
  code: string;
  rows: T[];
}

function grouped<T>(rows: readonly T[], key: (row: T) => [string, string]): Group<T>[] {
  const groups = new Map<string, Group<T>>();
  for (const row of rows) {
    const [id, code] = key(row);
    const group = groups.get(id) ?? { id, code, rows: [] };
    group.rows.push(row);
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** Depots first, then what is in them, then vans; what can be done at once before what has to be waited for. */
export function byPlace(rows: readonly Proposal[]): Group<Proposal>[] {
  const van = (group: Group<Proposal>) => Number(group.rows[0]?.location_kind === 'van');
  const groups = grouped(rows, (row) => [row.location_id, row.location_code]).sort((a, b) => van(a) - van(b) || a.code.localeCompare(b.code));
  for (const group of groups) group.rows.sort((a, b) => Number(a.transfers.length === 0) - Number(b.transfers.length === 0) || a.part_number.localeCompare(b.part_number));
  return groups;
}
export const byVan = (rows: readonly TopUp[]): Group<TopUp>[] => grouped(rows, (row) => [row.location_id, row.location_code]).sort((a, b) => a.code.localeCompare(b.code));
/** Whoever has no supplier comes last, as the server has them. */
export const bySupplier = (rows: readonly PurchaseLine[]): Group<PurchaseLine>[] => grouped(rows, (row) => [row.supplier_id ?? '', row.supplier_name]);

/** What an order costs, by currency: nothing is converted. Null where a price is missing. */
export function totals(rows: readonly PurchaseLine[]): { currency: string; micros: number }[] {
  const sums = new Map<string, number>();
  for (const row of rows) if (row.total_micros != null) sums.set(row.currency, (sums.get(row.currency) ?? 0) + row.total_micros);
  return [...sums].map(([currency, micros]) => ({ currency, micros })).sort((a, b) => a.currency.localeCompare(b.currency));
}

export interface Move {
  from: string;
  to: string;
  quantity: number;
}
export const movesOf = (row: Pick<Proposal, 'transfers' | 'location_id'>): Move[] =>
  row.transfers.map((source) => ({ from: source.from_location_id, to: row.location_id, quantity: source.quantity }));
export const amountOf = (row: Pick<Proposal, 'transfers'>): number => row.transfers.reduce((sum, source) => sum + source.quantity, 0);
/** Pieces with a number of their own are named one by one, which no button can do. */
export const byButton = (part: Pick<Part, 'tracking'> | undefined): boolean => part !== undefined && part.tracking !== 'serial';

/** How full a shelf is, in percent of its maximum, for a bar: never less than empty, never more than full. */
export const fullness = (free: number, maximum: number): number => (maximum > 0 ? Math.min(100, Math.max(0, (free / maximum) * 100)) : 0);

export interface Narrow {
  place: string | null;
  part: string | null;
}
export const everything: Narrow = { place: null, part: null };
export const narrowed = <T extends { location_id: string; part_id: string }>(rows: readonly T[], { place, part }: Narrow): T[] =>
  rows.filter((row) => (place === null || row.location_id === place) && (part === null || row.part_id === part));
