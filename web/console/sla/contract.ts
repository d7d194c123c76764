/**
 * A contract as it is edited, and as it is sent. It holds from the beginning of its first day to the end of its last
 * one; an instant within a day, which another program may have written, stays as it is until somebody changes that day.
 */
import { api, ask } from '$shared/api/client';
import type { Contract, Customer, NewContract } from '$shared/api/types';
import { fromLocalInput, toLocalInput } from '$shared/i18n/text';

export interface ContractDraft {
  number: string;
  customer: Customer | null;
  siteId: string;
  from: string;
  until: string;
  policyId: string;
  calendarId: string;
  /** What was read: of whom, and the instants. */
  known: Contract | null;
}

export const CONTRACT_FIELDS = ['number', 'customer_id', 'site_id', 'valid_from', 'valid_until', 'policy_id', 'calendar_id'];

/** The day of an instant; of an end, the last day that is whole or begun before it. */
const dayOf = (at: number | null | undefined): string => toLocalInput(at).slice(0, 10);
const lastDay = (at: number | null | undefined): string => (at == null ? '' : dayOf(at - 1));

/** Midnight of that day, or of the one after it; daylight saving is the browser's to know. */
function midnight(day: string, later: 0 | 1): number | null {
  const at = fromLocalInput(`${day}T00:00`);
  if (at === null) return null;
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + later).getTime();
}

export const blankContract = (now: number, policyId: string): ContractDraft =>
  ({ number: '', customer: null, siteId: '', from: dayOf(now), until: '', policyId, calendarId: '', known: null });

export const draftOf = (row: Contract, customer: Customer | null): ContractDraft => ({
  number: row.number, customer, siteId: row.site_id ?? '', from: dayOf(row.valid_from), until: lastDay(row.valid_until), policyId: row.policy_id, calendarId: row.calendar_id ?? '', known: row,
});

export function contractOf({ known, ...draft }: ContractDraft): NewContract {
  const from = known && draft.from === dayOf(known.valid_from) ? known.valid_from : midnight(draft.from, 0);
  const until = known && draft.until === lastDay(known.valid_until) ? (known.valid_until ?? null) : draft.until ? midnight(draft.until, 1) : null;
  return {
    number: draft.number.trim(), customer_id: draft.customer?.id ?? known?.customer_id ?? '', policy_id: draft.policyId, valid_from: from ?? 0,
    ...(draft.siteId ? { site_id: draft.siteId } : {}), ...(until === null ? {} : { valid_until: until }), ...(draft.calendarId ? { calendar_id: draft.calendarId } : {}),
  };
}

/** Whether there is nothing to save. */
export const same = (draft: ContractDraft, row: Contract): boolean => JSON.stringify(contractOf(draft)) === JSON.stringify(contractOf(draftOf(row, null)));

export type Standing = 'future' | 'holds' | 'over';
export const standingOf = (row: Pick<Contract, 'valid_from' | 'valid_until'>, now: number): Standing =>
  row.valid_from > now ? 'future' : row.valid_until != null && row.valid_until <= now ? 'over' : 'holds';

const ASKED_ONE_BY_ONE = 50;
const PAGE = 200;

/** Customers by id, for a list that has their ids alone; who cannot be read is left out. */
export async function customersOf(rows: readonly Contract[]): Promise<Map<string, Customer>> {
  const ids = new Set(rows.map((row) => row.customer_id));
  const found = new Map<string, Customer>();
  const take = (customer: Customer) => void (ids.has(customer.id) && found.set(customer.id, customer));
  if (ids.size <= ASKED_ONE_BY_ONE) {
    await Promise.all([...ids].map((id) => ask(api.GET('/api/v1/customers/{id}', { params: { path: { id } } })).then(take, () => undefined)));
    return found;
  }
  let after: string | null | undefined;
  do {
    const page = await ask(api.GET('/api/v1/customers', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } }));
    page.items.forEach(take);
    after = page.next;
  } while (after && found.size < ids.size);
  return found;
}
