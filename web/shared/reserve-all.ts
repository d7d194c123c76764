/** One button: everything that a ticket needs is reserved, or all that there is; the ticket waits for the rest. */
import { api, ask } from './api/client';
import type { ReservedParts, TicketParts } from './api/types';
import { m, number } from './i18n/text';

export const partsOfTicket = (id: string): Promise<TicketParts> => ask(api.GET('/api/v1/tickets/{id}/parts', { params: { path: { id } } }));

export const reserveAll = (id: string): Promise<ReservedParts> =>
  ask(api.POST('/api/v1/tickets/{id}/reservations', { params: { path: { id } }, body: { partial: true } }));

/** What came of it, in a sentence. */
export function reservedWords({ reservations, wanted }: Pick<ReservedParts, 'reservations' | 'wanted'>): string {
  const [count, short] = [number(reservations.length), number(wanted.length)];
  if (wanted.length === 0) return m.reserve_all_done({ count });
  return reservations.length === 0 ? m.reserve_all_none() : m.reserve_all_some({ count, short });
}
