/** Into which tickets a duplicate may be merged, and which may be merged. The server decides; this only offers. */
import type { Ticket } from '$shared/api/types';

const MOST = 20;
const OVER = ['completed', 'closed', 'cancelled'];

/** Whose engineer has not set out yet. */
export const mergeable = (ticket: Pick<Ticket, 'status'>): boolean => ['new', 'assigned', 'accepted'].includes(ticket.status);

const isNear = (one: Ticket, ticket: Ticket): boolean =>
  one.site_id === ticket.site_id || Boolean(one.asset_id && one.asset_id === ticket.asset_id);
/** Whether any of them is of the same place: they come first. */
export const anyNear = (all: readonly Ticket[], ticket: Ticket): boolean =>
  mergeTargets(all, ticket, '').slice(0, 1).some((one) => isNear(one, ticket));

/** Open tickets by number, title or address: of the same asset first, then of the same site, then the newest. */
export function mergeTargets(all: readonly Ticket[], ticket: Ticket, words: string): Ticket[] {
  const text = words.trim().replace(/^#/, '').toLowerCase();
  const nearness = (one: Ticket) => (one.asset_id && one.asset_id === ticket.asset_id ? 0 : one.site_id === ticket.site_id ? 1 : 2);
  const said = (one: Ticket) => `${one.number} ${one.title} ${one.address}`.toLowerCase().includes(text);
  return all.filter((one) => one.id !== ticket.id && !OVER.includes(one.status) && said(one)).sort((a, b) => nearness(a) - nearness(b) || b.number - a.number).slice(0, MOST);
}
