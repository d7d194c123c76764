/** A ticket as its form has it, and what of it is sent. Who has it and where it stands follow from deeds, not from edits. */
import type { Ticket } from '$shared/api/types';
import { fromLocalInput, toLocalInput } from '$shared/i18n/text';

export type TicketValues = {
  priority: number;
  title: string;
  description: string;
  expected_minutes: number | null;
  earliest: string;
  latest: string;
  access_note: string;
  site_contact: string;
};

export const ticketValues = (ticket: Ticket): TicketValues => ({
  priority: ticket.priority, title: ticket.title, description: ticket.description, expected_minutes: ticket.expected_minutes,
  earliest: toLocalInput(ticket.earliest_at), latest: toLocalInput(ticket.latest_at), access_note: ticket.access_note, site_contact: ticket.site_contact,
});

export interface TicketPatch {
  priority?: number;
  title?: string;
  description?: string;
  expected_minutes?: number;
  earliest_at?: number;
  latest_at?: number | null;
  access_note?: string;
  site_contact?: string;
}

/** No latest time is one; an emptied number or earliest time is left as it was: a ticket has one. */
export function ticketPatch({ earliest, latest, expected_minutes, priority, ...texts }: Partial<TicketValues>): TicketPatch {
  const patch: TicketPatch = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text.trim()]));
  const [from, until] = [fromLocalInput(earliest ?? ''), fromLocalInput(latest ?? '')];
  if (priority !== undefined) patch.priority = priority;
  if (expected_minutes != null) patch.expected_minutes = expected_minutes;
  if (from !== null) patch.earliest_at = from;
  if (until !== null) patch.latest_at = until;
  else if (latest === '') patch.latest_at = null;
  return patch;
}
